//! No input may panic, hang or take memory without bounds.

use std::sync::{Mutex, PoisonError};

use docwright_pages::{MAX_PAGE_BYTES, is_damaged_page, is_reference_page, parse, parse_bytes};
use peak_alloc::PeakAlloc;

use crate::documents;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Held by the tests whose pages are long: they would be taken for each other's memory.
static LONG: Mutex<()> = Mutex::new(());

/// The longest page that is read takes no more than this, whatever stands in it: Markdown's tree
/// has a node for every mark.
const MOST_BYTES: usize = 150 * MAX_PAGE_BYTES;

const HEAD: &str = "---\nid: a\ntitle: GET A\n---\n# GET A\n```http\nGET /A\n```\n\nText.\n\n## Response: object\n\n";
const TABLE: &str = "| Property Name | Type | Description |\n|---|---|---|\n";
const SAMPLE: &str = "## Sample Request\n\n```http_\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n";

/// As many repetitions behind a beginning as make up `bytes`.
fn filled(begin: &str, piece: &str, bytes: usize) -> String {
    begin.to_owned() + &piece.repeat(bytes.saturating_sub(begin.len()) / piece.len())
}

/// A beginning with numbered pieces behind it.
fn numbered(begin: &str, count: usize, piece: impl Fn(usize) -> String) -> String {
    std::iter::once(begin.to_owned()).chain((0..count).map(piece)).collect()
}

/// Texts that are hard on a reader, each of about so many bytes.
fn hard(bytes: usize) -> Vec<String> {
    let table = format!("{HEAD}{TABLE}");
    let sample = format!("{HEAD}{SAMPLE}");
    let pieces: [(&str, &[&str]); 5] = [
        (
            HEAD,
            &[
                "a\n",
                "a\n\n",
                "#\n",
                "# \u{e9}\n\n",
                "## Response:\n",
                "## Response body:\n",
                "## x\n",
                ">",
                "- ",
                "1) ",
                "[",
                "![",
                "[a](",
                "*a ",
                "**_",
                "`a``",
                "<a",
                "<!--",
                "&amp;",
                "&",
                "\\",
                "|",
                "|\n",
                "x|",
                "|a|b\n|c\n\n",
                "|a|\n|-|\n\n",
                "```\n",
                "~~~\n",
                "\r",
                "\t- a\n",
                "[a]: /x\n",
                "a\n-\n",
                "\0\u{1b}\u{2028}|\u{e9}\\",
                "<p>\n# a\n",
                "Response body: a\n\n",
            ],
        ),
        (
            &table,
            &["|\n", "|a\n", "||||||||\n", "| P | int32 | d |\n", "|c\nx\n", "x\n\n", "|c\n\nx\n", "|a|b|c\n", "|\\"],
        ),
        (&sample, &["[", "{\"a\":", "[0,", "\"\\", "-", "```\n"]),
        (&sample[..sample.len() - 1], &["a:b\n", "a b\n", ":"]),
        (
            "---\n",
            &["---\n", "a\n", "id: a\n", "id: >\n", "  a\n", "- a\n", "a: &a [*a,*a]\n", "title: \"\n", "\u{feff}"],
        ),
    ];
    let each = |(begin, pieces): &(&str, &[&str])| -> Vec<String> {
        pieces.iter().map(|piece| filled(begin, piece, bytes)).collect()
    };
    let mut texts: Vec<String> = pieces.iter().flat_map(each).collect();
    texts.extend([
        filled("---\nid: a\n---\n```http\nGET ", "/{a", bytes),
        filled("---\nid: a\n---\n```http\nGET ", "{}/", bytes),
        filled("---\nid: a\ntitle: GET ", "/{a}", bytes) + "\n---\n",
        numbered("---\nid: a\n---\n```http\nGET ", bytes / 12, |at| format!("/{{a{at}}}")),
        format!("{HEAD}| {} |\n|---|\n", "x|".repeat(bytes / 2)),
        format!("{HEAD}{}\n{}\n{}\n", "|a".repeat(bytes / 6), "|-".repeat(bytes / 6), "|b".repeat(bytes / 6)),
    ]);
    texts
}

