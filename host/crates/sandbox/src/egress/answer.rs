//! The answer's body on its way in: counted and timed while it streams; at its end the connection goes back to the pool.

use super::connect::Connection;
use super::error::{EgressError, Part, Phase};
use super::headers;
use super::ledger::Ticket;
use super::pool::{Key, Pool};
use super::upload::Upload;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

/// What a running exchange holds; dropping it closes the connection and frees the place in the session.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) connection: Connection,
    pub(crate) ticket: Ticket,
    pub(crate) upload: Arc<Upload>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) key: Key,
}

/// Bounds of one answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerLimits {
    pub(crate) bytes_max: u64,
    pub(crate) header_bytes_max: u64,
    pub(crate) until: Instant,
    pub(crate) between_bytes: Option<Duration>,
}

/// Body of an answer. Dropping it before its end closes the connection. After an error it has ended.
#[derive(Debug)]
pub struct EgressBody {
    inner: Incoming,
    received: u64,
    limits: AnswerLimits,
    total: Pin<Box<Sleep>>,
    between: Option<Pin<Box<Sleep>>>,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
    /// `None` once the body has ended, well or not.
    lease: Option<Lease>,
}

impl EgressBody {
    pub(crate) fn new(inner: Incoming, lease: Lease, limits: AnswerLimits) -> Self {
        let mut body = Self {
            received: 0,
            limits,
            total: Box::pin(tokio::time::sleep_until(limits.until)),
            between: limits.between_bytes.map(|pause| Box::pin(tokio::time::sleep(pause))),
            over: Box::pin(lease.ticket.ledger().over().clone().cancelled_owned()),
            lease: Some(lease),
            inner,
        };
        if body.inner.is_end_stream() {
            body.finish();
        }
        body
    }

    /// The answer is whole: keep the connection, unless the upload still runs on it.
    fn finish(&mut self) {
        if let Some(Lease { connection, ticket, upload, pool, key }) = self.lease.take() {
            // The place goes first: a session that ends now must not cut a connection of the pool.
            drop(ticket);
            if upload.is_over() {
                pool.put(key, connection);
            }
        }
    }

    fn interruption(&mut self, cx: &mut Context<'_>) -> Option<EgressError> {
        if self.over.as_mut().poll(cx).is_ready() {
            return Some(EgressError::Cancelled);
        }
        self.total.as_mut().poll(cx).is_ready().then_some(EgressError::Timeout { phase: Phase::Total })
    }

    fn pause_is_too_long(&mut self, cx: &mut Context<'_>) -> bool {
        self.between.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready())
    }

    fn accept(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, EgressError> {
        let frame = match frame.into_data() {
            Ok(data) => {
                self.received = self.received.saturating_add(data.len() as u64);
                Frame::data(data)
            }
            Err(other) => match other.into_trailers() {
                Ok(mut trailers) => {
                    headers::strip_hop_by_hop(&mut trailers);
                    self.received = self.received.saturating_add(headers::field_bytes(&trailers));
                    Frame::trailers(trailers)
                }
                Err(_) => return Err(EgressError::protocol("an unknown kind of body frame")),
            },
        };
        if self.received > self.limits.bytes_max {
            return Err(EgressError::TooLarge { part: Part::ResponseBody, bytes_max: self.limits.bytes_max });
        }
        if let (Some(timer), Some(pause)) = (&mut self.between, self.limits.between_bytes) {
            timer.as_mut().reset(Instant::now() + pause);
        }
        Ok(frame)
    }

    /// The error that the guest should see for a failed connection: its own upload's failure stands before it.
    fn failure(&self, error: hyper::Error) -> EgressError {
        let upload = self.lease.as_ref().and_then(|lease| lease.upload.take_failure());
        upload.unwrap_or_else(|| EgressError::from_http(error, self.limits.header_bytes_max))
    }
}

impl Body for EgressBody {
    type Data = Bytes;
    type Error = EgressError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, EgressError>>> {
        if self.lease.is_none() {
            return Poll::Ready(None);
        }
        if let Some(error) = self.interruption(cx) {
            self.lease = None;
            return Poll::Ready(Some(Err(error)));
        }
        let result = match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(None) => {
                self.finish();
                return Poll::Ready(None);
            }
            Poll::Ready(Some(Ok(frame))) => self.accept(frame),
            Poll::Ready(Some(Err(error))) => Err(self.failure(error)),
            Poll::Pending if self.pause_is_too_long(cx) => Err(EgressError::Timeout { phase: Phase::BetweenBytes }),
            Poll::Pending => return Poll::Pending,
        };
        if result.is_err() {
            self.lease = None;
        } else if self.inner.is_end_stream() {
            self.finish();
        }
        Poll::Ready(Some(result))
    }

    fn is_end_stream(&self) -> bool {
        self.lease.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.lease.is_none() { SizeHint::with_exact(0) } else { self.inner.size_hint() }
    }
}
