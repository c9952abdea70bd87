use serde_json::{Value, json};

use super::*;

#[track_caller]
fn round_trips(value: &Value) {
    let text = to_string(value, "");
    match from_str(&text) {
        Ok(read) => assert_eq!(&read, value, "written as:\n{text}"),
        Err(error) => panic!("{error}\nin:\n{text}"),
    }
}

/// Texts that some reader would take for something else, or that are hard to lay out.
pub(super) const NASTY: &[&str] = &[
    "",
    " ",
    "  ",
    "\n",
    "\n\n",
    " a",
    "a ",
    "a\n",
    "a\n\n",
    "\na",
    "a\n b\n  c\n",
    " a\nb",
    "\ta",
    "a\tb",
    "\t",
    "no",
    "No",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "true",
    "False",
    "null",
    "~",
    "Null",
    "NaN",
    ".nan",
    ".inf",
    "-.inf",
    "0",
    "-1",
    "1.0",
    "1e3",
    "1.5e+3",
    "0x1F",
    "0o17",
    "017",
    "1_000",
    "190:20:30",
    "12:30",
    "012:30",
    "+1",
    "-",
    "--",
    "---",
    "...",
    "--- a",
    "- a",
    "? a",
    ": a",
    "a: b",
    "a:",
    "a:b",
    ":",
    "#",
    "# a",
    "a #b",
    "a#b",
    "*",
    "*a",
    "&a",
    "!a",
    "!!str",
    "|",
    ">",
    "|-",
    "%a",
    "@a",
    "`a",
    "'",
    "''",
    "'a'",
    "\"",
    "\"a\"",
    "{",
    "}",
    "{a}",
    "[",
    "]",
    "[a]",
    ",",
    "a, b",
    "<<",
    "=",
    "2010-10-19",
    "2010-10-19T09:40:58.7363769+02:00",
    "2001-1-1 1:1:1",
    "2010-10-19T09:40:58",
    "2010-10-19T09:40:58Z",
    "2010-10-19T09:40:58.Z",
    "2010-10-19T09:40:58.7-02:00",
    "2010-10-19T09:40:58.7-02:00:00",
    "2010-10-19T09:40:58 and later",
    "2010-10-19T09:40",
    "2010-10-19T",
    "2010-10-19 to 2010-10-20",
    "application/json-patch+json",
    "a(b)='c'",
    "a;b=c@d%e!f|g>h&i*j?k~l^m`n",
    "/a/{b}",
    "/a/(b)",
    "/a b",
    "200",
    "2XX",
    "\\",
    "\\n",
    "a\\b",
    "\r",
    "\r\n",
    "a\r\nb",
    "a\rb",
    "\u{0}",
    "\u{7}",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{feff}a",
    "\u{fffe}",
    "\u{ffff}",
    "😀",
    "Ærlig talt",
    "日本語",
    "e\u{301}",
    "\u{200b}",
    "'answer' the first available session from the queue",
    "[SR_SOMETHING]",
    "US:\"Supplier\";NO:\"Leverandør\"",
    "one line\n\n    indented\n\nlast",
    "trailing blank \nnext",
    "  more indented first\nless",
    "a\n\n\n\nb\n\n\n",
    "- list\n- of things\n\n| table | row |\n|---|---|\n",
    "#/components/schemas/X",
    "application/json",
    "key: |\n  x\n",
    "a very long text that will have to be folded because it runs past the width that we set for the folding of texts, and on",
    "a very long text  with two spaces and a trailing one that will have to be folded because it runs past the width of the line ",
    " leading blank in a very long text that will have to be folded because it runs past the width that we set for folding",
    "averylongwordwithoutanyblankinitthatcannotbefoldedatallbecausethereisnoplacewhereitcouldbebrokenintotwolineswithoutloss_a",
    "a long first line that is more than a hundred and ten characters wide so that it would be folded, were it not for\nthis",
    "# a long text that starts as a comment would start, and so must not be written plain or folded in a way that loses it",
    "long text with : colon and # hash and - dash and \"quotes\" and 'apostrophes' and {braces} and [brackets], to be sure: yes",
];

#[test]
fn nasty_texts_survive_as_values_keys_and_items() {
    for text in NASTY {
        round_trips(&json!(text));
        round_trips(&json!({ "key": text, "next": 1 }));
        round_trips(&json!({ *text: "value", "next": { *text: [*text] } }));
        round_trips(&json!([text, [text, [text]], { "a": text, "b": { "c": text } }]));
    }
}

