-- An exit condition that time alone may make true is looked at when it may have (docs/decisions/0039).

alter table flow add column timed_exit bigint;
