//! What the contract says and client or server layer do not, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use indexmap::IndexMap;

use crate::package::one_line;

/// What a client covers of its contract; of a workspace, also what its server layer leaves out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Coverage {
    /// How many operations the contract has.
    pub operations: usize,
    /// How many of them have a method.
    pub methods: usize,
    /// What the contract says and the client or the server layer does not, each in the contract's order.
    pub left_out: Vec<LeftOut>,
}

/// One thing that the contract says and the client or the server layer does not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeftOut {
    /// The operation's id; none for what concerns all of them.
    pub operation: Option<String>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is, as the rest of a sentence in lower case without a final period.
    pub text: String,
}

/// The kinds of things that are left out.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Kind {
    /// A further form of a request body.
    RequestMediaType,
    /// A request body that the caller writes.
    RawRequest,
    /// A further form of an answer.
    AnswerMediaType,
    /// An answer beside the one that is read.
    OtherAnswer,
    /// An error body of another type.
    ErrorBody,
    /// A body or parameter without a type of its own.
    Untyped,
    /// Bounds on a parameter.
    Bounds,
    /// A header that is set on the client.
    ClientHeader,
    /// Signing in.
    SignIn,
    /// A form of a request body that the server layer does not read.
    ServerMediaType,
    /// A parameter that the server layer does not read as documented.
    ServerParameter,
    /// A header of an answer that a service cannot send.
    ServerHeader,
    /// Error bodies that are not those of the server layer.
    ServerError,
}

impl Kind {
    /// As a heading says it.
    pub fn title(self) -> &'static str {
        match self {
            Self::RequestMediaType => "Further media types of request bodies",
            Self::RawRequest => "Request bodies that the caller writes",
            Self::AnswerMediaType => "Further media types of answers",
            Self::OtherAnswer => "Further answers",
            Self::ErrorBody => "Error bodies of another type",
            Self::Untyped => "Values without a type of their own",
            Self::Bounds => "Bounds of parameters",
            Self::ClientHeader => "Headers that are set on the client",
            Self::SignIn => "Signing in",
            Self::ServerMediaType => "Media types of request bodies that the server layer refuses",
            Self::ServerParameter => "Parameters that the server layer does not put together",
            Self::ServerHeader => "Headers of answers that a service cannot send",
            Self::ServerError => "Error bodies that the server layer does not send",
        }
    }
}

impl fmt::Display for LeftOut {
    /// The whole sentence, with the operation in front.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.operation {
            Some(id) => write!(f, "operation `{}`: {}", flat(id), flat(&self.text)),
            None => f.write_str(&self.text),
        }
    }
}

impl Coverage {
    /// One line of counts.
    pub fn summary(&self) -> String {
        let concerned: BTreeSet<&str> =
            self.left_out.iter().filter_map(|left_out| left_out.operation.as_deref()).collect();
        format!(
            "{} of {} {} a client method; {} left out, in {}",
            self.methods,
            counted(self.operations, "operation"),
            if self.operations == 1 { "has" } else { "have" },
            counted(self.left_out.len(), "thing"),
            counted(concerned.len(), "operation")
        )
    }

