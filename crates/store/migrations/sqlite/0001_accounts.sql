-- Accounts, their login sessions, and the installation itself.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL UNIQUE,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    full_name     TEXT,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    is_active     BOOLEAN NOT NULL,
    is_verified   BOOLEAN NOT NULL,
    preferences   TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    last_login    BIGINT,
    -- Set when the account is being ended: it cannot sign in, and its rows are purged in slices.
    deleted_at    BIGINT
);

CREATE INDEX users_deleted ON users (id) WHERE deleted_at IS NOT NULL;

-- One row, inserted by the first account, which is the admin.
CREATE TABLE installation (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    admin_id   BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A sign-in on one device. Tokens are stored hashed.
CREATE TABLE logins (
    id                INTEGER PRIMARY KEY,
    user_id           BIGINT NOT NULL REFERENCES users (id),
    dialect           TEXT   NOT NULL,
    ip                TEXT   NOT NULL,
    user_agent        TEXT   NOT NULL,
    created_at        BIGINT NOT NULL,
    last_seen_at      BIGINT NOT NULL,
    -- No use after this moment, whatever happens.
    expires_at        BIGINT NOT NULL,
    -- No refresh after this moment unless one comes before.
    idle_expires_at   BIGINT NOT NULL,
    -- Counts refreshes.
    generation        BIGINT NOT NULL,
    -- The newest generation of which anything was presented, and which request did so first: requests are numbered as
    -- they arrive, so that one that arrived before, and is worked on after, is known.
    confirmed         BIGINT NOT NULL,
    confirmed_by      BIGINT NOT NULL,
    refresh_hash      TEXT   NOT NULL,
    -- The refresh token of the generation before.
    previous_hash     TEXT,
    ended_at          BIGINT,
    ended_why         TEXT
);
CREATE INDEX logins_of_user ON logins (user_id, last_seen_at DESC);
CREATE INDEX logins_by_end ON logins (expires_at);
