-- Conversations, what is said in them, and how answers come about.

CREATE TABLE nodes (
    node    BIGINT  PRIMARY KEY,
    epoch   BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE conversations (
    id                BIGINT  PRIMARY KEY,
    owner_id          BIGINT NOT NULL REFERENCES users (id),
    title             TEXT   NOT NULL,
    title_origin      TEXT   NOT NULL,
    model             TEXT,
    instructions      TEXT,
    active_message_id BIGINT,
    message_count     BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    deleted_at        BIGINT,
    -- Set when its rows are being purged: nobody sees it any more.
    ended_at          BIGINT
);
CREATE INDEX conversations_of_owner ON conversations (owner_id);
CREATE INDEX conversations_ended ON conversations (id) WHERE ended_at IS NOT NULL;
CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;

-- Who may see it. The owner is a row as well; what a person sorts and marks is that person's.
CREATE TABLE conversation_members (
    conversation_id  BIGINT  NOT NULL REFERENCES conversations (id),
    user_id          BIGINT  NOT NULL REFERENCES users (id),
    role             TEXT    NOT NULL,
    favorite         BOOLEAN NOT NULL,
    archived_at      BIGINT,
    group_id         BIGINT,
    last_read_id     BIGINT,
    last_activity_at BIGINT  NOT NULL,
    -- A copy of conversations.deleted_at, so that a list of what is not in the trash is one index range.
    deleted_at       BIGINT,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX members_by_activity
    ON conversation_members (user_id, last_activity_at DESC, conversation_id DESC) WHERE deleted_at IS NULL;
CREATE INDEX members_of_user ON conversation_members (user_id);
CREATE INDEX members_in_trash
    ON conversation_members (user_id, last_activity_at DESC, conversation_id DESC) WHERE deleted_at IS NOT NULL;
-- What somebody is only a member of: the second leg of a search.
CREATE INDEX members_not_owner ON conversation_members (user_id, conversation_id) WHERE role <> 'owner';

CREATE TABLE messages (
    id              BIGINT  PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    parent_id       BIGINT,
    role            TEXT   NOT NULL,
    author_id       BIGINT,
    state           TEXT   NOT NULL,
    parts           TEXT   NOT NULL,
    turn_id         BIGINT,
    model           TEXT,
    usage           TEXT,
    finish_reason   TEXT,
    error           TEXT,
    created_at      BIGINT NOT NULL
);
CREATE INDEX messages_of_conversation ON messages (conversation_id, id);
CREATE INDEX messages_by_parent ON messages (parent_id);

CREATE TABLE turns (
    id              BIGINT  PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    user_id         BIGINT NOT NULL,
    user_message_id BIGINT NOT NULL,
    message_id      BIGINT NOT NULL,
    kind            TEXT   NOT NULL,
    continued_id    BIGINT,
    state           TEXT   NOT NULL,
    model           TEXT   NOT NULL,
    node            BIGINT NOT NULL,
    epoch           BIGINT NOT NULL,
    done_seq        BIGINT,
    created_at      BIGINT NOT NULL,
    settled_at      BIGINT
);
CREATE INDEX turns_of_conversation ON turns (conversation_id, id);
CREATE INDEX turns_unsettled ON turns (conversation_id, id) WHERE settled_at IS NULL;
CREATE INDEX turns_unsettled_of_user ON turns (user_id) WHERE settled_at IS NULL;

-- What running answers have said since they began; deleted when they settle.
CREATE TABLE turn_tails (
    turn_id   BIGINT NOT NULL,
    after_seq BIGINT NOT NULL,
    covers    BIGINT NOT NULL,
    parts     TEXT   NOT NULL,
    PRIMARY KEY (turn_id, after_seq)
);

CREATE TABLE idempotency_keys (
    user_id    BIGINT NOT NULL,
    key        TEXT   NOT NULL,
    route      TEXT   NOT NULL,
    body_hash  TEXT   NOT NULL,
    result_id  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- What answers cost: one row per settled turn.
CREATE TABLE usage (
    id                BIGINT  PRIMARY KEY,
    user_id           BIGINT  NOT NULL,
    turn_id           BIGINT  NOT NULL UNIQUE,
    model             TEXT    NOT NULL,
    prompt_tokens     BIGINT  NOT NULL,
    completion_tokens BIGINT  NOT NULL,
    reasoning_tokens  BIGINT  NOT NULL,
    estimated         BOOLEAN NOT NULL,
    created_at        BIGINT  NOT NULL
);
CREATE INDEX usage_of_user ON usage (user_id, created_at);
