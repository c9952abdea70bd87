//! The operation's method and path, and what pages make of them: the title and the id.

use std::collections::BTreeMap;

use docwright_contract::model::Method;
use docwright_pages::Page;

use super::values::{Place, Typed, is_id};
use crate::report::UsageError;

/// What the id of an entity's operation ends its entity with, where no page says otherwise.
const ENTITY: &str = "Entity";
/// Questions need no `Get` before them.
const QUESTIONS: [&str; 3] = ["Is", "Has", "Can"];

/// A method on a path.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    /// The template, without types: `/api/v1/ChatTopic/{chatTopicId}/IsOpen`.
    pub(super) path: String,
    /// The path's parameters, in its order.
    pub(super) parameters: Vec<Typed>,
}

impl Route {
    /// Reads what the command line says.
    pub(super) fn parse(method: &str, path: &str) -> Result<Self, UsageError> {
        let known = if method.eq_ignore_ascii_case("DEL") { Some(Method::Delete) } else { Method::parse(method) };
        let Some(method) = known else {
            let all = Method::ALL.map(Method::as_str).join(", ");
            return Err(UsageError(format!(
                "`{method}` is no method that a page can have\n  help: write one of {all}"
            )));
        };
        let refuse = |why: &str| {
            let help = "write the path as the server has it, in quotes: '/api/v1/ChatTopic/{chatTopicId}/IsOpen'";
            Err(UsageError(format!("`{path}` is no path: {why}\n  help: {help}")))
        };
        if path.contains(['?', '#']) {
            let help = "leave the query string away, and name each of its parameters with `--query name:type`";
            return Err(UsageError(format!("`{path}` is more than a path\n  help: {help}")));
        }
        let Some(rest) = path.strip_prefix('/') else { return refuse("it does not begin with `/`") };
        if rest.split('/').any(str::is_empty) {
            return refuse("it has an empty part");
        }
        let mut route = Self { method, path: String::new(), parameters: Vec::new() };
        for part in rest.split('/') {
            route.path.push('/');
            let mut rest = part;
            while let Some((before, behind)) = rest.split_once('{') {
                let Some((inside, after)) = behind.split_once('}') else { return refuse("a `{` has no `}`") };
                if !is_literal(before) {
                    return refuse("only letters, digits, braces and `-._~()$@!*,;=+:'` fit between slashes");
                }
                let parameter = Typed::parse(inside, Place::Path)?;
                if route.parameters.iter().any(|known| known.name.eq_ignore_ascii_case(&parameter.name)) {
                    return refuse(&format!("`{{{}}}` stands there twice", parameter.name));
                }
                route.path += &format!("{before}{{{}}}", parameter.name);
                route.parameters.push(parameter);
                rest = after;
            }
            if !is_literal(rest) {
                return refuse("only letters, digits, braces and `-._~()$@!*,;=+:'` fit between slashes");
            }
            route.path += rest;
        }
        Ok(route)
    }

