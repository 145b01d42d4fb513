-- What is asked from people inside a flow names the steps: asked again before it is done, it is done for all of them.
update flow_task set args = jsonb_build_object('steps', jsonb_build_array(args -> 'step_id')) where what = 'remove';
