ALTER TABLE users
    -- Since when the user may not log in; NULL: may.
    ADD COLUMN disabled_at timestamptz,
    -- Whether nothing is open to the user but choosing another password.
    ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
CREATE INDEX users_by_organization ON users (organization_id, id);

-- One row for each time that somebody logged in: the family of the refresh tokens that followed.
CREATE TABLE logins (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    -- When its tokens stopped working: logged out, or ended by a change of the password or by somebody who stole a token.
    ended_at   timestamptz
);
CREATE INDEX logins_by_user ON logins (user_id);

CREATE TABLE refresh_tokens (
    -- SHA-256 of the token; the token itself has 256 random bits, so it needs no slow hash.
    hash       bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    login_id   uuid NOT NULL REFERENCES logins ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- When it was exchanged for the next one. Whoever shows it again has stolen it, or it was stolen from them.
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_by_login ON refresh_tokens (login_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Failures to log in, by address, whether anybody has it or not.
CREATE TABLE login_attempts (
    -- SHA-256 of the address in lower case: what is typed there by mistake may be a password.
    address_hash bytea PRIMARY KEY CHECK (octet_length(address_hash) = 32),
    -- Those that still count.
    failures     timestamptz[] NOT NULL,
    locked_until timestamptz,
    -- When the last one was.
    updated_at   timestamptz NOT NULL
);
CREATE INDEX login_attempts_by_age ON login_attempts (updated_at);

ALTER TABLE cameras
    -- The only session that it may send to; NULL: those of its course, or all.
    ADD COLUMN session_id uuid,
    ADD FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id) ON DELETE CASCADE;

-- A request under an idempotency key is one transaction now: there is none that is at work in another one.
DELETE FROM idempotency_keys WHERE status IS NULL;
