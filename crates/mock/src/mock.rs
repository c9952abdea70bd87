//! The mock itself: from a request to its answer.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use docwright_contract::model::{Contract, Method, Operation};
use http::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, VARY, WWW_AUTHENTICATE};
use http::{HeaderName, Request, Response, StatusCode};
use serde_json::Value;

use crate::answers::{Answer, Answers, Body, NoAnswer, Wanted, own_error};
use crate::body::Refused;
use crate::parameters::Said;
use crate::prefer::{PREFERENCE_APPLIED, Preferences};
use crate::problem::Problem;
use crate::remark::{Remark, remarks};
use crate::router::{Found, Routes};
use crate::schemas::Schemas;
use crate::violation::Findings;
use crate::{body, cors, media, parameters, security};

/// How large a body may be unless told otherwise.
pub const DEFAULT_MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// The header that says what was odd about a request that was answered all the same: query
/// parameters that the contract does not know, checks that could not be made.
pub static REMARK: HeaderName = HeaderName::from_static("docwright-remark");

/// Answers requests as a contract says.
#[derive(Debug)]
pub struct Mock {
    contract: Arc<Contract>,
    schemas: Schemas,
    routes: Routes,
    /// By the operations' positions in the contract.
    prepared: Vec<OnceLock<Prepared>>,
    remarks: Vec<Remark>,
    max_body_bytes: usize,
}

/// What is known of an operation once it has been called.
#[derive(Debug)]
struct Prepared {
    parameters: Vec<parameters::Expected>,
    body: Option<body::Expected>,
    security: security::Expected,
    answers: Answers,
}

/// An answer before what all answers have is added.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }
}

/// An operation that was called.
#[derive(Clone, Copy)]
struct Called<'m> {
    operation: &'m Operation,
    prepared: &'m Prepared,
}

impl Mock {
    /// A mock of the contract. Finds the routes; everything else waits for requests.
    pub fn new(contract: Contract) -> Self {
        let contract = Arc::new(contract);
        let (routes, unroutable) = Routes::new(&contract);
        Self {
            schemas: Schemas::new(Arc::clone(&contract)),
            routes,
            prepared: contract.operations.iter().map(|_| OnceLock::new()).collect(),
            remarks: remarks(&contract, &unroutable),
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            contract,
        }
    }

