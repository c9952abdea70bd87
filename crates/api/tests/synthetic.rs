//! A contract that has every kind of parameter, body and answer. The generator's tests keep
//! `synthetic/generated` fresh; here it is compiled, served, and compared with its contract.

#[rustfmt::skip]
#[expect(clippy::allow_attributes, reason = "as in the crate itself")]
#[allow(missing_docs, clippy::too_many_arguments, unreachable_pub, reason = "as in the crate itself")]
mod generated;
mod lists;
pub(crate) mod models;
mod sign_in_and_events;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use chat_api::support::{Binary, Event, EventStream, Items, Mixed};
use chat_api::{ApiError, Authenticate, Credentials, Presented};
use chat_test_support::Contract;
use docwright_contract::{canonical, read, yaml};
use generated::{
    ApiDoc, CommonHeaders, EventsOrThingAnswer, FormAnswer, FormForm, GetMode, ListOrThingAnswer, Other, ValuesKinds,
};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use models::{DateTime, Maybe, OddName, Thing};
use tower::ServiceExt as _;
use utoipa::OpenApi as _;

pub(crate) type RequestContext<C> = chat_api::RequestContext<C, CommonHeaders>;

/// What answers are held to.
static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::parse(include_str!("synthetic/openapi.yaml")).expect("a contract"));

struct Echo;

impl Authenticate for Echo {
    type Caller = ();

    async fn authenticate(&self, presented: Presented) -> Result<(), ApiError> {
        let shows = |scheme, key| presented.keys.get(scheme).is_some_and(|shown| shown.expose() == key);
        if let Some(refused) =
            presented.keys.iter().map(|(scheme, _)| scheme).find(|name| !presented.accepts_scheme(name))
        {
            return Err(ApiError::forbidden(format!("`{refused}` is not taken here")));
        }
        match presented.credentials {
            Credentials::Basic { .. } => Ok(()),
            Credentials::Missing if shows("customer", "right") => Ok(()),
            Credentials::Missing if shows("inQuery", "a+b") && shows("inCookie", "c") => Ok(()),
            _ => Err(ApiError::unauthorized("sign in")),
        }
    }
}

impl generated::Thing for Echo {
    async fn get(
        &self,
        context: RequestContext<()>,
        id: i32,
        mode: Option<GetMode>,
        since: Option<DateTime>,
        tag: Vec<String>,
        ids: Vec<i32>,
        r#type: bool,
        query_query: Option<String>,
        x_depth: Option<i64>,
    ) -> Result<Option<Thing>, ApiError> {
        let mode = mode.map(GetMode::as_str);
        let since = since.map(|since| since.to_string());
        let language = context.headers.accept_language;
        let name = format!("{mode:?} {since:?} {tag:?} {ids:?} {type} {query_query:?} {x_depth:?} {language:?}", type = r#type);
        Ok((id > 0).then_some(Thing { id: Some(id), name: Some(name), ..Thing::default() }))
    }

    async fn put(&self, _: RequestContext<()>, id: i32, body: Thing) -> Result<(), ApiError> {
        if body.id == Some(id) { Ok(()) } else { Err(ApiError::conflict("another id")) }
    }

    async fn names(
        &self,
        context: RequestContext<Option<()>>,
        thing: i32,
        name: String,
    ) -> Result<BTreeMap<String, String>, ApiError> {
        Ok([(name, format!("{thing} {:?}", context.caller))].into())
    }
}

impl Other for Echo {
    async fn delete(&self, _: RequestContext<()>, name: String) -> Result<bool, ApiError> {
        Ok(name == "a b")
    }

    async fn count(&self, _: RequestContext<Option<()>>, body: Option<Vec<i32>>) -> Result<i32, ApiError> {
        Ok(body.map_or(-1, |numbers| numbers.iter().sum()))
    }

    async fn exchange(&self, _: RequestContext<Option<()>>, id: i32, body: Vec<String>) -> Result<Thing, ApiError> {
        let parent = Thing { id: Some(id), ..Thing::default() };
        Ok(Thing { name: body.first().cloned(), parent: Some(Box::new(parent)), tags: Some(body), ..Thing::default() })
    }