#[test]
fn pairs_of_nasty_texts_survive_beside_each_other() {
    for first in NASTY {
        for second in NASTY {
            round_trips(&json!({ "a": first, "b": [second, first], "c": format!("{first}{second}"), "d": {} }));
        }
    }
}

/// A small generator with a fixed seed: the same documents on every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub(super) fn text(&mut self) -> String {
        const PIECES: &[&str] =
            &[" ", "\n", "a", "word", ":", "#", "-", "'", "\"", "\\", "  ", "\t", "é", "0", ".", "{", "*", ",", "\n\n"];
        let length = [3, 8, 40, 120][self.below(4)];
        (0..self.below(length)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    pub(super) fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1 << 30)),
            3 => json!(f64::from_bits(self.0 >> 2)),
            4 => json!(self.text()),
            5 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object((0..self.below(5)).map(|_| (self.text(), self.value(depth - 1))).collect()),
        }
    }
}

#[test]
fn random_documents_survive() {
    let mut random = Random(20_261_121);
    for _ in 0..3_000 {
        let value = random.value(5);
        round_trips(&value);
    }
}

#[test]
fn numbers_stay_exact() {
    for text in [
        "15469.423999999999",
        "0.1",
        "-0.5",
        "100.0",
        "1.5e300",
        "4.0e-6",
        "9223372036854775807",
        "18446744073709551615",
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        round_trips(&value);
        assert_eq!(from_str(text).unwrap(), value);
    }
    assert!(from_str("1").unwrap().is_u64());
    assert!(from_str("1.0").unwrap().is_f64());
}

#[test]
fn json_is_yaml() {
    for value in [json!({ "a": [1, 2.5, "x\ny\"", null, { "b": {} }], "200": "no" }), json!([]), json!({}), json!("x")]
    {
        assert_eq!(from_str(&value.to_string()).unwrap(), value);
        assert_eq!(from_str(&serde_json::to_string_pretty(&value).unwrap()).unwrap(), value);
    }
}

#[test]
fn scalars_are_read_as_yaml_1_2_does() {
    let value = from_str("a: no\nb: 2010-10-19\nc: ~\nd: true\ne: 0x10\nf: '1'\n200: x\n").unwrap();
    assert_eq!(value, json!({ "a": "no", "b": "2010-10-19", "c": null, "d": true, "e": 16, "f": "1", "200": "x" }));
}

#[test]
fn anchors_are_resolved() {
    let value = from_str("a: &x { k: 1 }\nb: *x\nc:\n  <<: *x\n  l: 2\n").unwrap();
    assert_eq!(value, json!({ "a": { "k": 1 }, "b": { "k": 1 }, "c": { "k": 1, "l": 2 } }));
}

#[test]
fn layout() {
    let value = json!({
        "openapi": "3.0.3",
        "responses": { "200": { "description": "OK", "content": {} } },
        "tags": ["a", "b"],
        "list": [{ "name": "x", "in": "header" }],
        "text": "First paragraph.\n\nSecond.",
        "long": "Accept header, which asks for a media type and has a description that is longer than one line of this file.",
        "answer": "no",
    });
    let text = to_string(&value, "First comment line.\n\nAnother.");
    insta::assert_snapshot!(text);
}

#[test]
fn text_that_some_readers_take_for_something_else_is_quoted() {
    for text in ["no", "012:30", "12:30:45", "1.0", "2010-10-19", "~", "*a", "a\n \nb", "<<", "=", "0x1F", "1_000"] {
        let written = to_string(&json!({ "a": text }), "");
        assert!(written.starts_with("a: \"") || written.starts_with("a: '"), "{written}");
    }
}

#[test]
fn empty_lines_are_empty() {
    let written = to_string(&json!({ "a": { "b": "x\n\ny\n" } }), "");
    assert_eq!(written, "a:\n  b: |\n    x\n\n    y\n");
}

#[test]
fn errors_say_where() {
    #[track_caller]
    fn check(text: &str, line: usize, column: usize, message: &str) {
        let error = from_str(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(!error.message.contains('\n'), "{error}");
    }
    check("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate");
    check("{\"a\": 1, \"a\": 2}", 1, 10, "duplicate");
    check("a: [1, 2\nb: 3\n", 2, 2, "");
    check("a: 1\n  b: 2\n", 2, 4, "");
    check("a: .inf\n", 1, 4, "");
    check("a: *unknown\n", 1, 4, "");
    check("a: 1\n---\nb: 2\n", 3, 1, "more than one document");
}

#[test]
fn deep_nesting_is_refused_without_harm() {
    let deep = "[".repeat(100_000);
    assert!(from_str(&deep).is_err());
    let block: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(from_str(&block).is_err());
}
