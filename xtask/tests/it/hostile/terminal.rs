//! Texts of documents and the terminal that they are shown in.

use super::{Place, Run, contract, page};

/// What steers a terminal, or turns the direction of what follows.
const STEERING: &str =
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{8}\u{7f}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{feff}";

/// Every command that shows something of documents, called with such documents.
fn runs(place: &Place) -> Vec<(String, Run)> {
    let hostile = format!("Odd{STEERING}");
    place.write("documents/plain.md", &page(1, "Thing"));
    #[cfg(unix)]
    place.write(&format!("documents/{hostile}.md"), &page(2, &hostile));
    place.write("documents/steering.md", &page(3, &hostile));
    place.write("documents/lost.md", &page(4, &hostile).replace("id: v1Thing4Entity_Make", &format!("id: {hostile}")));
    place.write("hostile.json", &contract(&[&hostile]).to_string());
    place.write("plain.json", &contract(&["Thing"]).to_string());
    place.write(
        "broken.json",
        &contract(&[&hostile]).to_string().replace("#/components/schemas/", "https://x.example/"),
    );
    place.write("broken.yaml", &format!("openapi: 3.0.3\n\"{hostile}: [\n"));
    let mut all = Vec::new();
    for arguments in [
        &["generate", "--documents", "documents", "--out", "a", "--contract-only", "--verbose"][..],
        &["generate", "--documents", "documents", "--out", "b", "--skip-bad-pages", "--verbose"],
        &["generate", "--documents", "documents", "--out", "b", "--skip-bad-pages", "--format", "json"],
        &["generate", "--contract", "hostile.json", "--out", "c", "--verbose"],
        &["generate", "--contract", "broken.json", "--out", "d"],
        &["generate", "--contract", "broken.yaml", "--out", "d"],
        &["explain", "Thing3", "--documents", "documents"],
        &["explain", "v1Thing3Entity_Make", "--documents", "documents"],
        &["explain", "Thing3.Kind", "--documents", "documents", "--format", "json"],
        &["report", "--documents", "documents", "--out", "report.html"],
        &["docs", "--contract", "hostile.json", "--out", "site"],
        &["docs", "--contract", "broken.json", "--out", "site"],
        &["diff", "plain.json", "hostile.json", "--verbose"],
        &["diff", "hostile.json", "plain.json", "--format", "markdown"],
        &["diff", "documents", "hostile.json", "--skip-bad-pages", "--format", "json"],
        &["new-page", "GET", "/api/v1/Thing9", "--out", "documents", "--carrier", "Thing3"],
    ] {
        all.push((arguments.join(" "), place.xtask(arguments)));
    }
    all
}

#[test]
fn no_command_lets_documents_steer_the_terminal() {
    let place = Place::new();
    let runs = runs(&place);
    for (command, run) in &runs {
        assert!(matches!(run.code, Some(0..=2)), "{command}: {run:?}");
        for text in [&run.stdout, &run.stderr] {
            let steers = |c: char| !"\n\t".contains(c) && (c.is_control() || (STEERING.contains(c) && !c.is_ascii()));
            let steering = text.char_indices().find(|(_, c)| steers(*c));
            assert_eq!(steering, None, "{command}: {text:?}");
        }
    }
    let shown = runs.iter().filter(|(_, run)| run.stdout.contains("owned") || run.stderr.contains("owned")).count();
    assert!(shown > runs.len() / 2, "only {shown} of {} commands showed something of it", runs.len());
}
