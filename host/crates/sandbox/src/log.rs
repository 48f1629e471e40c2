//! What a guest writes: standard output, standard error and `wasi:logging`, kept up to a number of bytes per request.

use bytes::Bytes;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError};

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSource {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// `wasi:logging`.
    Logging,
}

/// What one request wrote.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct GuestLog {
    /// Pieces in the order in which they were written. Text is what the guest wrote, not checked in any way.
    pub pieces: Vec<(LogSource, String)>,
    /// Bytes that did not fit and were dropped.
    pub dropped_bytes: u64,
}

/// The log of a request, shared by its streams.
#[derive(Clone)]
pub(crate) struct RequestLog(Arc<Inner>);

struct Inner {
    bytes_max: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: usize,
    log: GuestLog,
}

impl RequestLog {
    pub(crate) fn new(bytes_max: u64) -> Self {
        let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        Self(Arc::new(Inner { bytes_max, kept: Mutex::default() }))
    }

    /// Keeps what fits; counts the rest.
    pub(crate) fn write(&self, source: LogSource, bytes: &[u8]) {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = bytes.len().min(self.0.bytes_max - kept.bytes);
        kept.bytes += fits;
        kept.log.dropped_bytes += (bytes.len() - fits) as u64;
        if fits == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&bytes[..fits]);
        match kept.log.pieces.last_mut() {
            Some((last, piece)) if *last == source && source != LogSource::Logging => piece.push_str(&text),
            _ => kept.log.pieces.push((source, text.into_owned())),
        }
    }

    /// What was written so far.
    pub(crate) fn take(&self) -> GuestLog {
        std::mem::take(&mut self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).log)
    }
}

/// A standard stream of the guest.
pub(crate) struct LogStream {
    pub(crate) log: RequestLog,
    pub(crate) source: LogSource,
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Self { log: self.log.clone(), source: self.source })
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Self { log: self.log.clone(), source: self.source })
    }
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.log.write(self.source, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(64 << 10)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

impl AsyncWrite for LogStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.log.write(self.source, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_and_dropped() {
        let log = RequestLog::new(8);
        log.write(LogSource::Stdout, b"12345");
        log.write(LogSource::Stdout, b"67");
        log.write(LogSource::Stderr, b"89");
        log.write(LogSource::Stderr, b"0");
        let log = log.take();
        assert_eq!(log.pieces, [(LogSource::Stdout, "1234567".into()), (LogSource::Stderr, "8".into())]);
        assert_eq!(log.dropped_bytes, 2);
    }
}
