-- A small population as the first release left it: written by its own code, at migration 0001, and dumped. Never made
-- anew: test_upgrade.py builds the schema of 0001, loads this, and brings it up with every migration since.
--
-- It is Friday, 2026-05-08 11:03:08 UTC. The shop Fern & Moss has three live flows:
--   Welcome    Élodie has been through it and logged in; Ben waits for his first login; Ana rests in the delay; Chloé's
--              first message lies in the outbox; Dev has just been tagged, and nobody has judged it
--   Repotting  is paused, with Ana and Ben held in it
--   Birthday   looks at a date every day

-- account
insert into account (account_id, name, zone, language, spread, settings, created_at) values
  (4711, 'Fern & Moss', 'Europe/Paris', 'en', 65, '{}', '2026-05-04 09:00:00+00');

-- audience
insert into audience (audience_id, account_id, name, sender, language, double_opt_in, created_at, changed_at, deleted_at) values
  (201389781304, 4711, 'Customers', '{"company": "Fern & Moss", "from_name": "Fern & Moss", "from_email": "hello@fern.example"}', 'en', false, '2026-05-04 09:00:00+00', '2026-05-04 09:00:00+00', NULL);

-- condition
insert into condition (condition_id, audience_id, source, shape, params) values
  (168863186326341099, 201389781304, '{"all": [{"on": "field:324030526414", "op": "is", "value": "Ana"}]}', 6884127413376441580, '["324030526414", "ana"]');
insert into condition (condition_id, audience_id, source, shape, params) values
  (4960717737678571546, 201389781304, '{"all": [{"on": "tag", "op": "has", "value": 779220543967}]}', 3618906503553549502, '[779220543967]');
insert into condition (condition_id, audience_id, source, shape, params) values
  (8535274803772805585, 201389781304, '{"all": [{"on": "event.plan", "op": "is", "value": "pro"}]}', 5019000533677209581, '["event", "plan", "event.plan", "pro"]');
insert into condition (condition_id, audience_id, source, shape, params) values
  (3204681150202849427, 201389781304, '{"none": [{"on": "payload.again", "op": "is_yes"}]}', 5227500933917182170, '["again", "payload.again"]');
insert into condition (condition_id, audience_id, source, shape, params) values
  (3684155804601860760, 201389781304, '{"all": [{"on": "payload.again", "op": "is_yes"}]}', 6470011955639178501, '["again", "payload.again"]');
insert into condition (condition_id, audience_id, source, shape, params) values
  (323117001896751531, 201389781304, '{"all": [{"on": "event.missed", "op": "is_yes"}]}', 6830324467168548239, '["event", "missed", "event.missed"]');

-- consent_record
insert into consent_record (bucket, contact_id, consent_id, channel, old, new, at, by, source, shown, address) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019df237-4a38-7002-b62c-b1a995a73a1f', 'email', NULL, 'subscribed', '2026-05-04 09:00:03+00', 'app', 'app', 'Asked in the shop', NULL);
insert into consent_record (bucket, contact_id, consent_id, channel, old, new, at, by, source, shown, address) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019df237-4a38-7007-8a1e-aa835bd38a1f', 'email', NULL, 'subscribed', '2026-05-04 09:00:03+00', 'app', 'app', 'Asked in the shop', NULL);
insert into consent_record (bucket, contact_id, consent_id, channel, old, new, at, by, source, shown, address) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019df237-4a38-700c-899f-8044ae719ec6', 'email', NULL, 'subscribed', '2026-05-04 09:00:03+00', 'app', 'app', 'Asked in the shop', NULL);
insert into consent_record (bucket, contact_id, consent_id, channel, old, new, at, by, source, shown, address) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', '019df237-4a38-7012-b72a-8f5e379c1da5', 'email', NULL, 'subscribed', '2026-05-04 09:00:03+00', 'app', 'app', 'Asked in the shop', NULL);
insert into consent_record (bucket, contact_id, consent_id, channel, old, new, at, by, source, shown, address) values
  (719, '2cfcc8b2-6101-84d9-8427-32b9312771c5', '019df237-4a38-7018-8a3a-7ab88ebc2cea', 'email', NULL, 'subscribed', '2026-05-04 09:00:03+00', 'app', 'app', 'Asked in the shop', NULL);

-- contact
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number, sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at, opted_in_at, created_at, changed_at, archived_at, merged_into) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', 4711, 201389781304, 'ana@example.com', 'subscribed', NULL, 'html', NULL, NULL, NULL, '{"324030526414": "Ana", "540659826368": "03/14", "934191038883": "Lima"}', '', NULL, NULL, false, 2, false, '', NULL, '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', NULL, NULL);
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number, sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at, opted_in_at, created_at, changed_at, archived_at, merged_into) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 4711, 201389781304, 'elodie@example.com', 'subscribed', NULL, 'html', NULL, NULL, NULL, '{"324030526414": "Élodie", "934191038883": "Dubois"}', '', NULL, NULL, false, 2, false, '', NULL, '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', NULL, NULL);
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number, sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at, opted_in_at, created_at, changed_at, archived_at, merged_into) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', 4711, 201389781304, 'ben@example.com', 'subscribed', NULL, 'html', NULL, NULL, NULL, '{"324030526414": "Ben", "934191038883": "Okafor"}', '', NULL, NULL, false, 2, false, '', NULL, '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', '2026-05-06 09:02:03+00', NULL, NULL);
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number, sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at, opted_in_at, created_at, changed_at, archived_at, merged_into) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 4711, 201389781304, 'chloe@example.com', 'subscribed', NULL, 'html', NULL, NULL, NULL, '{"324030526414": "Chloé", "540659826368": "02/29", "934191038883": "Martin"}', '', NULL, NULL, false, 2, false, '', NULL, '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', '2026-05-08 11:03:03+00', NULL, NULL);
insert into contact (bucket, contact_id, account_id, audience_id, email, email_status, email_out_by, email_format, sms_number, sms_status, sms_out_by, fields, language, zone, country, vip, rating, no_open_tracking, source, signed_up_at, opted_in_at, created_at, changed_at, archived_at, merged_into) values
  (719, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 4711, 201389781304, 'dev@example.com', 'subscribed', NULL, 'html', NULL, NULL, NULL, '{"324030526414": "Dev", "934191038883": "Rao"}', '', NULL, NULL, false, 2, false, '', NULL, '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', '2026-05-08 11:03:08+00', NULL, NULL);

-- contact_date
insert into contact_date (bucket, contact_id, field_id, day, month_day) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', 540659826368, NULL, 314);
insert into contact_date (bucket, contact_id, field_id, day, month_day) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 540659826368, NULL, 229);

-- contact_tag
insert into contact_tag (bucket, contact_id, tag_id, added_at) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 268711497127, '2026-05-04 09:00:03+00');
insert into contact_tag (bucket, contact_id, tag_id, added_at) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', 268711497127, '2026-05-06 09:02:03+00');
insert into contact_tag (bucket, contact_id, tag_id, added_at) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 268711497127, '2026-05-08 11:03:03+00');
insert into contact_tag (bucket, contact_id, tag_id, added_at) values
  (719, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 268711497127, '2026-05-08 11:03:08+00');

