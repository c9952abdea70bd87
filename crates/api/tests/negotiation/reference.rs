//! `Accept` and `Accept-Language` read straight from the grammar of RFC 9110, a function a rule and a letter at a time:
//! what the layer does is compared with this, here and by the fuzzer. Nothing of the layer is used.

/// What the header `Accept` comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer<'o> {
    /// This media type.
    Chosen(&'o str),
    /// 406
    NotAcceptable,
    /// 400
    Malformed,
}

/// Section 12.5.1, for a service that prefers what it offers first, and whose texts are all in UTF-8. A header that is
/// not there admits everything; so does an empty one (section 12.4.1 leaves it open).
pub(super) fn media_type<'o>(accept: &[&str], offered: &[&'o str]) -> Answer<'o> {
    // Section 5.3: several lines are one list.
    let Some(ranges) = Reader::of(&accept.join(",")).list(Reader::media_range) else { return Answer::Malformed };
    let mut best: Option<(&'o str, u16)> = None;
    for media_type in offered {
        let weight = if ranges.is_empty() { 1000 } else { weight_of(media_type, &ranges) };
        // Only what is wanted more than all before it takes their place.
        if weight > best.map_or(0, |(_, known)| known) {
            best = Some((media_type, weight));
        }
    }
    best.map_or(Answer::NotAcceptable, |(media_type, _)| Answer::Chosen(media_type))
}

/// A media range with its weight in thousandths.
#[derive(Debug)]
struct MediaRange {
    ty: String,
    subtype: String,
    parameters: Vec<(String, String)>,
    weight: u16,
}

/// The weight of the most specific range that matches; of several of them, the highest.
fn weight_of(media_type: &str, ranges: &[MediaRange]) -> u16 {
    let (ty, subtype) = media_type.split_once('/').expect("what is offered is a media type");
    let mut best = (0, 0);
    for range in ranges {
        let is_utf_8 = |(name, value): &(String, String)| name == "charset" && value.to_lowercase() == "utf-8";
        if !range.parameters.iter().all(is_utf_8) {
            continue;
        }
        let specificity = match (range.ty.as_str(), range.subtype.as_str()) {
            ("*", "*") => 1,
            (own, "*") if own == ty => 2,
            (own, sub) if own == ty && sub == subtype => 3 + range.parameters.len(),
            _ => continue,
        };
        best = best.max((specificity, range.weight));
    }
    best.1
}

/// Section 12.5.4: the language ranges of a list with their weights; nothing where it is malformed.
pub(super) fn language_ranges(list: &str) -> Option<Vec<(String, u16)>> {
    Reader::of(list).list(|reader| {
        let range = reader.language_range()?;
        let mut weight = 1000;
        if let Some(parameter) = reader.after_semicolon() {
            weight = parameter.weight(Strictness::Grammar)?;
        }
        Some((range, weight))
    })
}

/// Whether `.2`, which Java's `HttpURLConnection` writes in `Accept`, is a weight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Strictness {
    Grammar,
    AsClientsWrite,
}