    /// The method as a page's title writes it.
    fn title_method(&self) -> &'static str {
        if self.method == Method::Delete { "DEL" } else { self.method.as_str() }
    }

    /// The page's title: without what all paths begin with, and with short names for ids.
    pub(super) fn title(&self) -> String {
        let (_, folder, rest) = split(&self.path);
        let mut path = folder.into_iter().chain(rest).collect::<Vec<_>>().join("/");
        for parameter in self.parameters.iter().filter(|parameter| is_id(&parameter.name)) {
            path = path.replace(&format!("{{{}}}", parameter.name), "{id}");
        }
        let path = if path.is_empty() { self.path.as_str() } else { path.as_str() };
        format!("{} {path}", self.title_method())
    }

    /// Whether a page describes the same operation: names of parameters tell no two paths apart.
    pub(super) fn is_of(&self, page: &Page) -> bool {
        page.method.value.eq_ignore_ascii_case(self.method.as_str())
            && anonymous(&page.path_template.value) == anonymous(&self.path)
    }

    /// Whether a page has the same path with other names.
    pub(super) fn is_renamed_by(&self, page: &Page) -> bool {
        let other = page.path_template.value.as_str();
        anonymous(other) == anonymous(&self.path) && other.trim_end_matches('/') != self.path
    }

    /// An id in the manner of the other pages that none of them has: `v1ChatSessionEntity_PostMessages`; `None` where
    /// the path has no word to make one of.
    pub(super) fn derived_id(&self, pages: &[&Page], answers_list: bool) -> Option<String> {
        let (version, folder, rest) = split(&self.path);
        let folder = folder?;
        let entity = entity(version, folder, pages);
        let verb = pascal_case(self.method.key());
        let name: String = rest.iter().map(|part| pascal_case(&literals(part))).collect();
        let is_question = QUESTIONS
            .iter()
            .any(|word| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase())));
        let name = match (self.method, name.as_str()) {
            (Method::Get, "") if answers_list => "GetAll".to_owned(),
            (_, "") => format!("{verb}{}", entity.strip_prefix(version.unwrap_or_default()).unwrap_or(&entity)),
            (Method::Get, name) if is_question => name.to_owned(),
            (_, name) if name.starts_with(&verb) => name.to_owned(),
            (_, name) => format!("{verb}{name}"),
        };
        let base = format!("{entity}_{name}");
        let by = self.parameters.last().map(|last| format!("{base}By{}", pascal_case(&last.name)));
        let numbered = (2..).map(|number| format!("{base}{number}"));
        std::iter::once(base.clone()).chain(by).chain(numbered).find(|id| taken(id, pages).is_none())
    }
}

/// The page that has an id: in any case, because ids are file names too.
pub(super) fn taken<'p>(id: &str, pages: &[&'p Page]) -> Option<&'p Page> {
    pages.iter().find(|page| page.id.value.eq_ignore_ascii_case(id)).copied()
}

/// What an id begins with: as other pages of the folder have it, else like the folder, with the ending that most pages
/// of other folders have.
fn entity(version: Option<&str>, folder: &str, pages: &[&Page]) -> String {
    let mut same: BTreeMap<&str, usize> = BTreeMap::new();
    let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
    for page in pages {
        let (other_version, other, _) = split(&page.path_template.value);
        let (Some(other), Some((entity, _))) = (other, page.id.value.split_once('_')) else { continue };
        if other == folder && other_version == version {
            *same.entry(entity).or_default() += 1;
        }
        let unversioned = entity.strip_prefix(other_version.unwrap_or_default()).unwrap_or(entity);
        if let Some(ending) = unversioned.strip_prefix(other) {
            *endings.entry(ending).or_default() += 1;
        }
    }
    most(&same).map(str::to_owned).unwrap_or_else(|| {
        format!("{}{}{}", version.unwrap_or_default(), pascal_case(folder), most(&endings).unwrap_or(ENTITY))
    })
}

/// The most frequent; among equals the first of the alphabet.
fn most<'k>(counts: &BTreeMap<&'k str, usize>) -> Option<&'k str> {
    let best = counts.values().max()?;
    counts.iter().find(|(_, count)| *count == best).map(|(name, _)| *name)
}

/// A path's version, the first part behind it that is a word, and all parts behind that.
fn split(path: &str) -> (Option<&str>, Option<&str>, Vec<&str>) {
    let mut parts = path.split('/').filter(|part| !part.is_empty()).skip_while(|part| *part == "api").peekable();
    let is_version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let version = parts.next_if(is_version);
    let folder = parts.next_if(|part| !part.contains('{') && !pascal_case(part).is_empty());
    (version, folder, parts.collect())
}

/// A path without its parameters' names.
fn anonymous(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path.trim_end_matches('/');
    while let Some((before, behind)) = rest.split_once('{') {
        out += &format!("{before}{{}}");
        rest = behind.split_once('}').map_or("", |(_, after)| after);
    }
    out + rest
}

/// What a part of a path says besides its parameters.
fn literals(part: &str) -> String {
    part.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, after)| after)).collect::<Vec<_>>().join(" ")
}

fn is_literal(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~()$@!*,;=+:'".contains(c))
}

