//! The tables of a project, and how older ones become the present ones.

use rusqlite_migration::{M, Migrations};

/// Each step is applied once, in one transaction, and never changed after it was released.
const STEPS: &[M] = &[
    M::up(
        "
    CREATE TABLE project (
        name TEXT NOT NULL,
        task TEXT NOT NULL,
        created TEXT NOT NULL
    ) STRICT;

    -- No id of these is ever given twice: what is taken back must not come back as another.
    CREATE TABLE labels (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('span', 'document', 'relation')),
        description TEXT NOT NULL,
        colour TEXT NOT NULL,
        key TEXT NOT NULL,
        place INTEGER NOT NULL,
        UNIQUE (kind, name)
    ) STRICT;

    CREATE TABLE annotators (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        pair TEXT,
        patient TEXT
    ) STRICT;

    -- What a person decided. Places are characters (Unicode scalar values) of the text, ends excluded.
    CREATE TABLE spans (
        -- Never given twice, so that what is taken back gets its own again.
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        label INTEGER NOT NULL REFERENCES labels (id),
        start INTEGER NOT NULL CHECK (start >= 0),
        end INTEGER NOT NULL CHECK (end > start),
        at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX spans_of_document ON spans (document, annotator);
    CREATE INDEX spans_of_label ON spans (label);

    CREATE TABLE relations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        label INTEGER NOT NULL REFERENCES labels (id),
        head INTEGER NOT NULL REFERENCES spans (id),
        tail INTEGER NOT NULL REFERENCES spans (id),
        at TEXT NOT NULL,
        CHECK (head <> tail)
    ) STRICT;
    CREATE INDEX relations_of_document ON relations (document, annotator);
    CREATE INDEX relations_of_head ON relations (head);
    CREATE INDEX relations_of_tail ON relations (tail);
    CREATE INDEX relations_of_label ON relations (label);

    CREATE TABLE answers (
        document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        -- Ids of labels as a JSON list.
        labels TEXT NOT NULL,
        score REAL,
        done INTEGER NOT NULL CHECK (done IN (0, 1)),
        at TEXT NOT NULL,
        PRIMARY KEY (document, annotator)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answers_done ON answers (annotator, done);

    -- What a model says, apart from what people decided.
    CREATE TABLE rounds (
        id INTEGER PRIMARY KEY,
        -- The folder of the run, or of the encoder before there is one.
        run TEXT NOT NULL,
        labelled INTEGER NOT NULL,
        -- On dev, from 0 to 1.
        score REAL,
        -- The mean over the documents that it was asked about.
        confidence REAL,
        at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE suggestions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        round INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
        -- Of the document as a whole where there is no start; a score where there is no label.
        label INTEGER REFERENCES labels (id),
        start INTEGER,
        end INTEGER,
        score REAL,
        confidence REAL NOT NULL
    ) STRICT;
    CREATE INDEX suggestions_of_document ON suggestions (document);
    CREATE INDEX suggestions_of_round ON suggestions (round);
    CREATE INDEX suggestions_of_label ON suggestions (label);

    CREATE TABLE decisions (
        suggestion INTEGER NOT NULL REFERENCES suggestions (id) ON DELETE CASCADE,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
        at TEXT NOT NULL,
        PRIMARY KEY (suggestion, annotator)
    ) STRICT, WITHOUT ROWID;

    -- How unsure the model is of a document: each from 0 (sure) to 1.
    CREATE TABLE doubts (
        document INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        confidence REAL NOT NULL,
        entropy REAL NOT NULL,
        margin REAL NOT NULL,
        disagreement REAL
    ) STRICT;

    CREATE TABLE embeddings (
        document INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        -- Little-endian floats of 32 bits.
        vector BLOB NOT NULL
    ) STRICT;

    -- What is to be labelled next, the lowest place first.
    CREATE TABLE queue (
        place INTEGER PRIMARY KEY,
        document INTEGER NOT NULL UNIQUE REFERENCES documents (id) ON DELETE CASCADE
    ) STRICT;

    CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        action TEXT NOT NULL,
        -- What it changed, row by row, as JSON.
        edits TEXT NOT NULL,
        -- 0 as it stands, 1 undone, 2 undone for good because something else was done then.
        undone INTEGER NOT NULL CHECK (undone IN (0, 1, 2))
    ) STRICT;
    CREATE INDEX history_of_annotator ON history (annotator, undone);
    CREATE INDEX history_of_document ON history (document);
    ",
    ),
    M::up(
        "
    -- Full-text search.
    CREATE VIRTUAL TABLE search USING fts5 (
        name, text, pair, content = 'documents', content_rowid = 'id', tokenize = 'trigram'
    );
    CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
        INSERT INTO search (rowid, name, text, pair) VALUES (new.id, new.name, new.text, new.pair);
    END;
    CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
        INSERT INTO search (search, rowid, name, text, pair) VALUES ('delete', old.id, old.name, old.text, old.pair);
    END;
    INSERT INTO search (search) VALUES ('rebuild');
    ",
    ),
    M::up(
        "
    -- What models learn from (0), are chosen by (1) and tested on (2): for good, from the first training that had the document.
    CREATE TABLE parts (
        document INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        part INTEGER NOT NULL CHECK (part IN (0, 1, 2))
    ) STRICT;
    ",
    ),
    M::up(
        "
    -- What came in together, so that it can be taken out again.
    CREATE TABLE imports (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        -- The name of the file or folder.
        source TEXT NOT NULL
    ) STRICT;
    ALTER TABLE documents ADD COLUMN import INTEGER REFERENCES imports (id);
    CREATE INDEX documents_of_import ON documents (import);

    -- A relation goes from start and end to these.
    ALTER TABLE suggestions ADD COLUMN tail_start INTEGER;
    ALTER TABLE suggestions ADD COLUMN tail_end INTEGER;

    -- As it was, but for steps that are about no document or about many.
    CREATE TABLE steps (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        annotator INTEGER NOT NULL REFERENCES annotators (id),
        document INTEGER REFERENCES documents (id) ON DELETE CASCADE,
        action TEXT NOT NULL,
        -- What it changed, row by row, as JSON.
        edits TEXT NOT NULL,
        -- 0 as it stands, 1 undone, 2 undone for good because something else was done then.
        undone INTEGER NOT NULL CHECK (undone IN (0, 1, 2))
    ) STRICT;
    INSERT INTO steps SELECT id, at, annotator, document, action, edits, undone FROM history;
    DROP TABLE history;
    ALTER TABLE steps RENAME TO history;
    CREATE INDEX history_of_annotator ON history (annotator, undone);
    CREATE INDEX history_of_document ON history (document);
    ",
    ),
];

pub(crate) fn migrations() -> Migrations<'static> {
    Migrations::from_slice(STEPS)
}