    /// The same with another limit on bodies of requests.
    #[must_use]
    pub fn with_max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self { max_body_bytes, ..self }
    }

    /// How large a body may be.
    pub fn max_body_bytes(&self) -> usize {
        self.max_body_bytes
    }

    /// The contract that is answered from.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// How many operations are served.
    pub fn served_count(&self) -> usize {
        self.contract.operations.len() - self.remarks.iter().filter(|remark| remark.unserved).count()
    }

    /// What of the contract is not served, or not as it is written.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// The paths that may stand before those of the contract, from the addresses of its servers.
    pub fn base_paths(&self) -> &[String] {
        self.routes.bases()
    }

    /// The answer to a request. A body beyond the limit need not be whole: that it is beyond is
    /// enough.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut answered = self.answered(request);
        cors::allow(request.headers(), &mut answered.headers);
        let mut response = Response::new(answered.body);
        *response.status_mut() = answered.status;
        *response.headers_mut() = answered.headers;
        response
    }

    fn answered(&self, request: &Request<Bytes>) -> Answered {
        let path = request.uri().path();
        let headers = request.headers();
        let method = Method::parse(request.method().as_str());
        if cors::is_preflight(request.method(), headers) {
            return match self.methods_at(path) {
                Some(methods) => cors::preflight(headers, &methods),
                None => self.refuse(None, headers, unknown_path(path)),
            };
        }
        let mut found = method.map_or(Found::Nothing, |method| self.routes.find(method, path));
        // A method that answers like GET, without the body.
        if method == Some(Method::Head) && !matches!(found, Found::Operation { .. }) {
            found = self.routes.find(Method::Get, path);
        }
        match found {
            Found::Operation { index, values } => {
                let operation = &self.contract.operations[index];
                let prepared = self.prepared[index].get_or_init(|| Prepared::of(&self.contract, operation));
                let called = Called { operation, prepared };
                self.call(called, &values, request)
                    .unwrap_or_else(|problem| self.refuse(Some(called), headers, *problem))
            }
            _ => match self.methods_at(path) {
                None => self.refuse(None, headers, unknown_path(path)),
                Some(methods) if method == Some(Method::Options) => {
                    let mut answered = Answered::empty(StatusCode::NO_CONTENT);
                    answered.headers.insert(ALLOW, methods);
                    answered
                }
                Some(methods) => {
                    let allowed = methods.to_str().unwrap_or_default();
                    let detail =
                        format!("`{}` is not a method of `{path}`: expected one of {allowed}", request.method());
                    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail);
                    self.refuse(None, headers, problem.header(ALLOW, allowed))
                }
            },
        }
    }

    /// The methods that a path answers to, as `Allow` writes them.
    fn methods_at(&self, path: &str) -> Option<HeaderValue> {
        let mut methods: BTreeSet<Method> = Method::ALL
            .into_iter()
            .filter(|method| matches!(self.routes.find(*method, path), Found::Operation { .. }))
            .collect();
        if methods.is_empty() {
            return None;
        }
        if methods.contains(&Method::Get) {
            methods.insert(Method::Head);
        }
        methods.insert(Method::Options);
        let names: Vec<&str> = methods.into_iter().map(Method::as_str).collect();
        HeaderValue::from_str(&names.join(", ")).ok()
    }

    /// The documented answer, or what is wrong with the request: the cheaper question first.
    fn call(
        &self,
        called: Called<'_>,
        values: &[(&str, String)],
        request: &Request<Bytes>,
    ) -> Result<Answered, Box<Problem>> {
        let Called { operation, prepared } = called;
        let headers = request.headers();
        let said = Said::new(values, request.uri().query().unwrap_or_default(), headers);
        if !prepared.security.is_presented(&said) {
            let problem = Problem::new(StatusCode::UNAUTHORIZED, prepared.security.wanted());
            let challenges = prepared.security.challenges();
            let challenges = if challenges.is_empty() { vec!["Bearer realm=\"mock\"".to_owned()] } else { challenges };
            return Err(Box::new(
                challenges.iter().fold(problem, |problem, challenge| problem.header(WWW_AUTHENTICATE, challenge)),
            ));
        }
        let preferences = Preferences::of(headers);
        let (answer, status) = self.chosen(prepared, &preferences)?;
        let form = self.negotiated(answer, headers)?;
        let mut findings = Findings::default();
        self.check(prepared, &said, request, &mut findings)?;
        if !findings.violations.is_empty() {
            let status = prepared.answers.status_for_violations();
            return Err(Box::new(Problem::violations(status, findings.violations)));
        }
        let mut answered = Answered::empty(status);
        for (name, value) in answer.headers(&self.schemas, operation) {
            answered.headers.append(name.clone(), value.clone());
        }
        if let Some((index, media_type)) = form {
            let body = self.body(called, answer, index, &media_type, &preferences)?;
            answered.headers.insert(CONTENT_TYPE, body.content_type);
            findings.remarks.extend(body.remark);
            // These never have a body.
            if !matches!(status.as_u16(), 204 | 205 | 304) {
                answered.body = body.bytes;
            }
            if answer.media_types().len() > 1 {
                answered.headers.append(VARY, HeaderValue::from_static("Accept"));
            }
        }
        if let Some(applied) = preferences.applied().and_then(|applied| HeaderValue::from_str(&applied).ok()) {
            answered.headers.insert(&PREFERENCE_APPLIED, applied);
        }
        if !findings.remarks.is_empty() {
            answered.headers.insert(&REMARK, visible(&findings.remarks.join("; ")));
        }
        Ok(answered)
    }

    /// The answer that the caller asks for, else the usual one.
    fn chosen<'p>(
        &self,
        prepared: &'p Prepared,
        preferences: &Preferences,
    ) -> Result<(&'p Answer, StatusCode), Box<Problem>> {
        let Some(code) = &preferences.code else {
            let usual = prepared.answers.usual().map(|answer| (answer, answer.status));
            let none =
                || Problem::new(StatusCode::NOT_IMPLEMENTED, "the contract documents no answer of this operation");
            return usual.ok_or_else(|| Box::new(none()));
        };
        prepared.answers.asked(code).map_err(|reason| Box::new(no_answer(&reason)))
    }

    /// The form of the answer that the caller prefers; none where the answer has no body.
    fn negotiated(&self, answer: &Answer, headers: &HeaderMap) -> Result<Option<(usize, String)>, Box<Problem>> {
        let offered = answer.media_types();
        if offered.is_empty() {
            return Ok(None);
        }
        let preferred = media::preferred(headers, &offered);
        preferred.map(Some).ok_or_else(|| {
            let detail = format!("the answer comes as {}", offered.join(", "));
            Box::new(Problem::new(StatusCode::NOT_ACCEPTABLE, detail).member("offered", offered))
        })
    }

    /// Holds parameters and body to the contract.
    fn check(
        &self,
        prepared: &Prepared,
        said: &Said<'_>,
        request: &Request<Bytes>,
        findings: &mut Findings,
    ) -> Result<(), Box<Problem>> {
        let body = request.body();
        if body.len() > self.max_body_bytes {
            let detail = format!("expected a body of at most {} bytes", self.max_body_bytes);
            return Err(Box::new(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)));
        }
        parameters::check(&self.schemas, &prepared.parameters, said, findings);
        let credentials: BTreeSet<&str> = prepared.security.query_names().collect();
        for name in parameters::unknown(&self.schemas, &prepared.parameters, said, &credentials) {
            findings.remarks.push(format!("query parameter `{name}` is not in the contract"));
        }
        if let Some(expected) = &prepared.body {
            expected
                .check(&self.schemas, request.headers(), body, findings)
                .map_err(|refused| Box::new(refuse_body(refused)))?;
        }
        Ok(())
    }

    fn body(
        &self,
        called: Called<'_>,
        answer: &Answer,
        index: usize,
        media_type: &str,
        preferences: &Preferences,
    ) -> Result<Body, Box<Problem>> {
        let wanted = match &preferences.example {
            Some(name) => Wanted::Named(name),
            None if preferences.dynamic => Wanted::Generated,
            None => Wanted::Usual,
        };
        let body = answer.body(&self.schemas, called.operation, index, media_type, &wanted);
        body.map_err(|reason| Box::new(no_answer(&reason)))
    }

    /// The error in the contract's own words where it has some, else as a problem document.
    fn refuse(&self, called: Option<Called<'_>>, headers: &HeaderMap, problem: Problem) -> Answered {
        let own = called.and_then(|Called { operation, prepared }| {
            own_error(&self.schemas, operation, &prepared.answers, headers, problem.status, &problem.detail)
        });
        let (body, content_type) = own.unwrap_or_else(|| problem.body(headers));
        let mut answered = Answered::empty(problem.status);
        answered.headers.insert(CONTENT_TYPE, visible(&content_type));
        answered.body = Bytes::from(body);
        for (name, value) in problem.headers {
            answered.headers.append(name, value);
        }
        // The other headers that the contract documents for such an answer, `Retry-After` for instance.
        let documented = called.and_then(|Called { operation, prepared }| {
            let answer = prepared.answers.for_status(problem.status)?;
            Some(answer.headers(&self.schemas, operation))
        });
        for (name, value) in documented.into_iter().flatten() {
            if !answered.headers.contains_key(name) {
                answered.headers.insert(name.clone(), value.clone());
            }
        }
        answered
    }
}

