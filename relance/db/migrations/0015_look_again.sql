-- What an account changes about its clock is looked at again by everybody who waits for a moment.

alter table flow_task drop constraint flow_task_what_check;
alter table flow_task add constraint flow_task_what_check
  check (what in ('release', 'end', 'recheck', 'remove', 'let_in', 'look_again'));
