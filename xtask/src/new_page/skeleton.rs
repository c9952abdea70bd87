//! Writes a page in the form of the given ones.

use std::fmt::Write as _;

use docwright_pages::template;
use serde_json::Value;

use super::body::{Body, Carrier, Row};
use super::headers::Header;
use super::route::Route;
use super::values::Typed;

/// A table of properties, as the given pages begin it.
const PROPERTIES: &str = "| Property Name | Type |  Description |\n|----------------|------|--------------|\n";

/// Everything that a page says.
#[derive(Debug)]
pub(super) struct Skeleton {
    pub(super) id: String,
    pub(super) route: Route,
    pub(super) query: Vec<Typed>,
    pub(super) headers: Vec<Header>,
    /// Whether a sample call signs in.
    pub(super) signs_in: bool,
    pub(super) request: Option<Content>,
    pub(super) answer: Option<Content>,
    pub(super) statuses: Vec<u16>,
}

/// What is sent or answered.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) body: Body,
    /// Whether it is a list of these.
    pub(super) is_list: bool,
}

impl Content {
    /// As headings name it.
    fn kind(&self) -> &str {
        if self.is_list { "array" } else { self.body.kind() }
    }

    fn sample(&self) -> Value {
        let one = self.body.sample();
        if self.is_list { Value::Array(vec![one]) } else { one }
    }
}

impl Skeleton {
    /// The page's text.
    pub(super) fn markdown(&self) -> String {
        let title = self.route.title();
        let operation = format!("{} {}", self.route.method.as_str(), self.route.path);
        let mut out = format!("---\ntitle: {title}\nid: {}\n---\n\n# {title}\n\n", self.id);
        _ = write!(out, "```http\n{operation}\n```\n\n{}\n\n", template::SUMMARY);
        self.parameters(&mut out);
        out += "## Request Headers\n\n| Parameter Name | Description |\n|----------------|-------------|\n";
        for Header { name, description } in &self.headers {
            _ = writeln!(out, "| {name} | {description} |");
        }
        out.push('\n');
        if let Some(content) = &self.request {
            request(&mut out, content);
        }
        self.response(&mut out);
        self.samples(&mut out);
        out
    }

    fn parameters(&self, out: &mut String) {
        if !self.route.parameters.is_empty() {
            *out += "| Path Part | Type | Description |\n|-----------|------|-------------|\n";
            for Typed { name, ty, .. } in &self.route.parameters {
                _ = writeln!(out, "| {name} | {ty} | {} **Required** |", template::PATH_PART);
            }
            out.push('\n');
        }
        if !self.query.is_empty() {
            *out += "## Query String Parameters\n\n| Parameter Name | Type |  Description |\n";
            *out += "|----------------|------|--------------|\n";
            for Typed { name, ty, is_required } in &self.query {
                let mark = if *is_required { " **Required**" } else { "" };
                _ = writeln!(out, "| {name} | {ty} | {}{mark} |", template::QUERY_PARAMETER);
            }
            let values: Vec<String> =
                self.query.iter().map(|parameter| format!("{}={}", parameter.name, parameter.sample())).collect();
            let call = format!("{} {}?{}", self.route.method.as_str(), self.route.path, values.join("&"));
            _ = write!(out, "\n```http\n{call}\n```\n\n");
        }
    }

    fn response(&self, out: &mut String) {
        *out += "## Response";
        if let Some(answer) = &self.answer {
            _ = write!(out, ": {}", answer.kind());
        }
        *out += "\n\n";
        let carrier = self.answer.as_ref().and_then(|answer| answer.body.carrier());
        if let Some(carrier) = carrier {
            _ = write!(out, "{}\n\n", carrier.text());
        }
        *out += "| Response | Description |\n|----------------|-------------|\n";
        for status in &self.statuses {
            _ = writeln!(out, "| {status} | {} |", reason(*status));
        }
        if let Some(answer) = &self.answer {
            _ = write!(out, "\nResponse body: {}\n", answer.kind());
        }
        if let Some(carrier) = carrier {
            out.push('\n');
            // Answers promise nothing.
            properties(out, carrier, |_| false);
        }
    }

    /// The samples, which name the path as it is described; none where neither side has a body, as on the given pages' siblings.
    fn samples(&self, out: &mut String) {
        if self.request.is_none() && self.answer.is_none() {
            return;
        }
        _ = write!(out, "\n## Sample Request\n\n```http!\n{} {}\n", self.route.method.as_str(), self.route.path);
        if self.signs_in {
            *out += "Authorization: Basic dGplMDpUamUw\n";
        }
        if self.answer.is_some() {
            *out += "Accept: application/json; charset=utf-8\nAccept-Language: *\n";
        }
        if let Some(content) = &self.request {
            _ = write!(out, "Content-Type: application/json; charset=utf-8\n\n{:#}\n", content.sample());
        }
        let status = self.statuses.iter().copied().find(|status| (200..300).contains(status));
        let status = status.or(self.statuses.first().copied()).unwrap_or(200);
        _ = write!(out, "```\n\n```http_\n{}\n", format!("HTTP/1.1 {status} {}", reason(status)).trim_end());
        if let Some(answer) = &self.answer {
            _ = write!(out, "Content-Type: application/json; charset=utf-8\n\n{:#}\n", answer.sample());
        }
        *out += "```\n";
    }
}

fn request(out: &mut String, content: &Content) {
    match &content.body {
        Body::Carrier(carrier) => {
            let kind = if content.is_list { " array" } else { "" };
            let sentence = format!("Carrier object for {}.", carrier.name);
            _ = write!(out, "## Request Body: entity{kind}\n\n{}\n\n{sentence}\n\n", template::REQUEST_BODY);
            properties(out, carrier, |row| row.required);
            out.push('\n');
        }
        Body::Scalar(_) | Body::Map => {
            _ = write!(out, "## Request Body: value {}\n\n{}\n\n", content.kind(), template::REQUEST_BODY);
        }
    }
}

fn properties(out: &mut String, carrier: &Carrier, is_marked: fn(&Row) -> bool) {
    *out += PROPERTIES;
    for row in &carrier.rows {
        let Row { name, ty, description, .. } = row;
        let mark = if is_marked(row) { "**Required** " } else { "" };
        let description = format!("{mark}{description}");
        _ = writeln!(out, "| {name} | {ty} | {} |", description.trim_end());
    }
}

/// What RFC 9110 calls a status; nothing for the rarer ones.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use docwright_contract::{read, yaml};

    use super::{Body, Content, request};

    #[test]
    fn what_a_carrier_requires_is_marked_where_it_is_sent() {
        let contract = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    Thing:\n      \
                        type: object\n      required: [Name]\n      properties:\n        Name: {type: string, description: Its name.}\n        \
                        Size: {type: integer, format: int32}\n";
        let contract = read::from_value(&yaml::from_str(contract).unwrap()).unwrap();
        let body = Body::named("Thing", &contract).unwrap();
        let mut page = String::new();
        request(&mut page, &Content { body, is_list: false });
        assert!(page.contains("| Name | string | **Required** Its name. |\n| Size | int32 |  |\n"), "{page}");
    }
}
