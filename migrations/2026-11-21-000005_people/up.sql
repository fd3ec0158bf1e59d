ALTER TABLE people
    -- A second number of theirs, such as the PRN beside the roll number.
    ADD COLUMN second_id text CHECK (second_id <> ''),
    ADD COLUMN phone text,
    ADD COLUMN class text,
    ADD COLUMN section text,
    -- Whoever is not is not recognised.
    ADD COLUMN is_active boolean NOT NULL DEFAULT true,
    ADD COLUMN notes text,
    ADD COLUMN updated_at timestamptz,
    -- What is on record last: the latest row of consents. NULL: nothing.
    ADD COLUMN consent text CHECK (consent IN ('given', 'withdrawn')),
    ADD UNIQUE (organization_id, second_id);
UPDATE people SET updated_at = created_at;
ALTER TABLE people ALTER COLUMN updated_at SET NOT NULL;
CREATE INDEX people_by_class ON people (organization_id, class, section);

-- Who agreed to what, and who took it back. Rows are added and never changed; they go with the person.
CREATE TABLE consents (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    purpose         text NOT NULL CHECK (purpose IN ('face_recognition')),
    state           text NOT NULL CHECK (state IN ('given', 'withdrawn')),
    -- Of the text that was agreed to; NULL for a withdrawal.
    version         text CHECK ((version IS NULL) = (state = 'withdrawn')),
    -- When the person said so, and when that was written down.
    at              timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    -- Who said so for the person, where it was not the person.
    guardian        text,
    -- The user who wrote it down; NULL: a command. Not a reference: the record outlives the user.
    recorded_by     uuid,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX consents_by_person ON consents (person_id, id);
