//! The request's body on its way out: counted while it streams; what went wrong is kept for the one who waits for the answer.

use super::error::{BoxError, EgressError, Part};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

type GuestBody = Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>;

/// How an upload went; shared by the body, which the connection owns, and the exchange.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    over: AtomicBool,
    failure: Mutex<Option<EgressError>>,
}

impl Upload {
    /// Whether the connection has let go of the body: only then may it serve another request.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Why the body failed, told once.
    pub(crate) fn take_failure(&self) -> Option<EgressError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, failure: EgressError) -> BoxError {
        let text = failure.to_string();
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        text.into()
    }
}

/// Body of a request, bounded in bytes. Trailers are dropped: `trailer` ends at this hop.
pub(crate) struct RequestBody {
    inner: GuestBody,
    sent: u64,
    bytes_max: u64,
    upload: Arc<Upload>,
}

impl RequestBody {
    pub(crate) fn new<B>(inner: B, bytes_max: u64) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let inner = Box::pin(http_body_util::BodyExt::map_err(inner, Into::into));
        Self { inner, sent: 0, bytes_max, upload: Arc::default() }
    }

    pub(crate) fn upload(&self) -> Arc<Upload> {
        Arc::clone(&self.upload)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let frame = match ready!(self.inner.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(source)) => {
                    return Poll::Ready(Some(Err(self.upload.fail(EgressError::RequestBody { source }))));
                }
                Some(Ok(frame)) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            self.sent = self.sent.saturating_add(data.len() as u64);
            if self.sent > self.bytes_max {
                let failure = EgressError::TooLarge { part: Part::RequestBody, bytes_max: self.bytes_max };
                return Poll::Ready(Some(Err(self.upload.fail(failure))));
            }
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.upload.over.store(true, Ordering::Release);
    }
}