    /// `COVERAGE.md`: counts by kind, then the operations, those that lack the same together.
    pub fn markdown(&self, title: &str) -> String {
        let mut text =
            format!("# What client and server layer cover\n\nOf \"{}\": {}.\n", one_line(title), self.summary());
        if self.left_out.is_empty() {
            return text;
        }
        text += "\n## Left out, by kind\n\n| Kind | Times | Operations |\n|---|---:|---:|\n";
        let mut kinds: BTreeMap<Kind, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for left_out in &self.left_out {
            let (times, operations) = kinds.entry(left_out.kind).or_default();
            *times += 1;
            operations.extend(left_out.operation.as_deref());
        }
        for (kind, (times, operations)) in &kinds {
            let _ = writeln!(text, "| {} | {times} | {} |", kind.title(), operations.len());
        }
        let general: Vec<&LeftOut> = self.left_out.iter().filter(|left_out| left_out.operation.is_none()).collect();
        if !general.is_empty() {
            text += "\n## For all operations\n\n";
            for left_out in general {
                let _ = writeln!(text, "- {}", sentence(&flat(&left_out.text)));
            }
        }
        text += "\n## By operation\n";
        let mut by_operation: IndexMap<&str, Vec<(Kind, &str)>> = IndexMap::new();
        for left_out in &self.left_out {
            if let Some(operation) = &left_out.operation {
                by_operation.entry(operation).or_default().push((left_out.kind, &left_out.text));
            }
        }
        let mut groups: IndexMap<Vec<(Kind, &str)>, Vec<&str>> = IndexMap::new();
        for (operation, mut left_out) in by_operation {
            left_out.sort_unstable();
            groups.entry(left_out).or_default().push(operation);
        }
        // What concerns most comes first; of equals, what the contract says first.
        groups.sort_by(|_, one, _, other| other.len().cmp(&one.len()));
        for (left_out, operations) in groups {
            let _ = writeln!(text, "\n### {}\n", counted(operations.len(), "operation"));
            for (_, what) in left_out {
                let _ = writeln!(text, "- {}", sentence(&flat(what)));
            }
            let names: Vec<String> = operations.iter().map(|name| format!("`{}`", flat(name))).collect();
            let _ = writeln!(text, "\n{}", names.join(", "));
        }
        text
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// On one line: names in a contract may hold anything.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With a capital letter in front and a period behind.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(operation: &str, kind: Kind, text: &str) -> LeftOut {
        let operation = (!operation.is_empty()).then(|| operation.to_owned());
        LeftOut { operation, kind, text: text.to_owned() }
    }

    #[test]
    fn operations_that_lack_the_same_stand_together() {
        let xml = "answer 200 as `text/xml` is not asked for";
        let coverage = Coverage {
            operations: 4,
            methods: 4,
            left_out: vec![
                left_out("a", Kind::AnswerMediaType, xml),
                left_out("a", Kind::Bounds, "query parameter `q`: bounds are not checked before sending"),
                left_out("b", Kind::AnswerMediaType, xml),
                left_out("c", Kind::AnswerMediaType, xml),
                left_out("", Kind::SignIn, "security schemes: signing in belongs to the client, not to each method"),
            ],
        };
        let expected = "\
# What client and server layer cover

Of \"Test\": 4 of 4 operations have a client method; 5 things left out, in 3 operations.

## Left out, by kind

| Kind | Times | Operations |
|---|---:|---:|
| Further media types of answers | 3 | 3 |
| Bounds of parameters | 1 | 1 |
| Signing in | 1 | 0 |

## For all operations

- Security schemes: signing in belongs to the client, not to each method.

## By operation

### 2 operations

- Answer 200 as `text/xml` is not asked for.

`b`, `c`

### 1 operation

- Answer 200 as `text/xml` is not asked for.
- Query parameter `q`: bounds are not checked before sending.

`a`
";
        assert_eq!(coverage.markdown("Test"), expected);
        assert_eq!(coverage.left_out[0].to_string(), format!("operation `a`: {xml}"));
    }

    #[test]
    fn an_id_stays_on_its_line() {
        let left_out = vec![left_out("a\nb\t c", Kind::Bounds, "query parameter `p\nq`: not checked")];
        let coverage = Coverage { operations: 1, methods: 1, left_out };
        let text = coverage.markdown("Test");
        assert!(text.ends_with("### 1 operation\n\n- Query parameter `p q`: not checked.\n\n`a b c`\n"), "{text}");
        assert_eq!(coverage.left_out[0].to_string(), "operation `a b c`: query parameter `p q`: not checked");
    }

    #[test]
    fn nothing_left_out_is_one_line() {
        let coverage = Coverage { operations: 1, methods: 1, left_out: Vec::new() };
        let expected = "1 of 1 operation has a client method; 0 things left out, in 0 operations";
        assert_eq!(coverage.summary(), expected);
        assert!(coverage.markdown("Test").ends_with(&format!("{expected}.\n")));
    }
}
