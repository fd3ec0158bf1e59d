-- Words are docs/ARCHITECTURE.md's. Closed sets are text with a check: the wire names of the domain's enums.
-- References between rows of a tenant carry the organization, so that no row can point into another one.

CREATE TABLE organizations (
    id                uuid PRIMARY KEY,
    name              text NOT NULL UNIQUE CHECK (name <> ''),
    time_zone         text NOT NULL,
    -- Counts every template added or removed. Taken under the row's lock, so changes commit in its order.
    template_revision bigint NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL
);

CREATE TABLE users (
    id              uuid PRIMARY KEY,
    -- NULL: an administrator of the installation.
    organization_id uuid REFERENCES organizations ON DELETE CASCADE,
    email           text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash   text NOT NULL,
    role            text NOT NULL CHECK (role IN ('admin', 'teacher', 'member')),
    created_at      timestamptz NOT NULL,
    CHECK (organization_id IS NOT NULL OR role = 'admin')
);

CREATE TABLE people (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('student', 'employee')),
    external_id     text NOT NULL CHECK (external_id <> ''),
    name            text NOT NULL CHECK (name <> ''),
    email           text,
    created_at      timestamptz NOT NULL,
    UNIQUE (organization_id, external_id),
    UNIQUE (organization_id, id)
);

CREATE TABLE courses (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    code            text NOT NULL CHECK (code <> ''),
    title           text NOT NULL,
    roster_version  bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    UNIQUE (organization_id, code),
    UNIQUE (organization_id, id)
);

CREATE TABLE roster_entries (
    organization_id uuid NOT NULL,
    course_id       uuid NOT NULL,
    person_id       uuid NOT NULL,
    added_at        timestamptz NOT NULL,
    PRIMARY KEY (course_id, person_id),
    FOREIGN KEY (organization_id, course_id) REFERENCES courses (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX roster_entries_by_person ON roster_entries (person_id);

CREATE TABLE cameras (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (name <> ''),
    -- SHA-256 of the key; the key itself is shown once and has 256 random bits, so it needs no slow hash.
    key_hash        bytea NOT NULL UNIQUE,
    course_id       uuid,
    created_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    FOREIGN KEY (organization_id, course_id) REFERENCES courses (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX cameras_by_organization ON cameras (organization_id, id);

CREATE TABLE sessions (
    id                 uuid PRIMARY KEY,
    organization_id    uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    course_id          uuid NOT NULL,
    state              text NOT NULL CHECK (state IN ('scheduled', 'active', 'closed')),
    starts_at          timestamptz NOT NULL,
    late_after_minutes integer CHECK (late_after_minutes >= 0),
    started_at         timestamptz,
    closed_at          timestamptz,
    created_at         timestamptz NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, course_id) REFERENCES courses (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_course ON sessions (course_id, id);

CREATE TABLE enrollments (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    person_id       uuid NOT NULL,
    state           text NOT NULL CHECK (state IN ('pending', 'completed', 'failed')),
    created_at      timestamptz NOT NULL,
    -- When its job was last published; the sweep re-publishes what is pending for too long.
    queued_at       timestamptz NOT NULL,
    finished_at     timestamptz,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX enrollments_by_person ON enrollments (person_id, id);
CREATE INDEX enrollments_by_organization ON enrollments (organization_id, id);
CREATE INDEX enrollments_pending ON enrollments (queued_at) WHERE state = 'pending';

CREATE TABLE enrollment_photos (
    id            uuid PRIMARY KEY,
    enrollment_id uuid NOT NULL REFERENCES enrollments ON DELETE CASCADE,
    position      integer NOT NULL,
    file_name     text NOT NULL,
    -- Sealed; NULL as soon as the enrollment is finished.
    image         bytea,
    state         text NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected')),
    rejection     text,
    UNIQUE (enrollment_id, position)
);

CREATE TABLE templates (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    person_id       uuid NOT NULL,
    photo_id        uuid REFERENCES enrollment_photos ON DELETE SET NULL,
    contract        text NOT NULL,
    -- Little-endian f32, sealed with AES-256-GCM; the id is the associated data.
    embedding       bytea NOT NULL,
    quality         real NOT NULL,
    origin          text NOT NULL CHECK (origin IN ('original', 'augmented')),
    created_at      timestamptz NOT NULL,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX templates_by_person ON templates (person_id, contract);
CREATE INDEX templates_by_photo ON templates (photo_id);

-- What an index replays after its watermark. A removal outlives the template.
CREATE TABLE template_changes (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    revision        bigint NOT NULL,
    contract        text NOT NULL,
    template_id     uuid NOT NULL,
    person_id       uuid NOT NULL,
    removed         boolean NOT NULL,
    PRIMARY KEY (organization_id, revision)
);

CREATE TABLE sightings (
    session_id      uuid NOT NULL,
    frame_id        uuid NOT NULL,
    face_index      smallint NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    camera_id       uuid REFERENCES cameras ON DELETE SET NULL,
    person_id       uuid,
    outcome         text NOT NULL CHECK (outcome IN
        ('present', 'already', 'not_on_roster', 'unknown', 'spoof_suspected', 'too_poor')),
    similarity      real,
    threshold       real,
    detection_score real NOT NULL,
    x_min           real NOT NULL,
    y_min           real NOT NULL,
    x_max           real NOT NULL,
    y_max           real NOT NULL,
    contract        text NOT NULL,
    received_at     timestamptz NOT NULL,
    decided_at      timestamptz NOT NULL,
    PRIMARY KEY (session_id, frame_id, face_index),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sightings_by_person ON sightings (person_id, session_id);
CREATE INDEX sightings_in_order ON sightings (session_id, decided_at, frame_id, face_index);

CREATE TABLE attendance (
    session_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    state           text NOT NULL CHECK (state IN ('present', 'late', 'absent', 'excused', 'left_early')),
    first_seen_at   timestamptz,
    last_seen_at    timestamptz,
    sightings       integer NOT NULL DEFAULT 0,
    best_similarity real,
    PRIMARY KEY (session_id, person_id),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX attendance_by_person ON attendance (person_id);

CREATE TABLE index_versions (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    contract        text NOT NULL,
    -- The template revision that the snapshot holds.
    watermark       bigint NOT NULL,
    templates       bigint NOT NULL,
    factory         text NOT NULL,
    path            text NOT NULL,
    sha256          text NOT NULL,
    bytes           bigint NOT NULL,
    build_ms        bigint NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX index_versions_newest ON index_versions (organization_id, contract, created_at DESC);

CREATE TABLE idempotency_keys (
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key          text NOT NULL,
    -- SHA-256 of method, path and body: the same key with another request is a conflict.
    request_hash bytea NOT NULL,
    -- NULL while the first request is still at work.
    status       smallint,
    body         jsonb,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
