//! The report as one HTML page that needs nothing else: no file, no font, no network.
//!
//! Summary, pictures and the first findings are plain HTML and need no script. A script makes all
//! findings searchable from the data that the page carries. Everything that comes from pages is
//! escaped: the template escapes by itself, the data has no `<`, and the script writes text nodes
//! alone. A content security policy admits nothing but this very script and style.

use std::collections::BTreeMap;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::finding::{Coverage, Finding, Report, TagSummary};

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// Findings that are there without a script.
const STATIC_FINDINGS: usize = 40;
/// Places of one finding that are there without a script.
const STATIC_PLACES: usize = 10;

/// Writes a report as HTML. `base` is the way from the page to the folder that holds the
/// documents' folder, such as `../`; without it, places are no links.
///
/// # Errors
/// When the template cannot be rendered, which does not depend on the report.
pub fn render(report: &Report, base: Option<&str>) -> Result<String, askama::Error> {
    let base = base.map(url);
    let page = HtmlPage {
        report,
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        data: script_data(&data(report, base.as_deref())),
        findings: report.findings.iter().take(STATIC_FINDINGS).map(|f| FindingView::new(f, base.as_deref())).collect(),
        total: report.findings.len(),
    };
    page.render()
}

#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage<'r> {
    report: &'r Report,
    policy: String,
    style: &'static str,
    script: &'static str,
    data: String,
    findings: Vec<FindingView<'r>>,
    total: usize,
}

impl HtmlPage<'_> {
    /// Where the three parts of a tag's bar start and how wide they are, in percent.
    fn bar(&self, tag: &TagSummary) -> [(&'static str, String, String); 3] {
        let percent = |count: usize| format!("{:.2}", count as f64 * 100.0 / tag.operations.max(1) as f64);
        [
            ("good", percent(0), percent(tag.documented)),
            ("fair", percent(tag.documented), percent(tag.partly)),
            ("poor", percent(tag.documented + tag.partly), percent(tag.undocumented)),
        ]
    }

    /// How good a measure is, as its bar's class.
    fn grade(&self, coverage: &Coverage) -> &'static str {
        match coverage.percent() {
            90.. => "good",
            50.. => "fair",
            _ => "poor",
        }
    }

    /// A text of a page or of ours, with its parts in backticks apart.
    fn marked(&self, text: &str) -> Vec<(bool, String)> {
        marked(text)
    }
}

/// One finding as the template shows it.
struct FindingView<'r> {
    finding: &'r Finding,
    message: Vec<(bool, String)>,
    places: Vec<PlaceView>,
    more: usize,
}

struct PlaceView {
    label: String,
    link: Option<String>,
}

impl<'r> FindingView<'r> {
    fn new(finding: &'r Finding, base: Option<&str>) -> Self {
        let shown = finding.places.iter().take(STATIC_PLACES);
        let place = |place: &super::Place| PlaceView {
            label: format!("{}:{}", place.path, place.line),
            link: base.map(|base| format!("{base}{}#L{}", url(&place.path), place.line)),
        };
        Self {
            finding,
            message: marked(&finding.message),
            places: shown.map(place).collect(),
            more: finding.places.len().saturating_sub(STATIC_PLACES),
        }
    }
}

/// Every second part of a text stands in backticks; one that has no partner is text.
fn marked(text: &str) -> Vec<(bool, String)> {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let part = |(index, part): (usize, &&str)| {
        let is_code = index % 2 == 1 && index < last;
        let lone = index % 2 == 1 && !is_code;
        (is_code, if lone { format!("`{part}") } else { (*part).to_owned() })
    };
    parts.iter().enumerate().map(part).filter(|(_, part)| !part.is_empty()).collect()
}

/// The findings for the script, each text and path once.
fn data(report: &Report, base: Option<&str>) -> Value {
    let index_of = |names: Vec<&str>| -> BTreeMap<String, usize> {
        names.into_iter().enumerate().map(|(index, name)| (name.to_owned(), index)).collect()
    };
    let kinds = index_of(report.kinds.iter().map(|kind| kind.code).collect());
    let tags = index_of(report.tags.iter().map(|tag| tag.name.as_str()).collect());
    let pages = index_of(report.pages.iter().map(|page| page.path.as_str()).collect());
    let finding = |finding: &Finding| {
        let kind = kinds.get(finding.code).copied();
        let general = kind.map_or("", |kind| report.kinds[kind].help);
        let help = (finding.help != general).then_some(&finding.help);
        let places: Vec<usize> =
            finding.places.iter().filter_map(|p| Some([*pages.get(&p.path)?, p.line])).flatten().collect();
        json!([kind, finding.subject, finding.message, finding.note, help, finding.score, finding.operations, places])
    };
    json!({
        "base": base,
        "kinds": report.kinds.iter().map(|k| json!([k.code, k.severity, k.help])).collect::<Vec<_>>(),
        "tags": report.tags.iter().map(|tag| &tag.name).collect::<Vec<_>>(),
        "pages": report.pages.iter().map(|page| {
            json!([page.path, page.operation, page.tag.as_ref().and_then(|tag| tags.get(tag))])
        }).collect::<Vec<_>>(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// JSON that can stand in a `script` element: nothing in it ends the element or opens a comment.
fn script_data(value: &Value) -> String {
    // Outside of strings JSON has none of these, and within them an escape means the same.
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A path as a relative address.
fn url(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Admits this page's own script and style, by their fingerprints, and nothing else.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

#[cfg(test)]
mod tests;
