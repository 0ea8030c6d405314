-- Which tools models have called. The parts of the answers hold what went in and came out; this is for counting.

CREATE TABLE tool_calls (
    id          BIGINT  PRIMARY KEY,
    turn_id     BIGINT NOT NULL,
    message_id  BIGINT NOT NULL,
    user_id     BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    duration_ms BIGINT,
    created_at  BIGINT NOT NULL
);
CREATE INDEX tool_calls_of_message ON tool_calls (message_id);
CREATE INDEX tool_calls_of_user ON tool_calls (user_id, created_at);
