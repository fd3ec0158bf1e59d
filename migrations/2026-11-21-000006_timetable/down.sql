DROP INDEX sessions_automatic, sessions_by_start;
ALTER TABLE sessions
    DROP COLUMN automatic,
    DROP COLUMN series_id,
    DROP COLUMN series_day,
    DROP COLUMN edited;
DROP TABLE holidays;
DROP TABLE series_skips;
DROP TABLE series;
