//! What editors, formatters and other states of a reference do to a page's text must not change
//! what the reader understands.

use docwright_pages::page::{Page, Spanned};
use docwright_pages::parse;

use crate::{documents, reference_pages, text_form};

/// A way to write the same page differently.
type Rewrite = (&'static str, fn(&str) -> String);

const REWRITES: &[Rewrite] = &[
    ("line ends of another system", |text| text.replace('\n', "\r\n")),
    ("a byte order mark", |text| format!("\u{feff}{text}")),
    ("a line end at the end", |text| format!("{text}\n")),
    ("blank lines squeezed", |text| prose_lines(text, squeezed)),
    ("no blank lines around headings, tables and fences", |text| prose_lines(text, tightened)),
    ("tables right below text", |text| text.replace("\n\n|", "\n|")),
    ("blank lines around everything", |text| prose_lines(text, loosened)),
    ("blanks at the ends of lines", |text| each_line(text, |line| format!("{line} \t"))),
    ("tables padded", |text| each_row(text, |cells| format!("| {} |", padded(cells, " ").join(" | ")))),
    ("tables padded with tabs", |text| each_row(text, |cells| format!("|\t{}\t|", padded(cells, "\t").join("\t|\t")))),
    ("tables aligned", |text| text.replace("|---", "|:---").replace("---|", "---:|")),
    ("tables without outer pipes", |text| each_row(text, unframed)),
    ("special characters escaped", |text| prose_lines(text, |lines| lines.iter().map(|line| escaped(line)).collect())),
    ("underscores as bold", |text| text.replace("**Required**", "__Required__")),
    ("the mark without bold", |text| text.replace("**Required** |", "Required |")),
    ("underlined headings", |text| prose_lines(text, underlined)),
    ("closed headings", |text| each_heading(text, |marks, title| format!("{marks} {title} {marks}"))),
    ("headings without blanks", |text| {
        each_heading(text, |marks, title| format!("{marks} {}", title.replace(": ", ":")))
    }),
    ("headings with blanks", |text| {
        each_heading(text, |marks, title| format!("{marks}   {}  ", title.replace(':', " : ")))
    }),
    ("headings in lower case", |text| each_section(text, |name| name.to_lowercase())),
    ("headings in upper case", |text| each_section(text, |name| name.to_uppercase())),
    ("deeper headings", |text| {
        each_heading(text, |marks, title| match marks {
            "#" => format!("# {title}"),
            deeper => format!("{deeper}# {title}"),
        })
    }),
    ("tildes for fences", |text| each_line(text, |line| line.replace("```", "~~~~"))),
    ("a heading of its own for the sample answer", |text| {
        text.replace("```http_", "## Sample response\n\n```http_")
            .replace("## Sample response\n\n## Sample response", "## Sample response")
    }),
    ("another name for the id", |text| text.replacen("\nid: ", "\nuid: ", 1)),
    ("a title in quotes", |text| {
        each_line(text, |line| match line.strip_prefix("title: ") {
            Some(title) => format!("title: \"{title}\""),
            None => line.to_owned(),
        })
    }),
    ("no heading", |text| {
        let heading = text.lines().find(|line| line.starts_with("# ")).unwrap_or("# ");
        text.replacen(&format!("{heading}\n"), "", 1)
    }),
    ("more front matter", |text| {
        text.replacen("---\n", "---\nauthor: \"{someone}\"\nkeywords:\n- a\n  - b: c\n# remark\ndate: 10.02.2021\n", 1)
    }),
];

#[test]
fn the_same_page_written_differently_says_the_same() {
    let mut failures = Vec::new();
    let mut count = 0;
    for (path, text) in documents().into_iter().chain(reference_pages()) {
        let said = said(&path, &text);
        for (name, rewrite) in REWRITES {
            count += 1;
            let now = self::said(&path, &rewrite(&text));
            if let Some((said, now)) = said.iter().zip(&now).find(|(said, now)| said != now) {
                failures.push(format!("{name}: {path}\n{}", first_difference(said, now)));
            }
        }
    }
    assert!(count >= 2 * REWRITES.len());
    let shown: Vec<&str> = failures.iter().take(20).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} of {count}\n{}", failures.len(), shown.join("\n"));
}

