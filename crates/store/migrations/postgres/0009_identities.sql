-- Accounts at other services that sign in to accounts here. The e-mail address is kept only if the service vouches for it.

CREATE TABLE identities (
    id           BIGINT  PRIMARY KEY,
    user_id      BIGINT NOT NULL REFERENCES users (id),
    provider     TEXT   NOT NULL,
    issuer       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    email        TEXT,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_of_user ON identities (user_id, id);

-- What is to be remembered while somebody is at another service, and until a link has its password. Each is used once, by
-- the browser that began it.
CREATE TABLE provider_flows (
    id_hash      TEXT   NOT NULL PRIMARY KEY,
    browser_hash TEXT   NOT NULL,
    content      TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX provider_flows_by_end ON provider_flows (expires_at);