    async fn with_key(&self, _: RequestContext<()>) -> Result<(), ApiError> {
        Ok(())
    }

    async fn with_key_or_none(
        &self,
        context: RequestContext<Option<()>>,
        key: Vec<String>,
        security: Option<String>,
    ) -> Result<String, ApiError> {
        Ok(format!("{:?} {key:?} {security:?}", context.caller))
    }

    async fn order(
        &self,
        _: RequestContext<Option<()>>,
        idempotency_key: Option<String>,
        times: Option<i32>,
    ) -> Result<String, ApiError> {
        Ok(format!("{idempotency_key:?} {times:?}"))
    }

    async fn reorder(
        &self,
        _: RequestContext<Option<()>>,
        idempotency_key: String,
        _: Thing,
    ) -> Result<String, ApiError> {
        Ok(idempotency_key)
    }

    async fn events(
        &self,
        _: RequestContext<Option<()>>,
        fail: Option<bool>,
        last_event_id: Option<String>,
    ) -> Result<EventStream, ApiError> {
        if fail == Some(true) {
            return Err(ApiError::not_found("no events"));
        }
        Ok(happening(last_event_id.as_deref().unwrap_or("0")))
    }

    async fn maybe_events(
        &self,
        _: RequestContext<Option<()>>,
        last_event_id: Option<String>,
    ) -> Result<Option<EventStream>, ApiError> {
        Ok(last_event_id.map(|id| happening(&id)))
    }

    async fn events_or_thing(&self, context: RequestContext<Option<()>>) -> Result<EventsOrThingAnswer, ApiError> {
        Ok(match context.headers.accept_language {
            Some(_) => EventsOrThingAnswer::Status200(happening("1")),
            None => EventsOrThingAnswer::Status202(Thing::default()),
        })
    }

    async fn list(
        &self,
        _: RequestContext<Option<()>>,
        count: i32,
        fail: Option<i32>,
    ) -> Result<Option<Items<Thing>>, ApiError> {
        Ok((count >= 0).then(|| lists::things(count, fail)))
    }

    async fn list_or_thing(&self, _: RequestContext<Option<()>>, count: i32) -> Result<ListOrThingAnswer, ApiError> {
        Ok(match count {
            0 => ListOrThingAnswer::Status202(Thing::default()),
            _ => ListOrThingAnswer::Status200(vec![Some("a".to_owned()), None].into()),
        })
    }

    async fn whole_list(&self, _: RequestContext<Option<()>>, count: i32) -> Result<Vec<Thing>, ApiError> {
        Ok((1..=count).map(lists::thing).collect())
    }

    async fn upload(&self, _: RequestContext<()>, body: Binary) -> Result<Binary, ApiError> {
        Ok(body)
    }
}

impl generated::OptionOperations for Echo {
    async fn option_clone(&self, _: RequestContext<Option<()>>, left: String, right: i32) -> Result<String, ApiError> {
        Ok(format!("{left} and {right}"))
    }

    async fn resources(&self, _: RequestContext<Option<()>>, key: String) -> Result<String, ApiError> {
        Ok(key)
    }

    async fn service(&self, _: RequestContext<Option<()>>) -> Result<String, ApiError> {
        Ok("fixed".to_owned())
    }

    async fn router(&self, _: RequestContext<Option<()>>) -> Result<(), ApiError> {
        Ok(())
    }

    async fn with_query(&self, _: RequestContext<Option<()>>) -> Result<(), ApiError> {
        Ok(())
    }

