-- What accounts have paid for, and how many messages of a calendar month (UTC) they have used.

-- One row an account that ever paid. What it grants, it grants until ends_at.
CREATE TABLE subscriptions (
    user_id    BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    plan       TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL
);

-- The month is the number of months since 1970-01. What is reserved counts as used; what fails is given back. What was
-- allowed when the last one was counted; NULL: as many as one likes.
CREATE TABLE quotas (
    user_id  BIGINT NOT NULL REFERENCES users (id),
    month    BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    allowed  BIGINT,
    PRIMARY KEY (user_id, month),
    CHECK (messages <= allowed)
);

-- The month that a turn was counted in; NULL: it was not counted, or was given back.
ALTER TABLE turns ADD COLUMN quota_month BIGINT;

-- What was counted for answers that are not stored and are under way. Those of another epoch are given back.
CREATE TABLE quota_holds (
    id         BIGINT  PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    month      BIGINT NOT NULL,
    node       BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX quota_holds_of_user ON quota_holds (user_id);
