//! `cargo xtask diff`: its sides, formats and exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const BASE: &str = "\
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
paths:
  /api/v1/Thing:
    get:
      operationId: v1Thing_Get
      responses:
        '200':
          description: OK
          content:
            application/json: {schema: {$ref: '#/components/schemas/Thing'}}
components:
  schemas:
    Thing:
      type: object
      properties:
        Name: {type: string}
        Size: {type: integer, format: int32}
";

const PAGE: &str = "---\ntitle: GET Thing\nid: v1Thing_Get\n---\n\n# GET Thing\n\n```http\nGET /api/v1/Thing\n```\n\n\
    Gets it.\n\n## Query String Parameters\n\n| Parameter Name | Type | Description |\n|---|---|---|\n\
    | top | Integer | How many. |\n\n## Request Headers\n\n| Parameter Name | Description |\n|---|---|\n\
    | Accept | `application/json` |\n\n## Response: string\n\n| Response | Description |\n|---|---|\n| 200 | OK |\n\n\
    Response body: string\n";

/// A workspace's folder with a repository in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        place.git(&["config", "user.email", "a@example.org"]);
        place.git(&["config", "user.name", "A"]);
        place.git(&["config", "commit.gpgsign", "false"]);
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").arg("-C").arg(self.path()).args(arguments).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "state"]);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        // Where the workspace is.
        command.env("CARGO_MANIFEST_DIR", self.path().join("xtask")).current_dir(self.path());
        command.arg("diff").args(arguments);
        command
    }

    fn diff(&self, arguments: &[&str]) -> Run {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

#[test]
fn nothing_changes_between_a_contract_and_itself() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    for format in ["text", "markdown", "json"] {
        let run = place.diff(&["a.yaml", "a.yaml", "--format", format, "--fail-on", "any"]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    let run = place.diff(&["a.yaml", "a.yaml"]);
    assert_eq!(run.stdout, "from a.yaml to a.yaml: no changes\n");
}

#[test]
fn a_change_is_told_in_every_format_with_its_place() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    place.write("b.yaml", &BASE.replace("        Size: {type: integer, format: int32}\n", ""));
    let text = place.diff(&["a.yaml", "b.yaml"]);
    assert_eq!(text.code, Some(1), "{text:?}");
    for part in [
        "1 breaking, 0 maybe breaking and 0 compatible changes",
        "breaking[response-property-removed]",
        "Thing.Size: integer (int32) (in answers of v1Thing_Get)",
        "--> a.yaml:18 (base)",
        "next version: major",
    ] {
        assert!(text.stdout.contains(part), "no {part:?} in {}", text.stdout);
    }
    let markdown = place.diff(&["a.yaml", "b.yaml", "--format", "markdown"]);
    for part in ["### Removed\n\n**Breaking:** ", "- `Thing.Size`: integer (int32)", "### Generated client\n"] {
        assert!(markdown.stdout.contains(part), "no {part:?} in {}", markdown.stdout);
    }
    let json = place.diff(&["a.yaml", "b.yaml", "--format", "json"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["format_version"], 1);
    assert_eq!(report["counts"]["breaking"], 1);
    let change = &report["changes"][0];
    assert_eq!(change["code"], "response-property-removed");
    assert_eq!(change["places"][0]["base"]["pointer"], "/components/schemas/Thing/properties/Size");
    assert_eq!(change["places"][0]["base"]["line"], "a.yaml:18");
    assert_eq!(report["next_version"]["step"], "major");
}

#[test]
fn markdown_is_a_section_of_a_changelog() {
    let place = Place::new();
    let with_page = |path: &str, id: &str| PAGE.replace("/api/v1/Thing", path).replace("v1Thing_Get", id);
    place.write("documents/thing.md", PAGE);
    place.write("documents/old.md", &with_page("/api/v1/Old", "v1Old_Get"));
    let contract = |paths: &str| format!("openapi: 3.0.3\ninfo: {{title: Things, version: '1'}}\npaths:\n{paths}");
    let operation = |path: &str, id: &str, top: &str| {
        format!(
            "  {path}:\n    get:\n      operationId: {id}\n      parameters:\n      - {{name: top, in: query, \
             schema: {{type: {top}}}}}\n      responses: {{'200': {{description: OK}}}}\n"
        )
    };
    let old =
        contract(&(operation("/api/v1/Thing", "v1Thing_Get", "string") + &operation("/api/v1/Gone", "gone", "string")));
    place.write("openapi.yaml", &old);
    place.commit();
    place.git(&["tag", "v1.0.0"]);
    let overlay = "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n  \
        - {target: \"$.paths['/api/v1/Thing'].get\", update: {deprecated: true}}\n";
    place.write("openapi.overlay.yaml", overlay);

    let run = place.diff(&["git:v1.0.0", "documents/", "--format", "markdown"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let headings: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        headings,
        ["### Removed", "### Changed", "### Deprecated", "### Added", "### Generated client"],
        "{run:?}"
    );
    for part in [
        "The API from `git:v1.0.0:openapi.yaml` to `documents/`: ",
        "Next version: **major** (",
        "### Removed\n\n**Breaking:** An operation is gone (`operation-removed`), because every call of it fails:\n\n- `GET /api/v1/Gone`",
        "- `query parameter top`: string → integer",
        "### Deprecated\n\nAn operation is on its way out (`operation-deprecated`)",
        "### Added\n\nA new operation (`operation-added`), because nobody calls it yet:\n\n- `GET /api/v1/Old`: v1Old\\_Get, `documents/old.md:",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    // Put below the heading of what is not released yet, it stays within that section.
    let changelog = format!("# Changelog\n\n## Unreleased\n\n{}\n## 1.0.0\n\n- First.\n", run.stdout);
    let sections: Vec<&str> = changelog.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(sections, ["## Unreleased", "## 1.0.0"]);

    let run = place.diff(&["documents", "documents", "--format", "markdown"]);
    assert_eq!(run.stdout, "The API did not change from `documents` to `documents`.\n");
}

#[test]
fn notes_of_the_reader_are_few_and_on_stderr() {
    let place = Place::new();
    // None of these operations says what it answers.
    let paths: String = (0..9).map(|n| format!("  /a{n}:\n    get: {{operationId: a{n}}}\n")).collect();
    let swagger = format!("swagger: '2.0'\ninfo: {{title: Things, version: 1.0}}\npaths:\n{paths}");
    place.write("a.yaml", &swagger);
    place.write("b.yaml", &swagger);
    let run = place.diff(&["a.yaml", "b.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "from a.yaml to b.yaml: no changes\n"), "{run:?}");
    for part in ["a.yaml: ", "(line 2, column ", "b.yaml: and ", "; --verbose lists all"] {
        assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
    }
    assert_eq!(run.stderr.lines().count(), 12, "{}", run.stderr);
    let all = place.diff(&["a.yaml", "b.yaml", "--verbose"]);
    assert!(all.stderr.lines().count() > 12, "{}", all.stderr);
}

#[test]
fn fail_on_decides_the_exit_code() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    place.write("less.yaml", &BASE.replace("        Name: {type: string}\n", ""));
    for (base, revision, fail_on, code) in [
        ("a.yaml", "less.yaml", "breaking", 1),
        ("a.yaml", "less.yaml", "any", 1),
        ("a.yaml", "less.yaml", "never", 0),
        ("less.yaml", "a.yaml", "breaking", 0),
        ("less.yaml", "a.yaml", "any", 1),
    ] {
        let run = place.diff(&[base, revision, "--fail-on", fail_on]);
        assert_eq!(run.code, Some(code), "{base} {revision} {fail_on}: {run:?}");
    }
}

#[test]
fn a_method_that_is_called_otherwise_is_told() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    place.write(
        "b.yaml",
        &BASE
            .replace("v1Thing_Get", "v1Thing_Fetch")
            .replace("    Thing:", "    Item:")
            .replace("schemas/Thing", "schemas/Item"),
    );
    let run = place.diff(&["a.yaml", "b.yaml", "--fail-on", "never"]);
    for part in [
        "maybe breaking[operation-id-changed]",
        "compatible[schema-renamed]",
        "renamed method: `get` is now `fetch`",
        "1 renamed type: `Thing → Item`",
        "next version: major (no call breaks",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn members_of_types_are_told_apart() {
    let place = Place::new();
    let enumeration = "        State: {type: string, x-extensible-enum: [On, Off]}\n";
    place.write("a.yaml", &format!("{BASE}{enumeration}"));
    let size = "        Size: {type: integer, format: int32}\n";
    let grown = "        Size: {type: integer, format: int64}\n        Colour: {type: string}\n";
    let more = enumeration.replace("Off", "Broken");
    place.write("b.yaml", &format!("{BASE}{more}").replace(size, grown).replace("        Name: {type: string}\n", ""));
    let run = place.diff(&["a.yaml", "b.yaml", "--fail-on", "never"]);
    for part in [
        "changed type: `Thing`: `size`: `Option<i32>` → `Option<i64>`; without `name`; with `colour`\n",
        "changed type: `ThingState`: without `Off`; with `Broken`\n",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    let json = place.diff(&["a.yaml", "b.yaml", "--format", "json", "--fail-on", "never"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    let expected = serde_json::json!({
        "name": "Thing",
        "kind": null,
        "removed": ["name"],
        "added": [{ "name": "colour", "to": "Option<String>" }],
        "changed": [{ "name": "size", "from": "Option<i32>", "to": "Option<i64>" }],
    });
    assert_eq!(report["client"]["changed_types"][0], expected);

    // One more member of an answer breaks nobody who builds carriers from their defaults.
    place.write("c.yaml", &format!("{BASE}        Colour: {{type: string}}\n"));
    place.write("d.yaml", BASE);
    let run = place.diff(&["d.yaml", "c.yaml"]);
    for part in ["changed type: `Thing`: with `colour`\n", "next version: minor ("] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn sides_may_be_revisions_and_folders_of_pages() {
    let place = Place::new();
    place.write("openapi.yaml", BASE);
    place.write("documents/thing.md", PAGE);
    place.write("documents/deeper/readme.md", "No page.\n");
    place.commit();
    place.write("openapi.yaml", &BASE.replace("Name: {type: string}", "Name: {type: boolean}"));
    place.write("documents/thing.md", &PAGE.replace("| top | Integer | How many. |\n", ""));

    let run = place.diff(&["git:HEAD", "openapi.yaml"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("Thing.Name: string → boolean"), "{}", run.stdout);
    assert!(run.stdout.contains("git:HEAD:openapi.yaml:17 (base), openapi.yaml:17 (revision)"), "{}", run.stdout);

    let run = place.diff(&["git:main:documents", "documents"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("maybe breaking[request-parameter-removed]"), "{}", run.stdout);
    assert!(run.stdout.contains("query parameter top"), "{}", run.stdout);
    assert!(run.stdout.contains("--> git:main:documents/thing.md:18 (base)"), "{}", run.stdout);

    let run = place.diff(&["git:HEAD:documents", "git:HEAD:documents/"]);
    assert!(run.stdout.contains("no changes"), "{run:?}");
}

#[test]
fn a_workspace_may_be_a_part_of_its_repository() {
    let place = Place::new();
    place.write("inner/openapi.yaml", BASE);
    place.write("inner/documents/thing.md", PAGE);
    place.commit();
    let mut command = place.command(&["git:HEAD:documents", "documents"]);
    command.env("CARGO_MANIFEST_DIR", place.path().join("inner/xtask")).current_dir(place.path().join("inner"));
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&stderr));
    assert!(String::from_utf8_lossy(&stdout).contains("no changes"), "{stdout:?}");
}

#[test]
fn a_shallow_clone_is_told_apart() {
    let place = Place::new();
    place.write("openapi.yaml", BASE);
    place.commit();
    place.write("other.txt", "");
    place.commit();
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", place.path().display());
    place.git(&["clone", "--quiet", "--depth", "1", &from, clone.path().to_str().unwrap()]);
    let mut command = place.command(&["git:HEAD~1", "openapi.yaml"]);
    command.env("CARGO_MANIFEST_DIR", clone.path().join("xtask")).current_dir(clone.path());
    let stderr = command.output().unwrap().stderr;
    let said = String::from_utf8_lossy(&stderr);
    assert!(said.contains("the clone is shallow: fetch the revision"), "{said}");
}

#[test]
fn what_documents_say_does_not_steer_the_terminal() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    place.write("b.yaml", &BASE.replace("/api/v1/Thing:", "\"/api/v1/\\e]0;t\\a\\u202eThing\":"));
    for format in ["text", "markdown", "json"] {
        let run = place.diff(&["a.yaml", "b.yaml", "--format", format, "--verbose"]);
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!run.stdout.contains(steers) && !run.stderr.contains(steers), "{run:?}");
        assert!(run.stdout.contains("]0;t"), "{run:?}");
    }
}

#[test]
fn a_type_of_another_kind_is_told() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    let properties = "      type: object\n      properties:\n        Name: {type: string}\n        Size: {type: integer, format: int32}\n";
    assert!(BASE.contains(properties));
    place.write("b.yaml", &BASE.replace(properties, "      type: string\n      x-extensible-enum: [On, Off]\n"));
    let run = place.diff(&["a.yaml", "b.yaml"]);
    assert!(run.stdout.contains("changed type: `Thing`: was a struct, is an enum\n"), "{}", run.stdout);
}

#[test]
fn the_overlay_applies_to_pages() {
    let place = Place::new();
    place.write("documents/thing.md", PAGE);
    place.write("pages/thing.md", PAGE);
    let overlay = "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n  \
        - {target: \"$.paths['/api/v1/Thing'].get\", update: {deprecated: true}}\n";
    place.write("openapi.overlay.yaml", overlay);
    let own = place.diff(&["pages", "documents"]);
    assert!(own.stdout.contains("compatible[operation-deprecated]"), "{own:?}");
    assert_eq!(own.stderr, "no overlay is applied to `pages`: give one with --overlay FILE\n");
    let both = place.diff(&["pages", "documents", "--overlay", "openapi.overlay.yaml"]);
    assert!(both.stdout.contains("no changes"), "{both:?}");
    assert_eq!(both.stderr, "");
    place.commit();
    let at_revision = place.diff(&["git:HEAD:pages", "git:HEAD:documents"]);
    assert_eq!(at_revision.stderr, "no overlay is applied to `git:HEAD:pages`: give one with --overlay FILE\n");
    // Pages of elsewhere are not meant by it.
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(elsewhere.path().join("pages")).unwrap();
    fs::write(elsewhere.path().join("pages/thing.md"), PAGE).unwrap();
    let folder = elsewhere.path().join("pages");
    let run = place.diff(&[folder.to_str().unwrap(), "documents"]);
    assert_eq!(run.stderr, "");
}

#[test]
fn an_action_of_the_overlay_that_hits_nothing_is_told() {
    let place = Place::new();
    place.write("documents/thing.md", PAGE);
    let overlay = "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n  \
        - {target: \"$.paths['/api/v1/Gone'].get\", update: {deprecated: true}}\n";
    place.write("openapi.overlay.yaml", overlay);
    place.commit();
    let run = place.diff(&["git:HEAD:documents", "documents"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in [
        "warning[overlay-target]",
        "git:HEAD:openapi.overlay.yaml:4:",
        "it was applied to `git:HEAD:documents`",
        "it was applied to `documents`",
    ] {
        assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
    }
    let once = place.diff(&["documents", "documents"]);
    assert_eq!(once.stderr.matches("warning[overlay-target]").count(), 1, "{once:?}");
}

#[test]
fn what_cannot_be_read_is_said_clearly() {
    let place = Place::new();
    place.write("openapi.yaml", BASE);
    place.write("README.md", "# Things\n");
    place.commit();
    place.write("empty/readme.txt", "No page.\n");
    place.write("broken.yaml", "openapi: 3.0.3\ninfo: {title: a}\npaths: []\n");
    place.write("bad/page.md", &PAGE.replace("id: v1Thing_Get\n", ""));
    for (side, part) in [
        ("missing.yaml", "cannot read the contract `missing.yaml`"),
        ("git:nothing", "`git:nothing`: there is no such revision"),
        ("git:HEAD:nothing.yaml", "`git:HEAD:nothing.yaml`: the revision has no such file or folder"),
        ("git:", "a revision is written `git:REV`"),
        ("broken.yaml", "`broken.yaml` is no contract"),
        ("git:HEAD:README.md", "`git:HEAD:README.md` is no contract"),
        ("bad", "error[missing-id]"),
        ("bad", "nothing was compared: mend the pages above"),
        ("empty", "no reference page below `empty`"),
    ] {
        let run = place.diff(&["openapi.yaml", side, "--fail-on", "never"]);
        // 1 is for changes.
        assert_eq!(run.code, Some(2), "{side}: {run:?}");
        assert!(run.stderr.contains(part), "no {part:?} in {}", run.stderr);
        assert_eq!(run.stdout, "", "{side}");
    }
    let run = place.diff(&["bad", "bad", "--skip-bad-pages"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn the_help_says_what_the_exit_codes_mean() {
    let help = Place::new().diff(&["--help"]).stdout;
    for line in ["  0  no change that --fail-on names\n", "  1  such a change\n", "  2  nothing was compared: "] {
        assert!(help.contains(line), "no {line:?} in {help}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    place.write("a.yaml", BASE);
    let mut command = place.command(&["a.yaml", "a.yaml"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
