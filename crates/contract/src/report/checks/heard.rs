//! What reader and inference had to say: their diagnostics, and the inference's guesses.

use super::super::collect::Collector;
use super::super::kinds::GUESS;
use super::super::occurrences::Occurrences;

/// Codes that a check of this module replaces, because it knows how many operations they touch.
const REPLACED: &[&str] = &["missing-summary"];

/// Takes over every diagnostic and every guess.
pub(crate) fn check(pages: &mut Collector<'_>, occurrences: &Occurrences<'_>) {
    for diagnostic in pages.input.diagnostics.iter().filter(|heard| !REPLACED.contains(&heard.code)) {
        pages.add_heard(diagnostic);
    }
    for guess in pages.input.decisions.iter().filter(|decision| decision.guess) {
        let mut spots = occurrences.all_spots((&guess.subject, None), pages);
        if spots.is_empty() {
            spots.extend(guess.place.map(|place| pages.spot_of(place.page, place.span)));
        }
        // One finding a subject, whatever else was guessed of it.
        let message = format!("the pages do not name `{}`, it was guessed", guess.subject);
        let note = format!("by the rule {}: {}", guess.rule, guess.reason);
        pages.add_noted(&GUESS, &guess.subject, message, Some(note), spots);
    }
}
