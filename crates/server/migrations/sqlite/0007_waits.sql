-- Conversations in which the customer waits for an answer are warned of, too, and who comes back into the queue is counted
-- once.

-- The first message of the customer that has no answer, in `CustomerLast`.
ALTER TABLE sessions ADD COLUMN unanswered_since INTEGER;
-- Accepted before, and put back into the queue.
ALTER TABLE sessions ADD COLUMN was_reset INTEGER NOT NULL DEFAULT 0 CHECK (was_reset IN (0, 1));

-- Warnings so far were of the queue.
UPDATE sessions
   SET alert_level = 0, unanswered_since = CASE WHEN status = 'CustomerLast' THEN when_idle END
 WHERE status IN ('CustomerLast', 'UserLast');
-- Customers have what they wrote themselves.
UPDATE messages SET read_by_customer = 1 WHERE type = 'ToUser' AND NOT read_by_customer;

-- Conversations of a topic by who was warned of them.
CREATE INDEX sessions_unanswered_by_alert ON sessions (topic_id, alert_level, unanswered_since)
 WHERE status = 'CustomerLast';
