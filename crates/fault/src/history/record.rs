//! Writing a history while it happens, and reading it afterwards.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{Event, Fault, FinalState, History, Setup};

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Setup(Setup),
    Event(Event),
    Fault(Fault),
    Final(FinalState),
}

/// Writes down what happens, and says when.
#[derive(Debug)]
pub struct Recorder {
    begin: Instant,
    operations: AtomicU64,
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    history: History,
    file: Option<File>,
    /// Why the file ends early.
    error: Option<std::io::Error>,
}

/// Why a file is no history.
#[derive(Debug)]
pub struct ReadError {
    path: PathBuf,
    /// Counted from 1; 0 for the file as a whole.
    line: usize,
    reason: String,
}

impl Recorder {
    /// Keeps the history in memory and, where there is one, in a file: what was at the path is replaced.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(file: Option<&Path>) -> std::io::Result<Self> {
        let file = file.map(File::create).transpose()?;
        Ok(Self {
            begin: Instant::now(),
            operations: AtomicU64::new(0),
            written: Mutex::new(Written { file, ..Written::default() }),
        })
    }

    /// Microseconds since the beginning, by a clock that only goes forward.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The number of a new operation.
    pub fn operation(&self) -> u64 {
        self.operations.fetch_add(1, Ordering::Relaxed)
    }

    /// Says who may do what, once, before the first event.
    pub fn setup(&self, setup: Setup) {
        self.with(|written| {
            written.line(&Line::Setup(setup.clone()));
            written.history.setup = setup;
        });
    }

    /// Adds a call that ended.
    pub fn event(&self, event: Event) {
        self.with(|written| {
            let line = Line::Event(event);
            written.line(&line);
            if let Line::Event(event) = line {
                written.history.events.push(event);
            }
        });
    }

    /// Adds a blow to the service that is over.
    pub fn fault(&self, fault: Fault) {
        self.with(|written| {
            written.line(&Line::Fault(fault));
            written.history.faults.push(fault);
        });
    }

    /// Adds what the service says in the end, and gives the whole.
    ///
    /// # Errors
    /// The file could not be written to its end.
    pub fn finish(&self, end: FinalState) -> std::io::Result<History> {
        self.with(|written| {
            written.line(&Line::Final(end.clone()));
            written.history.end = end;
            written.error.take().map_or_else(|| Ok(std::mem::take(&mut written.history)), Err)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Written) -> T) -> T {
        work(&mut self.written.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Written {
    fn line(&mut self, line: &Line) {
        let Some(file) = &mut self.file else { return };
        let text = serde_json::to_string(line).map_err(std::io::Error::from);
        // A call of its own for every line: what happened is in the file even when this process dies.
        if let Err(error) = text.and_then(|text| file.write_all(format!("{text}\n").as_bytes())) {
            self.file = None;
            self.error = Some(error);
        }
    }
}

/// Reads a history that a [`Recorder`] wrote.
///
/// # Errors
/// - the file cannot be read;
/// - a line is none of a history;
/// - the final state is missing, because the run was broken off.
pub fn read(path: &Path) -> Result<History, ReadError> {
    let error = |line, reason: String| ReadError { path: path.to_owned(), line, reason };
    let file = File::open(path).map_err(|reason| error(0, reason.to_string()))?;
    let mut history = History::default();
    let mut is_whole = false;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|reason| error(index + 1, reason.to_string()))?;
        match serde_json::from_str(&line).map_err(|reason| error(index + 1, reason.to_string()))? {
            Line::Setup(setup) => history.setup = setup,
            Line::Event(event) => history.events.push(event),
            Line::Fault(fault) => history.faults.push(fault),
            Line::Final(end) => (history.end, is_whole) = (end, true),
        }
    }
    if is_whole { Ok(history) } else { Err(error(0, "has no final state: the run was broken off".to_owned())) }
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, line, reason } = self;
        match line {
            0 => write!(f, "`{}`: {reason}", path.display()),
            line => write!(f, "`{}`, line {line}: {reason}", path.display()),
        }
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use super::super::{Answer, Call, Client, Hit, Outcome, Pickup, Session};
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let recorder = Recorder::new(Some(&path)).unwrap();
        let responders = [(1, vec![2, 3])].into();
        recorder.setup(Setup { seed: 9, responders, pickup: Pickup::SkipsHeld });
        for outcome in [
            Outcome::Ok(Answer::Session(Session { id: 4, ..Session::default() })),
            Outcome::Refused(404),
            Outcome::Failed(503),
            Outcome::Unknown("the connection broke".to_owned()),
        ] {
            let (operation, start) = (recorder.operation(), recorder.now());
            let end = recorder.now();
            recorder.event(Event {
                client: Client::Agent(2),
                operation,
                server: 0,
                call: Call::PickUp,
                start,
                end,
                outcome,
            });
        }
        for hit in [Hit::Server(2), Hit::Database] {
            recorder.fault(Fault { hit, start: recorder.now(), end: recorder.now() });
        }
        assert!(read(&path).unwrap_err().to_string().contains("has no final state"));
        let end = FinalState { messages: [(4, Vec::new())].into(), ..FinalState::default() };
        let history = recorder.finish(end).unwrap();
        assert_eq!((history.events.len(), history.faults.len()), (4, 2));
        assert_eq!(read(&path).unwrap(), history);
        std::fs::write(&path, "{}\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("line 1: "));
    }
}
