//! Two operations in the form of generated ones, over the real carriers, for tests of what the layer does around every
//! operation. They are not the contract's: a new operation in the documents asks nothing of these tests. That generated
//! routers do the same is proved with the synthetic contract, and by the service's own tests.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use chat_api::models::ChatSessionEntity;
use chat_api::support::{Call, Security};
use chat_api::{ApiError, Authenticate, CommonHeaders, ERROR_MEDIA_TYPES, RequestContext};
use chat_test_support::{Contract, TestApp};
use docwright_contract::model::RefOr;
use http::StatusCode;

const SECURITY: Security = Security { keys: &[], accepts: &[&["basic"]] };
pub(crate) const LIST: &str = "/api/list";
/// The same list, item by item.
pub(crate) const ITEMS: &str = "/api/items";
pub(crate) const PICKUP: &str = "/api/pickup";

/// What a test's service does.
pub(crate) trait StandIn: Authenticate {
    /// `GET /api/list`
    fn list(
        &self,
        context: RequestContext<Self::Caller>,
    ) -> impl Future<Output = Result<Vec<ChatSessionEntity>, ApiError>> + Send;

    /// `POST /api/pickup`
    fn pick_up(
        &self,
        context: RequestContext<Self::Caller>,
    ) -> impl Future<Output = Result<ChatSessionEntity, ApiError>> + Send;
}

/// What the contract says of the two operations that these stand in for, at their paths here.
static CONTRACT: LazyLock<Arc<Contract>> = LazyLock::new(|| {
    let mut model = Contract::workspace().model().clone();
    for (id, paths) in [
        ("v1ChatSessionEntity_ChatSessionsForUser", &[LIST, ITEMS][..]),
        ("v1ChatSessionEntity_PickUpFirstChatSession", &[PICKUP]),
    ] {
        let operation = model.operations.iter().find(|operation| operation.operation_id == id).cloned().unwrap();
        model.operations.extend(paths.iter().map(|path| {
            let mut operation = operation.clone();
            operation.path = (*path).to_owned();
            // Services of tests may have nothing to list.
            operation.responses.insert("404".to_owned(), RefOr::Ref("NotFound".to_owned()));
            operation
        }));
    }
    Arc::new(Contract::from_model(model))
});

/// The same router, whose answers are held to the contract.
pub(crate) fn app(router: Router) -> TestApp {
    TestApp::with_contract(router, Arc::clone(&CONTRACT))
}

/// Serves both, with everything that a generated router puts around.
pub(crate) fn router<S: StandIn>(service: Arc<S>) -> Router {
    let router = Router::new()
        .route(LIST, get(list::<S>))
        .route(ITEMS, get(items::<S>))
        .route(PICKUP, post(pick_up::<S>))
        .with_state(Arc::clone(&service))
        .fallback(chat_api::fallback)
        .method_not_allowed_fallback(chat_api::method_not_allowed);
    chat_api::negotiated_errors(chat_api::localized_errors(router, service), ERROR_MEDIA_TYPES)
}

async fn list<S: StandIn>(State(service): State<Arc<S>>, request: Request) -> Result<Response, ApiError> {
    let call = Call::<_, CommonHeaders>::begin(&*service, request, ERROR_MEDIA_TYPES, SECURITY).await?;
    let (context, answer) = call.split();
    let value = service.list(context).await?;
    answer.json_or_xml(StatusCode::OK, value)
}

async fn items<S: StandIn>(State(service): State<Arc<S>>, request: Request) -> Result<Response, ApiError> {
    let call = Call::<_, CommonHeaders>::begin(&*service, request, ERROR_MEDIA_TYPES, SECURITY).await?;
    let (context, answer) = call.split();
    let value = service.list(context).await?.into();
    answer.json_or_xml_items(StatusCode::OK, value, Arc::clone(&service)).await
}

async fn pick_up<S: StandIn>(State(service): State<Arc<S>>, request: Request) -> Result<Response, ApiError> {
    let call = Call::<_, CommonHeaders>::begin(&*service, request, ERROR_MEDIA_TYPES, SECURITY).await?;
    let (context, answer) = call.split();
    let value = service.pick_up(context).await?;
    answer.json_or_xml(StatusCode::OK, value)
}
