ALTER TABLE cameras DROP COLUMN session_id;
DROP TABLE login_attempts;
DROP TABLE refresh_tokens;
DROP TABLE logins;
DROP INDEX users_by_organization;
ALTER TABLE users DROP COLUMN disabled_at, DROP COLUMN must_change_password;
