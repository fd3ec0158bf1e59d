ALTER TABLE cameras DROP COLUMN last_seen_at;
