//! Being told to end, which is passed on to everything that was started.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, bail};
use tokio::runtime::Builder;

/// What a shell answers for a program that Ctrl-C ended.
const EXIT_CODE: i32 = 130;

/// Whether this process was told to end. Whoever waits for something asks again and again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// From now on Ctrl-C and, on Unix, SIGTERM end nothing by themselves. The second of them ends the process at once.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let interruption = Self::default();
        let told = interruption.clone();
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot wait for signals")?;
        let signals = {
            let _inside = runtime.enter();
            Signals::new().context("cannot wait for signals")?
        };
        thread::spawn(move || {
            runtime.block_on(async {
                let mut signals = signals;
                while signals.next().await {
                    if told.0.swap(true, Ordering::Relaxed) {
                        std::process::exit(EXIT_CODE);
                    }
                }
            });
        });
        Ok(interruption)
    }

    /// # Errors
    /// When this process was told to end.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if self.0.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn interrupted() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    /// Comes with the next signal; whether there may be another.
    async fn next(&mut self) -> bool {
        let [interrupt, terminate] = &mut self.0;
        tokio::select! {
            signal = interrupt.recv() => signal.is_some(),
            signal = terminate.recv() => signal.is_some(),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
