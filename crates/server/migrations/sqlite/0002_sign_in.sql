-- What proves who calls, besides passwords. Of every secret only a SHA-256 hash is kept: with 256 random bits in it
-- there is nothing to guess, so a slow hash would protect nothing more.

-- Tickets (`SoTicket 7T:…`) and access tokens (`Bearer 8A:…`).
CREATE TABLE issued_secrets (
    secret_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL CHECK (kind IN ('ticket', 'token')),
    hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    associate_id INTEGER NOT NULL REFERENCES users (associate_id) ON DELETE CASCADE,
    -- What people noted about its use.
    note         TEXT    NOT NULL DEFAULT '',
    when_issued  INTEGER NOT NULL,
    when_expires INTEGER NOT NULL,
    when_revoked INTEGER
) STRICT;

CREATE INDEX issued_secrets_by_user ON issued_secrets (associate_id, kind);

CREATE TABLE browser_sessions (
    hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    associate_id INTEGER NOT NULL REFERENCES users (associate_id) ON DELETE CASCADE,
    when_begun   INTEGER NOT NULL,
    when_used    INTEGER NOT NULL,
    when_expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX browser_sessions_by_user ON browser_sessions (associate_id);

-- Partner applications and their tokens.
CREATE TABLE applications (
    application_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL COLLATE NOCASE CHECK (name <> ''),
    hash           BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    when_added     INTEGER NOT NULL,
    when_revoked   INTEGER
) STRICT;

-- A name may come again after it was revoked.
CREATE UNIQUE INDEX applications_in_use ON applications (name) WHERE when_revoked IS NULL;
