"""The index that `catalogue.fulltext` searches, for each database its own, and the words that it knows."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = (
    # What goes in are stems already: the tokenizer only splits them.
    "CREATE VIRTUAL TABLE opportunity_text USING fts5(title, skills, rest, tokenize='unicode61')",
    "CREATE TRIGGER opportunity_text_gone AFTER DELETE ON opportunity "
    "BEGIN DELETE FROM opportunity_text WHERE rowid = old.id; END",
    "CREATE TABLE search_word (word VARCHAR(40) NOT NULL PRIMARY KEY, stem VARCHAR(40) NOT NULL) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE search_word_trigram USING fts5(word, tokenize='trigram', detail='none')",
    "CREATE TRIGGER search_word_came AFTER INSERT ON search_word "
    "BEGIN INSERT INTO search_word_trigram (word) VALUES (new.word); END",
)
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE TABLE opportunity_text ("
    "opportunity_id INTEGER PRIMARY KEY REFERENCES opportunity (id) ON DELETE CASCADE, stems TSVECTOR NOT NULL)",
    "CREATE INDEX ix_opportunity_text_stems ON opportunity_text USING gin (stems)",
    # By code point, as SQLite orders text.
    'CREATE TABLE search_word (word VARCHAR(40) COLLATE "C" PRIMARY KEY, stem VARCHAR(40) NOT NULL)',
    "CREATE INDEX ix_search_word_trigram ON search_word USING gin (word gin_trgm_ops)",
)


def upgrade() -> None:
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
    op.create_index("ix_search_word_stem", "search_word", ["stem"])
