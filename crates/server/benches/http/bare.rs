//! Bare axum handlers in a process of their own: they know what they answer, and nobody has to sign in.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use chat_models::ChatSessionEntity;
use chat_models::xml::{XmlElement, to_xml};
use docwright_bench::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;

use super::{Form, Operation};

/// Name what the process is to know: the folder with the answers, the address, and the operation's line.
pub(crate) const FOLDER: &str = "CHAT_SERVER_BENCH_FOLDER";
pub(crate) const ADDRESS: &str = "CHAT_SERVER_BENCH_ADDRESS";
pub(crate) const OPERATION: &str = "CHAT_SERVER_BENCH_OPERATION";

/// The path of the handler that answers the same bytes.
pub(crate) fn bytes(form: Form) -> String {
    format!("/bytes/{}", form.name())
}

/// The path of the handler that writes the same values.
pub(crate) fn values(form: Form) -> String {
    format!("/values/{}", form.name())
}

/// Serves until the process is ended.
pub(crate) fn serve(folder: &Path) -> Result<(), Failure> {
    let answer = |form: Form| fs::read(form.file(folder)).map(Bytes::from);
    let (json, xml) = (answer(Form::Json)?, answer(Form::Xml)?);
    let app = if std::env::var(OPERATION)? == Operation::ForCurrentUser.line() {
        router::<Vec<ChatSessionEntity>>(json, xml)?
    } else {
        router::<ChatSessionEntity>(json, xml)?
    };
    let address = std::env::var(ADDRESS)?;
    // As the service has it.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?.tap_io(|stream| _ = stream.set_nodelay(true));
        Ok(axum::serve(listener, app).await?)
    })
}

fn router<T>(json: Bytes, xml: Bytes) -> Result<Router, Failure>
where
    T: DeserializeOwned + Serialize + XmlElement + Send + Sync + 'static,
{
    let value: T = serde_json::from_slice(&json)?;
    if write_json(&value)? != json {
        return Err("the values of the answer in JSON are written otherwise".into());
    }
    let value = Arc::new(value);
    let as_json = {
        let value = Arc::clone(&value);
        get(async move || write_json(&*value).map_or_else(|_| failed(), |body| with_type(Form::Json, body)))
    };
    let as_xml = get(async move || to_xml(&*value).map_or_else(|_| failed(), |body| with_type(Form::Xml, body)));
    Ok(Router::new()
        .route(&bytes(Form::Json), get(async move || with_type(Form::Json, json.clone())))
        .route(&bytes(Form::Xml), get(async move || with_type(Form::Xml, xml.clone())))
        .route(&values(Form::Json), as_json)
        .route(&values(Form::Xml), as_xml))
}

fn write_json<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(value)
}

fn with_type(form: Form, body: impl IntoResponse) -> axum::response::Response {
    ([(CONTENT_TYPE, format!("{}; charset=utf-8", form.media_type()))], body).into_response()
}

fn failed() -> axum::response::Response {
    axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
