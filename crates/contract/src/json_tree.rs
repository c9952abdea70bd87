//! A sample's JSON with the place of each value, which `serde_json` forgets.

/// Deeper values are not looked into; `serde_json` refuses them anyway.
const MAX_DEPTH: usize = 128;

/// A JSON value and the byte offset where it starts, for a member of an object its key's.
#[derive(Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) offset: usize,
    pub(crate) content: Content,
}

/// What a value holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Content {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Scalar,
}

impl Node {
    /// Reads JSON that `serde_json` has read before. What is no JSON after all is cut short.
    pub(crate) fn parse(text: &str) -> Self {
        Reader { text, at: 0 }.value(0)
    }

    /// The value at a JSON pointer, or the last one on the way there.
    pub(crate) fn at_pointer(&self, pointer: &str) -> &Self {
        let mut node = self;
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            let next = match &node.content {
                Content::Object(members) => members.iter().find(|(key, _)| *key == part).map(|(_, node)| node),
                Content::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
                Content::Scalar => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b':')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Node {
        let first = self.peek();
        let offset = self.at;
        let content = match first {
            Some(b'{') if depth < MAX_DEPTH => {
                self.at += 1;
                let mut members = Vec::new();
                while let Some(b'"') = self.peek() {
                    let key_at = self.at;
                    let key = self.string();
                    let value = self.value(depth + 1);
                    members.push((key, Node { offset: key_at, ..value }));
                }
                self.at += 1;
                Content::Object(members)
            }
            Some(b'[') if depth < MAX_DEPTH => {
                self.at += 1;
                let mut items = Vec::new();
                while self.peek().is_some_and(|byte| byte != b']') {
                    let before = self.at;
                    items.push(self.value(depth + 1));
                    if self.at == before {
                        break;
                    }
                }
                self.at += 1;
                Content::Array(items)
            }
            Some(b'"') => {
                self.string();
                Content::Scalar
            }
            _ => {
                let rest = &self.text.as_bytes()[self.at.min(self.text.len())..];
                let length = rest.iter().take_while(|byte| !byte.is_ascii_whitespace() && !b",]}".contains(byte));
                self.at += length.count();
                Content::Scalar
            }
        };
        Node { offset, content }
    }

    /// The text that starts at a quotation mark.
    fn string(&mut self) -> String {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at = (self.at + 1).min(bytes.len());
        let written = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(written).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Node};

    #[test]
    fn values_are_found_where_they_stand() {
        let text = "{\n \"a\": [1, {\"b/c\": \"}\\\"\"}],\n \"\\u0064\": {} }";
        let root = Node::parse(text);
        let check = |pointer: &str, at: &str| {
            let offset = root.at_pointer(pointer).offset;
            assert!(text[offset..].starts_with(at), "{pointer} is at {offset}");
        };
        check("", "{");
        check("/a", "\"a\"");
        check("/a/0", "1");
        check("/a/1/b~1c", "\"b/c\"");
        check("/d", "\"\\u0064\"");
        check("/a/1/missing", "{\"b/c\"");
    }

    #[test]
    fn what_is_no_json_ends() {
        for text in ["", "{", "[", "[[[", "{\"a", "{\"a\\", "]", "[}", "{]", "[1 2", "\"", "{\"a\" \"b\" 3 }", "[,}"] {
            Node::parse(text);
        }
        let deep = "[".repeat(100_000);
        let Content::Array(_) = Node::parse(&deep).content else { panic!("an array") };
    }
}