/// A text that is read from its beginning.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text }
    }

    fn next(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Passes over this letter, in any case, if it comes next.
    fn takes(&mut self, letter: char) -> bool {
        let is_next = self.next().is_some_and(|next| next.eq_ignore_ascii_case(&letter));
        if is_next {
            self.rest = &self.rest[letter.len_utf8()..];
        }
        is_next
    }

    /// What comes next as long as its letters are of a kind.
    fn run(&mut self, is_of_kind: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|letter| !is_of_kind(letter)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    /// Section 5.6.3: optional whitespace.
    fn blanks(&mut self) {
        self.run(|letter| letter == ' ' || letter == '\t');
    }

    /// Section 5.6.1.2: `#element`, as a recipient reads it: elements may be empty.
    fn list<T>(&mut self, element: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut elements = Vec::new();
        loop {
            self.blanks();
            if !matches!(self.next(), None | Some(',')) {
                elements.push(element(self)?);
            }
            self.blanks();
            if self.rest.is_empty() {
                return Some(elements);
            }
            if !self.takes(',') {
                return None;
            }
        }
    }

    /// Section 5.6.2.
    fn token(&mut self) -> Option<String> {
        let token = self.run(|letter| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter));
        (!token.is_empty()).then(|| token.to_ascii_lowercase())
    }

    /// Section 5.6.4: `quoted-string`, of what the header field's own text can be.
    fn quoted_string(&mut self) -> Option<String> {
        let mut text = String::new();
        if !self.takes('"') {
            return None;
        }
        loop {
            let letter = self.next()?;
            self.rest = &self.rest[letter.len_utf8()..];
            match letter {
                '"' => return Some(text),
                '\\' => {
                    let escaped = self.next()?;
                    self.rest = &self.rest[escaped.len_utf8()..];
                    text.push(escaped);
                }
                letter => text.push(letter),
            }
        }
    }

    /// Section 12.5.1: `media-range [ weight ]`, where the weight may stand among the parameters.
    fn media_range(&mut self) -> Option<MediaRange> {
        let ty = self.token()?;
        let subtype = match self.takes('/') {
            true => self.token()?,
            // Not in the RFC: `*` alone is `*/*`.
            false if ty == "*" => "*".to_owned(),
            false => return None,
        };
        if ty == "*" && subtype != "*" {
            return None;
        }
        let (mut parameters, mut weights) = (Vec::new(), Vec::new());
        while let Some(parameter) = self.after_semicolon() {
            // Section 5.6.6: a parameter may be left out.
            parameter.blanks();
            if matches!(parameter.next(), None | Some(',' | ';')) {
                continue;
            }
            let before = parameter.rest;
            let name = parameter.token()?;
            if name == "q" {
                parameter.rest = before;
                weights.push(parameter.weight(Strictness::AsClientsWrite)?);
                continue;
            }
            if !parameter.takes('=') {
                return None;
            }
            let value = if parameter.next() == Some('"') { parameter.quoted_string()? } else { parameter.token()? };
            parameters.push((name, value));
        }
        match weights.as_slice() {
            [] => Some(MediaRange { ty, subtype, parameters, weight: 1000 }),
            [weight] => Some(MediaRange { ty, subtype, parameters, weight: *weight }),
            _ => None,
        }
    }

    /// What stands behind the next semicolon.
    fn after_semicolon(&mut self) -> Option<&mut Self> {
        let before = self.rest;
        self.blanks();
        if !self.takes(';') {
            self.rest = before;
            return None;
        }
        self.blanks();
        Some(self)
    }

    /// Section 12.4.2: `"q=" qvalue`, in thousandths.
    fn weight(&mut self, strictness: Strictness) -> Option<u16> {
        if !self.takes('q') || !self.takes('=') {
            return None;
        }
        let written = self.run(|letter| letter.is_ascii_digit() || letter == '.');
        let ends_here = matches!(self.next(), None | Some(' ' | '\t' | ',' | ';'));
        let (whole, decimals) = match written.split_once('.') {
            Some(("", decimals)) if strictness == Strictness::AsClientsWrite && !decimals.is_empty() => ("0", decimals),
            Some(parts) => parts,
            None => (written, ""),
        };
        let is_qvalue = ends_here
            && decimals.len() <= 3
            && decimals.chars().all(|letter| letter.is_ascii_digit())
            && (whole == "0" || whole == "1" && decimals.chars().all(|letter| letter == '0'));
        let value: f64 = if is_qvalue { format!("{whole}.{decimals}0").parse().ok()? } else { return None };
        // Thousandths are whole.
        (0..=1000).find(|thousandths| (f64::from(*thousandths) / 1000.0 - value).abs() < 1e-6)
    }

    /// RFC 4647, section 2.1: a basic language range.
    fn language_range(&mut self) -> Option<String> {
        if self.takes('*') {
            return Some("*".to_owned());
        }
        let mut range = self.subtag(|letter| letter.is_ascii_alphabetic())?;
        while self.takes('-') {
            range.push('-');
            range.push_str(&self.subtag(|letter| letter.is_ascii_alphanumeric())?);
        }
        Some(range)
    }

    fn subtag(&mut self, is_letter: impl Fn(char) -> bool) -> Option<String> {
        let subtag = self.run(is_letter);
        (1..=8).contains(&subtag.len()).then(|| subtag.to_owned())
    }
}
