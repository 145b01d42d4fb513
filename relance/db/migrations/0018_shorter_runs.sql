-- A flow whose runs may last less long from now on tells those who rest or are held (decision 34).

alter table flow_task drop constraint flow_task_what_check;
alter table flow_task add constraint flow_task_what_check
  check (what in ('release', 'end', 'recheck', 'remove', 'let_in', 'look_again', 'shorten'));