-- decision
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019df237-4a38-7020-8000-012f4da02e82', '2026-05-04 09:00:03+00', 4711, 351515272729, 199119879887, 306974269216, NULL, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', '019df237-4a38-701f-a234-17eea284f02a', 'E00', '{"key": "019df237-4a38-701f-a234-17eea284f02a"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019df237-4a38-7021-8000-0142c74ce583', '2026-05-04 09:00:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', NULL, 'W10', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019df237-4a38-7023-8000-01194e7d871f', '2026-05-04 09:00:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', '019df237-4a38-7022-a152-e4c3201151b1', 'S00', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019df237-4a38-7024-8000-01cd3adc1a0f', '2026-05-04 09:00:03+00', 4711, 351515272729, 199119879887, NULL, 469897292346, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', NULL, 'W01', '{"until": "2026-05-06T09:00:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019dfc84-0238-7000-8000-01947c053e72', '2026-05-06 09:00:03+00', 4711, 351515272729, 199119879887, NULL, 80928306776, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', NULL, 'B02', '{"field:324030526414": "Élodie"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019dfc84-0238-7000-8000-02947c053e72', '2026-05-06 09:00:03+00', 4711, 351515272729, 199119879887, NULL, 919273885907, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', NULL, 'W06', '{"until": "2026-05-13T09:00:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019dfc84-ec98-7001-8000-0149691a0dac', '2026-05-06 09:01:03+00', 4711, 351515272729, 199119879887, NULL, 919273885907, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', '019dfc84-ec98-7000-9416-c6058db592e3', 'B04', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019dfc84-ec98-7002-8000-012dedaa126c', '2026-05-06 09:01:03+00', 4711, 351515272729, 199119879887, NULL, 104092867970, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', NULL, 'W10', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019dfc84-ec98-7004-8000-01ef834a8993', '2026-05-06 09:01:03+00', 4711, 351515272729, 199119879887, NULL, 104092867970, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', '019dfc84-ec98-7003-9e89-8766950ca974', 'S00', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '019dfc84-ec98-7005-8000-011c163f1750', '2026-05-06 09:01:03+00', 4711, 351515272729, 199119879887, NULL, 104092867970, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', NULL, 'X00', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019dfc85-d6f8-7001-8000-0178d7177d19', '2026-05-06 09:02:03+00', 4711, 351515272729, 199119879887, 306974269216, NULL, '65ed7432-ca4a-c131-9644-7fcd7243be60', '019dfc85-d6f8-7000-ba52-11b01fd5d241', 'E00', '{"key": "019dfc85-d6f8-7000-ba52-11b01fd5d241"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019dfc85-d6f8-7002-8000-01fb8e7ed557', '2026-05-06 09:02:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '65ed7432-ca4a-c131-9644-7fcd7243be60', NULL, 'W10', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019dfc85-d6f8-7004-8000-01281974113e', '2026-05-06 09:02:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '65ed7432-ca4a-c131-9644-7fcd7243be60', '019dfc85-d6f8-7003-8b03-f114b9c47a50', 'S00', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019dfc85-d6f8-7005-8000-01088adee847', '2026-05-06 09:02:03+00', 4711, 351515272729, 199119879887, NULL, 469897292346, '65ed7432-ca4a-c131-9644-7fcd7243be60', NULL, 'W01', '{"until": "2026-05-08T09:02:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019e06d2-8ef8-7000-8000-01268c00ae4e', '2026-05-08 09:02:03+00', 4711, 351515272729, 199119879887, NULL, 80928306776, '65ed7432-ca4a-c131-9644-7fcd7243be60', NULL, 'B02', '{"field:324030526414": "Ben"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019e06d2-8ef8-7000-8000-02268c00ae4e', '2026-05-08 09:02:03+00', 4711, 351515272729, 199119879887, NULL, 919273885907, '65ed7432-ca4a-c131-9644-7fcd7243be60', NULL, 'W06', '{"until": "2026-05-15T09:02:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019e06d3-7958-7002-8000-011bc1298352', '2026-05-08 09:03:03+00', 4711, 67090194992, 991700423375, 1085228869312, NULL, '114eaecf-e8cf-f3bd-17e3-0dbe915e60ee', '019e06d3-7958-7000-9857-31253d732906', 'E00', '{"key": "019e06d3-7958-7000-9857-31253d732906"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e06d3-7958-7002-8000-021bc1298352', '2026-05-08 09:03:03+00', 4711, 67090194992, 991700423375, 1085228869312, NULL, '34055827-f440-5772-2a68-71a6e2f5dcbb', '019e06d3-7958-7001-b3d0-2ee5d9d185ad', 'E00', '{"key": "019e06d3-7958-7001-b3d0-2ee5d9d185ad"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e06d3-7958-7003-8000-012072b7fde0', '2026-05-08 09:03:03+00', 4711, 67090194992, 991700423375, NULL, 545818168080, '34055827-f440-5772-2a68-71a6e2f5dcbb', NULL, 'W01', '{"until": "2026-05-08T10:03:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019e06d3-7958-7003-8000-022072b7fde0', '2026-05-08 09:03:03+00', 4711, 67090194992, 991700423375, NULL, 545818168080, '114eaecf-e8cf-f3bd-17e3-0dbe915e60ee', NULL, 'W01', '{"until": "2026-05-08T10:03:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e070a-67d8-7000-8000-01410d786f7f', '2026-05-08 10:03:03+00', 4711, 67090194992, 991700423375, NULL, 545818168080, '34055827-f440-5772-2a68-71a6e2f5dcbb', NULL, 'W04', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '019e070a-67d8-7000-8000-02410d786f7f', '2026-05-08 10:03:03+00', 4711, 67090194992, 991700423375, NULL, 545818168080, '114eaecf-e8cf-f3bd-17e3-0dbe915e60ee', NULL, 'W04', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e0741-5658-7001-8000-0133c9de79ea', '2026-05-08 11:03:03+00', 4711, 351515272729, 199119879887, 797625796998, NULL, '30d80c7a-9692-e4e0-0235-995b2a3357c5', '019e0741-5658-7000-90ff-d8e24ff30a14', 'E00', '{"key": "019e0741-5658-7000-90ff-d8e24ff30a14"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e0741-5658-7002-8000-014170971f67', '2026-05-08 11:03:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '30d80c7a-9692-e4e0-0235-995b2a3357c5', NULL, 'W10', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e0741-5658-7004-8000-01ec92679120', '2026-05-08 11:03:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '30d80c7a-9692-e4e0-0235-995b2a3357c5', '019e0741-5658-7003-b6aa-8be9ed8ca6b6', 'S00', NULL);
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '019e0741-5658-7005-8000-01e0bbe5d7df', '2026-05-08 11:03:03+00', 4711, 351515272729, 199119879887, NULL, 469897292346, '30d80c7a-9692-e4e0-0235-995b2a3357c5', NULL, 'W01', '{"until": "2026-05-10T11:03:03+00:00"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', '019e0741-5658-7009-8000-01d600c5c558', '2026-05-08 11:03:03+00', 4711, 351515272729, 199119879887, 306974269216, NULL, '34c47214-fcf1-da65-36ec-197297ee731e', '019e0741-5658-7008-bb6a-19a570116368', 'E00', '{"key": "019e0741-5658-7008-bb6a-19a570116368"}');
insert into decision (bucket, contact_id, decision_id, at, account_id, flow_id, version_id, trigger_id, step_id, run_id, event_id, code, seen) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', '019e0741-5658-700a-8000-01d6a5272034', '2026-05-08 11:03:03+00', 4711, 351515272729, 199119879887, NULL, 86875339281, '34c47214-fcf1-da65-36ec-197297ee731e', NULL, 'W10', NULL);

