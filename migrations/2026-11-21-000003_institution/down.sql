ALTER TABLE sessions ADD COLUMN late_after_minutes integer CHECK (late_after_minutes >= 0);
UPDATE sessions SET late_after_minutes = (policy ->> 'late_after_minutes')::integer;
ALTER TABLE sessions DROP COLUMN ends_at, DROP COLUMN policy;
DROP TABLE roster_periods;
DROP TABLE course_teachers;
ALTER TABLE courses
    DROP COLUMN section,
    DROP COLUMN time_zone,
    DROP COLUMN is_active,
    DROP COLUMN policy,
    ADD UNIQUE (organization_id, code);
ALTER TABLE users
    DROP COLUMN person_id,
    DROP CONSTRAINT users_organization_id_id_key;
ALTER TABLE organizations DROP COLUMN settings;
DROP TABLE audit_entries;
DROP FUNCTION refuse_change;
