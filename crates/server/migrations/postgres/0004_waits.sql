-- Conversations in which the customer waits for an answer are warned of, too, and who comes back into the queue is counted
-- once.

ALTER TABLE sessions
    -- The first message of the customer that has no answer, in `CustomerLast`.
    ADD COLUMN unanswered_since BIGINT,
    -- Accepted before, and put back into the queue.
    ADD COLUMN was_reset        BOOLEAN NOT NULL DEFAULT FALSE;

-- Warnings so far were of the queue.
UPDATE sessions
   SET alert_level = 0, unanswered_since = CASE WHEN status = 'CustomerLast' THEN when_idle END
 WHERE status IN ('CustomerLast', 'UserLast');
-- Customers have what they wrote themselves.
UPDATE messages SET read_by_customer = TRUE WHERE type = 'ToUser' AND NOT read_by_customer;

-- Conversations of a topic by who was warned of them.
CREATE INDEX sessions_unanswered_by_alert ON sessions (topic_id, alert_level, unanswered_since)
 WHERE status = 'CustomerLast';
