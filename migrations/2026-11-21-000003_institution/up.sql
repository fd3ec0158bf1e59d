-- What every change of an organization's data leaves behind: who did what, when, to which row. Ids, never names.
CREATE TABLE audit_entries (
    -- The organization, or the nil UUID for what belongs to none. No reference: the log outlives what it tells of.
    scope         uuid NOT NULL,
    -- From 1, without gaps.
    sequence      bigint NOT NULL,
    at            timestamptz NOT NULL,
    actor_kind    text NOT NULL CHECK (actor_kind IN ('user', 'camera', 'command', 'scheduler', 'worker', 'anonymous')),
    actor_id      uuid,
    action        text NOT NULL,
    subject_id    uuid,
    -- JSON as it was hashed, so text and not jsonb.
    details       text NOT NULL,
    request_id    text,
    -- SHA-256 over the entry and the hash of the entry before it.
    hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (scope, sequence)
);
CREATE INDEX audit_entries_by_subject ON audit_entries (scope, subject_id, sequence);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What an organization has settled beside recognition: domain::organization::OrganizationSettings.
ALTER TABLE organizations ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';

-- The person that a user is, where it is one whose attendance is taken.
ALTER TABLE users
    ADD COLUMN person_id uuid,
    ADD UNIQUE (organization_id, id),
    ADD UNIQUE (organization_id, person_id),
    ADD FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id)
        ON DELETE SET NULL (person_id);

ALTER TABLE courses
    ADD COLUMN section text NOT NULL DEFAULT '',
    -- NULL: the organization's.
    ADD COLUMN time_zone text,
    ADD COLUMN is_active boolean NOT NULL DEFAULT true,
    -- domain::policy::CoursePolicy; sessions keep a copy of what it was when they were made.
    ADD COLUMN policy jsonb NOT NULL DEFAULT '{}',
    DROP CONSTRAINT courses_organization_id_code_key,
    ADD UNIQUE (organization_id, code, section);

CREATE TABLE course_teachers (
    organization_id uuid NOT NULL,
    course_id       uuid NOT NULL,
    user_id         uuid NOT NULL,
    added_at        timestamptz NOT NULL,
    PRIMARY KEY (course_id, user_id),
    FOREIGN KEY (organization_id, course_id) REFERENCES courses (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX course_teachers_by_user ON course_teachers (user_id);

-- Who was on which roster when. An entry of roster_entries is a period that has not ended.
CREATE TABLE roster_periods (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL,
    course_id       uuid NOT NULL,
    person_id       uuid NOT NULL,
    added_at        timestamptz NOT NULL,
    removed_at      timestamptz CHECK (removed_at >= added_at),
    FOREIGN KEY (organization_id, course_id) REFERENCES courses (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX roster_periods_open ON roster_periods (course_id, person_id) WHERE removed_at IS NULL;
CREATE INDEX roster_periods_by_course ON roster_periods (course_id, added_at);
CREATE INDEX roster_periods_by_person ON roster_periods (person_id);
INSERT INTO roster_periods (organization_id, course_id, person_id, added_at)
    SELECT organization_id, course_id, person_id, added_at FROM roster_entries;

ALTER TABLE sessions
    ADD COLUMN ends_at timestamptz CHECK (ends_at > starts_at),
    ADD COLUMN policy jsonb NOT NULL DEFAULT '{}';
UPDATE sessions SET policy = jsonb_build_object('late_after_minutes', late_after_minutes)
    WHERE late_after_minutes IS NOT NULL;
ALTER TABLE sessions DROP COLUMN late_after_minutes;
