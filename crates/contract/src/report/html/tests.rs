use super::super::tests::report_of;
use super::{SCRIPT, STYLE, marked, render, script_data, url};

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'`&<!--";

/// A page whose every text is hostile.
fn hostile_page() -> String {
    format!(
        "---\ntitle: GET Thing\nid: v1Thing_Get\n---\n\n```http\nGET /api/v1/Thing\n```\n\n{HOSTILE}\n\n\
         ## Query String Parameters\n\n| Parameter Name | Type |  Description |\n|---|---|---|\n| {HOSTILE} | {HOSTILE} |  |\n\n\
         ## {HOSTILE}\n\n## Response: object\n\n| Response | Description |\n|---|---|\n| {HOSTILE} | {HOSTILE} |\n| 200 | OK |\n\n\
         Response body: object\n\n| Property Name | Type |  Description |\n|---|---|---|\n| {HOSTILE} | string | Either A or B |\n| B |  | {HOSTILE} |\n\n\
         ```http_\nHTTP/1.1 200 OK\n\n{{\"<img src=y onerror=alert(2)>\": \"</script>\", \"B\": {{}}}}\n```\n"
    )
}

#[test]
fn hostile_texts_are_text() {
    let page = hostile_page();
    let report = report_of(&[("documents/<img src=z>/v1Thing_Get.md", &page)], &[]);
    let html = render(&report, Some("../")).unwrap();
    for markup in ["<img", "<!--", "onerror=alert(1)>\"", "</script><"] {
        assert!(!html.contains(markup), "{markup} stands in the page");
    }
    // The data, the script, and nothing else.
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script>").count(), 2);
    assert!(html.contains("&#60;img") || html.contains("&lt;img"), "the text itself is there");
}

#[test]
fn the_page_needs_nothing_else() {
    let html = render(&report_of(&[("documents/a.md", &hostile_page())], &[]), Some("../")).unwrap();
    for outside in ["http://", "https://", "src=\"", "<link", "@import", "url(", " style=\"", " onclick"] {
        assert!(!html.contains(outside), "{outside} stands in the page");
    }
    assert!(
        html.contains("default-src &#39;none&#39;") || html.contains("default-src &#x27;none&#x27;"),
        "{}",
        &html[..400]
    );
    for asset in [STYLE, SCRIPT] {
        assert!(html.contains(asset) && !asset.contains("</s"), "assets stand as they are fingerprinted");
    }
}

#[test]
fn places_are_links_where_there_is_a_way() {
    let report = report_of(&[("documents/a b#c.md", &hostile_page())], &[]);
    assert!(render(&report, Some("../x y/")).unwrap().contains("href=\"../x%20y/documents/a%20b%23c.md#L"));
    assert!(!render(&report, None).unwrap().contains("documents/a%20b"));
    assert_eq!(render(&report, None).unwrap(), render(&report, None).unwrap());
}

#[test]
fn backticks_mark_code_in_pairs() {
    let check = |text: &str, expected: &[(bool, &str)]| {
        let parts = marked(text);
        let parts: Vec<(bool, &str)> = parts.iter().map(|(code, part)| (*code, part.as_str())).collect();
        assert_eq!(parts, expected, "{text:?}");
    };
    check("a `b` c", &[(false, "a "), (true, "b"), (false, " c")]);
    check("`b`", &[(true, "b")]);
    check("a ` b", &[(false, "a "), (false, "` b")]);
    check("", &[]);
}

#[test]
fn data_cannot_end_its_element() {
    let data = script_data(&serde_json::json!({ "a": "</script>&" }));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&data).unwrap()["a"], "</script>&");
    assert!(!data.contains(['<', '>', '&']));
    assert_eq!(url("a/b.md?#%"), "a/b.md%3F%23%25");
}