    async fn form(&self, _: RequestContext<Option<()>>, body: FormForm) -> Result<FormAnswer, ApiError> {
        Ok(match (body.count, body.file) {
            (0, _) => FormAnswer::Status204,
            (1, _) => FormAnswer::Status201(body.thing.unwrap_or_default()),
            (_, file) => {
                let file = file.map(|file| (file.file_name, file.content_type, file.bytes.len()));
                FormAnswer::Status200(format!("{:?} {:?} {file:?}", body.r#type, body.tags))
            }
        })
    }

    async fn pairs(&self, _: RequestContext<Option<()>>, body: Option<OddName>) -> Result<Mixed<OddName>, ApiError> {
        let picture = || Binary { content_type: Some("image/png".to_owned()), bytes: "png".into() };
        Ok(body.map_or_else(|| Mixed::Binary(picture()), Mixed::Value))
    }
}

impl generated::Untagged for Echo {
    async fn values(
        &self,
        _: RequestContext<Option<()>>,
        size: Option<i64>,
        uuid: Option<String>,
        filter: Option<String>,
        either: Option<String>,
        json: Option<String>,
        kinds: Vec<ValuesKinds>,
        body: Option<String>,
    ) -> Result<serde_json::Value, ApiError> {
        let kinds: Vec<&str> = kinds.into_iter().map(ValuesKinds::as_str).collect();
        let all = serde_json::json!([size, uuid, filter, either, json, kinds, body]);
        Ok(serde_json::json!([{ "A": all.to_string() }]))
    }

    async fn maybe(
        &self,
        _: RequestContext<Option<()>>,
        ids: Vec<String>,
        tabs: Vec<i32>,
        marks: Vec<String>,
        body: Option<Maybe>,
    ) -> Result<Option<Maybe>, ApiError> {
        let all = || [ids.join("+"), format!("{tabs:?}"), marks.join("+")].into_iter();
        Ok(body.map(|body| Maybe { tags: Some(all().chain(body.tags.unwrap_or_default()).collect()), ..body }))
    }

    async fn perhaps(
        &self,
        _: RequestContext<Option<()>>,
        ids: Vec<i32>,
        body: Option<i32>,
    ) -> Result<Vec<Option<i32>>, ApiError> {
        Ok(ids.into_iter().map(Some).chain([body]).collect())
    }
}

fn happening(id: &str) -> EventStream {
    let event = Event::default().id(id).data("a\nb");
    EventStream::new(futures_util::stream::iter([Ok::<_, ApiError>(event)]))
}

/// Holds an answer to the contract, or its head alone where it breaks off.
#[track_caller]
fn assert_keeps_contract(asked: &Method, target: &str, status: StatusCode, headers: &HeaderMap, body: Option<&[u8]>) {
    // Of errors this contract says nothing, and headers of answers are left to the service.
    if !status.is_success() || *asked == Method::OPTIONS {
        return;
    }
    let kept = match body {
        Some(body) => CONTRACT.validate_response(asked, target, status, headers, body),
        None => CONTRACT.validate_head(asked, target, status, headers),
    };
    let mut problems = kept.err().unwrap_or_default();
    problems.retain(|problem| problem != "the header `X-When` is missing");
    assert_eq!(problems, Vec::<String>::new(), "{asked} {target}");
}

/// `METHOD path`, headers and body to `status content-type body`.
async fn exchange(request: &str, headers: &[(&str, &str)], body: &str) -> String {
    let (method, path) = request.split_once(' ').unwrap();
    let request = headers
        .iter()
        .fold(Request::builder().method(method.parse::<Method>().unwrap()).uri(path), |request, (name, value)| {
            request.header(*name, *value)
        })
        .body(Body::from(body.to_owned()))
        .unwrap();
    let (asked, target) = (request.method().clone(), request.uri().to_string());
    let response = generated::router(Arc::new(Echo)).oneshot(request).await.unwrap();
    let (code, headers) = (response.status(), response.headers().clone());
    let status = code.as_u16();
    let content_type = response.headers().get("content-type").map_or("-", |value| value.to_str().unwrap()).to_owned();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    assert_keeps_contract(&asked, &target, code, &headers, Some(&bytes));
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(error) if error.get("Error").is_some() => format!("{status} {}", error["ErrorMessage"].as_str().unwrap()),
        _ => format!("{status} {content_type} {text}"),
    }
}

const USER: (&str, &str) = ("authorization", "Basic YTpi");
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn parameters_bodies_and_answers_travel() {
    for (request, headers, body, expected) in [
        (
            "GET /things/7?type=true&mode=short-form&since=2020-01-02T03:04:05Z&tag=a&tag=b%20c&ids=1,2&query=q",
            &[USER, ("x-depth", "3"), ("accept-language", "no")][..],
            "",
            r#"200 application/json; charset=utf-8 {"Id":7,"Name":"Some(\"short-form\") Some(\"2020-01-02T03:04:05Z\") [\"a\", \"b c\"] [1, 2] true Some(\"q\") Some(3) Some(\"no\")","Parent":null,"Tags":null}"#,
        ),
        ("GET /things/0?type=false", &[USER], "", "204 - "),
        ("GET /things/x?type=true", &[USER], "", "400 path parameter `id` is not valid"),
        ("GET /things/1", &[USER], "", "400 query parameter `type` is missing"),
        ("GET /things/1?type=maybe", &[USER], "", "400 query parameter `type` is not valid"),
        ("GET /things/1?type=true&type=true", &[USER], "", "400 query parameter `type` is there more than once"),
        ("GET /things/1?type=true&mode=Short", &[USER], "", "400 query parameter `mode` is not valid"),
        ("GET /things/1?type=true&ids=1,x", &[USER], "", "400 query parameter `ids` is not valid"),
        ("GET /things/1?type=true", &[], "", "401 sign in"),
        ("PUT /things/2", &[USER, JSON], r#"{"Id":2}"#, "204 - "),
        ("PUT /things/3", &[USER, ("content-type", "text/json; charset=UTF-8")], r#"{"Id":2}"#, "409 another id"),
        (
            "PUT /things/2",
            &[USER, JSON],
            "{",
            "400 the body is not valid: EOF while parsing an object at line 1 column 1",
        ),
        ("PUT /things/2", &[USER, JSON], "", "400 request body is missing"),
        ("PUT /things/2", &[USER], "{}", "415 `Content-Type` must be one of: application/json, text/json"),
        (
            "PUT /things/2",
            &[USER, ("content-type", "application/json; charset=latin1")],
            "{}",
            "415 `Content-Type` must be one of: application/json, text/json",
        ),
        ("GET /things/4/names/a%2Fb", &[], "", r#"200 application/json; charset=utf-8 {"a/b":"4 None"}"#),
        ("GET /things/4/names/x", &[USER], "", r#"200 application/json; charset=utf-8 {"x":"4 Some(())"}"#),
        ("GET /things/4/names/%FF", &[], "", "400 path: Invalid UTF-8 in `name`"),
        ("DELETE /things/a%20b", &[USER], "", "200 application/json; charset=utf-8 true"),
        (
            "POST /xml/7",
            &[("content-type", "text/xml; charset=UTF-8"), ("accept", "text/xml, */*;q=0.1, application/xml")],
            "<ArrayOfstring><string>a &amp; b</string><string/></ArrayOfstring>",
            "200 application/xml; charset=utf-8 <?xml version=\"1.0\" encoding=\"utf-8\"?><Thing><Title>a &amp; b</Title>\
             <Parent><Id>7</Id></Parent><Tags><string>a &amp; b</string><string/></Tags></Thing>",
        ),
        (
            "POST /xml/7",
            &[("content-type", "text/xml")],
            "<ArrayOfstring><string/></ArrayOfstring>",
            r#"200 application/json; charset=utf-8 {"Id":null,"Name":"","Parent":{"Id":7,"Name":null,"Parent":null,"Tags":null},"Tags":[""]}"#,
        ),
        (
            "POST /xml/7",
            &[JSON, ("accept", "application/xml")],
            r#"["a\u0000"]"#,
            "406 the answer is no XML, ask for JSON: `Thing.Title`: XML cannot carry the character U+0000; \
             the operation was carried out all the same",
        ),
        ("POST /xml/7", &[("content-type", "text/xml")], "", "400 request body is missing"),
        (
            "POST /xml/7",
            &[("content-type", "text/xml")],
            "<ArrayOfstring>\n<int/></ArrayOfstring>",
            "400 the body is not valid: `ArrayOfstring`: an item is `int`, not `string` at line 2 column 1",
        ),
        (
            "POST /xml/7",
            &[("content-type", "text/xml")],
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><ArrayOfstring><string>&b;</string></ArrayOfstring>",
            "400 the body is not valid: a document type is not allowed at line 1 column 1",
        ),
        (
            "POST /xml/7",
            &[("content-type", "application/xml")],
            "<ArrayOfstring/>",
            "415 `Content-Type` must be one of: application/json, text/xml",
        ),
        (
            "POST /xml/x",
            &[("content-type", "text/xml"), ("accept", "application/xml")],
            "",
            "400 application/xml; charset=utf-8 <?xml version=\"1.0\" encoding=\"utf-8\"?><ErrorResponse><Error>true</Error>\
             <ErrorType>BadRequest</ErrorType><ErrorMessage>path parameter `id` is not valid</ErrorMessage>\
             <ErrorSource>chat-api</ErrorSource></ErrorResponse>",
        ),
        ("POST /count", &[JSON], "[1,2]", "201 application/json; charset=utf-8 3"),
        ("POST /count", &[], "", "201 application/json; charset=utf-8 -1"),
        (
            "POST /files",
            &[USER, ("content-type", "application/octet-stream")],
            "raw",
            "200 application/octet-stream raw",
        ),
        ("POST /files", &[USER, JSON], "{}", "415 `Content-Type` must be one of: application/octet-stream"),
    ] {
        assert_eq!(exchange(request, headers, body).await, expected, "{request}");
    }
}

#[tokio::test]
async fn paths_that_a_router_cannot_tell_apart_are_served() {
    for (request, expected) in [
        ("GET /odd/a:7", "200 text/plain; charset=utf-8 a and 7"),
        ("GET /odd/a%20b%3A7", "200 text/plain; charset=utf-8 a b and 7"),
        ("GET /odd/a:b", "400 path parameter `right` is not valid"),
        ("GET /odd/x(2)", "200 text/plain; charset=utf-8 2"),
        ("GET /odd/x%282%29?q=1", "200 text/plain; charset=utf-8 2"),
        ("GET /odd/x(1)", "200 text/plain; charset=utf-8 fixed"),
        ("GET /odd/x(", "404 there is nothing at `/odd/x(`"),
        ("HEAD /odd/a%20b", "304 - "),
        ("GET /odd?a&full=1", "202 - "),
        ("GET /odd?full=2", "404 there is nothing at `/odd`"),
    ] {
        assert_eq!(exchange(request, &[], "").await, expected, "{request}");
    }
}

#[tokio::test]
async fn bodies_and_answers_of_every_kind_travel() {
    const MULTIPART: (&str, &str) = ("content-type", "multipart/form-data; boundary=b");
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    let part = |name: &str, more: &str, text: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
    };
    let file = "; filename=\"a.txt\"\r\nContent-Type: text/plain";
    let whole = part("count", "", "2")
        + &part("tags", "", "a")
        + &part("tags", "", "b")
        + &part("file", file, "1234")
        + "--b--";
    let thing = part("count", "", "1") + &part("thing", "", r#"{"Id":5}"#) + "--b--";
    let bad = part("count", "", "x") + "--b--";
    for (request, headers, body, expected) in [
        (
            "POST /odd/forms",
            &[MULTIPART, ("accept", "text/csv, */*;q=0.1")][..],
            whole.as_str(),
            r#"200 text/csv; charset=utf-8 None ["a", "b"] Some((Some("a.txt"), Some("text/plain"), 4))"#,
        ),
        (
            "POST /odd/forms",
            &[MULTIPART],
            &thing,
            r#"201 application/json; charset=utf-8 {"Id":5,"Name":null,"Parent":null,"Tags":null}"#,
        ),
        ("POST /odd/forms", &[MULTIPART], &bad, "400 form field `count` is not valid"),
        ("POST /odd/forms", &[MULTIPART], "--b--", "400 form field `count` is missing"),
        ("POST /odd/forms", &[FORM], "count=0", "204 - "),
        (
            "POST /odd/forms",
            &[FORM],
            "count=3&type=x+y&tags=1",
            r#"200 text/csv; charset=utf-8 Some("x y") ["1"] None"#,
        ),
        ("POST /odd/forms", &[FORM], "", "400 request body is missing"),
        (
            "POST /odd/forms",
            &[JSON],
            "{}",
            "415 `Content-Type` must be one of: multipart/form-data, application/x-www-form-urlencoded",
        ),
        (
            "DELETE /odd/pairs",
            &[FORM],
            "Big=7",
            r#"200 application/json; charset=utf-8 {"Ids":null,"Big":7,"Thing":null}"#,
        ),
        (
            "DELETE /odd/pairs",
            &[("content-type", "application/vnd.x+json")],
            r#"{"Ids":[1]}"#,
            r#"200 application/json; charset=utf-8 {"Ids":[1],"Big":null,"Thing":null}"#,
        ),
        ("DELETE /odd/pairs", &[("accept", "image/png")], "", "200 image/png png"),
        (
            "POST /odd/values?size=3&kinds=A&kinds=*&filter=f",
            &[("content-type", "text/plain")],
            "text",
            r#"200 application/json; charset=utf-8 [{"A":"[3,null,\"f\",null,null,[\"A\",\"*\"],\"text\"]"}]"#,
        ),
    ] {
        assert_eq!(exchange(request, headers, body).await, expected, "{request} {body}");
    }
}

#[tokio::test]
async fn a_body_is_read_in_every_form_of_its_type_and_may_be_null() {
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const XML: (&str, &str) = ("content-type", "application/xml");
    for (request, headers, body, expected) in [
        (
            "POST /odd/maybe/a%2Cb,c?tabs=1%092",
            &[JSON, ("cookie", "marks=x%2Cy,z")][..],
            r#"{"Id":1}"#,
            r#"200 application/json; charset=utf-8 {"Id":1,"Tags":["a,b+c","[1, 2]","x,y+z"]}"#,
        ),
        (
            "POST /odd/maybe/a",
            &[FORM],
            "Tags=b&Id=2&Tags=c",
            r#"200 application/json; charset=utf-8 {"Id":2,"Tags":["a","[]","","b","c"]}"#,
        ),
        (
            "POST /odd/maybe/a",
            &[XML],
            "<Maybe><Id>3</Id></Maybe>",
            r#"200 application/json; charset=utf-8 {"Id":3,"Tags":["a","[]",""]}"#,
        ),
        ("POST /odd/maybe/a", &[JSON], "null", "200 application/json; charset=utf-8 null"),
        ("POST /odd/maybe/a", &[JSON], "", "400 request body is missing"),
        (
            "POST /odd/maybe/a",
            &[("content-type", "text/json")],
            "[]",
            "415 `Content-Type` must be one of: application/json, application/xml, application/x-www-form-urlencoded",
        ),
        ("PUT /odd/maybe/1%2C2", &[JSON], "3", "200 application/json; charset=utf-8 [1,2,3]"),
        ("PUT /odd/maybe/1,2", &[JSON], "null", "200 application/json; charset=utf-8 [1,2,null]"),
        ("PUT /odd/maybe/1", &[], "", "200 application/json; charset=utf-8 [1,null]"),
        ("PUT /odd/maybe/x", &[], "", "400 path parameter `ids` is not valid"),
    ] {
        assert_eq!(exchange(request, headers, body).await, expected, "{request} {body}");
    }
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let body = "x".repeat(3 * 1024 * 1024);
    let headers = [USER, ("content-type", "application/octet-stream")];
    assert_eq!(exchange("POST /files", &headers, &body).await, "413 the body has more than 1048576 bytes");
}

#[test]
fn the_document_says_what_the_contract_says() {
    let committed = yaml::from_str(include_str!("synthetic/openapi.yaml")).unwrap();
    let committed = canonical::full(&read::from_value(&committed).unwrap());
    let utoipa = canonical::full(&read::from_value(&serde_json::to_value(ApiDoc::openapi()).unwrap()).unwrap());
    let differences = canonical::compare("contract", &committed, "utoipa", &utoipa);
    let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn schemas_have_the_components_names() {
    let names: Vec<&str> = generated::schemas().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Thing", "Maybe", "odd-name"]);
}
