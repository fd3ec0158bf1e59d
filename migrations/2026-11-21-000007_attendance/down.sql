DROP TABLE check_in_devices;
DROP TABLE pin_failures;
DROP TABLE person_pins;
DROP TABLE attendance_changes;
DROP TABLE attendance_change_numbers;
DROP TABLE attendance_events;

DELETE FROM sightings WHERE outcome = 'outside_hours';
ALTER TABLE sightings
    DROP CONSTRAINT sightings_outcome_check,
    ADD CONSTRAINT sightings_outcome_check CHECK (outcome IN
        ('present', 'already', 'likely', 'not_on_roster', 'unknown', 'spoof_suspected', 'too_poor'));

ALTER TABLE attendance
    DROP COLUMN stay_seconds,
    DROP COLUMN checked_out_at,
    DROP COLUMN is_corrected;
