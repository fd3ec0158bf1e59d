DROP TABLE guided_poses;
DROP TABLE guided_captures;
DROP TABLE class_photos;
DROP INDEX sightings_as_evidence;
DELETE FROM sightings WHERE outcome = 'likely';
ALTER TABLE sightings
    DROP CONSTRAINT sightings_outcome_check,
    ADD CONSTRAINT sightings_outcome_check CHECK (outcome IN
        ('present', 'already', 'not_on_roster', 'unknown', 'spoof_suspected', 'too_poor')),
    DROP COLUMN false_match_rate,
    DROP COLUMN liveness,
    DROP COLUMN quality;
-- Snapshots may hold pooled templates; without one the log is replayed, whose pooled ones are gone.
DELETE FROM index_versions;
DELETE FROM templates WHERE origin = 'pooled';
UPDATE templates SET quality = quality / 100;
ALTER TABLE templates
    DROP CONSTRAINT templates_origin_check,
    ADD CONSTRAINT templates_origin_check CHECK (origin IN ('original', 'augmented'));
ALTER TABLE enrollment_photos DROP COLUMN quality;
UPDATE enrollments SET state = 'failed' WHERE state = 'duplicate_suspected';
-- Only what waits has a picture, and reasons that are new have the closest that was known.
UPDATE enrollment_photos SET image = NULL
    FROM enrollments WHERE enrollments.id = enrollment_id AND enrollments.state <> 'pending';
UPDATE enrollment_photos SET rejection = 'face_not_found' WHERE rejection IN
    ('face_blurred', 'face_too_dark', 'face_too_bright', 'face_turned_away', 'face_hidden', 'spoof_suspected');
ALTER TABLE enrollments
    DROP CONSTRAINT enrollments_state_check,
    ADD CONSTRAINT enrollments_state_check CHECK (state IN ('pending', 'completed', 'failed')),
    DROP COLUMN duplicate_of,
    DROP COLUMN duplicate_similarity,
    DROP COLUMN distinct_confirmed;
ALTER TABLE organizations
    DROP COLUMN false_match_rate,
    DROP COLUMN forced_threshold,
    DROP COLUMN liveness,
    DROP COLUMN retain_photos,
    DROP COLUMN contract;
