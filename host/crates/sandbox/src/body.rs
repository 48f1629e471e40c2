//! Bodies on their way in and out of a guest, each with its limits.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep};
use wasmtime_wasi_http::Error;

/// What the request body told while it was read.
#[derive(Debug, Default)]
pub(crate) struct RequestFlags {
    /// The body was larger than allowed.
    pub(crate) too_large: AtomicBool,
}

/// A request body that ends with an error beyond its limit or after silence.
pub(crate) struct RequestBody<B> {
    inner: B,
    left: u64,
    flags: Arc<RequestFlags>,
    idle: Idle,
}

impl<B> RequestBody<B> {
    pub(crate) fn new(inner: B, bytes_max: u64, idle: Duration, flags: Arc<RequestFlags>) -> Self {
        Self { inner, left: bytes_max, flags, idle: Idle::new(idle) }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.idle.reset();
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                if bytes > this.left {
                    this.flags.too_large.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(Error::HttpRequestBodySize(None))));
                }
                this.left -= bytes;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => Poll::Ready(Some(Err(Error::ConnectionTerminated))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => this.idle.poll(cx).map(|()| Some(Err(Error::ConnectionReadTimeout))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Time without a byte. The timer is made when there is something to wait for.
struct Idle {
    after: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    fn new(after: Duration) -> Self {
        Self { after, timer: None }
    }

    fn reset(&mut self) {
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(Instant::now() + self.after);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let after = self.after;
        self.timer.get_or_insert_with(|| Box::pin(sleep(after))).as_mut().poll(cx)
    }
}

/// The answer stopped before its end: the connection is closed so that the client sees it.
#[derive(Debug, thiserror::Error)]
#[error("the answer stopped: {0}")]
pub struct BodyError(pub(crate) &'static str);

/// What a guest answers.
pub struct GuestBody(Kind);

enum Kind {
    Whole(Option<Bytes>),
    Stream(Box<Streamed>),
}

struct Streamed {
    inner: UnsyncBoxBody<Bytes, Error>,
    left: u64,
    idle: Idle,
    /// Runs the guest; ends it when the client goes away.
    guest: JoinHandle<()>,
    failed: Arc<AtomicBool>,
}

impl Drop for Streamed {
    fn drop(&mut self) {
        self.guest.abort();
    }
}

impl GuestBody {
    /// All of it is here.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes)))
    }

    /// The guest still writes.
    pub(crate) fn streamed(
        inner: UnsyncBoxBody<Bytes, Error>,
        limits: (u64, Duration),
        guest: JoinHandle<()>,
        failed: Arc<AtomicBool>,
    ) -> Self {
        let (left, idle) = limits;
        Self(Kind::Stream(Box::new(Streamed { inner, left, idle: Idle::new(idle), guest, failed })))
    }
}

impl Streamed {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.idle.reset();
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                if bytes > self.left {
                    return Poll::Ready(Some(Err(BodyError("response_body_bytes_max"))));
                }
                self.left -= bytes;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(_))) => Poll::Ready(Some(Err(BodyError("the guest ended it early")))),
            // A guest that trapped or ran out of time closes its end like one that is done.
            Poll::Ready(None) if self.failed.load(Ordering::SeqCst) => {
                Poll::Ready(Some(Err(BodyError("the guest failed"))))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.idle.poll(cx).map(|()| Some(Err(BodyError("body_idle_ms_max")))),
        }
    }
}

impl Body for GuestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Stream(streamed) => streamed.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Kind::Stream(streamed) => streamed.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Kind::Stream(streamed) => streamed.inner.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use http_body_util::channel::{Channel, Sender};

    const IDLE: Duration = Duration::from_millis(200);

    type Sending = Sender<Bytes, Error>;
    type Sent = RequestBody<Channel<Bytes, Error>>;

    /// A request body of at most 8 bytes, and who sends it.
    fn request() -> (Sending, Sent, Arc<RequestFlags>) {
        let (sender, body) = Channel::new(4);
        let flags = Arc::new(RequestFlags::default());
        (sender, RequestBody::new(body, 8, IDLE, Arc::clone(&flags)), flags)
    }

    /// An answer of at most 8 bytes, and the guest that sends it.
    fn answer() -> (Sending, GuestBody, Arc<AtomicBool>) {
        let (sender, body) = Channel::new(4);
        let failed = Arc::new(AtomicBool::new(false));
        let guest = tokio::spawn(std::future::pending());
        let body = GuestBody::streamed(UnsyncBoxBody::new(body), (8, IDLE), guest, Arc::clone(&failed));
        (sender, body, failed)
    }

    async fn send(sender: &mut Sending, text: &'static str) {
        sender.send_data(Bytes::from(text)).await.expect("room");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_request_body_and_counts_from_its_last_byte() {
        let (mut sender, mut body, _) = request();
        let begun = Instant::now();
        for _ in 0..3 {
            assert!(is_silent(&mut body).await, "waits");
            tokio::time::advance(IDLE - Duration::from_millis(1)).await;
            send(&mut sender, "1").await;
            body.frame().await.expect("a frame").expect("data");
        }
        let error = soon(&mut body).await.expect_err("silence");
        assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
        assert_eq!(begun.elapsed(), (IDLE - Duration::from_millis(1)) * 3 + IDLE);
    }

    #[tokio::test]
    async fn a_request_body_is_cut_at_its_limit_while_it_streams() {
        let (mut sender, mut body, flags) = request();
        send(&mut sender, "12345678").await;
        body.frame().await.expect("a frame").expect("exactly the limit");
        assert!(!flags.too_large.load(Ordering::Relaxed));
        send(&mut sender, "9").await;
        let error = body.frame().await.expect("an end").expect_err("one more");
        assert!(matches!(error, Error::HttpRequestBodySize(_)) && flags.too_large.load(Ordering::Relaxed), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_an_answer() {
        let (mut sender, mut body, _) = answer();
        send(&mut sender, "1").await;
        body.frame().await.expect("a frame").expect("data");
        let begun = Instant::now();
        assert_eq!(soon(&mut body).await.expect_err("silence").0, "body_idle_ms_max");
        assert_eq!(begun.elapsed(), IDLE);
    }

    #[tokio::test]
    async fn an_answer_is_cut_at_its_limit_while_it_streams() {
        let (mut sender, mut body, _) = answer();
        send(&mut sender, "12345678").await;
        body.frame().await.expect("a frame").expect("exactly the limit");
        send(&mut sender, "9").await;
        assert_eq!(body.frame().await.expect("an end").expect_err("one more").0, "response_body_bytes_max");
    }

    #[tokio::test]
    async fn an_answer_whose_guest_failed_does_not_end_well() {
        let (sender, mut body, failed) = answer();
        failed.store(true, Ordering::SeqCst);
        drop(sender);
        assert!(body.frame().await.expect("an end").is_err());
        let (sender, mut body, _) = answer();
        drop(sender);
        assert!(body.frame().await.is_none());
    }

    /// The next frame, which must come soon.
    async fn soon<B: Body + Unpin>(body: &mut B) -> Result<Frame<B::Data>, B::Error> {
        tokio::time::timeout(IDLE * 10, body.frame()).await.expect("in time").expect("not the end")
    }

    /// Polls once: whether there is nothing yet.
    async fn is_silent(body: &mut (impl Body + Unpin)) -> bool {
        std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *body).poll_frame(cx).is_pending())).await
    }
}
