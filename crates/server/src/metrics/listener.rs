//! `/metrics`, on an address of its own: no proxy that lets the world in to the API lets it in here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chat_api::ApiError;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::net::TcpListener;

use super::{Metrics, Queues};
use crate::app::App;
use crate::http;
use crate::readiness::{Readiness, Standing};
use crate::tally::Tally;

/// Connections at the same time: a few scrapers and a person.
const MAX_CONNECTIONS: usize = 32;

/// How long one has to send its request, and how long it may do nothing.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const OPEN_METRICS: &str = "application/openmetrics-text";
const OPEN_METRICS_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
/// Older scrapers read the same text: what is new in it are comments to them.
const TEXT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Answers `/metrics`, `/healthz` and `/readyz` on `listener`, for ever.
///
/// # Errors
/// None at present; a listener that cannot accept for a while is tried again.
pub async fn serve_metrics(listener: TcpListener, app: App) -> io::Result<()> {
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(READ_TIMEOUT);
    let (router, open) = (app.metrics_router(), Tally::new(MAX_CONNECTIONS));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection for the metrics");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = open.enter(()) else { continue };
        let connection = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let connection = connection.into_owned();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection for the metrics broke");
            }
            drop(place);
        });
    }
}

/// What a scrape reads.
pub(crate) struct Sources {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) readiness: Arc<Readiness>,
}

/// `/metrics`, and what tells how the server is.
pub(crate) fn router(sources: Sources) -> Router {
    let health = http::health(Arc::clone(&sources.readiness));
    Router::new()
        .route("/metrics", get(scrape).fallback(chat_api::method_not_allowed))
        .with_state(Arc::new(sources))
        .merge(health)
        .fallback(chat_api::fallback)
}

async fn scrape(State(sources): State<Arc<Sources>>, headers: HeaderMap) -> Response {
    let (standing, queues) = tokio::join!(sources.readiness.standing(), sources.queues.gauges());
    let written = sources.metrics.write(|registry| {
        let is = |standing: bool| ConstGauge::new(i64::from(standing));
        registry.register("queue_sessions", "Sessions that wait for a user", queues);
        registry.register("ready", "Whether requests should be sent here", is(standing == Standing::Ready));
        let is_up = is(!matches!(standing, Standing::Unreachable | Standing::Outdated));
        registry.register("database_up", "Whether the database answers, and has the tables", is_up);
    });
    match written {
        Ok(text) => {
            let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
            let takes_open_metrics = accept
                .flat_map(|value| value.split(','))
                .any(|form| form.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(OPEN_METRICS)));
            let form = if takes_open_metrics { OPEN_METRICS_TYPE } else { TEXT_TYPE };
            ([(header::CONTENT_TYPE, form), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], text)
                .into_response()
        }
        Err(error) => ApiError::internal(error).into_response(),
    }
}
