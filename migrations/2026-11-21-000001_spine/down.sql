DROP TABLE idempotency_keys, index_versions, attendance, sightings, template_changes, templates, enrollment_photos,
    enrollments, sessions, cameras, roster_entries, courses, people, users, organizations;