impl Prepared {
    fn of(contract: &Contract, operation: &Operation) -> Self {
        Self {
            parameters: parameters::of(contract, operation),
            body: body::Expected::of(operation),
            security: security::Expected::of(contract, operation),
            answers: Answers::of(contract, operation),
        }
    }
}

fn unknown_path(path: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("the contract has no path that matches `{path}`"))
}

fn no_answer(reason: &NoAnswer) -> Problem {
    let listed = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let (detail, documented) = match reason {
        NoAnswer::NoStatus => ("header `Prefer`: expected `code` between 200 and 599".to_owned(), Value::Null),
        NoAnswer::Status(known) => (
            format!("header `Prefer`: expected a documented status, which are {}", listed(known)),
            Value::from(known.clone()),
        ),
        NoAnswer::Example(known) => (
            format!("header `Prefer`: expected the name of an example, which are {}", listed(known)),
            Value::from(known.clone()),
        ),
    };
    let problem = Problem::new(StatusCode::BAD_REQUEST, detail);
    if documented.is_null() { problem } else { problem.member("documented", documented) }
}

fn refuse_body(refused: Refused) -> Problem {
    match refused {
        Refused::MediaType { found, offered } => {
            let found = found.map_or_else(|| "no `Content-Type`".to_owned(), |found| format!("`{found}`"));
            let list = offered.join(", ");
            Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("body: expected the media type {list}, found {found}"),
            )
            .header(ACCEPT, &list)
            .member("offered", offered)
        }
        Refused::Compressed(coding) => {
            let detail = format!("body: expected it uncompressed, found the content coding `{coding}`");
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).header(ACCEPT_ENCODING, "identity")
        }
    }
}

/// Text as a header may hold it.
fn visible(text: &str) -> HeaderValue {
    let visible: String = text.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '?' }).collect();
    HeaderValue::from_str(&visible).unwrap_or(HeaderValue::from_static("?"))
}

#[cfg(test)]
mod tests;
