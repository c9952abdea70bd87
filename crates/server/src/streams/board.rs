//! What a server's streams know of the sessions, and what is new about them. No database, no clock of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::records::{Message, MessageId, SessionId, TopicId};
use crate::store::{Moving, Pulse};

/// How long ids may be drawn before they are committed: so long new sessions are looked for below the highest one.
const LATE_COMMIT: Duration = Duration::from_secs(60);

/// How long a session is remembered that has come to its end.
const OVER: Duration = Duration::from_secs(2 * 60);

/// How long one is looked at that neither moves nor is over: what lies there for days need not be looked at each time.
const RESTING: Duration = Duration::from_secs(10 * 60);

/// Something new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// A session is there, or has changed.
    Session {
        /// As it was, if it was known.
        before: Option<Pulse>,
        /// As it is.
        now: Pulse,
    },
    /// So many wait in a topic.
    Queue { topic: TopicId, waiting: usize },
    /// What happened before now was not told.
    Afresh,
    /// A message was posted.
    Message { message: Arc<Message>, pulse: Pulse },
}

/// What one session's streams are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// None where it is gone.
    pub(super) pulse: Option<Pulse>,
    /// Its place in the queue, from 1, where it waits.
    pub(super) place: Option<usize>,
}

/// A session on the board.
#[derive(Clone, Debug)]
struct Seen {
    pulse: Pulse,
    /// Messages up to here were told, or were there before anybody listened.
    told_up_to: MessageId,
    /// Since when it has not moved.
    resting_since: Option<Instant>,
}

/// The sessions that may make news.
#[derive(Debug, Default)]
pub(super) struct Board {
    sessions: HashMap<SessionId, Seen>,
    queues: BTreeMap<TopicId, BTreeSet<(Option<Timestamp>, SessionId)>>,
    /// The highest session at the latest looks.
    highest: VecDeque<(Instant, Option<SessionId>)>,
}

/// What came of a look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// In the order in which they are to be told.
    pub(super) facts: Vec<Fact>,
    /// Sessions with messages that were not told, after these.
    pub(super) unread: Vec<(Pulse, MessageId)>,
    /// Sessions that changed, are gone, or may have another place in the queue.
    pub(super) touched: BTreeSet<SessionId>,
}

impl Board {
    /// Whether nothing was looked at yet.
    pub(super) fn is_blank(&self) -> bool {
        self.highest.is_empty()
    }

    /// New sessions are those above this one. None before the first look.
    pub(super) fn floor(&self) -> Option<SessionId> {
        self.highest.front().map(|(_, highest)| highest.unwrap_or(SessionId(0)))
    }

    /// The sessions that a look at what moves has to ask for besides.
    pub(super) fn not_among(&self, moving: &Moving, now: Instant) -> BTreeSet<SessionId> {
        let found: BTreeSet<SessionId> = moving.pulses.iter().map(|pulse| pulse.session).collect();
        let may_change = |seen: &Seen| {
            let rested = seen.resting_since.map_or(Duration::ZERO, |since| now.duration_since(since));
            !seen.pulse.status.is_over() && rested < RESTING
        };
        let sessions = self.sessions.iter().filter(|(id, seen)| !found.contains(id) && may_change(seen));
        sessions.map(|(id, _)| *id).collect()
    }

    /// Begins, with what is no news to anybody.
    pub(super) fn begin(&mut self, moving: Moving, now: Instant) {
        for pulse in moving.pulses {
            let told_up_to = pulse.last_message;
            self.put(pulse, told_up_to, now);
        }
        self.highest.push_back((now, moving.highest));
    }

