-- The whole life of a session: messages that are read, topics with opening hours and warnings, presence, repeated calls.

ALTER TABLE topics ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
-- Seconds without an answer after which members, and managers, are warned.
ALTER TABLE topics ADD COLUMN warn_after_secs INTEGER CHECK (warn_after_secs > 0);
ALTER TABLE topics ADD COLUMN warn_managers_after_secs INTEGER CHECK (warn_managers_after_secs > 0);
ALTER TABLE topics ADD COLUMN has_post_chat_form INTEGER NOT NULL DEFAULT 0 CHECK (has_post_chat_form IN (0, 1));

-- A topic without a row is always open. Minutes since midnight in the topic's time zone.
CREATE TABLE topic_hours (
    topic_id INTEGER NOT NULL REFERENCES topics (topic_id) ON DELETE CASCADE,
    -- Monday is 1, Sunday 7.
    weekday  INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens    INTEGER NOT NULL CHECK (opens BETWEEN 0 AND 1439),
    closes   INTEGER NOT NULL CHECK (closes BETWEEN 1 AND 1440),
    PRIMARY KEY (topic_id, weekday, opens),
    CHECK (opens < closes)
) STRICT, WITHOUT ROWID;

-- Who is not here is absent.
CREATE TABLE presence (
    associate_id INTEGER PRIMARY KEY REFERENCES users (associate_id) ON DELETE CASCADE,
    present      INTEGER NOT NULL CHECK (present IN (0, 1)),
    when_set     INTEGER NOT NULL
) STRICT;

ALTER TABLE messages ADD COLUMN special_param TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN read_by_customer INTEGER NOT NULL DEFAULT 0 CHECK (read_by_customer IN (0, 1));

-- What the customer's page has not fetched yet: few of all messages.
CREATE INDEX messages_unread ON messages (session_id, message_id) WHERE NOT read_by_customer;

-- Calls that may be repeated, and what came of them.
CREATE TABLE idempotency_keys (
    -- Whose key it is; the same key of another caller is another one.
    scope       TEXT    NOT NULL,
    key_hash    BLOB    NOT NULL CHECK (length(key_hash) = 32),
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    -- Null only while the call is under way.
    session_id  INTEGER REFERENCES sessions (session_id) ON DELETE CASCADE,
    -- The messages that the call posted, the first and the last.
    first_message_id INTEGER,
    last_message_id  INTEGER,
    when_used   INTEGER NOT NULL,
    PRIMARY KEY (scope, key_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_use ON idempotency_keys (when_used);
CREATE INDEX idempotency_keys_by_session ON idempotency_keys (session_id);

-- The queue of a topic by who was warned of it.
CREATE INDEX sessions_waiting_by_alert ON sessions (topic_id, alert_level, when_requested) WHERE status = 'InQueue';
CREATE INDEX sessions_active_by_idle ON sessions (when_idle) WHERE status IN ('CustomerLast', 'UserLast');
CREATE INDEX sessions_by_end ON sessions (when_ended) WHERE when_ended IS NOT NULL;
CREATE INDEX sessions_by_customer_email ON sessions (lower(customer_email)) WHERE customer_email <> '';
