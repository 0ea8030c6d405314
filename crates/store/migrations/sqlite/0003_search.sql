-- Full-text search over messages and titles. The row id is the id of the message or the conversation; the text is
-- folded before it comes here and is not kept a second time.

CREATE VIRTUAL TABLE search_index USING fts5 (
    owner, text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0", prefix = '2 3'
);

-- All words of four letters and more, to find those that begin with what is typed: the index itself has beginnings of two
-- and three letters only, and would merge the rows of all words behind a longer one.
CREATE TABLE search_index_words (word TEXT PRIMARY KEY) WITHOUT ROWID;
