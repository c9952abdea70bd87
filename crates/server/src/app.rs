//! The service as one object: configured, opened, and offered as a router.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{self, Authenticator, Proxies, StoredTokens, TokenVerifier};
use crate::background::Background;
use chat_api::CorsOptions;

use crate::clock::{Clock, SystemClock};
use crate::config::{
    CustomerSettings, Installation, Network, PasswordSettings, PublicUrl, SessionSettings, Settings, SignInSettings,
    WebOrigin,
};
use crate::docs;
use crate::entropy::{Entropy, SystemEntropy};
use crate::http::{self, Observer};
use crate::import::{self, Document, Format, Problems, Surroundings};
use crate::limits::Limits;
use crate::metrics::{self, MeteredStore, Metrics, Queues};
use crate::pages;
use crate::passwords::{PasswordCost, PasswordError, Passwords};
use crate::readiness::Readiness;
use crate::resources::{ResourceError, ResourceTexts};
use crate::service::{Parts as ServiceParts, Service};
use crate::store::{self, Inventory, Store, StoreError};
use crate::streams::{self, Pace, Streams};

/// Where all paths of the API begin. Other origins may call these, never the pages.
const API_PATHS: &str = "/api/";

/// How the service is to run: what [`Settings`] say, and what tests put in place of the real world.
#[derive(Clone)]
pub struct Config {
    /// The database: `sqlite://FILE`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`.
    pub database: String,
    /// How much work a password hash takes.
    pub password_cost: PasswordCost,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes session keys and request ids.
    pub entropy: Arc<dyn Entropy>,
    /// What a request may use up.
    pub limits: Limits,
    /// How long running requests may take to end when the server stops.
    pub shutdown_deadline: Duration,
    /// How long the server goes on, no longer ready, before it stops.
    pub drain: Duration,
    /// Which ways to sign in are taken.
    pub installation: Installation,
    /// Where callers reach the service.
    pub public_url: Option<PublicUrl>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whose pages may call the API from a browser.
    pub cors_allowed_origins: Vec<WebOrigin>,
    /// Whether there is a reference of the API.
    pub docs: bool,
    /// Texts that add to or replace the built-in ones.
    pub resources_folder: Option<PathBuf>,
    /// How long sign-ins last, and how failed ones are slowed down.
    pub sign_in: SignInSettings,
    /// When chat sessions end by themselves, and how long they are kept.
    pub sessions: SessionSettings,
    /// What customers may use up.
    pub customers: CustomerSettings,
    /// How often event streams look.
    pub pace: Pace,
    /// Says whose an access token is. Default: the database.
    pub token_verifier: Option<Arc<dyn TokenVerifier>>,
}

impl Config {
    /// The defaults for a database.
    pub fn new(database: impl Into<String>) -> Self {
        Settings { database: database.into(), ..Settings::default() }.into()
    }
}

impl From<Settings> for Config {
    fn from(settings: Settings) -> Self {
        let PasswordSettings { memory_kib, passes, lanes } = settings.password_cost;
        Self {
            database: settings.database,
            password_cost: PasswordCost { memory_kib, passes, lanes },
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            limits: Limits::from(settings.limits),
            shutdown_deadline: Duration::from_millis(settings.limits.shutdown_deadline_ms.into()),
            drain: Duration::from_millis(settings.limits.drain_ms.into()),
            installation: settings.installation,
            public_url: settings.public_url,
            trusted_proxies: settings.trusted_proxies,
            cors_allowed_origins: settings.cors_allowed_origins,
            docs: settings.docs,
            resources_folder: settings.resources_folder,
            sign_in: settings.sign_in,
            sessions: settings.sessions,
            customers: settings.customers,
            pace: Pace::default(),
            token_verifier: None,
        }
    }
}

/// Why the service could not be opened or filled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The texts cannot be read.
    #[error(transparent)]
    Resources(#[from] ResourceError),
    /// The file to be imported needs a person.
    #[error(transparent)]
    Import(#[from] Problems),
    /// The task that checks the file was cancelled or panicked.
    #[error("checking the file did not come to an end")]
    Interrupted,
}

/// What an import added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Users.
    pub users: usize,
    /// Topics.
    pub topics: usize,
    /// Linked records.
    pub records: usize,
    /// Sessions.
    pub sessions: usize,
}

