-- Full-text search over messages and titles. The row id is the id of the message or the conversation; the text is
-- folded before it comes here and is not kept a second time.

CREATE TABLE search_index (
    id    BIGINT   PRIMARY KEY,
    terms TSVECTOR NOT NULL
);
CREATE INDEX search_index_terms ON search_index USING GIN (terms);
