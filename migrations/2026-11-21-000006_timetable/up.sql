-- When a course meets again and again: domain::timetable::Series.
CREATE TABLE series (
    id               uuid PRIMARY KEY,
    organization_id  uuid NOT NULL,
    course_id        uuid NOT NULL,
    -- An RFC 5545 recurrence rule.
    rule             text NOT NULL,
    -- As the clocks of the course's site show it.
    starts_on        date NOT NULL,
    start_time       time NOT NULL,
    duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 1 AND 1440),
    automatic        boolean NOT NULL,
    -- domain::policy::PolicyOverrides.
    policy           jsonb NOT NULL DEFAULT '{}',
    -- When its sessions were last made; the scheduler looks at those that this was longest ago for.
    planned_at       timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, course_id) REFERENCES courses (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX series_by_course ON series (course_id, id);
CREATE INDEX series_by_planning ON series (planned_at);

-- Days on which a series does not meet, since somebody cancelled its session.
CREATE TABLE series_skips (
    organization_id uuid NOT NULL,
    series_id       uuid NOT NULL,
    day             date NOT NULL,
    PRIMARY KEY (series_id, day),
    FOREIGN KEY (organization_id, series_id) REFERENCES series (organization_id, id) ON DELETE CASCADE
);

-- Days on which no series of an organization meets.
CREATE TABLE holidays (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    first_day       date NOT NULL,
    last_day        date NOT NULL CHECK (last_day >= first_day),
    name            text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX holidays_by_organization ON holidays (organization_id, first_day, id);

ALTER TABLE sessions
    -- Whether the scheduler starts and closes it.
    ADD COLUMN automatic boolean NOT NULL DEFAULT false,
    ADD COLUMN series_id uuid,
    -- The day of the series that it is for, whenever it is held.
    ADD COLUMN series_day date,
    -- Whether somebody changed it by hand, so that its series leaves it as it is.
    ADD COLUMN edited boolean NOT NULL DEFAULT false,
    ADD CHECK (NOT automatic OR ends_at IS NOT NULL),
    ADD CHECK (series_id IS NULL OR series_day IS NOT NULL),
    ADD UNIQUE (series_id, series_day),
    ADD FOREIGN KEY (organization_id, series_id) REFERENCES series (organization_id, id)
        ON DELETE SET NULL (series_id);
CREATE INDEX sessions_by_start ON sessions (organization_id, starts_at, id);
CREATE INDEX sessions_automatic ON sessions (starts_at) WHERE automatic AND state <> 'closed';