impl std::fmt::Display for Imported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { users, topics, records, sessions } = self;
        write!(f, "{users} users, {topics} topics, {sessions} sessions, {records} linked records")
    }
}

/// What became of the wish for demonstration data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// The database was empty and has it now.
    Filled(Imported),
    /// The database holds something: it was left as it is.
    NotEmpty,
}

/// The chat service, opened.
#[derive(Clone)]
pub struct App {
    config: Config,
    store: Arc<dyn Store>,
    passwords: Passwords,
    authenticator: Arc<Authenticator>,
    resources: Arc<ResourceTexts>,
    streams: Arc<Streams>,
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    queues: Arc<Queues>,
}

impl App {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// - The database cannot be opened.
    /// - The password cost is none that argon2 can work at.
    pub async fn open(config: Config) -> Result<Self, AppError> {
        let store = store::open(&config.database).await?;
        Self::with_store(config, store)
    }

    /// The same, but a database that is not there is not made.
    ///
    /// # Errors
    /// As with [`open`](Self::open), or the database's file or all its tables are missing.
    pub async fn open_existing(config: Config) -> Result<Self, AppError> {
        let store = store::open_existing(&config.database).await?;
        Self::with_store(config, store)
    }

    /// The service over a store that is open already; `config.database` is not looked at.
    ///
    /// # Errors
    /// The password cost is none that argon2 can work at.
    pub fn with_store(config: Config, store: Arc<dyn Store>) -> Result<Self, AppError> {
        let passwords = Passwords::new(config.password_cost)?;
        let metrics = Arc::new(Metrics::new(store::Kind::of(&config.database), config.limits.max_connections));
        let store: Arc<dyn Store> = Arc::new(MeteredStore::new(store, Arc::clone(&metrics)));
        let stored_tokens = || Arc::new(StoredTokens::new(Arc::clone(&store))) as Arc<dyn TokenVerifier>;
        let authenticator = Arc::new(Authenticator::new(auth::Parts {
            store: Arc::clone(&store),
            clock: Arc::clone(&config.clock),
            entropy: Arc::clone(&config.entropy),
            passwords: passwords.clone(),
            tokens: config.token_verifier.clone().unwrap_or_else(stored_tokens),
            installation: config.installation,
            settings: config.sign_in,
            metrics: Arc::clone(&metrics),
        }));
        let folder = config.resources_folder.as_deref();
        let resources = Arc::new(folder.map_or_else(ResourceTexts::embedded, ResourceTexts::with_folder)?);
        let streams = Arc::new(Streams::new(streams::Parts {
            store: Arc::clone(&store),
            clock: Arc::clone(&config.clock),
            authenticator: Arc::clone(&authenticator),
            entropy: Arc::clone(&config.entropy),
            streams_per_address: config.customers.streams_per_address,
            pace: config.pace,
        }));
        let readiness = Arc::new(Readiness::new(Arc::clone(&store)));
        let queues = Arc::new(Queues::new(Arc::clone(&store)));
        Ok(Self { config, store, passwords, authenticator, resources, streams, metrics, readiness, queues })
    }

