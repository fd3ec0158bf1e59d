-- Those that wait are looked for every few seconds, and are few among many.
CREATE INDEX enrollments_by_state ON enrollments (organization_id, state, id);
