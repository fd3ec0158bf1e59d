DROP INDEX enrollments_by_state;