    /// The whole service as a router: the API, `/healthz`, `/readyz`, and an error body for everything else.
    pub fn router(&self) -> axum::Router {
        let service = Service::new(ServiceParts {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.config.clock),
            entropy: Arc::clone(&self.config.entropy),
            authenticator: Arc::clone(&self.authenticator),
            max_concurrent_requests_per_user: self.config.limits.max_concurrent_requests_per_user,
            written_sessions_bytes: self.config.limits.written_sessions_bytes,
            metrics: Arc::clone(&self.metrics),
            streams: Arc::clone(&self.streams),
            customers: self.config.customers,
            resources: Arc::clone(&self.resources) as Arc<dyn chat_api::Resources>,
        });
        let pages = pages::router(
            Arc::clone(&self.authenticator),
            Arc::clone(&self.config.entropy),
            self.config.public_url.clone(),
            if self.config.docs { pages::Reference::Served } else { pages::Reference::Absent },
        );
        let is_https = self.config.public_url.as_ref().is_some_and(PublicUrl::is_https);
        let pages = match self.config.docs {
            true => pages.merge(docs::router(self.config.installation, is_https)),
            false => pages,
        };
        let proxies = Proxies::new(&self.config.trusted_proxies, self.config.public_url.as_ref());
        http::router(
            service,
            pages,
            proxies,
            Arc::clone(&self.readiness),
            Observer { entropy: Arc::clone(&self.config.entropy), metrics: Arc::clone(&self.metrics) },
            self.config.limits,
            CorsOptions {
                allowed_origins: self
                    .config
                    .cors_allowed_origins
                    .iter()
                    .map(|origin| origin.as_str().to_owned())
                    .collect(),
                paths_below: API_PATHS.to_owned(),
                ..CorsOptions::default()
            },
        )
    }

    /// What operators look at, for an address that only they reach: `/metrics`, `/healthz` and `/readyz`.
    pub fn metrics_router(&self) -> axum::Router {
        metrics::router(metrics::Sources {
            metrics: Arc::clone(&self.metrics),
            queues: Arc::clone(&self.queues),
            readiness: Arc::clone(&self.readiness),
        })
    }

    /// From now on `/readyz` says that no more requests should be sent here; those that come are answered as before.
    pub fn stop_being_ready(&self) {
        self.readiness.stop();
    }

    /// The database.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Event streams. Whoever changes sessions past the service announces it here, or it is seen a moment later.
    pub fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }

    /// Decides who calls, and issues what proves it.
    pub fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// Hashes and checks passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// What a request may use up.
    pub fn limits(&self) -> Limits {
        self.config.limits
    }

    /// Proxies whose callers share an address.
    pub(crate) fn trusted_proxies(&self) -> &[Network] {
        &self.config.trusted_proxies
    }

    /// Counts what happens.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Makes request ids.
    pub(crate) fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.config.entropy
    }

    /// How long running requests may take to end when the server stops.
    pub fn shutdown_deadline(&self) -> Duration {
        self.config.shutdown_deadline
    }

    /// How long the server goes on, no longer ready, before it stops.
    pub(crate) fn drain(&self) -> Duration {
        self.config.drain
    }

    /// Adds what an import file holds: all of it or nothing.
    ///
    /// # Errors
    /// - The file has problems; all of them are named.
    /// - The database failed, or got what the file adds in the meantime.
    pub async fn import(&self, text: &str, format: Format) -> Result<Imported, AppError> {
        let document = Document::read(text, format)?;
        let inventory = self.store.inventory().await?;
        let batch = self.plan(document, inventory).await?;
        let imported = Imported {
            users: batch.users.len(),
            topics: batch.topics.len(),
            records: batch.records.len(),
            sessions: batch.sessions.len(),
        };
        self.store.import(batch).await?;
        Ok(imported)
    }

    /// Fills an empty database with the demonstration data; leaves any other as it is.
    ///
    /// # Errors
    /// The database failed.
    pub async fn fill_with_demo(&self) -> Result<Demo, AppError> {
        if !self.store.is_empty().await? {
            return Ok(Demo::NotEmpty);
        }
        self.import(import::DEMO, Format::Toml).await.map(Demo::Filled)
    }

    /// Plans on a blocking thread, because passwords are hashed on the way.
    async fn plan(&self, document: Document, inventory: Inventory) -> Result<import::Batch, AppError> {
        let (passwords, entropy) = (self.passwords.clone(), Arc::clone(&self.config.entropy));
        let now = self.config.clock.now();
        let planned = tokio::task::spawn_blocking(move || {
            let surroundings =
                Surroundings { inventory: &inventory, passwords: &passwords, entropy: entropy.as_ref(), now };
            import::plan(&document, &surroundings)
        });
        Ok(planned.await.map_err(|_| AppError::Interrupted)??)
    }

    /// Deletes what has expired, at once and then every `period`, for ever.
    pub fn keep_deleting_expired(&self, period: Duration) -> impl Future<Output = ()> + Send + use<> {
        let authenticator = Arc::clone(&self.authenticator);
        async move { authenticator.keep_deleting_expired(period).await }
    }

    /// What happens without anybody's asking: sessions that are idle end, members are warned, what is kept too long is
    /// deleted. For ever.
    pub fn keep_order(&self) -> impl Future<Output = ()> + Send + use<> {
        let background = Background {
            store: Arc::clone(&self.store),
            streams: Arc::clone(&self.streams),
            clock: Arc::clone(&self.config.clock),
            settings: self.config.sessions,
        };
        async move { background.run().await }
    }

    /// Ends the event streams and lets go of the database.
    pub async fn close(&self) {
        self.streams.end();
        self.store.close().await;
    }
}