-- delivery
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, version, channel, class, flow_id, version_id, run_id, step_id, depth, state, code, due, attempts, address, worker, answer, sent_at, opened_at, clicked_at, machine_at, bounced_at, bounce) values
  (751, '1b7d4fe4-9d2c-6ca9-1917-02371cc07de0', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 140257826322, 1, 'email', 'marketing', 351515272729, 199119879887, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 86875339281, 0, 'sent', 'S00', NULL, 1, 'elodie@example.com', NULL, '250 2.0.0 Kept', '2026-05-04 09:00:03+00', NULL, NULL, NULL, NULL, NULL);
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, version, channel, class, flow_id, version_id, run_id, step_id, depth, state, code, due, attempts, address, worker, answer, sent_at, opened_at, clicked_at, machine_at, bounced_at, bounce) values
  (751, '756ebce8-1ae6-d4ff-cda3-52e600f37eea', '2026-05-06 09:01:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 958640059477, 1, 'email', 'marketing', 351515272729, 199119879887, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 104092867970, 0, 'sent', 'S00', NULL, 1, 'elodie@example.com', NULL, '250 2.0.0 Kept', '2026-05-06 09:01:03+00', NULL, NULL, NULL, NULL, NULL);
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, version, channel, class, flow_id, version_id, run_id, step_id, depth, state, code, due, attempts, address, worker, answer, sent_at, opened_at, clicked_at, machine_at, bounced_at, bounce) values
  (760, 'bfc3926e-cb45-1941-75c4-cef26274406c', '2026-05-06 09:02:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 140257826322, 1, 'email', 'marketing', 351515272729, 199119879887, '65ed7432-ca4a-c131-9644-7fcd7243be60', 86875339281, 0, 'sent', 'S00', NULL, 1, 'ben@example.com', NULL, '250 2.0.0 Kept', '2026-05-06 09:02:03+00', NULL, NULL, NULL, NULL, NULL);
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, version, channel, class, flow_id, version_id, run_id, step_id, depth, state, code, due, attempts, address, worker, answer, sent_at, opened_at, clicked_at, machine_at, bounced_at, bounce) values
  (710, 'fe2ee85d-46af-ddef-963c-2b10860686f2', '2026-05-08 11:03:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 140257826322, 1, 'email', 'marketing', 351515272729, 199119879887, '30d80c7a-9692-e4e0-0235-995b2a3357c5', 86875339281, 0, 'sent', 'S00', NULL, 1, 'ana@example.com', NULL, '250 2.0.0 Kept', '2026-05-08 11:03:03+00', NULL, NULL, NULL, NULL, NULL);
insert into delivery (bucket, delivery_id, queued_at, account_id, audience_id, contact_id, message_id, version, channel, class, flow_id, version_id, run_id, step_id, depth, state, code, due, attempts, address, worker, answer, sent_at, opened_at, clicked_at, machine_at, bounced_at, bounce) values
  (767, '424714fc-cb40-b236-ddae-69874cde2c6e', '2026-05-08 11:03:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 140257826322, NULL, 'email', 'marketing', 351515272729, 199119879887, '34c47214-fcf1-da65-36ec-197297ee731e', 86875339281, 0, 'queued', NULL, '2026-05-08 11:03:03+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- entry
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 351515272729, 306974269216, '019df237-4a38-701f-a234-17eea284f02a', '', '1a9eaaff-ab44-e51b-25d5-98530507e5fb', '2026-05-04 09:00:03+00');
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', 351515272729, 306974269216, '019dfc85-d6f8-7000-ba52-11b01fd5d241', '', '65ed7432-ca4a-c131-9644-7fcd7243be60', '2026-05-06 09:02:03+00');
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', 67090194992, 1085228869312, '019e06d3-7958-7001-b3d0-2ee5d9d185ad', '', '34055827-f440-5772-2a68-71a6e2f5dcbb', '2026-05-08 09:03:03+00');
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', 67090194992, 1085228869312, '019e06d3-7958-7000-9857-31253d732906', '', '114eaecf-e8cf-f3bd-17e3-0dbe915e60ee', '2026-05-08 09:03:03+00');
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', 351515272729, 797625796998, '019e0741-5658-7000-90ff-d8e24ff30a14', '', '30d80c7a-9692-e4e0-0235-995b2a3357c5', '2026-05-08 11:03:03+00');
insert into entry (bucket, contact_id, flow_id, trigger_id, entry_key, subject, run_id, entered_at) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 351515272729, 306974269216, '019e0741-5658-7008-bb6a-19a570116368', '', '34c47214-fcf1-da65-36ec-197297ee731e', '2026-05-08 11:03:03+00');