/// Letters and digits, the first of each word in upper case.
fn pascal_case(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    words.map(upper).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str, line: &str) -> Page {
        let text = format!("---\nid: {id}\n---\n```http\n{line}\n```\n\nDoes it.\n");
        docwright_pages::parse("documents/page.md", &text).page.unwrap()
    }

    #[test]
    fn titles_are_those_of_the_pages() {
        let check = |method: &str, path: &str, title: &str| {
            assert_eq!(Route::parse(method, path).unwrap().title(), title);
        };
        check("post", "/api/v1/ChatSession/Pickup", "POST ChatSession/Pickup");
        check("DEL", "/api/v1/Chat/{chatId}/P/{word}", "DEL Chat/{id}/P/{word}");
        check("GET", "/api/v1/Box({boxId:int64})", "GET Box({id})");
        check("GET", "/api/v1", "GET /api/v1");
    }

    #[test]
    fn what_is_no_route_is_refused_with_a_remedy() {
        for (method, path, part) in [
            ("FETCH", "/a", "one of GET, PUT"),
            ("GET", "a/b", "does not begin with `/`"),
            ("GET", "", "does not begin with `/`"),
            ("GET", "/a//b", "empty part"),
            ("GET", "/a/", "empty part"),
            ("GET", "/a?b=c", "--query"),
            ("GET", "/a/{b", "has no `}`"),
            ("GET", "/a/b}", "between slashes"),
            ("GET", "/a b", "between slashes"),
            ("GET", "/a|b", "between slashes"),
            ("GET", "/{a}/{A}", "twice"),
            ("GET", "/{}", "names no parameter"),
            ("GET", "/{a:integer}", "is no type"),
            ("GET", "/{a:array}", "is no type"),
        ] {
            let error = Route::parse(method, path).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("\n  help: "), "{method} {path}: {error}");
        }
    }

    #[test]
    fn ids_follow_the_pages_that_are_there() {
        let check = |pages: &[(&str, &str)], method: &str, path: &str, id: Option<&str>| {
            let pages: Vec<Page> = pages.iter().map(|(id, line)| page(id, line)).collect();
            let route = Route::parse(method, path).unwrap();
            let found = route.derived_id(&pages.iter().collect::<Vec<_>>(), true);
            assert_eq!(found.as_deref(), id, "{method} {path}");
        };
        let chat = [("v1ChatSessionEntity_Pick", "POST /api/v1/ChatSession/Pickup")];
        check(&chat, "POST", "/api/v1/ChatSession/{id}/Messages", Some("v1ChatSessionEntity_PostMessages"));
        check(&chat, "GET", "/api/v1/ChatTopic/{id}/IsOpen", Some("v1ChatTopicEntity_IsOpen"));
        check(&chat, "GET", "/api/v1/ChatTopic/Issues", Some("v1ChatTopicEntity_GetIssues"));
        check(&chat, "PUT", "/api/v1/ChatTopic/{id}", Some("v1ChatTopicEntity_PutChatTopicEntity"));
        check(&chat, "GET", "/api/v1/ChatTopic", Some("v1ChatTopicEntity_GetAll"));
        check(&chat, "GET", "/api/v1/{id}", None);
        let lists = [("v1SourceList_GetAll", "GET /api/v1/Source"), ("v1Batch_Get", "GET /api/v1/Batch")];
        check(&lists, "POST", "/api/v1/Source/Default", Some("v1SourceList_PostDefault"));
        check(&lists, "POST", "/api/v1/Batch/Run", Some("v1Batch_PostRun"));
        check(&[], "POST", "/chat/rooms", Some("ChatEntity_PostRooms"));
        let taken = [("v1AEntity_GetB", "GET /api/v1/A/B"), ("v1AEntity_GetBByBId", "GET /api/v1/A/C")];
        check(&taken[..1], "GET", "/api/v1/A/B/{bId}", Some("v1AEntity_GetBByBId"));
        check(&taken, "GET", "/api/v1/A/B/{bId}", Some("v1AEntity_GetB2"));
    }
}
