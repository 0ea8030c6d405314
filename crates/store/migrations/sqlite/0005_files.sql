-- Files that people hand to models. The content lies outside, under its hash.

CREATE TABLE files (
    id           INTEGER PRIMARY KEY,
    -- NULL once the account has ended and another one's copy of a conversation still uses the file.
    owner_id     BIGINT,
    name         TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    media_type   TEXT   NOT NULL,
    bytes        BIGINT NOT NULL,
    hash         TEXT   NOT NULL,
    width        BIGINT,
    height       BIGINT,
    created_at   BIGINT NOT NULL,
    -- NULL while a message uses it. It is swept some time after this moment.
    unused_since BIGINT
);
CREATE INDEX files_of_owner ON files (owner_id, id);
CREATE INDEX files_by_hash ON files (hash);
CREATE INDEX files_unused ON files (unused_since) WHERE unused_since IS NOT NULL;

CREATE TABLE message_files (
    message_id BIGINT NOT NULL REFERENCES messages (id),
    file_id    BIGINT NOT NULL REFERENCES files (id),
    PRIMARY KEY (message_id, file_id)
);
CREATE INDEX message_files_by_file ON message_files (file_id);

-- Contents whose last row went and that are still to be deleted: a process that ends meanwhile leaves nothing behind.
CREATE TABLE ended_blobs (
    hash TEXT NOT NULL PRIMARY KEY
);
