DROP INDEX sessions_closed, sightings_of_nobody, audit_entries_by_actor, audit_entries_by_action;
DROP TABLE erasure_requests;
DROP TABLE erasure_receipts;
ALTER TABLE index_versions DROP COLUMN sealed_with;
-- The keys stay: without them no face that they seal would ever open again, not even after going forward.
ALTER TABLE person_keys DROP CONSTRAINT person_keys_of_people;
