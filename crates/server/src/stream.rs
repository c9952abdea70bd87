//! A connection's stream that neither a slow reader nor a request that is never read to its end can hold.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long the rest of a request is thrown away after its answer.
const LINGER: Duration = Duration::from_secs(1);

/// Says, for one connection, that an answer went out before its request had been read.
///
/// Closing a socket with bytes that nobody read makes the other side lose the answer, so such a connection is read for
/// a while before it is closed.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnreadRest(Arc<AtomicBool>);

impl UnreadRest {
    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is left of a connection whose request did not arrive.
#[derive(Debug)]
pub(crate) struct Remains<S>(Arc<Mutex<Option<S>>>);

impl<S> Remains<S> {
    /// The stream, if a request had begun to arrive on it.
    pub(crate) fn take(&self) -> Option<S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A stream on which every write comes to its end: the other side has `write_timeout` to take some of it.
#[derive(Debug)]
pub(crate) struct GuardedStream<S> {
    /// Always there until the end.
    stream: Option<S>,
    write_timeout: Duration,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Runs while the rest of a request is thrown away.
    lingering: Option<Pin<Box<Sleep>>>,
    unread_rest: UnreadRest,
    /// Whether bytes came since anything was answered.
    is_mid_request: bool,
    remains: Remains<S>,
}

impl<S> GuardedStream<S> {
    pub(crate) fn new(stream: S, write_timeout: Duration) -> Self {
        Self {
            stream: Some(stream),
            write_timeout,
            stalled: None,
            lingering: None,
            unread_rest: UnreadRest::default(),
            is_mid_request: false,
            remains: Remains(Arc::default()),
        }
    }

    pub(crate) fn unread_rest(&self) -> UnreadRest {
        self.unread_rest.clone()
    }

    /// Where the stream goes when it is let go in the middle of a request.
    pub(crate) fn remains(&self) -> Remains<S> {
        Remains(Arc::clone(&self.remains.0))
    }

    fn stream(&mut self) -> Pin<&mut S>
    where
        S: Unpin,
    {
        Pin::new(self.stream.as_mut().expect("there until it is dropped"))
    }

    /// What a write came to, or its end where it has waited for too long.
    fn in_time<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            self.is_mid_request = false;
            return written;
        }
        let timeout = self.write_timeout;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(timeout))).as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the answer was not read in time")))
    }
}

impl<S> Drop for GuardedStream<S> {
    fn drop(&mut self) {
        if self.is_mid_request {
            *self.remains.0.lock().unwrap_or_else(PoisonError::into_inner) = self.stream.take();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.stream().poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.is_mid_request = true;
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write(cx, bytes);
        self.in_time(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write_vectored(cx, slices);
        self.in_time(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_mid_request = false;
        if self.lingering.is_none() {
            ready!(self.stream().poll_shutdown(cx))?;
            if !self.unread_rest.is_noted() {
                return Poll::Ready(Ok(()));
            }
        }
        let lingering = self.lingering.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if lingering.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut thrown_away = [0; 8 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut thrown_away);
            // An end and an error are the same here: nothing more will come.
            if ready!(self.stream().poll_read(cx, &mut buffer)).is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// Writes the last answer of a connection and closes it. The other side has a second to take it.
pub(crate) async fn say_and_close<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, answer: &[u8]) {
    let said = async {
        stream.write_all(answer).await?;
        stream.shutdown().await?;
        let mut thrown_away = [0; 8 * 1024];
        while stream.read(&mut thrown_away).await? > 0 {}
        io::Result::Ok(())
    };
    // Whoever does not take it, or breaks it off, does without.
    drop(tokio::time::timeout(LINGER, said).await);
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    const SOON: Duration = Duration::from_millis(50);

    #[tokio::test(start_paused = true)]
    async fn reader_that_takes_nothing_ends_the_write() {
        let (ours, mut theirs) = duplex(16);
        let mut stream = GuardedStream::new(ours, SOON);
        let error = stream.write_all(&[b'x'; 64]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);

        // Who takes a little every now and then is waited for: longer than the time-out in all.
        theirs.read_exact(&mut [0; 16]).await.unwrap();
        // Either that fails ends both: the other would wait for ever.
        let both = tokio::try_join!(stream.write_all(&[b'x'; 64]), async {
            for _ in 0..4 {
                sleep(SOON / 2).await;
                theirs.read_exact(&mut [0; 16]).await?;
            }
            io::Result::Ok(())
        });
        assert!(both.is_ok(), "{both:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn rest_of_a_request_is_thrown_away_before_the_end() {
        let (ours, mut theirs) = duplex(16);
        let mut stream = GuardedStream::new(ours, SOON);
        stream.unread_rest().note();
        let both = tokio::try_join!(stream.shutdown(), async {
            theirs.write_all(&[b'x'; 4096]).await?;
            theirs.shutdown().await
        });
        assert!(both.is_ok(), "{both:?}");
    }

    #[tokio::test]
    async fn only_the_stream_of_a_begun_request_remains() {
        for (came, answered, expected) in [(false, false, false), (true, false, true), (true, true, false)] {
            let (ours, mut theirs) = duplex(16);
            let mut stream = GuardedStream::new(ours, SOON);
            let remains = stream.remains();
            if came {
                theirs.write_all(b"GET").await.unwrap();
                stream.read_exact(&mut [0; 3]).await.unwrap();
            }
            if answered {
                stream.write_all(b"HTTP").await.unwrap();
            }
            drop(stream);
            assert_eq!(remains.take().is_some(), expected, "{came} {answered}");
        }
    }
}