/// All names and types, letter by letter; then the whole page and its diagnostics, but for places
/// and for how prose is laid out.
fn said(path: &str, text: &str) -> [String; 2] {
    let parsed = parse(path, text);
    let mut form = text_form::page(&parsed).replace("\\r\\n", "\\n");
    for (from, to) in [(" \\t\\n", "\\n"), ("\\n \\t", "\\n"), ("\\t\"", "\""), ("\\\\", ""), ("~~~~", "```")] {
        form = form.replace(from, to);
    }
    // How often lines are broken, and where blanks stand, is for Markdown to ignore.
    let mut form = form.replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ").replace(" \"", "\"");
    for diagnostic in &parsed.diagnostics {
        form.push_str(&format!("\n{}: {}", diagnostic.code, diagnostic.message.replace('\\', "")));
    }
    [parsed.page.iter().flat_map(names).collect::<Vec<_>>().join("\n"), form]
}

/// Whatever a page calls by name.
fn names(page: &Page) -> Vec<String> {
    let value = |spanned: &Spanned<String>| spanned.value.clone();
    let mut names = vec![value(&page.id), value(&page.method), value(&page.path_template)];
    for row in page.path_parameters.iter().chain(&page.query_parameters).chain(&page.headers) {
        names.push(value(&row.name));
        names.extend(row.type_name.as_ref().map(value));
    }
    let body = page.request_body.as_ref();
    names.extend(body.into_iter().flat_map(|body| [&body.name, &body.kind]).flatten().map(value));
    let response = page.response.as_ref();
    names.extend(response.into_iter().flat_map(|response| [&response.kind, &response.body]).flatten().map(value));
    let properties = [body.and_then(|body| body.properties.as_ref()), response.and_then(|r| r.properties.as_ref())];
    for row in properties.into_iter().flatten().flatten() {
        names.extend([value(&row.name), value(&row.type_name)]);
    }
    names
}

fn first_difference(left: &str, right: &str) -> String {
    let at = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
    let around = |text: &str| {
        let start = text.floor_char_boundary(at.saturating_sub(60));
        text[start..text.floor_char_boundary(at + 120)].to_owned()
    };
    format!("  was: …{}…\n  now: …{}…", around(left), around(right))
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.split('\n').map(change).collect::<Vec<_>>().join("\n")
}

/// Changes the lines below the front matter and outside of fences, piece by piece.
fn prose_lines(text: &str, change: fn(&[&str]) -> Vec<String>) -> String {
    let body = text.find("\n---\n").map_or(0, |at| at + 5);
    let mut out: Vec<String> = vec![text[..body.saturating_sub(1)].to_owned()];
    let mut prose: Vec<&str> = Vec::new();
    let mut in_fence = false;
    for line in text[body..].split('\n') {
        let is_fence = line.starts_with("```");
        if is_fence || in_fence {
            if !prose.is_empty() {
                out.append(&mut change(&std::mem::take(&mut prose)));
            }
            out.push(line.to_owned());
            in_fence ^= is_fence;
        } else {
            prose.push(line);
        }
    }
    out.append(&mut change(&prose));
    out.join("\n")
}

fn squeezed(lines: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        if !line.is_empty() || out.last().is_none_or(|last| !last.is_empty()) {
            out.push(line.trim_end().to_owned());
        }
    }
    out
}

