//! Writes pages, in the dialects in which references come.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::model::{Body, Operation, Property, Reference, Ty};

/// What differs between references that say the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dialect {
    pub(super) crlf: bool,
    /// `~~~` for fences.
    pub(super) tildes: bool,
    /// `uid` in the front matter.
    pub(super) uid: bool,
    /// Headings and cells name carriers; else a sentence does, and cells are empty.
    pub(super) names_carriers: bool,
    /// Cells say `Integer` and leave the rest to the samples.
    pub(super) is_loose: bool,
    /// Cells are padded, and the columns aligned.
    pub(super) padded: bool,
    /// `(required)` in front, for `**Required**` behind.
    pub(super) mark_first: bool,
    /// Headings one level down.
    pub(super) deeper: bool,
    /// Samples in one line.
    pub(super) compact: bool,
}

/// Any of them.
pub(super) fn dialect() -> impl Strategy<Value = Dialect> {
    any::<[bool; 9]>().prop_map(|[crlf, tildes, uid, names_carriers, is_loose, padded, mark_first, deeper, compact]| {
        Dialect { crlf, tildes, uid, names_carriers, is_loose, padded, mark_first, deeper, compact }
    })
}

/// The pages of a reference, with their paths.
pub(super) fn pages(reference: &Reference, dialect: Dialect) -> Vec<(String, String)> {
    let page = |operation: &Operation| {
        let path = format!("rest/{}/{}.md", operation.tag, operation.id);
        let mut page = Writer { reference, dialect, out: String::new() };
        page.operation(operation);
        (path, if dialect.crlf { page.out.replace('\n', "\r\n") } else { page.out })
    };
    reference.operations.iter().map(page).collect()
}

