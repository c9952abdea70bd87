-- Instants are microseconds since 1970-01-01T00:00:00Z, texts are UTF-8, truth values are 0 and 1.

CREATE TABLE users (
    associate_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Matched exactly at sign-in; two names that differ only by case would be a trap for people.
    user_name     TEXT    NOT NULL COLLATE NOCASE UNIQUE CHECK (user_name <> ''),
    -- An argon2 hash in PHC string format.
    password_hash TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    full_name     TEXT    NOT NULL,
    formal_name   TEXT    NOT NULL,
    tooltip       TEXT    NOT NULL DEFAULT '',
    type          TEXT    NOT NULL,
    person_id     INTEGER,
    ej_user_id    INTEGER,
    group_idx     INTEGER,
    rank          INTEGER,
    deleted       INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
) STRICT;

CREATE TABLE topics (
    topic_id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    language          TEXT    NOT NULL DEFAULT '',
    welcome_message   TEXT    NOT NULL DEFAULT '',
    last_accept       INTEGER,
    -- How many sessions were accepted and how long they waited altogether: the average follows from these.
    accepted          INTEGER NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    accept_seconds    INTEGER NOT NULL DEFAULT 0 CHECK (accept_seconds >= 0),
    seconds_pr_accept INTEGER NOT NULL DEFAULT 0 CHECK (seconds_pr_accept >= 0)
) STRICT;

CREATE TABLE topic_members (
    topic_id     INTEGER NOT NULL REFERENCES topics (topic_id) ON DELETE CASCADE,
    associate_id INTEGER NOT NULL REFERENCES users (associate_id),
    can_respond  INTEGER NOT NULL CHECK (can_respond IN (0, 1)),
    can_notify   INTEGER NOT NULL CHECK (can_notify IN (0, 1)),
    can_listen   INTEGER NOT NULL CHECK (can_listen IN (0, 1)),
    can_manage   INTEGER NOT NULL CHECK (can_manage IN (0, 1)),
    PRIMARY KEY (associate_id, topic_id),
    -- A member has at least one permission: a row means membership.
    CHECK (can_respond + can_notify + can_listen + can_manage > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX topic_members_by_topic ON topic_members (topic_id);

-- Records of the CRM: a snapshot each, JSON in the shape of the carrier.
CREATE TABLE persons  (record_id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL CHECK (json_valid(snapshot))) STRICT;
CREATE TABLE contacts (record_id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL CHECK (json_valid(snapshot))) STRICT;
CREATE TABLE projects (record_id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL CHECK (json_valid(snapshot))) STRICT;
CREATE TABLE sales    (record_id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL CHECK (json_valid(snapshot))) STRICT;
CREATE TABLE tickets  (record_id INTEGER PRIMARY KEY, snapshot TEXT NOT NULL CHECK (json_valid(snapshot))) STRICT;

CREATE TABLE sessions (
    session_id            INTEGER PRIMARY KEY AUTOINCREMENT,
    topic_id              INTEGER NOT NULL REFERENCES topics (topic_id),
    status                TEXT    NOT NULL,
    user_id               INTEGER REFERENCES users (associate_id),
    transfer_to_id        INTEGER REFERENCES users (associate_id),
    customer_alias        TEXT    NOT NULL DEFAULT '' CHECK (length(customer_alias) <= 64),
    customer_host         TEXT    NOT NULL DEFAULT '' CHECK (length(customer_host) <= 255),
    customer_name         TEXT    NOT NULL DEFAULT '' CHECK (length(customer_name) <= 255),
    customer_email        TEXT    NOT NULL DEFAULT '' CHECK (length(customer_email) <= 255),
    customer_phone        TEXT    NOT NULL DEFAULT '' CHECK (length(customer_phone) <= 32),
    customer_company_name TEXT    NOT NULL DEFAULT '' CHECK (length(customer_company_name) <= 255),
    customer_consented    INTEGER NOT NULL DEFAULT 0 CHECK (customer_consented IN (0, 1)),
    first_message         TEXT    NOT NULL DEFAULT '' CHECK (length(first_message) <= 1024),
    last_message          TEXT    NOT NULL DEFAULT '' CHECK (length(last_message) <= 1024),
    when_requested        INTEGER,
    when_started          INTEGER,
    when_ended            INTEGER,
    when_idle             INTEGER,
    when_fetched          INTEGER,
    -- What the customer's page shows to prove itself; the API prints it, so it cannot be hashed.
    session_key           TEXT    NOT NULL UNIQUE CHECK (length(session_key) <= 255),
    initial_queue_pos     INTEGER NOT NULL DEFAULT 0,
    alert_level           INTEGER NOT NULL DEFAULT 0,
    rank                  INTEGER NOT NULL DEFAULT 0,
    flags                 TEXT    NOT NULL DEFAULT '',
    person_id             INTEGER REFERENCES persons (record_id),
    contact_id            INTEGER REFERENCES contacts (record_id),
    project_id            INTEGER REFERENCES projects (record_id),
    sale_id               INTEGER REFERENCES sales (record_id),
    ticket_id             INTEGER REFERENCES tickets (record_id),
    CHECK (status <> 'InQueue' OR when_requested IS NOT NULL)
) STRICT;

-- The queue of a topic, without the history behind it.
CREATE INDEX sessions_waiting ON sessions (topic_id, when_requested, session_id) WHERE status = 'InQueue';
-- No two active sessions of a user share a rank.
CREATE UNIQUE INDEX sessions_active_rank ON sessions (user_id, rank) WHERE status IN ('CustomerLast', 'UserLast');
CREATE INDEX sessions_by_topic ON sessions (topic_id, session_id);
CREATE INDEX sessions_by_user ON sessions (user_id, session_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_by_transfer ON sessions (transfer_to_id, session_id) WHERE transfer_to_id IS NOT NULL;

CREATE TABLE messages (
    message_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id   INTEGER NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    type         TEXT    NOT NULL,
    special_type TEXT    NOT NULL DEFAULT 'None',
    message      TEXT    NOT NULL,
    author       TEXT    NOT NULL DEFAULT '',
    when_posted  INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_session ON messages (session_id, message_id);
