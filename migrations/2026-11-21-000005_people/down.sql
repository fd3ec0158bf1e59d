-- Words that were not known before.
UPDATE enrollment_photos SET rejection = 'image_damaged' WHERE rejection = 'no_consent';
UPDATE guided_captures SET failure = 'expired' WHERE failure = 'no_consent';

DROP TABLE consents;
ALTER TABLE people
    DROP COLUMN second_id,
    DROP COLUMN phone,
    DROP COLUMN class,
    DROP COLUMN section,
    DROP COLUMN is_active,
    DROP COLUMN notes,
    DROP COLUMN updated_at,
    DROP COLUMN consent;
