-- Links that give an account another password, one each: a newer one takes the place of the one before. Tokens are stored
-- hashed.

CREATE TABLE password_resets (
    user_id    BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    token_hash TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_by_end ON password_resets (expires_at);
