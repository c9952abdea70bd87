//! `cargo xtask mock`: answers as a contract says, from its examples and schemas.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use docwright_contract::{Contract, read};
use docwright_mock::{Exchange, Mock, Observer};
use tokio::net::TcpListener;

use crate::cli::MockOptions;
use crate::pipeline::read_input;
use crate::report::{counted, note, plural, say};
use crate::workspace::Workspace;

/// More remarks than this are counted, unless all are asked for.
const SHOWN_REMARKS: usize = 20;

/// Serves until interrupted; answers whether that went well.
pub(crate) fn run(workspace: &Workspace, options: &MockOptions) -> anyhow::Result<bool> {
    let path = options.contract.clone().unwrap_or_else(|| workspace.contract());
    let mut mock = Mock::new(read_contract(&path)?);
    if let Some(limit) = options.max_body_bytes {
        mock = mock.with_max_body_bytes(limit);
    }
    remarks(&mock, options.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    runtime.block_on(serve(mock, options))?;
    Ok(true)
}

async fn serve(mock: Mock, options: &MockOptions) -> anyhow::Result<()> {
    let listener =
        TcpListener::bind(options.listen).await.with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr().context("cannot tell the address")?;
    let served = counted(mock.served_count(), "operation", "operations");
    say(format_args!("serving on http://{address}: {served} of `{}`", mock.contract().info.title));
    let bases = mock.base_paths();
    if !bases.is_empty() {
        say(format_args!("paths may begin with {}", bases.join(" or ")));
    }
    let observer = observer(options.verbose);
    let stop = async {
        // Without a signal to wait for, it serves until it is ended otherwise.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    docwright_mock::serve(listener, Arc::new(mock), Some(observer), stop).await.context("cannot serve")?;
    say("stopped");
    Ok(())
}

/// What is odd about an answer is said once; everything, where that is asked for.
fn observer(verbose: bool) -> Observer {
    let known: Mutex<BTreeSet<String>> = Mutex::default();
    Arc::new(move |exchange: &Exchange<'_>| {
        if verbose {
            note(format_args!("{} {} {}", exchange.status.as_u16(), exchange.method, exchange.uri));
        }
        if let Some(remark) = exchange.remark {
            let line = format!("{} {}: {remark}", exchange.method, exchange.uri.path());
            if known.lock().unwrap_or_else(PoisonError::into_inner).insert(line.clone()) {
                note(format_args!("remark: {line}"));
            }
        }
    })
}

fn remarks(mock: &Mock, verbose: bool) {
    let remarks = mock.remarks();
    // What is not served at all is never cut short.
    let (unserved, partly): (Vec<_>, Vec<_>) = remarks.iter().partition(|remark| remark.unserved);
    let shown = if verbose { partly.len() } else { SHOWN_REMARKS };
    unserved.iter().chain(partly.iter().take(shown)).for_each(note);
    if partly.len() > shown {
        note(format_args!("… and {} more; --verbose lists all", plural(partly.len() - shown, "remark")));
    }
}

/// The contract of a file; what the reader assumed or left out is said.
fn read_contract(path: &Path) -> anyhow::Result<Contract> {
    let text = read_input(path, "contract")?;
    let read = read::document(&text).with_context(|| format!("`{}` is no contract", path.display()))?;
    for shown in read.notes.iter().take(SHOWN_REMARKS) {
        note(format_args!("{}: {shown}", path.display()));
    }
    if let Some(hidden) = read.notes.len().checked_sub(SHOWN_REMARKS).filter(|hidden| *hidden > 0) {
        note(format_args!("{} of the reader are not shown", counted(hidden, "further note", "further notes")));
    }
    Ok(read.contract)
}
