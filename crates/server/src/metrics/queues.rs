//! How many sessions wait, read from the database when somebody looks, but not each time and never for long.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::store::{Store, StoreError};

/// What was read is shown for so long: several scrapers cost as much as one.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// A database that needs longer shows no queues at all.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// Topics beyond these are shown as one.
const MAX_TOPICS: usize = 200;

/// A topic, by the number that stays when it is renamed, and by the name that people know.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Topic {
    topic: String,
    name: String,
}

/// Topics with the sessions that wait in them.
type Lengths = Vec<(Topic, i64)>;

/// The lengths of the queues.
pub(crate) struct Queues {
    store: Arc<dyn Store>,
    last: Mutex<Option<(Instant, Lengths)>>,
}

impl Queues {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, last: Mutex::default() }
    }

    /// How many sessions wait in each topic; of topics that cannot be read nothing is said.
    pub(super) async fn gauges(&self) -> Family<Topic, Gauge> {
        let family = Family::<Topic, Gauge>::default();
        for (topic, waiting) in self.lengths().await {
            family.get_or_create(&topic).set(waiting);
        }
        family
    }

    async fn lengths(&self) -> Lengths {
        let mut last = self.last.lock().await;
        if let Some((read, lengths)) = &*last
            && read.elapsed() < FRESH_FOR
        {
            return lengths.clone();
        }
        let lengths = match timeout(TIME_LIMIT, self.read()).await {
            Ok(Ok(lengths)) => lengths,
            // Counted where the store is called; readiness tells of it.
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        *last = Some((Instant::now(), lengths.clone()));
        lengths
    }

    async fn read(&self) -> Result<Lengths, StoreError> {
        let mut topics = self.store.topics().await?;
        // The same ones each time, however they are renamed.
        topics.sort_by_key(|topic| topic.id);
        let ids: Vec<_> = topics.iter().map(|topic| topic.id).collect();
        let waiting = self.store.queue_lengths(&ids).await?;
        let waiting_in = |id| waiting.iter().find(|(topic, _)| *topic == id).map_or(0, |(_, waiting)| *waiting);
        let rest: i64 = topics.iter().skip(MAX_TOPICS).map(|topic| waiting_in(topic.id)).sum();
        let has_rest = topics.len() > MAX_TOPICS;
        topics.truncate(MAX_TOPICS);
        let shown = topics.into_iter().map(|topic| {
            let waiting = waiting_in(topic.id);
            (Topic { topic: topic.id.to_string(), name: topic.about.name }, waiting)
        });
        let rest = has_rest.then(|| (Topic { topic: "other".to_owned(), name: "other".to_owned() }, rest));
        Ok(shown.chain(rest).collect())
    }
}
