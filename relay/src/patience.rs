//! A stream whose reader may be slow, but may not stop: what takes nothing for too long fails.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::clock::Clock;

/// A [`TcpStream`] that gives up on a reader that takes nothing for a while. Reading from it is as ever.
pub(crate) struct Patient {
    stream: TcpStream,
    clock: Clock,
    stall_max: Duration,
    /// Ends when the reader has taken nothing for too long; there while something waits for it.
    stalled: Option<BoxFuture<'static, ()>>,
}

impl Patient {
    pub(crate) fn new(stream: TcpStream, clock: Clock, stall_max: Duration) -> Self {
        Self { stream, clock, stall_max, stalled: None }
    }

    /// The stream itself, for who keeps its own time.
    pub(crate) fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// What a write gave, or that its patience is over.
    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let (clock, stall_max) = (self.clock, self.stall_max);
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(async move { clock.sleep(stall_max).await }));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// More than a system holds for one connection.
    const BYTES: usize = 16 << 20;

    async fn pair(stall_max: Duration) -> (Patient, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        (Patient::new(stream, Clock::start(), stall_max), client)
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_given_up() {
        let (mut patient, _client) = pair(Duration::ZERO).await;
        let error = patient.write_all(&vec![0; BYTES]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_reader_that_takes_everything_gets_everything() {
        let (mut patient, mut client) = pair(Duration::from_mins(1)).await;
        let sent = vec![0; BYTES];
        let read = async {
            let mut received = vec![1; BYTES];
            client.read_exact(&mut received).await.unwrap();
            received
        };
        let (written, received) = tokio::join!(patient.write_all(&sent), read);
        written.unwrap();
        assert!(received == sent);
        assert!(patient.stalled.is_none());
    }
}
