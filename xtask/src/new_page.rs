//! `cargo xtask new-page`: the skeleton of a page that reader and inference understand as it was meant, but for the
//! texts that wait for its author.

mod body;
mod headers;
mod proof;
mod route;
mod skeleton;
mod values;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use docwright_contract::Contract;
use docwright_contract::model::Method;
use docwright_pages::page::Spanned;
use docwright_pages::{Page, position};

use crate::cli::NewPageOptions;
use crate::documents::{Reference, page_path};
use crate::overlay_file::OverlayFile;
use crate::pipeline::read_contract;
use crate::report::{UsageError, say};
use crate::workspace::Workspace;
use body::Body;
use headers::Needs;
use proof::{Asked, Proof};
use route::Route;
use skeleton::{Content, Skeleton};
use values::{Place, Typed};

/// Methods whose calls have no body.
const BODILESS: [Method; 4] = [Method::Get, Method::Head, Method::Options, Method::Trace];
/// Statuses whose answers have none.
const EMPTY: [u16; 2] = [204, 205];

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &NewPageOptions) -> anyhow::Result<bool> {
    let own = workspace.documents();
    let folder = options.out.as_deref().unwrap_or(&own);
    let route = Route::parse(&options.method, &options.path)?;
    let statuses = statuses(&route, options)?;
    let reference = Reference::read_if_any(folder)?;
    let sources = reference.sources();
    let pages: Vec<&Page> = sources.iter().map(|source| source.page).collect();
    let place = |page: &Page, at: &Spanned<String>| {
        let text = sources.iter().find(|source| source.page.path == page.path).map_or("", |source| source.text);
        format!("{}:{}", page.path, position(text, at.span.start).line)
    };
    if let Some(other) = pages.iter().find(|page| route.is_of(page)) {
        let place = place(other, &other.path_template);
        let help = "change that page, or give another method or path";
        return Err(UsageError(format!(
            "`{} {}` is described already, as `{}`\n  --> {place}\n  help: {help}",
            route.method.as_str(),
            other.path_template.value,
            other.id.value
        ))
        .into());
    }
    if let Some(other) = pages.iter().find(|page| route.is_renamed_by(page)) {
        let place = place(other, &other.path_template);
        let help = format!("name its parameters alike: '{}'", other.path_template.value);
        let path = &route.path;
        return Err(UsageError(format!(
            "another page names the parameters of `{path}` differently\n  --> {place}\n  help: {help}"
        ))
        .into());
    }
    if options.idempotent && BODILESS.contains(&route.method) {
        let method = route.method.as_str();
        let help = "leave `--idempotent` away: clients repeat it without a key";
        return Err(UsageError(format!("a {method} changes nothing that could happen twice\n  help: {help}")).into());
    }
    let id = match &options.id {
        Some(id) => id.clone(),
        None => route.derived_id(&pages, options.array).ok_or_else(|| {
            UsageError(format!("`{}` has no word to make an id of\n  help: give one with `--id`", route.path))
        })?,
    };
    check_id(&id)?;
    if let Some(other) = route::taken(&id, &pages) {
        let place = place(other, &other.id);
        let help = "give another id with `--id`";
        return Err(UsageError(format!("the id `{}` is taken\n  --> {place}\n  help: {help}", other.id.value)).into());
    }

    let overlay = if same_folder(folder, &own) { Some(OverlayFile::read(&workspace.overlay())?) } else { None };
    let proof = Proof::new(&sources, overlay.as_ref().map(|file| &file.overlay))?;
    let contract = if pages.is_empty() { committed(workspace)? } else { proof.before().clone() };
    let body = options.body.as_deref().map(|name| Body::named(name, &contract)).transpose()?.map(Body::sent);
    let answer = options.carrier.as_deref().map(|name| Body::named(name, &contract)).transpose()?;
    let needs = Needs {
        sign_in: !options.no_sign_in,
        session_key: options.session_key,
        idempotency: options.idempotent,
        request_body: body.is_some(),
        answer_body: answer.is_some(),
    };
    let skeleton = Skeleton {
        query: query(options, &route)?,
        headers: headers::rows(&pages, needs),
        signs_in: needs.sign_in,
        request: body.map(|body| Content { body, is_list: options.body_array }),
        answer: answer.map(|body| Content { body, is_list: options.array }),
        statuses,
        route,
        id,
    };
    let file = folder.join(format!("{}.md", skeleton.id));
    let path = page_path(folder, &file);
    let text = skeleton.markdown();
    let asked = Asked {
        id: &skeleton.id,
        request: skeleton.request.as_ref().map(|request| &request.body),
        answer: skeleton.answer.as_ref().map(|answer| &answer.body),
    };
    let blanks = proof.of(&path, &text, &asked)?;
    write(&file, &text)?;

    // As the other commands name what they write.
    let shown = if options.out.is_some() { file.display().to_string() } else { path };
    let route = &skeleton.route;
    say(format_args!("created {shown}: `{} {}` as `{}`", route.method.as_str(), route.path, skeleton.id));
    say("to be filled in:");
    for (line, what) in blanks {
        say(format_args!("  {shown}:{line}: {what}"));
    }
    if options.session_key && overlay.is_some() {
        say("to be added to openapi.overlay.yaml, where the key of a session counts as a way to sign in:");
        let path = route.path.replace('\'', "\\'");
        say(format_args!("  - target: $.paths['{path}'].{}.security", route.method.key()));
        say("    update:\n      chatSessionKey: []");
    }
    say(format_args!("then: {}", next(options.out.as_deref())));
    Ok(true)
}

