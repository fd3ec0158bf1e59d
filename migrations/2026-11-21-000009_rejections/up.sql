-- The faces by which people were found on a roster, so that "not this person" can be remembered: until the sighting, the
-- person or the session goes, and no longer than expires_at.
CREATE TABLE sighting_faces (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    session_id      uuid NOT NULL,
    frame_id        uuid NOT NULL,
    face_index      smallint NOT NULL,
    person_id       uuid NOT NULL,
    -- Little-endian f32, sealed; the id is the associated data. The contract is the sighting's.
    embedding       bytea NOT NULL,
    expires_at      timestamptz NOT NULL,
    UNIQUE (session_id, frame_id, face_index),
    FOREIGN KEY (session_id, frame_id, face_index) REFERENCES sightings ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sighting_faces_by_person ON sighting_faces (person_id);
CREATE INDEX sighting_faces_by_expiry ON sighting_faces (expires_at);

-- Faces that were taken for a person and are somebody else's. They outlive the session that they were seen in.
CREATE TABLE rejections (
    id               uuid PRIMARY KEY,
    organization_id  uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    -- Whose face it is not.
    person_id        uuid NOT NULL,
    -- Whose face it is, where somebody said so. It is theirs, and goes with them.
    actual_person_id uuid CHECK (actual_person_id <> person_id),
    session_id       uuid NOT NULL,
    frame_id         uuid NOT NULL,
    face_index       smallint NOT NULL,
    -- As in sighting_faces; NULL where the face was no longer kept.
    contract         text,
    embedding        bytea,
    reason           text NOT NULL,
    rejected_by      uuid REFERENCES users ON DELETE SET NULL,
    created_at       timestamptz NOT NULL,
    -- What it did to attendance: void when the rejection is undone.
    event_id         uuid NOT NULL,
    correction_id    uuid,
    CHECK ((contract IS NULL) = (embedding IS NULL)),
    UNIQUE (session_id, frame_id, face_index),
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, actual_person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX rejections_by_person ON rejections (person_id, id);
CREATE INDEX rejections_by_actual_person ON rejections (actual_person_id);
CREATE INDEX rejections_by_contract ON rejections (organization_id, contract, id);
