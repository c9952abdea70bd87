//! Texts of a topic: place holders, and the copies that a session keeps.

use jiff::SignedDuration;

/// Characters of a message that `FirstMessage` and `LastMessage` keep.
pub const MESSAGE_COPY_MAX_CHARS: usize = 1024;

/// The figures that a topic's text may mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueFigures {
    /// Place in the queue, from 1.
    pub place: i64,
    /// How long customers wait for an answer, on average.
    pub average_wait: SignedDuration,
}

/// Fills in `{cque}` (place in the queue) and `{cavw}` (average waiting time, hh:mm).
///
/// What the figures bring in is not looked at again, and other braces stay as they are.
pub fn fill_in(text: &str, figures: QueueFigures) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(after) = rest.strip_prefix("{cque}") {
            out.push_str(&figures.place.to_string());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{cavw}") {
            out.push_str(&hours_and_minutes(figures.average_wait));
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The copy of a message that a session keeps.
pub fn message_copy(text: &str) -> String {
    text.chars().take(MESSAGE_COPY_MAX_CHARS).collect()
}

fn hours_and_minutes(duration: SignedDuration) -> String {
    let minutes = duration.as_mins().max(0);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_holders_are_filled_in() {
        #[track_caller]
        fn check(text: &str, place: i64, wait_secs: i64, expected: &str) {
            let figures = QueueFigures { place, average_wait: SignedDuration::from_secs(wait_secs) };
            assert_eq!(fill_in(text, figures), expected);
        }
        check("", 1, 0, "");
        check("Hello!", 1, 0, "Hello!");
        check("Number {cque}, about {cavw}.", 3, 4 * 60 + 59, "Number 3, about 00:04.");
        check("{cque}{cque} {cavw}", 12, 27 * 3600 + 60, "1212 27:01");
        check("{name} {cque", 1, 0, "{name} {cque");
        check("{{cque}} ø {CQUE}", 1, -90, "{1} ø {CQUE}");
        check("{cavw}", 1, -90, "00:00");
    }

    #[test]
    fn copies_are_cut_at_a_character() {
        assert_eq!(message_copy("short"), "short");
        let long = "ø".repeat(MESSAGE_COPY_MAX_CHARS + 1);
        assert_eq!(message_copy(&long).chars().count(), MESSAGE_COPY_MAX_CHARS);
    }
}
