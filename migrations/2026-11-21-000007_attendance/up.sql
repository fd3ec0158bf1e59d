-- What was done about somebody's attendance, beside being seen. Immutable: what is wrong is made void by another event.
CREATE TABLE attendance_events (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    session_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('check_in', 'check_out', 'correction', 'void', 'rejection')),
    -- By what somebody checked in or out.
    method          text CHECK (method IN ('manual', 'qr', 'pin')),
    -- What a correction says.
    state           text CHECK (state IN ('present', 'late', 'absent', 'excused', 'left_early')),
    reason          text,
    -- From when on it is so, and when it was written down.
    at              timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('user', 'camera', 'command', 'scheduler', 'worker', 'anonymous')),
    actor_id        uuid,
    -- The event that a void makes void.
    voids           uuid,
    -- The sighting that a rejection rejects.
    frame_id        uuid,
    face_index      smallint,
    CHECK ((kind IN ('check_in', 'check_out')) = (method IS NOT NULL)),
    CHECK ((kind = 'correction') = (state IS NOT NULL)),
    CHECK ((kind = 'void') = (voids IS NOT NULL)),
    CHECK ((kind = 'rejection') = (frame_id IS NOT NULL) AND (frame_id IS NULL) = (face_index IS NULL)),
    UNIQUE (organization_id, session_id, person_id, id),
    UNIQUE (voids),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, session_id, person_id, voids)
        REFERENCES attendance_events (organization_id, session_id, person_id, id) ON DELETE CASCADE
);
CREATE INDEX attendance_events_by_person ON attendance_events (person_id, session_id);
CREATE INDEX attendance_events_by_session ON attendance_events (session_id, person_id);
-- Rows go with their person or session, and are never changed.
CREATE TRIGGER attendance_events_stay BEFORE UPDATE OR TRUNCATE ON attendance_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attendance_events_go_with_others BEFORE DELETE ON attendance_events
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();

-- How standings changed, numbered within each session in the order of commits: the row of the counter is locked until the
-- transaction that took the number ends.
CREATE TABLE attendance_change_numbers (
    session_id      uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    last            bigint NOT NULL,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE
);
CREATE TABLE attendance_changes (
    session_id      uuid NOT NULL,
    number          bigint NOT NULL,
    organization_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    from_state      text,
    to_state        text,
    is_present      boolean NOT NULL,
    cause           text NOT NULL CHECK (cause IN
        ('sighting', 'check_in', 'check_out', 'correction', 'void', 'rejection', 'close', 'recompute')),
    at              timestamptz NOT NULL,
    PRIMARY KEY (session_id, number),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX attendance_changes_by_person ON attendance_changes (person_id, session_id, number);

ALTER TABLE attendance
    ADD COLUMN stay_seconds integer NOT NULL DEFAULT 0,
    ADD COLUMN checked_out_at timestamptz,
    -- Whether the state is what somebody decided.
    ADD COLUMN is_corrected boolean NOT NULL DEFAULT false;
UPDATE attendance SET stay_seconds = floor(extract(epoch FROM last_seen_at - first_seen_at))::integer
    WHERE last_seen_at > first_seen_at;

ALTER TABLE sightings
    DROP CONSTRAINT sightings_outcome_check,
    ADD CONSTRAINT sightings_outcome_check CHECK (outcome IN ('present', 'already', 'likely', 'outside_hours',
        'not_on_roster', 'unknown', 'spoof_suspected', 'too_poor'));

-- What is known of sessions that were closed before there were periods: whoever is absent was on the roster then. What is
-- reckoned anew finds them so.
INSERT INTO roster_periods (organization_id, course_id, person_id, added_at, removed_at)
    SELECT s.organization_id, s.course_id, a.person_id, s.closed_at, s.closed_at + interval '1 microsecond'
    FROM attendance a JOIN sessions s ON s.id = a.session_id
    WHERE a.state = 'absent' AND s.state = 'closed' AND NOT EXISTS (
        SELECT FROM roster_periods p
        WHERE p.course_id = s.course_id AND p.person_id = a.person_id AND p.added_at <= s.closed_at
            AND (p.removed_at IS NULL OR p.removed_at > s.closed_at));

-- The log begins with what stands.
INSERT INTO attendance_changes (session_id, number, organization_id, person_id, to_state, is_present, cause, at)
    SELECT a.session_id,
        row_number() OVER (PARTITION BY a.session_id ORDER BY a.first_seen_at NULLS LAST, a.person_id),
        a.organization_id, a.person_id, a.state, a.state IN ('present', 'late'),
        CASE WHEN a.first_seen_at IS NULL THEN 'close' ELSE 'sighting' END,
        coalesce(a.first_seen_at, s.closed_at, s.starts_at)
    FROM attendance a JOIN sessions s ON s.id = a.session_id;
INSERT INTO attendance_change_numbers (session_id, organization_id, last)
    SELECT session_id, organization_id, max(number) FROM attendance_changes GROUP BY session_id, organization_id;

-- A number of one's own for kiosks, sealed, and how often a wrong one was typed.
CREATE TABLE person_pins (
    person_id       uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    pin             bytea NOT NULL,
    set_at          timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
-- Wrong ones, by what was typed as the external id, whether there is such a person or not; never the text itself.
CREATE TABLE pin_failures (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- SHA-256 of the organization and the external id.
    subject         bytea NOT NULL CHECK (octet_length(subject) = 32),
    failures        integer NOT NULL,
    last_at         timestamptz NOT NULL,
    locked_until    timestamptz,
    PRIMARY KEY (organization_id, subject)
);

-- From which device somebody checked in: one device is one person's in a session.
CREATE TABLE check_in_devices (
    session_id      uuid NOT NULL,
    -- SHA-256 of the session and of what the device calls itself.
    device          bytea NOT NULL CHECK (octet_length(device) = 32),
    organization_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    PRIMARY KEY (session_id, device),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX check_in_devices_by_person ON check_in_devices (person_id);
