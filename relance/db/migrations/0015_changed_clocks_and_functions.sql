-- What an account changes about its clock is looked at again by everybody who waits for a moment.

alter table flow_task drop constraint flow_task_what_check;
alter table flow_task add constraint flow_task_what_check
  check (what in ('release', 'end', 'recheck', 'remove', 'let_in', 'look_again'));

-- As array_to_string, which they call, is: so they are part of the statement instead of a call each.
alter function derived_uuid(text[]) stable;
alter function chance(text[]) stable;
