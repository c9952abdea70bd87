-- A disabled user may not sign in, whatever proves who it is; unlike a deleted one the user may come back.
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));

-- What has expired is deleted in batches.
CREATE INDEX issued_secrets_by_expiry ON issued_secrets (when_expires);
CREATE INDEX browser_sessions_by_expiry ON browser_sessions (when_expires);
CREATE INDEX browser_sessions_by_use ON browser_sessions (when_used);
