-- Ending a user's sign-ins raises the user's generation. What was stored under another one is good for nothing, also
-- what a sign-in stores that was under way at that moment.
ALTER TABLE users ADD COLUMN sign_in_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issued_secrets ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE browser_sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

-- Where a user signed in: others' failures hold nobody up there.
CREATE TABLE sign_in_addresses (
    associate_id INTEGER NOT NULL REFERENCES users (associate_id) ON DELETE CASCADE,
    -- An IPv4 address, or the first 64 bits of an IPv6 one.
    address      TEXT    NOT NULL,
    when_used    INTEGER NOT NULL,
    PRIMARY KEY (associate_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_addresses_by_use ON sign_in_addresses (when_used);

-- Browsers in which a user signed in, by the hash of their cookie.
CREATE TABLE sign_in_devices (
    hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    associate_id INTEGER NOT NULL REFERENCES users (associate_id) ON DELETE CASCADE,
    when_used    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_devices_by_user ON sign_in_devices (associate_id, when_used);
CREATE INDEX sign_in_devices_by_use ON sign_in_devices (when_used);