struct Writer<'r> {
    reference: &'r Reference,
    dialect: Dialect,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        self.line(text);
        self.line("");
    }

    fn heading(&mut self, title: &str) {
        let marks = if self.dialect.deeper { "###" } else { "##" };
        self.paragraph(&format!("{marks} {title}"));
    }

    fn fence(&mut self, info: &str, text: &str) {
        let fence = if self.dialect.tildes { "~~~" } else { "```" };
        self.paragraph(&format!("{fence}{info}\n{text}\n{fence}"));
    }

    fn table(&mut self, header: &[&str], rows: Vec<Vec<String>>) {
        let width = if self.dialect.padded { 24 } else { 0 };
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| format!("{:width$}", cell.replace('|', "\\|"))).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rule = if self.dialect.padded { ":---" } else { "---" };
        self.line(&line(&header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
        self.line(&format!("|{}", format!("{rule}|").repeat(header.len())));
        for row in rows {
            self.line(&line(&row));
        }
        self.line("");
    }

    fn operation(&mut self, operation: &Operation) {
        let Operation { id, method, path, .. } = operation;
        let title = format!("{method} {}", path.trim_start_matches("/api/v1/"));
        let key = if self.dialect.uid { "uid" } else { "id" };
        self.paragraph(&format!("---\ntitle: {title}\n{key}: {id}\n---"));
        self.paragraph(&format!("# {title}"));
        self.fence("http", &format!("{method} {path}"));
        self.paragraph(&operation.summary);
        if let Some(text) = &operation.description {
            self.paragraph(text);
        }
        self.parameters(operation, "path", "Path Part");
        if operation.parameters.iter().any(|parameter| parameter.place == "query") {
            self.heading("Query String Parameters");
            self.parameters(operation, "query", "Parameter Name");
        }
        self.headers(operation);
        if let Some(body) = &operation.request {
            self.request(body);
        }
        self.response(operation);
        self.samples(operation);
    }

    fn parameters(&mut self, operation: &Operation, place: &str, name: &str) {
        let of_place = operation.parameters.iter().filter(|parameter| parameter.place == place);
        let mark_first = self.dialect.mark_first;
        let rows: Vec<Vec<String>> = of_place
            .map(|parameter| {
                let text = parameter.description.clone().unwrap_or_default();
                let text = match parameter.required {
                    true if mark_first => format!("(required) {text}"),
                    true => format!("{text} **Required**"),
                    false => text,
                };
                vec![parameter.name.clone(), self.cell(&parameter.ty, None), text.trim().to_owned()]
            })
            .collect();
        if !rows.is_empty() {
            self.table(&[name, "Type", "Description"], rows);
        }
    }

    fn headers(&mut self, operation: &Operation) {
        let media_types = |body: &Body| {
            let names: Vec<String> = body.media_types.iter().map(|name| format!("`{name}`")).collect();
            format!("Content-type(s): {}", names.join(", "))
        };
        let mut rows = Vec::new();
        if operation.signs_in {
            rows.push(vec!["Authorization".to_owned(), "Supports 'Basic' and 'SoTicket' schemes".to_owned()]);
        }
        rows.extend(operation.answer.iter().map(|body| vec!["Accept".to_owned(), media_types(body)]));
        rows.extend(operation.request.iter().map(|body| vec!["Content-Type".to_owned(), media_types(body)]));
        let own = operation.parameters.iter().filter(|parameter| parameter.place == "header");
        rows.extend(
            own.map(|parameter| vec![parameter.name.clone(), parameter.description.clone().unwrap_or_default()]),
        );
        self.heading("Request Headers");
        self.table(&["Parameter Name", "Description"], rows);
    }

    fn request(&mut self, body: &Body) {
        match (&body.ty, body.ty.carrier()) {
            (Ty::List(_), Some(name)) => {
                self.heading("Request Body: entities array");
                self.properties(name);
            }
            (_, Some(name)) if self.dialect.names_carriers => {
                self.heading(&format!("Request Body: entity {name}"));
                self.properties(name);
            }
            (_, Some(name)) => {
                self.heading("Request Body: entity");
                self.properties(name);
            }
            (ty, None) => {
                let kind = kind(ty);
                self.heading(&format!("Request Body: value {kind}"));
            }
        }
    }

    fn response(&mut self, operation: &Operation) {
        let carrier = operation.answer.as_ref().and_then(|body| body.ty.carrier());
        let kind = operation.answer.as_ref().map(|body| match &body.ty {
            Ty::Carrier(name) if self.dialect.names_carriers => name.clone(),
            ty => kind(ty),
        });
        match &kind {
            Some(kind) => self.heading(&format!("Response: {kind}")),
            None => self.heading("Response"),
        }
        let statuses = operation.statuses.iter().map(|(status, text)| vec![status.clone(), text.clone()]).collect();
        // What names the carrier stands above the statuses.
        if let Some(name) = carrier {
            self.sentence(name);
        }
        self.table(&["Response", "Description"], statuses);
        if let Some(kind) = kind {
            self.paragraph(&format!("Response body: {kind}"));
        }
        if let Some(name) = carrier {
            self.rows(name);
        }
    }

    fn properties(&mut self, name: &str) {
        self.sentence(name);
        self.rows(name);
    }

    fn sentence(&mut self, name: &str) {
        self.paragraph(&format!("Carrier object for {name}."));
    }

    fn rows(&mut self, name: &str) {
        let row = |property: &Property| {
            let cell = self.cell(&property.ty, Some(&property.name));
            vec![property.name.clone(), cell, property.description.clone().unwrap_or_default()]
        };
        let rows = self.reference.carriers[name].iter().map(row).collect();
        self.table(&["Property Name", "Type", "Description"], rows);
    }

    /// A type cell; of a property, the samples say the rest.
    fn cell(&self, ty: &Ty, property: Option<&str>) -> String {
        match ty {
            Ty::Scalar(name) if self.dialect.is_loose && property.is_some() => match name.as_str() {
                "int32" | "int64" => "Integer".to_owned(),
                "double" => "Number".to_owned(),
                "string" | "date-time" => "String".to_owned(),
                other => other.to_owned(),
            },
            Ty::Scalar(name) => name.clone(),
            Ty::Enumeration(values) => format!("Enum: {}", values.join(", ")),
            Ty::List(inner) => match inner.carrier() {
                Some(name) if self.dialect.names_carriers => format!("{name}[]"),
                _ => "array".to_owned(),
            },
            Ty::Map(_) => "object".to_owned(),
            Ty::Carrier(name) if self.dialect.names_carriers => name.clone(),
            Ty::Carrier(_) => String::new(),
        }
    }

    fn samples(&mut self, operation: &Operation) {
        let json = |body: &Body| {
            let value = self.sample(&body.ty);
            if self.dialect.compact { value.to_string() } else { format!("{value:#}") }
        };
        let mut request = format!("{} {}", operation.method, operation.path);
        if let Some(body) = &operation.request {
            _ = write!(request, "\nContent-Type: application/json; charset=utf-8\n\n{}", json(body));
        }
        let mut answer = format!("HTTP/1.1 {} Said", operation.statuses[0].0);
        if let Some(body) = &operation.answer {
            _ = write!(answer, "\nContent-Type: application/json; charset=utf-8\n\n{}", json(body));
        }
        self.heading("Sample Request");
        self.fence("http!", &request);
        self.fence("http_", &answer);
    }

    fn sample(&self, ty: &Ty) -> Value {
        match ty {
            Ty::Scalar(name) => match name.as_str() {
                "int32" => json!(7),
                "int64" => json!(8_000_000_000_i64),
                "double" => json!(1.5),
                "float" => json!(2.5),
                "bool" => json!(true),
                "date-time" => json!("2010-10-19T09:40:58.7363769+02:00"),
                "byte" => json!("R0lGODlhAQABAIAAAA=="),
                "binary" => json!("binary"),
                _ => json!("some text"),
            },
            Ty::Enumeration(values) => json!(values[0]),
            Ty::List(inner) => json!([self.sample(inner)]),
            Ty::Map(inner) => json!({ "first": self.sample(inner) }),
            Ty::Carrier(name) => {
                let properties = self.reference.carriers[name].iter();
                Value::Object(
                    properties
                        .map(|property| (property.name.clone(), self.sample(&property.ty)))
                        .collect::<Map<String, Value>>(),
                )
            }
        }
    }
}

/// What headings call a body.
fn kind(ty: &Ty) -> String {
    match ty {
        Ty::Scalar(name) => name.clone(),
        Ty::Enumeration(values) => format!("Enum: {}", values.join(", ")),
        Ty::List(_) => "array".to_owned(),
        Ty::Map(_) | Ty::Carrier(_) => "object".to_owned(),
    }
}
