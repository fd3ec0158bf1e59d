-- How an organization wants its people recognised. NULL: as the worker's settings say.
ALTER TABLE organizations
    ADD COLUMN false_match_rate double precision CHECK (false_match_rate > 0 AND false_match_rate < 1),
    ADD COLUMN forced_threshold real CHECK (forced_threshold BETWEEN -1 AND 1),
    ADD COLUMN liveness text NOT NULL DEFAULT 'off' CHECK (liveness IN ('off', 'warn', 'required')),
    ADD COLUMN retain_photos boolean NOT NULL DEFAULT false,
    -- The contract that its people are recognised with; NULL until the first enrollment.
    ADD COLUMN contract text;
UPDATE organizations SET contract = (
    SELECT contract FROM templates WHERE organization_id = organizations.id
    GROUP BY contract ORDER BY count(*) DESC, contract LIMIT 1
);

ALTER TABLE enrollments
    DROP CONSTRAINT enrollments_state_check,
    ADD CONSTRAINT enrollments_state_check
        CHECK (state IN ('pending', 'completed', 'failed', 'duplicate_suspected')),
    -- Somebody else who looks the same, and how much so.
    ADD COLUMN duplicate_of uuid,
    ADD COLUMN duplicate_similarity real,
    -- An admin has said that the two are different people.
    ADD COLUMN distinct_confirmed boolean NOT NULL DEFAULT false,
    ADD FOREIGN KEY (organization_id, duplicate_of) REFERENCES people (organization_id, id)
        ON DELETE SET NULL (duplicate_of);
ALTER TABLE enrollment_photos ADD COLUMN quality smallint CHECK (quality BETWEEN 0 AND 100);

-- Quality was the detection score, 0..1, and is 0..100 now.
UPDATE templates SET quality = quality * 100;

-- One pooled template per person and contract beside the samples that it is made of.
ALTER TABLE templates
    DROP CONSTRAINT templates_origin_check,
    ADD CONSTRAINT templates_origin_check CHECK (origin IN ('original', 'augmented', 'pooled'));

ALTER TABLE sightings
    DROP CONSTRAINT sightings_outcome_check,
    ADD CONSTRAINT sightings_outcome_check CHECK (outcome IN
        ('present', 'already', 'likely', 'not_on_roster', 'unknown', 'spoof_suspected', 'too_poor')),
    -- How often a stranger looks as much like somebody of the gallery searched.
    ADD COLUMN false_match_rate double precision,
    ADD COLUMN liveness real,
    ADD COLUMN quality smallint;
CREATE INDEX sightings_as_evidence ON sightings (session_id, person_id, received_at) WHERE person_id IS NOT NULL;

-- One picture of a whole class. Its sightings are those of the frame with the same id.
CREATE TABLE class_photos (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    session_id      uuid NOT NULL,
    file_name       text NOT NULL,
    -- Sealed; NULL as soon as it is finished, unless the organization retains photos.
    image           bytea,
    annotate        boolean NOT NULL,
    state           text NOT NULL CHECK (state IN ('pending', 'completed', 'failed')),
    failure         text,
    created_at      timestamptz NOT NULL,
    queued_at       timestamptz NOT NULL,
    finished_at     timestamptz,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX class_photos_by_session ON class_photos (session_id, id);
CREATE INDEX class_photos_pending ON class_photos (queued_at) WHERE state = 'pending';

-- Enrollment before a camera: a pose after the other, in an order that nobody knows beforehand.
CREATE TABLE guided_captures (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    person_id       uuid NOT NULL,
    state           text NOT NULL CHECK (state IN ('open', 'completed', 'failed')),
    -- The poses wanted, in their order.
    poses           text[] NOT NULL,
    -- Frames that were looked at, and those that spoke against it.
    looks           integer NOT NULL DEFAULT 0,
    strikes         integer NOT NULL DEFAULT 0,
    advice          text,
    failure         text,
    enrollment_id   uuid REFERENCES enrollments ON DELETE SET NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX guided_captures_by_person ON guided_captures (person_id, id);

CREATE TABLE guided_poses (
    capture_id uuid NOT NULL REFERENCES guided_captures ON DELETE CASCADE,
    position   integer NOT NULL,
    -- x, y of the five landmarks.
    landmarks  real[] NOT NULL,
    -- Both sealed.
    embedding  bytea NOT NULL,
    image      bytea NOT NULL,
    PRIMARY KEY (capture_id, position)
);