    /// Takes in a look at everything: what moves, and what was asked for besides.
    pub(super) fn look(
        &mut self,
        moving: Moving,
        asked: &BTreeSet<SessionId>,
        found: Vec<Pulse>,
        now: Instant,
    ) -> News {
        let mut news = News::default();
        let pulses = moving.pulses.into_iter().chain(found);
        self.take_in(pulses.collect(), asked, now, &mut news);
        self.highest.push_back((now, moving.highest));
        // One that is older than `LATE_COMMIT` remains.
        while self.highest.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= LATE_COMMIT) {
            self.highest.pop_front();
        }
        self.forget(asked, now);
        news
    }

    /// Takes in what was found of the sessions that were asked for.
    pub(super) fn look_at(&mut self, asked: &BTreeSet<SessionId>, found: Vec<Pulse>, now: Instant) -> News {
        let mut news = News::default();
        self.take_in(found, asked, now, &mut news);
        news
    }

    fn take_in(&mut self, pulses: Vec<Pulse>, asked: &BTreeSet<SessionId>, now: Instant, news: &mut News) {
        let mut queues = BTreeSet::new();
        let mut gone = asked.clone();
        for pulse in pulses {
            gone.remove(&pulse.session);
            let before = self.sessions.get(&pulse.session);
            if before.is_none_or(|seen| seen.pulse.is_waiting() != pulse.is_waiting()) {
                queues.extend([Some(pulse.topic), before.map(|seen| seen.pulse.topic)].into_iter().flatten());
            }
            let (before, told_up_to) = match before {
                Some(seen) => (Some(seen.pulse.clone()), seen.told_up_to),
                // All messages of a new one are new. One that lay there for long was not listened to.
                None if self.is_new(pulse.session) => (None, MessageId::default()),
                None => (None, pulse.last_message),
            };
            if pulse.last_message > told_up_to {
                news.unread.push((pulse.clone(), told_up_to));
            }
            if before.as_ref() != Some(&pulse) {
                news.touched.insert(pulse.session);
                self.put(pulse.clone(), told_up_to, now);
                news.facts.push(Fact::Session { before, now: pulse });
            }
        }
        for session in gone {
            news.touched.insert(session);
            if let Some(seen) = self.remove(session)
                && seen.pulse.is_waiting()
            {
                queues.insert(seen.pulse.topic);
            }
        }
        for topic in queues {
            news.facts.push(Fact::Queue { topic, waiting: self.waiting(topic) });
            news.touched.extend(self.queues.get(&topic).into_iter().flatten().map(|(_, session)| *session));
        }
    }

    fn is_new(&self, session: SessionId) -> bool {
        self.floor().is_none_or(|floor| session > floor)
    }

    fn put(&mut self, pulse: Pulse, told_up_to: MessageId, now: Instant) {
        let before = self.remove(pulse.session);
        let resting_since = match before {
            _ if pulse.is_moving() => None,
            // Its time begins anew when it comes to its end.
            Some(seen) if seen.pulse.status == pulse.status => seen.resting_since.or(Some(now)),
            _ => Some(now),
        };
        if pulse.is_waiting() {
            self.queues.entry(pulse.topic).or_default().insert((pulse.when_requested, pulse.session));
        }
        self.sessions.insert(pulse.session, Seen { pulse, told_up_to, resting_since });
    }

    fn remove(&mut self, session: SessionId) -> Option<Seen> {
        let seen = self.sessions.remove(&session)?;
        if let Some(queue) = self.queues.get_mut(&seen.pulse.topic) {
            queue.remove(&(seen.pulse.when_requested, session));
        }
        Some(seen)
    }

    /// Forgets what has come to rest, but for what is asked for.
    fn forget(&mut self, asked: &BTreeSet<SessionId>, now: Instant) {
        self.sessions.retain(|session, seen| {
            let kept = if seen.pulse.status.is_over() { OVER } else { RESTING };
            seen.resting_since.is_none_or(|since| now.duration_since(since) < kept) || asked.contains(session)
        });
    }

    /// Messages up to here were told.
    pub(super) fn told(&mut self, session: SessionId, up_to: MessageId) {
        if let Some(seen) = self.sessions.get_mut(&session) {
            seen.told_up_to = seen.told_up_to.max(up_to);
        }
    }

    /// How many wait.
    pub(super) fn waiting(&self, topic: TopicId) -> usize {
        self.queues.get(&topic).map_or(0, BTreeSet::len)
    }

    /// Whether anything is known of a session.
    pub(super) fn has(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }

    /// What is known of a session; none where nothing is.
    pub(super) fn heard(&self, session: SessionId) -> Option<Heard> {
        let pulse = self.pulse(session)?.clone();
        let place = self.places(pulse.topic).find(|(other, _)| *other == session).map(|(_, place)| place);
        Some(Heard { pulse: Some(pulse), place })
    }

    /// A session as it stood at the last look.
    pub(super) fn pulse(&self, session: SessionId) -> Option<&Pulse> {
        self.sessions.get(&session).map(|seen| &seen.pulse)
    }

    /// The topic in whose queue a session waits.
    pub(super) fn waits_in(&self, session: SessionId) -> Option<TopicId> {
        self.pulse(session).filter(|pulse| pulse.is_waiting()).map(|pulse| pulse.topic)
    }

    /// The queue of a topic, with places from 1.
    pub(super) fn places(&self, topic: TopicId) -> impl Iterator<Item = (SessionId, usize)> {
        let queue = self.queues.get(&topic).into_iter().flatten();
        queue.enumerate().map(|(index, (_, session))| (*session, index + 1))
    }

    /// Every session, with how far its messages were told.
    pub(super) fn sessions(&self) -> impl Iterator<Item = (&Pulse, MessageId)> {
        self.sessions.values().map(|seen| (&seen.pulse, seen.told_up_to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{AssociateId, Status};

    fn pulse(session: i32, status: Status, last_message: i32) -> Pulse {
        Pulse {
            session: SessionId(session),
            topic: TopicId(10),
            status,
            user: status.is_active().then_some(AssociateId(1)),
            transfer_to: None,
            alert_level: 0,
            when_requested: Timestamp::from_second(1_000 - i64::from(session)).ok(),
            unanswered_since: None,
            last_message: MessageId(last_message),
        }
    }

    fn moving(pulses: &[Pulse]) -> Moving {
        Moving { highest: pulses.iter().map(|pulse| pulse.session).max(), pulses: pulses.to_vec() }
    }

    fn ids(sessions: impl IntoIterator<Item = i32>) -> BTreeSet<SessionId> {
        sessions.into_iter().map(SessionId).collect()
    }

    #[test]
    fn what_is_there_at_first_is_no_news_and_every_change_is_told_once() {
        let (mut board, now) = (Board::default(), Instant::now());
        assert!(board.is_blank());
        let waiting = [pulse(1, Status::InQueue, 0), pulse(2, Status::InQueue, 7)];
        board.begin(moving(&waiting), now);
        assert_eq!(board.look(moving(&waiting), &ids([]), vec![], now), News::default());
        // The one that has waited longer is the second.
        assert_eq!(board.places(TopicId(10)).collect::<Vec<_>>(), [(SessionId(2), 1), (SessionId(1), 2)]);

        let accepted = pulse(2, Status::UserLast, 8);
        let news = board.look_at(&ids([2]), vec![accepted.clone()], now);
        assert_eq!(
            news.facts,
            [
                Fact::Session { before: Some(waiting[1].clone()), now: accepted.clone() },
                Fact::Queue { topic: TopicId(10), waiting: 1 },
            ]
        );
        assert_eq!(news.unread, [(accepted.clone(), MessageId(7))]);
        // The first has another place now.
        assert_eq!(news.touched, ids([1, 2]));
        assert_eq!(board.heard(SessionId(1)).and_then(|heard| heard.place), Some(1));

        // Its message is unread until it was told.
        let again = board.look_at(&ids([2]), vec![accepted.clone()], now);
        assert_eq!((again.facts.len(), again.unread.len()), (0, 1));
        board.told(SessionId(2), MessageId(8));
        assert_eq!(board.look_at(&ids([2]), vec![accepted], now), News::default());
    }

    #[test]
    fn all_messages_of_a_new_session_are_new() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.begin(moving(&[pulse(5, Status::InQueue, 3)]), now);
        for (session, status, unread) in [
            (6, Status::InQueue, 1),
            (7, Status::OfflineForm, 1),
            (8, Status::ClosedFromQueue, 1),
            (2, Status::Finished, 0),
        ] {
            let news = board.look_at(&ids([session]), vec![pulse(session, status, 9)], now);
            assert_eq!(news.unread.len(), unread, "{session}");
            assert!(matches!(news.facts[0], Fact::Session { before: None, .. }), "{session}");
        }
    }

    #[test]
    fn what_stops_moving_is_asked_for_until_it_is_over_or_has_rested() {
        let (mut board, now) = (Board::default(), Instant::now());
        let all = [pulse(1, Status::UserLast, 0), pulse(2, Status::UserLast, 0)];
        board.begin(moving(&all), now);
        assert_eq!(board.not_among(&moving(&all), now), ids([]));
        let rest = moving(&[]);
        assert_eq!(board.not_among(&rest, now), ids([1, 2]));
        let news = board.look(
            rest.clone(),
            &ids([1, 2]),
            vec![pulse(1, Status::Closed, 0), pulse(2, Status::Finished, 0)],
            now,
        );
        assert_eq!(news.facts.len(), 2);
        assert_eq!(board.not_among(&rest, now), ids([2]), "what is over stays so");
        // As long as it is found as a new one it must not be told again.
        assert_eq!(board.look(moving(&[pulse(1, Status::Closed, 0)]), &ids([]), vec![], now), News::default());
        let later = now + RESTING;
        assert_eq!(board.not_among(&rest, later), ids([]));
        board.look(rest, &ids([]), vec![], later);
        assert!(board.heard(SessionId(2)).is_none());
    }

    #[test]
    fn sessions_that_are_gone_leave_the_queue() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.begin(moving(&[pulse(1, Status::InQueue, 0)]), now);
        let news = board.look_at(&ids([1, 9]), vec![], now);
        assert_eq!(news.facts, [Fact::Queue { topic: TopicId(10), waiting: 0 }]);
        assert_eq!(news.touched, ids([1, 9]));
    }

    #[test]
    fn ids_that_are_committed_late_are_found() {
        let (mut board, now) = (Board::default(), Instant::now());
        board.begin(Moving { pulses: vec![], highest: Some(SessionId(5)) }, now);
        let at = |seconds| now + Duration::from_secs(seconds);
        let look = |board: &mut Board, highest, at| {
            board.look(Moving { pulses: vec![], highest: Some(SessionId(highest)) }, &ids([]), vec![], at);
            board.floor()
        };
        assert_eq!(look(&mut board, 8, at(30)), Some(SessionId(5)));
        assert_eq!(look(&mut board, 9, at(59)), Some(SessionId(5)));
        assert_eq!(look(&mut board, 9, at(95)), Some(SessionId(8)));
    }
}
