-- Several people in one conversation: how many they are, who was invited, what they note.

-- How many rows it has in conversation_members, kept beside them so that a list needs no counting.
ALTER TABLE conversations ADD COLUMN member_count BIGINT NOT NULL DEFAULT 1;
UPDATE conversations SET member_count =
    (SELECT COUNT(*) FROM conversation_members who WHERE who.conversation_id = conversations.id)
    WHERE id IN (SELECT conversation_id FROM conversation_members WHERE role <> 'owner');
-- What ends for others when an account does.
CREATE INDEX conversations_with_others ON conversations (owner_id, id) WHERE member_count > 1;

-- NULL for who made it: since then.
ALTER TABLE conversation_members ADD COLUMN joined_at BIGINT;

-- What the owner decided about somebody, a role or the door, outweighs invitations from before that moment.
CREATE TABLE decided_members (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    user_id         BIGINT NOT NULL REFERENCES users (id),
    decided_at      BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX decided_members_of_user ON decided_members (user_id);

-- Links into a conversation. The token is made of `nonce` and the server's key; only its hash is kept.
CREATE TABLE invitations (
    id              BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    role            TEXT   NOT NULL,
    -- Where it was mailed to: then it is good for one account, which used_by names once there is one.
    email           TEXT,
    used_by         BIGINT,
    nonce           TEXT   NOT NULL,
    token_hash      TEXT   NOT NULL UNIQUE,
    uses            BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX invitations_of_conversation ON invitations (conversation_id, id);
CREATE INDEX invitations_by_end ON invitations (expires_at);

-- What members write beside a conversation.
CREATE TABLE notes (
    id              BIGINT PRIMARY KEY,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    message_id      BIGINT,
    author_id       BIGINT NOT NULL,
    content         TEXT   NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX notes_of_conversation ON notes (conversation_id, id);
CREATE INDEX notes_of_message ON notes (message_id) WHERE message_id IS NOT NULL;
