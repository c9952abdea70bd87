-- Sessions in which nobody waits or talks, by when something happened in them last: those are deleted that have been kept
-- for long enough. Not all of them have ended: what was left on the offline form stays there.
DROP INDEX sessions_by_end;
CREATE INDEX sessions_at_rest ON sessions (coalesce(when_ended, when_idle, when_requested))
    WHERE status NOT IN ('InQueue', 'CustomerLast', 'UserLast');