/// Without the blank lines that Markdown does not need.
fn tightened(lines: &[&str]) -> Vec<String> {
    let is_heading = |line: &&str| line.starts_with('#');
    let squeezed = squeezed(lines);
    let mut out: Vec<String> = Vec::new();
    for (index, line) in squeezed.iter().enumerate() {
        let before = out.last().map(String::as_str);
        let after = squeezed.get(index + 1).map(String::as_str);
        // An HTML block reaches to the next blank line, and a table takes in text that follows it.
        let needs_blank = before.is_some_and(|line| line.contains('<') || line.starts_with('|'))
            && !after.as_ref().is_none_or(|line| is_heading(line) && before.is_some_and(|line| line.starts_with('|')));
        let can_go = [before, after].iter().any(|line| line.as_ref().is_none_or(is_heading));
        if !line.is_empty() || needs_blank || !can_go {
            out.push(line.clone());
        }
    }
    out
}

fn loosened(lines: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    for line in lines {
        out.push((*line).to_owned());
        if line.is_empty() || line.starts_with('#') {
            out.extend([String::new(), String::new()]);
        }
    }
    out.push(String::new());
    out
}

/// Escapes what a formatter takes for a mark of Markdown: underscores and asterisks within words.
fn escaped(line: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for (at, character) in line.char_indices() {
        in_code ^= character == '`';
        let in_word = line[..at].ends_with(char::is_alphanumeric)
            || line[at + character.len_utf8()..].starts_with(char::is_alphanumeric);
        if !in_code && (character == '_' || character == '*' && in_word && !line.contains("**")) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn underlined(lines: &[&str]) -> Vec<String> {
    let underline = |line: &&str| match (line.strip_prefix("# "), line.strip_prefix("## ")) {
        (Some(title), _) => format!("{title}\n===="),
        (_, Some(title)) if is_known(title) => format!("{title}\n----"),
        _ => (*line).to_owned(),
    };
    lines.iter().map(underline).collect()
}

fn each_heading(text: &str, change: fn(&str, &str) -> String) -> String {
    each_line(text, |line| match line.split_once(' ') {
        Some((marks, title))
            if marks.len() <= 3 && !marks.is_empty() && marks.bytes().all(|mark| mark == b'#') && is_known(title) =>
        {
            change(marks, title)
        }
        _ => line.to_owned(),
    })
}

/// Changes the names of sections, up to their colons.
fn each_section(text: &str, change: fn(&str) -> String) -> String {
    each_line(text, |line| match line.strip_prefix("## ") {
        Some(title) if is_known(title) => {
            let (name, tail) = title.split_at(title.find(':').unwrap_or(title.len()));
            if tail.is_empty() || name.starts_with("Re") {
                format!("## {}{tail}", change(name))
            } else {
                line.to_owned()
            }
        }
        _ => line.to_owned(),
    })
}

/// Whether the reader should know a heading: prose has headings of its own.
fn is_known(title: &str) -> bool {
    ["Query String", "Request ", "Response", "Sample ", "GET ", "PUT ", "POST ", "PATCH ", "DEL", "OPTIONS "]
        .iter()
        .any(|known| title.starts_with(known))
}

fn each_row(text: &str, change: impl Fn(&[&str]) -> String) -> String {
    each_line(text, |line| {
        if !line.starts_with('|')
            || !line.ends_with('|')
            || line.contains("\\|")
            || line.contains('`') && line.matches('`').count() % 2 == 1
        {
            return line.to_owned();
        }
        let cells: Vec<&str> = line[1..line.len() - 1].split('|').map(str::trim).collect();
        change(&cells)
    })
}

fn padded(cells: &[&str], fill: &str) -> Vec<String> {
    let filling = |cell: &&str| if cell.starts_with("--") { "-" } else { fill };
    cells.iter().map(|cell| format!("{cell}{}", filling(cell).repeat(30_usize.saturating_sub(cell.len())))).collect()
}

fn unframed(cells: &[&str]) -> String {
    // An empty cell at an end needs its pipe.
    match (cells.first(), cells.last()) {
        (Some(first), Some(last)) if !first.is_empty() && !last.is_empty() => cells.join(" | "),
        _ => format!("| {} |", cells.join(" | ")),
    }
}