fn read(text: &str) {
    is_reference_page(text);
    is_damaged_page(text);
    for diagnostic in parse("x.md", text).diagnostics {
        let rendered = diagnostic.render();
        assert!(!rendered.chars().any(|c| c.is_control() && c != '\n'), "{rendered:?}");
    }
}

#[test]
fn time_and_memory_are_bounded_whatever_stands_in_a_page() {
    let _alone = LONG.lock().unwrap_or_else(PoisonError::into_inner);
    // A twentieth part finds what takes the square of a text's length: such would not end.
    const BYTES: usize = 200_000;
    for text in hard(BYTES) {
        // Other tests run beside this one, so that the bound is generous.
        let begin: String = text.chars().skip(text.len().min(90)).take(12).collect();
        let started = std::time::Instant::now();
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        read(&text);
        let taken = MEMORY.peak_usage().saturating_sub(before);
        assert!(taken < 500 * BYTES, "{begin:?} takes {taken} bytes");
        assert!(started.elapsed().as_secs() < 30, "{begin:?} takes {:?}", started.elapsed());
    }
}

#[test]
fn what_stands_behind_the_longest_page_is_left_out() {
    let _alone = LONG.lock().unwrap_or_else(PoisonError::into_inner);
    let mut text = numbered(&format!("{HEAD}{TABLE}"), 2_500_000, |row| format!("| P{row} | int32 | d |\n"));
    assert!(text.len() > 50_000_000);
    text.push('\u{e9}');
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let parsed = parse("x.md", &text);
    assert!(MEMORY.peak_usage().saturating_sub(before) < MOST_BYTES);
    let first = &parsed.diagnostics.iter().find(|diagnostic| diagnostic.code == "page-too-long").unwrap();
    assert!(text[..first.span.start].ends_with("|\n"), "cut within a row");
    let rows = parsed.page.unwrap().response.unwrap().properties.unwrap();
    assert!((100_000..MAX_PAGE_BYTES / 20).contains(&rows.len()), "{} rows", rows.len());
    // Who reads files may stop anywhere behind the limit.
    let bytes = &text.as_bytes()[..MAX_PAGE_BYTES + 4];
    assert_eq!(parse_bytes("x.md", bytes).diagnostics, parse("x.md", &text).diagnostics);
}

#[test]
fn no_row_of_a_long_table_is_lost() {
    let _alone = LONG.lock().unwrap_or_else(PoisonError::into_inner);
    let text = numbered(&format!("{HEAD}{TABLE}"), 100_000, |row| format!("| P{row} | int32 | Row {row} |\n"));
    let parsed = parse("x.md", &text);
    let rows = parsed.page.unwrap().response.unwrap().properties.unwrap();
    assert_eq!(rows.len(), 100_000);
    assert_eq!(rows[99_999].description.value, "Row 99999");
}

#[test]
fn complaints_of_one_kind_are_counted_rather_than_listed_without_end() {
    let text = filled(&format!("{HEAD}{TABLE}"), "| P | int32 | d |\n", 400_000);
    let parsed = parse("x.md", &text);
    let twice: Vec<_> = parsed.diagnostics.iter().filter(|diagnostic| diagnostic.code == "duplicate-row").collect();
    assert_eq!(twice.len(), 100);
    let note = twice[99].note.as_deref().unwrap();
    assert!(note.ends_with(" more of this kind on the page are not listed"), "{note}");
}

#[test]
fn every_beginning_and_every_loss_of_a_line_is_some_page_too() {
    let (_, text) = documents().swap_remove(0);
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(61) {
        read(&text[..end]);
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for lost in (0..lines.len()).step_by(3) {
        read(&[&lines[..lost], &lines[lost + 1..]].concat().concat());
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let latin = "---\nid: a\n---\n# H\u{e9}".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let utf16: Vec<u8> = "---\nid: a\n---\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let junk: Vec<u8> =
        (0..100_000_u32).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    for bytes in [latin, [&[0xff, 0xfe], &utf16[..]].concat(), junk, vec![0xff], b"---\nid: a\n\xf0\x9f".to_vec()] {
        let parsed = parse_bytes("x.md", &bytes);
        assert!(parsed.page.is_none());
        assert_eq!(parsed.diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["not-utf8"]);
    }
    let parsed = parse_bytes("x.md", b"");
    assert!(parsed.page.is_none() && !parsed.diagnostics.is_empty());
}
