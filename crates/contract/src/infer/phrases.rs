//! Names of carriers in the pages' own words.

/// The name that a text states for the carrier that it is about:
///
/// - "X entity with API _Links added." names `XWithLinks`,
/// - "Carrier object for X." names X,
/// - "Partial X class associating the generated X with an interface." names X.
pub(super) fn stated_carrier(text: &str) -> Option<String> {
    if let Some(at) = text.find(" entity with API _Links added") {
        let name = last_word(&text[..at]);
        return (!name.is_empty()).then(|| format!("{name}WithLinks"));
    }
    let after = |phrase: &str| {
        let name = first_word(&text[text.find(phrase)? + phrase.len()..]);
        (!name.is_empty()).then(|| name.to_owned())
    };
    let partial = || after("Partial ").filter(|name| text.contains(&format!("Partial {name} class associating")));
    after("Carrier object for ").or_else(partial)
}

/// The carriers whose property `property` a text refers to, as in `{Vendor.Services.Person.Name}` or
/// `<see cref="P:Vendor.Services.Person.Name">`: where a carrier has that property, the text most
/// often stands in the carrier itself.
pub(super) fn owners_of(property_names: impl Fn(&str) -> bool, text: &str) -> Vec<&str> {
    let starts = text.match_indices(['{', '"']).map(|(at, _)| at + 1);
    starts
        .filter_map(|start| {
            let end = start + text[start..].find(['}', '"'])?;
            let reference = &text[start..end];
            let reference = reference.strip_prefix("P:").unwrap_or(reference);
            let (path, property) = reference.rsplit_once('.')?;
            let (_, owner) = path.rsplit_once('.')?;
            (first_word(owner) == owner && !owner.is_empty() && property_names(property)).then_some(owner)
        })
        .collect()
}

/// The entity that an operation's name is about, without its verb and without its circumstances:
/// `GetUserInfoList` gives `UserInfoList`, `CreateDefaultTask` gives `Task`, `SaveForCurrentUser` nothing.
pub(super) fn object_of(operation_name: &str) -> Option<String> {
    const ADJECTIVES: [&str; 4] = ["Default", "All", "My", "First"];
    const PREPOSITIONS: [&str; 10] = ["By", "For", "From", "In", "Of", "On", "To", "Using", "With", "Without"];
    let mut words = words(operation_name).into_iter().skip(1).skip_while(|word| ADJECTIVES.contains(word)).peekable();
    words.peek()?;
    let object: String = words.take_while(|word| !PREPOSITIONS.contains(word)).collect();
    (!object.is_empty()).then_some(object)
}

/// The words of a name in PascalCase; capitals in a row are one word: `GetEMail`, `URLName`.
fn words(name: &str) -> Vec<&str> {
    let bytes = name.as_bytes();
    let mut starts = vec![0];
    for at in 1..bytes.len() {
        let is_upper = bytes[at].is_ascii_uppercase();
        let after_lower = !bytes[at - 1].is_ascii_uppercase();
        let before_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        if bytes[at] == b'_' || is_upper && (after_lower || before_lower) {
            starts.push(at);
        }
    }
    starts.push(bytes.len());
    starts.windows(2).filter_map(|pair| name.get(pair[0]..pair[1])).map(|word| word.trim_matches('_')).collect()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn last_word(text: &str) -> &str {
    let start = text.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{object_of, owners_of, stated_carrier, words};

    #[test]
    fn sentences_state_names() {
        let check = |text: &str, name: Option<&str>| assert_eq!(stated_carrier(text).as_deref(), name, "{text}");
        check("A. Carrier object for ChatSessionEntity.\nMore", Some("ChatSessionEntity"));
        check("Partial Box class associating the generated Box with an interface.", Some("Box"));
        check("Partial answers are fine", None);
        check("Box entity with API _Links added.", Some("BoxWithLinks"));
        check("Carrier object for Box.\n\nBox entity with API _Links added.", Some("BoxWithLinks"));
        check("No carrier here", None);
        check("Carrier object for é", None);
    }

    #[test]
    fn references_name_the_owner_of_a_property() {
        let check = |text: &str, owners: &[&str]| assert_eq!(owners_of(|name| name == "Size", text), owners, "{text}");
        check("Use {A.B.Box.Size} instead", &["Box"]);
        check(r#"See <see cref="P:A.B.Box.Size">size</see>"#, &["Box"]);
        check("Use {A.B.Box.Weight} instead", &[]);
        check("Not closed {A.B.Box.Size", &[]);
        check("{Size} {Box.Size}", &[]);
    }

    #[test]
    fn operations_are_about_an_object() {
        let check = |name: &str, object: Option<&str>| assert_eq!(object_of(name).as_deref(), object, "{name}");
        check("GetUserInfoList", Some("UserInfoList"));
        check("CreateDefaultTask", Some("Task"));
        check("GetEMail", Some("EMail"));
        check("GetBoxFromId", Some("Box"));
        check("GetAll", None);
        check("SaveForCurrentUser", None);
        check("", None);
        check("Ping", None);
    }

    #[test]
    fn names_have_words() {
        assert_eq!(words("GetEMailURLName"), ["Get", "E", "Mail", "URL", "Name"]);
        assert_eq!(words("é"), ["é"]);
    }
}