-- event
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2693, '019df237-4268-7000-8e7e-a01ec2175512', '2026-05-04 09:00:01+00', 4711, 201389781304, NULL, 'flow.published', '351515272729', '2026-05-04 09:00:01+00', 'app', false, '{"flow_id": 351515272729, "version_id": 199119879887}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2057, '019df237-4268-7001-8c41-54fd64020739', '2026-05-04 09:00:01+00', 4711, 201389781304, NULL, 'flow.state_changed', '351515272729', '2026-05-04 09:00:01+00', 'app', false, '{"by": "user", "new": "live", "old": "draft", "flow_id": 351515272729, "problem": null}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2693, '019df237-4650-7000-96af-b7cacc0c2606', '2026-05-04 09:00:02+00', 4711, 201389781304, NULL, 'flow.published', '67090194992', '2026-05-04 09:00:02+00', 'app', false, '{"flow_id": 67090194992, "version_id": 991700423375}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2057, '019df237-4650-7001-bfbb-88e4fcd92958', '2026-05-04 09:00:02+00', 4711, 201389781304, NULL, 'flow.state_changed', '67090194992', '2026-05-04 09:00:02+00', 'app', false, '{"by": "user", "new": "live", "old": "draft", "flow_id": 67090194992, "problem": null}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2693, '019df237-4a38-7000-909d-d85c029a0c6d', '2026-05-04 09:00:03+00', 4711, 201389781304, NULL, 'flow.published', '515852296254', '2026-05-04 09:00:03+00', 'app', false, '{"flow_id": 515852296254, "version_id": 362750625974}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2057, '019df237-4a38-7001-9b38-0c7403eb4987', '2026-05-04 09:00:03+00', 4711, 201389781304, NULL, 'flow.state_changed', '515852296254', '2026-05-04 09:00:03+00', 'app', false, '{"by": "user", "new": "live", "old": "draft", "flow_id": 515852296254, "problem": null}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-7003-af81-9c5a5eac403d', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'contact.created', '', '2026-05-04 09:00:03+00', 'app', false, '{"email": "elodie@example.com", "imported": false, "sms_number": null, "sms_status": null, "email_status": "subscribed"}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-7004-b5b4-ae1c11c3ed61', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'contact.email_subscribed', '', '2026-05-04 09:00:03+00', 'app', false, '{"imported": false, "previous": null, "confirmed": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-7005-a725-25fcd2d9bcab', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'contact.field_changed', '324030526414', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Élodie", "old": null, "field_id": 324030526414, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-7006-a74a-11321aaeb421', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'contact.field_changed', '934191038883', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Dubois", "old": null, "field_id": 934191038883, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019df237-4a38-7008-9f33-c6f92fb32c16', '2026-05-04 09:00:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'contact.created', '', '2026-05-04 09:00:03+00', 'app', false, '{"email": "ben@example.com", "imported": false, "sms_number": null, "sms_status": null, "email_status": "subscribed"}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019df237-4a38-7009-98dd-d4b0d158d448', '2026-05-04 09:00:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'contact.email_subscribed', '', '2026-05-04 09:00:03+00', 'app', false, '{"imported": false, "previous": null, "confirmed": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019df237-4a38-700a-85d0-fad2e7b4a733', '2026-05-04 09:00:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'contact.field_changed', '324030526414', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Ben", "old": null, "field_id": 324030526414, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019df237-4a38-700b-9ef9-5e1ee02f6ae8', '2026-05-04 09:00:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'contact.field_changed', '934191038883', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Okafor", "old": null, "field_id": 934191038883, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019df237-4a38-700d-99ef-1fa39798f0b1', '2026-05-04 09:00:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.created', '', '2026-05-04 09:00:03+00', 'app', false, '{"email": "ana@example.com", "imported": false, "sms_number": null, "sms_status": null, "email_status": "subscribed"}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019df237-4a38-700e-a6f3-94401f404259', '2026-05-04 09:00:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.email_subscribed', '', '2026-05-04 09:00:03+00', 'app', false, '{"imported": false, "previous": null, "confirmed": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019df237-4a38-700f-a91a-410e6bdc5e15', '2026-05-04 09:00:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.field_changed', '324030526414', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Ana", "old": null, "field_id": 324030526414, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019df237-4a38-7010-b4bf-6e9347958804', '2026-05-04 09:00:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.field_changed', '934191038883', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Lima", "old": null, "field_id": 934191038883, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019df237-4a38-7011-9e63-48f6bc625061', '2026-05-04 09:00:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.field_changed', '540659826368', '2026-05-04 09:00:03+00', 'app', false, '{"new": "03/14", "old": null, "field_id": 540659826368, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019df237-4a38-7013-8d3d-81a9ac75401c', '2026-05-04 09:00:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'contact.created', '', '2026-05-04 09:00:03+00', 'app', false, '{"email": "chloe@example.com", "imported": false, "sms_number": null, "sms_status": null, "email_status": "subscribed"}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019df237-4a38-7014-a6bb-0aa062042631', '2026-05-04 09:00:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'contact.email_subscribed', '', '2026-05-04 09:00:03+00', 'app', false, '{"imported": false, "previous": null, "confirmed": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019df237-4a38-7015-9a3a-a47f2ab372aa', '2026-05-04 09:00:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'contact.field_changed', '324030526414', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Chloé", "old": null, "field_id": 324030526414, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019df237-4a38-7016-a9fc-e6216b4c2f1a', '2026-05-04 09:00:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'contact.field_changed', '934191038883', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Martin", "old": null, "field_id": 934191038883, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019df237-4a38-7017-b824-19dc75784b15', '2026-05-04 09:00:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'contact.field_changed', '540659826368', '2026-05-04 09:00:03+00', 'app', false, '{"new": "02/29", "old": null, "field_id": 540659826368, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (719, '019df237-4a38-7019-921c-ff0b07862bf4', '2026-05-04 09:00:03+00', 4711, 201389781304, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 'contact.created', '', '2026-05-04 09:00:03+00', 'app', false, '{"email": "dev@example.com", "imported": false, "sms_number": null, "sms_status": null, "email_status": "subscribed"}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (719, '019df237-4a38-701a-a2c9-a97347db7606', '2026-05-04 09:00:03+00', 4711, 201389781304, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 'contact.email_subscribed', '', '2026-05-04 09:00:03+00', 'app', false, '{"imported": false, "previous": null, "confirmed": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (719, '019df237-4a38-701b-ac97-68217342fef2', '2026-05-04 09:00:03+00', 4711, 201389781304, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 'contact.field_changed', '324030526414', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Dev", "old": null, "field_id": 324030526414, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (719, '019df237-4a38-701c-8e5e-2500c58eb5d5', '2026-05-04 09:00:03+00', 4711, 201389781304, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 'contact.field_changed', '934191038883', '2026-05-04 09:00:03+00', 'app', false, '{"new": "Rao", "old": null, "field_id": 934191038883, "at_creation": true}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-701f-a234-17eea284f02a', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'contact.tag_added', '268711497127', '2026-05-04 09:00:03+00', 'api', false, '{"tag_id": 268711497127, "at_creation": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-7020-89b9-2f53d8299a17', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'run.entered', '351515272729', '2026-05-04 09:00:03+00', 'system', false, '{"run_id": "1a9eaaff-ab44-e51b-25d5-98530507e5fb", "flow_id": 351515272729, "subject": "", "event_id": "019df237-4a38-701f-a234-17eea284f02a", "trigger_id": 306974269216, "version_id": 199119879887}', 351515272729, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019df237-4a38-7022-a152-e4c3201151b1', '2026-05-04 09:00:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'message.sent', '140257826322', '2026-05-04 09:00:03+00', 'flow', false, '{"run_id": "1a9eaaff-ab44-e51b-25d5-98530507e5fb", "channel": "email", "flow_id": 351515272729, "step_id": 86875339281, "message_id": 140257826322, "campaign_id": null, "delivery_id": "1b7d4fe4-9d2c-6ca9-1917-02371cc07de0", "message_class": "marketing"}', 351515272729, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019dfc84-ec98-7000-9416-c6058db592e3', '2026-05-06 09:01:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'contact.event', 'first_login', '2026-05-06 09:01:03+00', 'api', false, '{"via": null, "name": "first_login", "properties": {}}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019dfc84-ec98-7003-9e89-8766950ca974', '2026-05-06 09:01:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'message.sent', '958640059477', '2026-05-06 09:01:03+00', 'flow', false, '{"run_id": "1a9eaaff-ab44-e51b-25d5-98530507e5fb", "channel": "email", "flow_id": 351515272729, "step_id": 104092867970, "message_id": 958640059477, "campaign_id": null, "delivery_id": "756ebce8-1ae6-d4ff-cda3-52e600f37eea", "message_class": "marketing"}', 351515272729, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 104092867970, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (751, '019dfc84-ec98-7006-8fbe-4172f3d96ac6', '2026-05-06 09:01:03+00', 4711, 201389781304, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', 'run.ended', '351515272729', '2026-05-06 09:01:03+00', 'system', false, '{"how": "completed", "code": "X00", "run_id": "1a9eaaff-ab44-e51b-25d5-98530507e5fb", "flow_id": 351515272729}', 351515272729, '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 104092867970, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019dfc85-d6f8-7000-ba52-11b01fd5d241', '2026-05-06 09:02:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'contact.tag_added', '268711497127', '2026-05-06 09:02:03+00', 'api', false, '{"tag_id": 268711497127, "at_creation": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019e06d3-7958-7000-9857-31253d732906', '2026-05-08 09:03:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'contact.event', 'bought_a_pot', '2026-05-08 09:03:03+00', 'api', false, '{"via": null, "name": "bought_a_pot", "properties": {}}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019e06d3-7958-7002-85a1-2b08183fc75f', '2026-05-08 09:03:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'run.entered', '67090194992', '2026-05-08 09:03:03+00', 'system', false, '{"run_id": "34055827-f440-5772-2a68-71a6e2f5dcbb", "flow_id": 67090194992, "subject": "", "event_id": "019e06d3-7958-7001-b3d0-2ee5d9d185ad", "trigger_id": 1085228869312, "version_id": 991700423375}', 67090194992, '34055827-f440-5772-2a68-71a6e2f5dcbb', 545818168080, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019e06d3-7958-7002-809f-9cc5f343d8bd', '2026-05-08 09:03:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'run.entered', '67090194992', '2026-05-08 09:03:03+00', 'system', false, '{"run_id": "114eaecf-e8cf-f3bd-17e3-0dbe915e60ee", "flow_id": 67090194992, "subject": "", "event_id": "019e06d3-7958-7000-9857-31253d732906", "trigger_id": 1085228869312, "version_id": 991700423375}', 67090194992, '114eaecf-e8cf-f3bd-17e3-0dbe915e60ee', 545818168080, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (2057, '019e06d3-7958-7004-94ce-bfba82a738ee', '2026-05-08 09:03:03+00', 4711, 201389781304, NULL, 'flow.state_changed', '67090194992', '2026-05-08 09:03:03+00', 'app', false, '{"by": "user", "new": "paused", "old": "live", "flow_id": 67090194992, "problem": null}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019e0741-5658-7001-8d19-d511b0c6c868', '2026-05-08 11:03:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'run.entered', '351515272729', '2026-05-08 11:03:03+00', 'system', false, '{"run_id": "30d80c7a-9692-e4e0-0235-995b2a3357c5", "flow_id": 351515272729, "subject": "", "event_id": "019e0741-5658-7000-90ff-d8e24ff30a14", "trigger_id": 797625796998, "version_id": 199119879887}', 351515272729, '30d80c7a-9692-e4e0-0235-995b2a3357c5', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019e0741-5658-7003-b6aa-8be9ed8ca6b6', '2026-05-08 11:03:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'message.sent', '140257826322', '2026-05-08 11:03:03+00', 'flow', false, '{"run_id": "30d80c7a-9692-e4e0-0235-995b2a3357c5", "channel": "email", "flow_id": 351515272729, "step_id": 86875339281, "message_id": 140257826322, "campaign_id": null, "delivery_id": "fe2ee85d-46af-ddef-963c-2b10860686f2", "message_class": "marketing"}', 351515272729, '30d80c7a-9692-e4e0-0235-995b2a3357c5', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019e0741-5658-7008-bb6a-19a570116368', '2026-05-08 11:03:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'contact.tag_added', '268711497127', '2026-05-08 11:03:03+00', 'api', false, '{"tag_id": 268711497127, "at_creation": false}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019dfc85-d6f8-7001-835c-6c6f7960d165', '2026-05-06 09:02:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'run.entered', '351515272729', '2026-05-06 09:02:03+00', 'system', false, '{"run_id": "65ed7432-ca4a-c131-9644-7fcd7243be60", "flow_id": 351515272729, "subject": "", "event_id": "019dfc85-d6f8-7000-ba52-11b01fd5d241", "trigger_id": 306974269216, "version_id": 199119879887}', 351515272729, '65ed7432-ca4a-c131-9644-7fcd7243be60', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (760, '019dfc85-d6f8-7003-8b03-f114b9c47a50', '2026-05-06 09:02:03+00', 4711, 201389781304, '2f8b4048-2798-8cd3-9697-56c8d523487e', 'message.sent', '140257826322', '2026-05-06 09:02:03+00', 'flow', false, '{"run_id": "65ed7432-ca4a-c131-9644-7fcd7243be60", "channel": "email", "flow_id": 351515272729, "step_id": 86875339281, "message_id": 140257826322, "campaign_id": null, "delivery_id": "bfc3926e-cb45-1941-75c4-cef26274406c", "message_class": "marketing"}', 351515272729, '65ed7432-ca4a-c131-9644-7fcd7243be60', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019e06d3-7958-7001-b3d0-2ee5d9d185ad', '2026-05-08 09:03:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.event', 'bought_a_pot', '2026-05-08 09:03:03+00', 'api', false, '{"via": null, "name": "bought_a_pot", "properties": {}}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (710, '019e0741-5658-7000-90ff-d8e24ff30a14', '2026-05-08 11:03:03+00', 4711, 201389781304, '2c664f63-fb2f-8655-82e7-876aa54d9006', 'contact.event', 'trial_started', '2026-05-08 11:03:03+00', 'api', false, '{"via": null, "name": "trial_started", "properties": {"plan": "pro"}}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (719, '019e0741-5658-7006-9910-e1bf5a29b049', '2026-05-08 11:03:03+00', 4711, 201389781304, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 'contact.event', 'trial_started', '2026-05-08 11:03:03+00', 'api', false, '{"via": null, "name": "trial_started", "properties": {"plan": "free"}}', NULL, NULL, NULL, 0);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (767, '019e0741-5658-7009-8503-6eae6d53776d', '2026-05-08 11:03:03+00', 4711, 201389781304, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', 'run.entered', '351515272729', '2026-05-08 11:03:03+00', 'system', false, '{"run_id": "34c47214-fcf1-da65-36ec-197297ee731e", "flow_id": 351515272729, "subject": "", "event_id": "019e0741-5658-7008-bb6a-19a570116368", "trigger_id": 306974269216, "version_id": 199119879887}', 351515272729, '34c47214-fcf1-da65-36ec-197297ee731e', 86875339281, 1);
insert into event (bucket, event_id, recorded_at, account_id, audience_id, contact_id, kind, match_key, occurred_at, source, syncing, payload, cause_flow, cause_run, cause_step, depth) values
  (719, '019e0741-69e0-7000-8094-afdbf5412fee', '2026-05-08 11:03:08+00', 4711, 201389781304, '2cfcc8b2-6101-84d9-8427-32b9312771c5', 'contact.tag_added', '268711497127', '2026-05-08 11:03:08+00', 'api', false, '{"tag_id": 268711497127, "at_creation": false}', NULL, NULL, NULL, 0);

-- field
insert into field (field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options, "position", number) values
  (324030526414, 201389781304, 'FNAME', 'First Name', 'text', 'text', false, '', true, '{}', 1, 1);
insert into field (field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options, "position", number) values
  (934191038883, 201389781304, 'LNAME', 'Last Name', 'text', 'text', false, '', true, '{}', 2, 2);
insert into field (field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options, "position", number) values
  (380056728099, 201389781304, 'ADDRESS', 'Address', 'address', 'address', false, '', true, '{}', 3, 3);
insert into field (field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options, "position", number) values
  (90966540505, 201389781304, 'PHONE', 'Phone Number', 'phone', 'phone', false, '', true, '{}', 4, 4);
insert into field (field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options, "position", number) values
  (540659826368, 201389781304, 'BIRTHDAY', 'Birthday', 'birthday', 'birthday', false, '', true, '{}', 5, 5);

-- flow
insert into flow (flow_id, account_id, audience_id, name, folded, state, state_before, draft, draft_rev, version_id, settings, created_at, changed_at, first_live_at, paused_at) values
  (351515272729, 4711, 201389781304, 'Welcome', 'welcome', 'live', NULL, NULL, 1, 199119879887, '{"goal": {"event": {"kind": "event_api", "settings": {"name": "paid"}}, "within": 30}, "exit_condition": {"event": null, "condition": {"on": "tag", "op": "has", "value": 779220543967}}}', '2026-05-04 09:00:01+00', '2026-05-04 09:00:01+00', '2026-05-04 09:00:01+00', NULL);
insert into flow (flow_id, account_id, audience_id, name, folded, state, state_before, draft, draft_rev, version_id, settings, created_at, changed_at, first_live_at, paused_at) values
  (515852296254, 4711, 201389781304, 'Birthday', 'birthday', 'live', NULL, NULL, 1, 362750625974, '{}', '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', '2026-05-04 09:00:03+00', NULL);
insert into flow (flow_id, account_id, audience_id, name, folded, state, state_before, draft, draft_rev, version_id, settings, created_at, changed_at, first_live_at, paused_at) values
  (67090194992, 4711, 201389781304, 'Repotting', 'repotting', 'paused', NULL, NULL, 1, 991700423375, '{"re_entry": true}', '2026-05-04 09:00:02+00', '2026-05-08 09:03:03+00', '2026-05-04 09:00:02+00', '2026-05-08 09:03:03+00');

-- flow_trigger
insert into flow_trigger (trigger_id, flow_id, kind, "position", settings, filter, armed_at, removed_at) values
  (306974269216, 351515272729, 'tag_added', 1, '{"tag": 268711497127}', NULL, '2026-05-04 09:00:01+00', NULL);
insert into flow_trigger (trigger_id, flow_id, kind, "position", settings, filter, armed_at, removed_at) values
  (797625796998, 351515272729, 'event_api', 2, '{"name": "trial_started", "where": [{"op": "is", "value": "pro", "property": "plan"}]}', NULL, '2026-05-04 09:00:01+00', NULL);
insert into flow_trigger (trigger_id, flow_id, kind, "position", settings, filter, armed_at, removed_at) values
  (1085228869312, 67090194992, 'event_api', 1, '{"name": "bought_a_pot"}', NULL, '2026-05-04 09:00:02+00', NULL);
insert into flow_trigger (trigger_id, flow_id, kind, "position", settings, filter, armed_at, removed_at) values
  (464538173316, 515852296254, 'birthday', 1, '{"field": 540659826368}', NULL, '2026-05-04 09:00:03+00', NULL);

-- flow_version
insert into flow_version (version_id, flow_id, number, definition, published_at) values
  (199119879887, 351515272729, 1, '{"first": 86875339281, "steps": [{"id": 86875339281, "kind": "send_email", "name": "", "label": "", "outcomes": {"next": 469897292346}, "settings": {"content": {"html": "<p><a href=\"https://fernandmoss.example/\">Come in</a></p>", "name": "Hello", "subject": "Hello *|FNAME:there|*"}, "message": 140257826322}}, {"id": 469897292346, "kind": "delay", "name": "", "label": "", "outcomes": {"next": 80928306776}, "settings": {"n": 2, "unit": "day"}}, {"id": 80928306776, "kind": "if_else", "name": "", "label": "", "outcomes": {"else": 919273885907, "way_1": 483245093935}, "settings": {"ways": [{"condition": {"on": "field:324030526414", "op": "is", "value": "Ana"}}]}}, {"id": 483245093935, "kind": "add_tag", "name": "", "label": "", "outcomes": {"next": null}, "settings": {"tag": 556169605789}}, {"id": 919273885907, "kind": "wait_for_trigger", "name": "", "label": "", "outcomes": {"met": 104092867970, "timed_out": 104092867970}, "settings": {"event": {"kind": "event_api", "settings": {"name": "first_login"}}, "up_to": 604800}}, {"id": 104092867970, "kind": "send_email", "name": "", "label": "", "outcomes": {"next": null}, "settings": {"content": {"html": "<p>Help</p>", "name": "Help", "subject": "Need a hand?"}, "message": 958640059477}}], "settings": {"goal": {"event": {"kind": "event_api", "settings": {"name": "paid"}}, "within": 30}, "exit_condition": {"event": null, "condition": {"on": "tag", "op": "has", "value": 779220543967}}}, "triggers": [{"id": 306974269216, "kind": "tag_added", "filter": null, "settings": {"tag": 268711497127}}, {"id": 797625796998, "kind": "event_api", "filter": null, "settings": {"name": "trial_started", "where": [{"op": "is", "value": "pro", "property": "plan"}]}}]}', '2026-05-04 09:00:01+00');
insert into flow_version (version_id, flow_id, number, definition, published_at) values
  (991700423375, 67090194992, 1, '{"first": 545818168080, "steps": [{"id": 545818168080, "kind": "delay", "name": "", "label": "", "outcomes": {"next": 126018774540}, "settings": {"n": 1, "unit": "hour"}}, {"id": 126018774540, "kind": "add_tag", "name": "", "label": "", "outcomes": {"next": 94430177627}, "settings": {"tag": 713343393086}}, {"id": 94430177627, "kind": "send_email", "name": "", "label": "", "outcomes": {"next": null}, "settings": {"content": {"html": "<p>Gently.</p>", "name": "How", "subject": "How to repot"}, "message": 303523347660}}], "settings": {"re_entry": true}, "triggers": [{"id": 1085228869312, "kind": "event_api", "filter": null, "settings": {"name": "bought_a_pot"}}]}', '2026-05-04 09:00:02+00');
insert into flow_version (version_id, flow_id, number, definition, published_at) values
  (362750625974, 515852296254, 1, '{"first": 936071340362, "steps": [{"id": 936071340362, "kind": "send_email", "name": "", "label": "", "outcomes": {"next": null}, "settings": {"content": {"html": "<p>Cake</p>", "name": "Cake", "subject": "Happy birthday"}, "message": 98246118144}}], "settings": {}, "triggers": [{"id": 464538173316, "kind": "birthday", "filter": null, "settings": {"field": 540659826368}}]}', '2026-05-04 09:00:03+00');

-- identity
insert into identity (bucket, audience_id, kind, key, contact_id, created_at) values
  (4072, 201389781304, 'email', '930fbfbe07fd0304f4d628d838ee0fc9', '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '2026-05-04 09:00:03+00');
insert into identity (bucket, audience_id, kind, key, contact_id, created_at) values
  (2039, 201389781304, 'email', '2c66f6142933ed5a97948f89cb1c7be0', '2f8b4048-2798-8cd3-9697-56c8d523487e', '2026-05-04 09:00:03+00');
insert into identity (bucket, audience_id, kind, key, contact_id, created_at) values
  (1112, 201389781304, 'email', 'cdb9d6a1dddc375a09cc83e3001598dc', '2c664f63-fb2f-8655-82e7-876aa54d9006', '2026-05-04 09:00:03+00');
insert into identity (bucket, audience_id, kind, key, contact_id, created_at) values
  (3127, 201389781304, 'email', 'bd54dbcd3a7aee85f56ea2e161760ae3', '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', '2026-05-04 09:00:03+00');
insert into identity (bucket, audience_id, kind, key, contact_id, created_at) values
  (1111, 201389781304, 'email', 'be9d18f611892a738e54f2a3a171e2f9', '2cfcc8b2-6101-84d9-8427-32b9312771c5', '2026-05-04 09:00:03+00');

-- inbox
insert into inbox (bucket, event_id, recorded_at, lane, retry_at, trouble) values
  (719, '019e0741-69e0-7000-8094-afdbf5412fee', '2026-05-08 11:03:08+00', 0, NULL, NULL);

-- message
insert into message (message_id, account_id, audience_id, flow_id, channel, name, folded, version, created_at, sent_at, deleted_at) values
  (303523347660, 4711, 201389781304, 67090194992, 'email', 'How', 'how', 1, '2026-05-04 09:00:02+00', NULL, NULL);
insert into message (message_id, account_id, audience_id, flow_id, channel, name, folded, version, created_at, sent_at, deleted_at) values
  (98246118144, 4711, 201389781304, 515852296254, 'email', 'Cake', 'cake', 1, '2026-05-04 09:00:03+00', NULL, NULL);
insert into message (message_id, account_id, audience_id, flow_id, channel, name, folded, version, created_at, sent_at, deleted_at) values
  (140257826322, 4711, 201389781304, 351515272729, 'email', 'Hello', 'hello', 1, '2026-05-04 09:00:01+00', '2026-05-04 09:00:03+00', NULL);
insert into message (message_id, account_id, audience_id, flow_id, channel, name, folded, version, created_at, sent_at, deleted_at) values
  (958640059477, 4711, 201389781304, 351515272729, 'email', 'Help', 'help', 1, '2026-05-04 09:00:01+00', '2026-05-06 09:01:03+00', NULL);

-- message_link
insert into message_link (message_id, link_id, url) values
  (140257826322, 493201680545, 'https://fernandmoss.example/');

-- message_version
insert into message_version (message_id, version, subject, preview, from_name, from_email, reply_to, html, text, track_opens, track_clicks, created_at) values
  (140257826322, 1, 'Hello *|FNAME:there|*', '', '', '', '', '<p><a href="https://fernandmoss.example/">Come in</a></p>
<div style="padding:24px 16px;text-align:center;font-family:sans-serif;font-size:12px;line-height:18px;color:#5c5c5c">You get this email because you signed up with *|LIST:COMPANY:us|*.<br><a href="*|UNSUB|*" style="color:#5c5c5c">Unsubscribe</a><br>*|LIST:ADDRESS|*</div>
', '', true, true, '2026-05-04 09:00:01+00');
insert into message_version (message_id, version, subject, preview, from_name, from_email, reply_to, html, text, track_opens, track_clicks, created_at) values
  (958640059477, 1, 'Need a hand?', '', '', '', '', '<p>Help</p>
<div style="padding:24px 16px;text-align:center;font-family:sans-serif;font-size:12px;line-height:18px;color:#5c5c5c">You get this email because you signed up with *|LIST:COMPANY:us|*.<br><a href="*|UNSUB|*" style="color:#5c5c5c">Unsubscribe</a><br>*|LIST:ADDRESS|*</div>
', '', true, true, '2026-05-04 09:00:01+00');
insert into message_version (message_id, version, subject, preview, from_name, from_email, reply_to, html, text, track_opens, track_clicks, created_at) values
  (303523347660, 1, 'How to repot', '', '', '', '', '<p>Gently.</p>
<div style="padding:24px 16px;text-align:center;font-family:sans-serif;font-size:12px;line-height:18px;color:#5c5c5c">You get this email because you signed up with *|LIST:COMPANY:us|*.<br><a href="*|UNSUB|*" style="color:#5c5c5c">Unsubscribe</a><br>*|LIST:ADDRESS|*</div>
', '', true, true, '2026-05-04 09:00:02+00');
insert into message_version (message_id, version, subject, preview, from_name, from_email, reply_to, html, text, track_opens, track_clicks, created_at) values
  (98246118144, 1, 'Happy birthday', '', '', '', '', '<p>Cake</p>
<div style="padding:24px 16px;text-align:center;font-family:sans-serif;font-size:12px;line-height:18px;color:#5c5c5c">You get this email because you signed up with *|LIST:COMPANY:us|*.<br><a href="*|UNSUB|*" style="color:#5c5c5c">Unsubscribe</a><br>*|LIST:ADDRESS|*</div>
', '', true, true, '2026-05-04 09:00:03+00');

-- migration
insert into migration (number, name, checksum, applied_at) values
  (1, '0001_first_schema', 'a0549e9fec3f51d2', '2026-11-24 04:23:07.286072+00');

-- run
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id, subject, step_id, state, outcome, due, arrived_at, entered_at, ended_at, end_code, goal_at, depth, context) values
  (751, '2efe2344-5450-8e1e-a23d-db855ce3a7ca', '1a9eaaff-ab44-e51b-25d5-98530507e5fb', 4711, 201389781304, 351515272729, 199119879887, 306974269216, '019df237-4a38-701f-a234-17eea284f02a', '', 104092867970, 'ended', NULL, NULL, '2026-05-06 09:01:03+00', '2026-05-04 09:00:03+00', '2026-05-06 09:01:03+00', 'X00', NULL, 0, '{"date": "2026-05-06T09:01:03+00:00", "name": "first_login", "event": {"tag_id": 268711497127, "at_creation": false}}');
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id, subject, step_id, state, outcome, due, arrived_at, entered_at, ended_at, end_code, goal_at, depth, context) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '65ed7432-ca4a-c131-9644-7fcd7243be60', 4711, 201389781304, 351515272729, 199119879887, 306974269216, '019dfc85-d6f8-7000-ba52-11b01fd5d241', '', 919273885907, 'waiting', NULL, '2026-05-15 09:02:03+00', '2026-05-08 09:02:03+00', '2026-05-06 09:02:03+00', NULL, NULL, NULL, 0, '{"date": "2026-05-06T09:02:03+00:00", "name": "contact.tag_added", "event": {"tag_id": 268711497127, "at_creation": false}}');
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id, subject, step_id, state, outcome, due, arrived_at, entered_at, ended_at, end_code, goal_at, depth, context) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '34055827-f440-5772-2a68-71a6e2f5dcbb', 4711, 201389781304, 67090194992, 991700423375, 1085228869312, '019e06d3-7958-7001-b3d0-2ee5d9d185ad', '', 545818168080, 'held', NULL, NULL, '2026-05-08 09:03:03+00', '2026-05-08 09:03:03+00', NULL, NULL, NULL, 0, '{"date": "2026-05-08T09:03:03+00:00", "name": "bought_a_pot", "event": {}}');
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id, subject, step_id, state, outcome, due, arrived_at, entered_at, ended_at, end_code, goal_at, depth, context) values
  (760, '2f8b4048-2798-8cd3-9697-56c8d523487e', '114eaecf-e8cf-f3bd-17e3-0dbe915e60ee', 4711, 201389781304, 67090194992, 991700423375, 1085228869312, '019e06d3-7958-7000-9857-31253d732906', '', 545818168080, 'held', NULL, NULL, '2026-05-08 09:03:03+00', '2026-05-08 09:03:03+00', NULL, NULL, NULL, 0, '{"date": "2026-05-08T09:03:03+00:00", "name": "bought_a_pot", "event": {}}');
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id, subject, step_id, state, outcome, due, arrived_at, entered_at, ended_at, end_code, goal_at, depth, context) values
  (710, '2c664f63-fb2f-8655-82e7-876aa54d9006', '30d80c7a-9692-e4e0-0235-995b2a3357c5', 4711, 201389781304, 351515272729, 199119879887, 797625796998, '019e0741-5658-7000-90ff-d8e24ff30a14', '', 469897292346, 'waiting', NULL, '2026-05-10 11:03:03+00', '2026-05-08 11:03:03+00', '2026-05-08 11:03:03+00', NULL, NULL, NULL, 0, '{"date": "2026-05-08T11:03:03+00:00", "name": "trial_started", "event": {"plan": "pro"}}');
insert into run (bucket, contact_id, run_id, account_id, audience_id, flow_id, version_id, trigger_id, event_id, subject, step_id, state, outcome, due, arrived_at, entered_at, ended_at, end_code, goal_at, depth, context) values
  (767, '2ffd4419-44a1-8b1a-9aa9-7f1e41e672a9', '34c47214-fcf1-da65-36ec-197297ee731e', 4711, 201389781304, 351515272729, 199119879887, 306974269216, '019e0741-5658-7008-bb6a-19a570116368', '', 86875339281, 'sending', NULL, NULL, '2026-05-08 11:03:03+00', '2026-05-08 11:03:03+00', NULL, NULL, NULL, 0, '{"date": "2026-05-08T11:03:03+00:00", "name": "contact.tag_added", "event": {"tag_id": 268711497127, "at_creation": false}}');

-- step
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (199119879887, 86875339281, 1, 'send_email', '', '{"class": "marketing", "message": 140257826322, "once_per_contact": false}', '{"next": 469897292346}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (199119879887, 469897292346, 2, 'delay', '', '{"n": 2, "unit": "day"}', '{"next": 80928306776}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (199119879887, 80928306776, 3, 'if_else', '', '{"ways": [168863186326341099]}', '{"else": 919273885907, "way_1": 483245093935}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (199119879887, 483245093935, 4, 'add_tag', '', '{"tag": 556169605789}', '{"next": null}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (199119879887, 919273885907, 5, 'wait_for_trigger', '', '{"heard": [{"kind": "contact.event", "match_key": "first_login", "predicate": null}], "up_to": 604800, "condition": null, "look_back": 0}', '{"met": 104092867970, "timed_out": 104092867970}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (199119879887, 104092867970, 6, 'send_email', '', '{"class": "marketing", "message": 958640059477, "once_per_contact": false}', '{"next": null}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (991700423375, 545818168080, 1, 'delay', '', '{"n": 1, "unit": "hour"}', '{"next": 126018774540}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (991700423375, 126018774540, 2, 'add_tag', '', '{"tag": 713343393086}', '{"next": 94430177627}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (991700423375, 94430177627, 3, 'send_email', '', '{"class": "marketing", "message": 303523347660, "once_per_contact": false}', '{"next": null}');
insert into step (version_id, step_id, "position", kind, label, args, outcomes) values
  (362750625974, 936071340362, 1, 'send_email', '', '{"class": "marketing", "message": 98246118144, "once_per_contact": false}', '{"next": null}');

-- subscription
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (400690273913, 4711, 201389781304, 351515272729, 199119879887, 'wait', NULL, 919273885907, 0, 'contact.event', 'first_login', NULL, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (317759520006, 4711, 201389781304, 351515272729, 199119879887, 'exit', NULL, NULL, 0, 'contact.created', '', 4960717737678571546, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (145973722403, 4711, 201389781304, 351515272729, 199119879887, 'exit', NULL, NULL, 0, 'contact.tag_added', '779220543967', 4960717737678571546, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (159509215629, 4711, 201389781304, 351515272729, 199119879887, 'exit', NULL, NULL, 0, 'contact.tag_removed', '779220543967', 4960717737678571546, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (586553011918, 4711, 201389781304, 351515272729, 199119879887, 'goal', NULL, NULL, 0, 'contact.event', 'paid', NULL, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (1058746804549, 4711, 201389781304, 351515272729, 199119879887, 'enter', 306974269216, 86875339281, 1, 'contact.tag_added', '268711497127', NULL, NULL, NULL, NULL, 4960717737678571546, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (107524362546, 4711, 201389781304, 351515272729, 199119879887, 'enter', 797625796998, 86875339281, 2, 'contact.event', 'trial_started', 8535274803772805585, NULL, NULL, NULL, 4960717737678571546, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (686931816398, 4711, 201389781304, 351515272729, 199119879887, 'enter', 351515272729, 86875339281, 1000, 'flow.contact_added', '351515272729', NULL, NULL, NULL, NULL, 4960717737678571546, '{request_id}', false, true, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (331632639638, 4711, 201389781304, 351515272729, 199119879887, 'enter', 351515272729, 86875339281, 1001, 'flow.start_requested', '351515272729', 3204681150202849427, NULL, NULL, NULL, 4960717737678571546, NULL, false, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (784006354514, 4711, 201389781304, 351515272729, 199119879887, 'enter', 351515272729, 86875339281, 1001, 'flow.start_requested', '351515272729', 3684155804601860760, NULL, NULL, NULL, 4960717737678571546, NULL, true, false, 'any', '2026-05-04 09:00:01+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (1067854442760, 4711, 201389781304, 67090194992, 991700423375, 'enter', 1085228869312, 545818168080, 1, 'contact.event', 'bought_a_pot', NULL, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:02+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (293377925678, 4711, 201389781304, 67090194992, 991700423375, 'enter', 67090194992, 545818168080, 1000, 'flow.contact_added', '67090194992', NULL, NULL, NULL, NULL, NULL, '{request_id}', false, true, 'any', '2026-05-04 09:00:02+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (404270005199, 4711, 201389781304, 67090194992, 991700423375, 'enter', 67090194992, 545818168080, 1001, 'flow.start_requested', '67090194992', 3204681150202849427, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:02+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (454383353857, 4711, 201389781304, 67090194992, 991700423375, 'enter', 67090194992, 545818168080, 1001, 'flow.start_requested', '67090194992', 3684155804601860760, NULL, NULL, NULL, NULL, NULL, true, false, 'any', '2026-05-04 09:00:02+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (155315864202, 4711, 201389781304, 515852296254, 362750625974, 'enter', 464538173316, 936071340362, 1, 'clock.due', '464538173316', NULL, 323117001896751531, 'E22', NULL, NULL, '{key}', true, false, 'any', '2026-05-04 09:00:03+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (159775102686, 4711, 201389781304, 515852296254, 362750625974, 'late', 464538173316, NULL, 0, 'contact.field_changed', '540659826368', NULL, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:03+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (243309591232, 4711, 201389781304, 515852296254, 362750625974, 'late', 464538173316, NULL, 0, 'contact.attribute_changed', 'zone', NULL, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:03+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (801133587174, 4711, 201389781304, 515852296254, 362750625974, 'enter', 515852296254, 936071340362, 1000, 'flow.contact_added', '515852296254', NULL, NULL, NULL, NULL, NULL, '{request_id}', false, true, 'any', '2026-05-04 09:00:03+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (472228700005, 4711, 201389781304, 515852296254, 362750625974, 'enter', 515852296254, 936071340362, 1001, 'flow.start_requested', '515852296254', 3204681150202849427, NULL, NULL, NULL, NULL, NULL, false, false, 'any', '2026-05-04 09:00:03+00');
insert into subscription (subscription_id, account_id, audience_id, flow_id, version_id, purpose, trigger_id, step_id, "position", event_kind, match_key, predicate, guard, guard_code, filter, exit_test, key_paths, occurrence, by_hand, who, armed_at) values
  (370309449912, 4711, 201389781304, 515852296254, 362750625974, 'enter', 515852296254, 936071340362, 1001, 'flow.start_requested', '515852296254', 3684155804601860760, NULL, NULL, NULL, NULL, NULL, true, false, 'any', '2026-05-04 09:00:03+00');

-- tag
insert into tag (tag_id, audience_id, name, folded, created_at) values
  (779220543967, 201389781304, 'churned', 'churned', '2026-05-04 09:00:01+00');
insert into tag (tag_id, audience_id, name, folded, created_at) values
  (556169605789, 201389781304, 'engaged', 'engaged', '2026-05-04 09:00:01+00');
insert into tag (tag_id, audience_id, name, folded, created_at) values
  (268711497127, 201389781304, 'vip', 'vip', '2026-05-04 09:00:01+00');
insert into tag (tag_id, audience_id, name, folded, created_at) values
  (713343393086, 201389781304, 'repots', 'repots', '2026-05-04 09:00:02+00');

-- tally_delta
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7020-800c-fb2d837f3fbe', 4711, 351515272729, 199119879887, 306974269216, 0, '2026-05-04', 'E00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7021-8000-0142c74ce583', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-04', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7021-8000-0242c74ce583', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-04', 'W10', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7023-8053-dc8ad9078e56', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-04', 'S00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7024-8000-01cd3adc1a0f', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-04', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7024-8000-02cd3adc1a0f', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-04', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019df237-4a38-7024-8000-03cd3adc1a0f', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-04', 'W01', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-0238-7000-8000-01947c053e72', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-06', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-0238-7000-8000-02947c053e72', 4711, 351515272729, 199119879887, 0, 80928306776, '2026-05-06', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-0238-7000-8000-03947c053e72', 4711, 351515272729, 199119879887, 0, 80928306776, '2026-05-06', 'B02', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-0238-7000-8000-04947c053e72', 4711, 351515272729, 199119879887, 0, 80928306776, '2026-05-06', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-0238-7000-8000-05947c053e72', 4711, 351515272729, 199119879887, 0, 919273885907, '2026-05-06', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-0238-7000-8000-06947c053e72', 4711, 351515272729, 199119879887, 0, 919273885907, '2026-05-06', 'W06', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7001-80b4-0453cc949948', 4711, 351515272729, 199119879887, 0, 919273885907, '2026-05-06', 'B04', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7002-8000-012dedaa126c', 4711, 351515272729, 199119879887, 0, 919273885907, '2026-05-06', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7002-8000-022dedaa126c', 4711, 351515272729, 199119879887, 0, 104092867970, '2026-05-06', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7002-8000-032dedaa126c', 4711, 351515272729, 199119879887, 0, 104092867970, '2026-05-06', 'W10', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7004-8be7-7da96885dd02', 4711, 351515272729, 199119879887, 0, 104092867970, '2026-05-06', 'S00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7005-8000-011c163f1750', 4711, 351515272729, 199119879887, 0, 104092867970, '2026-05-06', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (751, '019dfc84-ec98-7005-8000-021c163f1750', 4711, 351515272729, 199119879887, 0, 104092867970, '2026-05-06', 'X00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7001-800c-fb2d837f3fbe', 4711, 351515272729, 199119879887, 306974269216, 0, '2026-05-06', 'E00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7002-8000-01fb8e7ed557', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-06', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7002-8000-02fb8e7ed557', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-06', 'W10', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7004-8053-dc8ad9078e56', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-06', 'S00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7005-8000-01088adee847', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-06', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7005-8000-02088adee847', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-06', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019dfc85-d6f8-7005-8000-03088adee847', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-06', 'W01', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019e06d2-8ef8-7000-8000-01268c00ae4e', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-08', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019e06d2-8ef8-7000-8000-02268c00ae4e', 4711, 351515272729, 199119879887, 0, 80928306776, '2026-05-08', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019e06d2-8ef8-7000-8000-03268c00ae4e', 4711, 351515272729, 199119879887, 0, 80928306776, '2026-05-08', 'B02', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019e06d2-8ef8-7000-8000-04268c00ae4e', 4711, 351515272729, 199119879887, 0, 80928306776, '2026-05-08', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019e06d2-8ef8-7000-8000-05268c00ae4e', 4711, 351515272729, 199119879887, 0, 919273885907, '2026-05-08', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (760, '019e06d2-8ef8-7000-8000-06268c00ae4e', 4711, 351515272729, 199119879887, 0, 919273885907, '2026-05-08', 'W06', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e06d3-7958-7002-88bd-15f7bc5ace6d', 4711, 67090194992, 991700423375, 1085228869312, 0, '2026-05-08', 'E00', 2);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e06d3-7958-7003-8000-012072b7fde0', 4711, 67090194992, 991700423375, 0, 545818168080, '2026-05-08', 'arrived', 2);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e06d3-7958-7003-8000-022072b7fde0', 4711, 67090194992, 991700423375, 0, 545818168080, '2026-05-08', 'W01', 2);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e070a-67d8-7000-8000-01410d786f7f', 4711, 67090194992, 991700423375, 0, 545818168080, '2026-05-08', 'W04', 2);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7001-8951-a1b0efcf7eb1', 4711, 351515272729, 199119879887, 797625796998, 0, '2026-05-08', 'E00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7002-8000-014170971f67', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-08', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7002-8000-024170971f67', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-08', 'W10', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7004-8053-dc8ad9078e56', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-08', 'S00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7005-8000-01e0bbe5d7df', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-08', 'passed', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7005-8000-02e0bbe5d7df', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-08', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (710, '019e0741-5658-7005-8000-03e0bbe5d7df', 4711, 351515272729, 199119879887, 0, 469897292346, '2026-05-08', 'W01', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (767, '019e0741-5658-7009-800c-fb2d837f3fbe', 4711, 351515272729, 199119879887, 306974269216, 0, '2026-05-08', 'E00', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (767, '019e0741-5658-700a-8000-01d6a5272034', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-08', 'arrived', 1);
insert into tally_delta (bucket, delta_id, account_id, flow_id, version_id, trigger_id, step_id, day, code, n) values
  (767, '019e0741-5658-700a-8000-02d6a5272034', 4711, 351515272729, 199119879887, 0, 86875339281, '2026-05-08', 'W10', 1);

-- watermark
insert into watermark (trigger_id, slot, moment) values
  (464538173316, 2, '2026-05-08 11:03:03+00');
