-- name: list_fields
-- In the order of forms.
select field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options, position, number
from field where audience_id = %(audience_id)s order by position, number

-- name: lock_audience
-- Two fields added at one time must not take the same number.
select 1 from audience where audience_id = %(audience_id)s for no key update

-- name: insert_field
-- The number is the caller's, who holds the audience's lock.
insert into field (field_id, audience_id, tag, name, type, wire_type, required, default_value, public, options,
                   position, number)
values (%(field_id)s, %(audience_id)s, %(tag)s, %(name)s, %(type)s, %(wire_type)s, %(required)s, %(default_value)s,
        %(public)s, %(options)s, %(position)s, %(number)s)

-- name: update_field
-- Type and number stay: values are stored by type, and programs know the field by its number.
update field set tag = %(tag)s, name = %(name)s, required = %(required)s, default_value = %(default_value)s,
                 public = %(public)s, options = %(options)s, position = %(position)s
where field_id = %(field_id)s

-- name: delete_field
-- Values stay in contact.fields under an id that nothing reads any more: no rewrite of every contact.
delete from field where field_id = %(field_id)s
