-- When its key was last used, to the minute; NULL: never.
ALTER TABLE cameras ADD COLUMN last_seen_at timestamptz;