/// The statuses that the page lists; a body needs one that has content.
fn statuses(route: &Route, options: &NewPageOptions) -> Result<Vec<u16>, UsageError> {
    let has_content = |status: &u16| (200..300).contains(status) && !EMPTY.contains(status);
    if options.body.is_some() && BODILESS.contains(&route.method) {
        let method = route.method.as_str();
        let help = "leave `--body` away, or describe a POST, PUT, PATCH or DELETE";
        return Err(UsageError(format!("a {method} has no body\n  help: {help}")));
    }
    if options.status.is_empty() {
        return match (&options.carrier, route.method) {
            (Some(_), _) => Ok(vec![200]),
            (None, Method::Get) => {
                let help = "name it with `--carrier`, such as `--carrier bool`, or say `--status 204`";
                Err(UsageError(format!("a GET answers something\n  help: {help}")))
            }
            (None, _) => Ok(vec![204]),
        };
    }
    let mut statuses: Vec<u16> = Vec::new();
    for status in &options.status {
        if !(100..600).contains(status) {
            return Err(UsageError(format!("`{status}` is no status\n  help: write one from 100 to 599")));
        }
        if !statuses.contains(status) {
            statuses.push(*status);
        }
    }
    if options.carrier.is_some() && !statuses.iter().any(has_content) {
        let help = "add `--status 200`, or leave `--carrier` away";
        return Err(UsageError(format!(
            "none of the statuses has content, but `--carrier` names some\n  help: {help}"
        )));
    }
    Ok(statuses)
}

fn query(options: &NewPageOptions, route: &Route) -> Result<Vec<Typed>, UsageError> {
    let mut query: Vec<Typed> = Vec::new();
    for text in &options.query {
        let parameter = Typed::parse(text, Place::Query)?;
        if query.iter().chain(&route.parameters).any(|known| known.name == parameter.name) {
            let help = "give each parameter a name of its own";
            return Err(UsageError(format!("two parameters are called `{}`\n  help: {help}", parameter.name)));
        }
        query.push(parameter);
    }
    Ok(query)
}

/// Ids are file names, and names in code.
fn check_id(id: &str) -> Result<(), UsageError> {
    let fits =
        id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let help = "begin it with a letter, and use letters, digits and `_`: `v1ChatTopicEntity_IsOpen`";
    if fits { Ok(()) } else { Err(UsageError(format!("`{id}` is no id\n  help: {help}"))) }
}

/// The committed contract, for the carriers of a folder that has no pages yet.
fn committed(workspace: &Workspace) -> anyhow::Result<Contract> {
    let text = fs::read_to_string(workspace.contract()).context("cannot read openapi.yaml")?;
    read_contract(&text, "openapi.yaml")
}

/// Writes a new file; one that is there stays as it is.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", file.display());
    fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).with_context(cannot)?;
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    if created.as_ref().is_err_and(|error| error.kind() == ErrorKind::AlreadyExists) {
        let help = "remove it first, or give another id with `--id`";
        return Err(UsageError(format!("`{}` is there already\n  help: {help}", file.display())).into());
    }
    created.and_then(|mut file| file.write_all(text.as_bytes())).with_context(cannot)
}

fn same_folder(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
    real(one) == real(other)
}

/// The command that goes on from a page.
fn next(out: Option<&Path>) -> String {
    match out {
        None => "cargo xtask generate --verbose".to_owned(),
        Some(folder) => {
            format!("cargo xtask generate --documents {} --out target/reference --verbose", folder.display())
        }
    }
}
