-- Groups of conversations, shared conversations, what people think of answers.

CREATE TABLE groups (
    id         INTEGER PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX groups_of_user ON groups (user_id, id);

-- A conversation that everybody with its link may read, as it was when it was shared. The link's token is made of `nonce`
-- and the server's key; only its hash is kept.
CREATE TABLE shares (
    conversation_id BIGINT NOT NULL PRIMARY KEY REFERENCES conversations (id),
    user_id         BIGINT NOT NULL REFERENCES users (id),
    nonce           TEXT   NOT NULL,
    token_hash      TEXT   NOT NULL UNIQUE,
    title           TEXT   NOT NULL,
    messages        TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX shares_of_user ON shares (user_id);

CREATE TABLE feedback (
    message_id      BIGINT NOT NULL REFERENCES messages (id),
    user_id         BIGINT NOT NULL REFERENCES users (id),
    rating          TEXT   NOT NULL,
    comment         TEXT,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (message_id, user_id)
);
CREATE INDEX feedback_of_user ON feedback (user_id);

-- Each list is a range of one of these, so that it costs the same with 100 and with 100,000 conversations.
DROP INDEX members_by_activity;
CREATE INDEX members_active ON conversation_members (user_id, last_activity_at DESC, conversation_id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NULL;
CREATE INDEX members_archived ON conversation_members (user_id, last_activity_at DESC, conversation_id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NOT NULL;
CREATE INDEX members_favorite ON conversation_members (user_id, last_activity_at DESC, conversation_id DESC)
    WHERE favorite AND deleted_at IS NULL AND archived_at IS NULL;
CREATE INDEX members_favorite_archived ON conversation_members (user_id, last_activity_at DESC, conversation_id DESC)
    WHERE favorite AND deleted_at IS NULL AND archived_at IS NOT NULL;
CREATE INDEX members_in_group ON conversation_members (user_id, group_id, last_activity_at DESC, conversation_id DESC)
    WHERE group_id IS NOT NULL AND deleted_at IS NULL AND archived_at IS NULL;
CREATE INDEX members_in_group_archived ON conversation_members (user_id, group_id, last_activity_at DESC, conversation_id DESC)
    WHERE group_id IS NOT NULL AND deleted_at IS NULL AND archived_at IS NOT NULL;
-- All of a group, the trash included: for ungrouping.
CREATE INDEX members_of_group ON conversation_members (group_id, conversation_id) WHERE group_id IS NOT NULL;
-- All of somebody's, in an order that stays while it is read: for the export.
DROP INDEX members_of_user;
CREATE INDEX members_of_user ON conversation_members (user_id, conversation_id);
