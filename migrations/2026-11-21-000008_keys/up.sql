-- The key that seals what is kept of a person's face, itself sealed with the master key. Deleted first of all when the
-- person is: copies of the other rows do not open without it. It survives a migration back and forth, since nothing else
-- opens these rows.
CREATE TABLE IF NOT EXISTS person_keys (
    person_id       uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    key             bytea NOT NULL
);
ALTER TABLE person_keys ADD CONSTRAINT person_keys_of_people
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE;

-- What a snapshot was sealed with: the fingerprint of the master key. NULL: not known.
ALTER TABLE index_versions ADD COLUMN sealed_with text;

-- Proofs that somebody was erased. No reference to the person, who is gone.
CREATE TABLE erasure_receipts (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    person_id       uuid NOT NULL,
    erased_at       timestamptz NOT NULL,
    -- The entry of the audit log that tells of it.
    audit_sequence  bigint NOT NULL,
    audit_hash      bytea NOT NULL CHECK (octet_length(audit_hash) = 32),
    -- domain::erasure::SignedReceipt as JSON, so text and not jsonb.
    document        text NOT NULL
);
CREATE INDEX erasure_receipts_by_organization ON erasure_receipts (organization_id, id);
CREATE TRIGGER erasure_receipts_stay BEFORE UPDATE OR DELETE ON erasure_receipts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasure_receipts_stay_all BEFORE TRUNCATE ON erasure_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Members who want to be erased. Goes with the person: the receipt says when it was asked for.
CREATE TABLE erasure_requests (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    state           text NOT NULL CHECK (state IN ('pending', 'declined')),
    requested_at    timestamptz NOT NULL,
    reason          text,
    decided_at      timestamptz,
    decided_by      uuid,
    FOREIGN KEY (organization_id, person_id) REFERENCES people (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX erasure_requests_pending ON erasure_requests (person_id) WHERE state = 'pending';
CREATE INDEX erasure_requests_by_organization ON erasure_requests (organization_id, id);

CREATE INDEX audit_entries_by_action ON audit_entries (scope, action, sequence);
CREATE INDEX audit_entries_by_actor ON audit_entries (scope, actor_id, sequence);
-- What retention looks for.
CREATE INDEX sightings_of_nobody ON sightings (organization_id, decided_at)
    WHERE outcome IN ('unknown', 'spoof_suspected', 'too_poor');
CREATE INDEX sessions_closed ON sessions (organization_id, closed_at) WHERE state = 'closed';
