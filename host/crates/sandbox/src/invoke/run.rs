//! Runs a guest inside the handler's own future. If it is done when it answers, the answer is one piece; else the rest of it
//! runs as a task of its own while the client reads.

use super::{Answer, Cost, Held, failure};
use crate::SandboxError;
use crate::body::GuestBody;
use crate::guest::GuestContext;
use crate::meter::Meter;
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime::Store;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{Error, WasiHttpView};

type Head = Result<http::Response<UnsyncBoxBody<Bytes, Error>>, String>;
type Slot = Arc<Mutex<Option<Head>>>;
type Ended = (Store<GuestContext>, wasmtime::Result<()>);
type SignedOut = yizhan_auth::permit::Ended;

/// The guest under way: its future, its CPU meter, and the wall clock, which is set when the guest first waits.
struct Guest {
    future: Pin<Box<dyn Future<Output = Ended> + Send>>,
    meter: Arc<Meter>,
    begun: Instant,
    wall: Option<Pin<Box<Sleep>>>,
    wall_ms: u64,
    wall_limit: &'static str,
    /// Ends when whoever is answered was signed out; none when nobody is signed in.
    signed_out: Option<SignedOut>,
}

enum Step {
    Ended(Box<Ended>),
    TooSlow,
    SignedOut,
}

impl Guest {
    fn new(
        future: Pin<Box<dyn Future<Output = Ended> + Send>>,
        (meter, signed_out): (Arc<Meter>, Option<SignedOut>),
        bounds: &Bounds,
    ) -> Self {
        let (wall_ms, wall_limit) = if bounds.header_ms < bounds.wall_ms {
            (bounds.header_ms, "header_ms_max")
        } else {
            (bounds.wall_ms, "request_ms_max")
        };
        Self { future, meter, begun: Instant::now(), wall: None, wall_ms, wall_limit, signed_out }
    }

    /// From here on the limit for the whole request counts.
    fn wall_until_end(&mut self, wall_ms: u64) {
        self.wall_ms = wall_ms;
        self.wall_limit = "request_ms_max";
        self.wall = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        let future = &mut self.future;
        if let Poll::Ready(ended) = self.meter.poll(|| future.as_mut().poll(cx)) {
            return Poll::Ready(Step::Ended(Box::new(ended)));
        }
        // Told only while the guest waits: what it does by itself is bounded by its CPU time.
        if self.signed_out.as_mut().is_some_and(|ended| ended.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(Step::SignedOut);
        }
        let end = self.begun + Duration::from_millis(self.wall_ms);
        let wall = self.wall.get_or_insert_with(|| Box::pin(sleep_until(end)));
        wall.as_mut().poll(cx).map(|()| Step::TooSlow)
    }
}

pub(super) async fn p2<B>(
    pre: &ProxyPre<GuestContext>,
    mut store: Store<GuestContext>,
    request: http::Request<B>,
    place: Held,
) -> Result<Answer, SandboxError>
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    let slot = Slot::default();
    let sink = Arc::clone(&slot);
    let unready = |error: wasmtime::Error| SandboxError::NoAnswer(format!("{error:#}"));
    let request = store.data_mut().http().new_incoming_request(Scheme::Http, request).map_err(unready)?;
    let out = store.data_mut().http().new_response_outparam_from_callback(move |head| {
        let head = head.map_err(|code| format!("{code:?}"));
        *sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
    });
    let out = out.map_err(unready)?;
    let meter = Arc::clone(&store.data().meter);
    let (bounds, signed_out) = (Bounds::of(&store), signed_out(&store));
    let pre = pre.clone();
    let future = async move {
        let result = match pre.instantiate_async(&mut store).await {
            Ok(proxy) => proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await,
            Err(error) => Err(error),
        };
        (store, result)
    };
    finish(Guest::new(Box::pin(future), (meter, signed_out), &bounds), bounds, slot, place).await
}

pub(super) async fn p3<B>(
    pre: &ServicePre<GuestContext>,
    mut store: Store<GuestContext>,
    request: http::Request<B>,
    place: Held,
) -> Result<Answer, SandboxError>
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    let slot = Slot::default();
    let sink = Arc::clone(&slot);
    let hooks = store.data_mut().http().hooks;
    let request = with_authority(request);
    let (request, sent) = wasmtime_wasi_http::p3::Request::from_http(hooks, request);
    let meter = Arc::clone(&store.data().meter);
    let (bounds, signed_out) = (Bounds::of(&store), signed_out(&store));
    let pre = pre.clone();
    let future = async move {
        let result = async {
            let service = pre.instantiate_async(&mut store).await?;
            store
                .run_concurrent(async |accessor| {
                    let response = match service.handle(accessor, request).await? {
                        Ok(response) => response,
                        Err(code) => {
                            *sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(Err(format!("{code:?}")));
                            return Ok(());
                        }
                    };
                    let response = accessor.with(|mut store| response.into_http(&mut store, sent))?;
                    let (parts, body) = response.into_parts();
                    let (sender, receiver) = tokio::sync::mpsc::channel(4);
                    let frames = UnsyncBoxBody::new(StreamBody::new(Frames(receiver)));
                    let head = http::Response::from_parts(parts, frames);
                    *sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(Ok(head));
                    pump(body, sender).await;
                    wasmtime::Result::Ok(())
                })
                .await?
        }
        .await;
        (store, result)
    };
    finish(Guest::new(Box::pin(future), (meter, signed_out), &bounds), bounds, slot, place).await
}

/// Tells when the person of a request is signed out while it runs.
fn signed_out(store: &Store<GuestContext>) -> Option<SignedOut> {
    let GuestContext { visit, services, .. } = store.data();
    visit.permit.ended(visit.context.id, &services.authorization, &services.clock)
}

/// The target with scheme and authority: WASI 0.3 reads them from the URI alone.
fn with_authority<B>(mut request: http::Request<B>) -> http::Request<B> {
    let host =
        request.headers().get(http::header::HOST).and_then(|host| http::uri::Authority::try_from(host.as_bytes()).ok());
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    parts.authority = parts.authority.or(host);
    if let Ok(uri) = http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// Moves the frames of a P3 answer out of the store: they come only while the store's own loop runs.
async fn pump(
    mut body: impl Body<Data = Bytes, Error = Error> + Unpin,
    sender: tokio::sync::mpsc::Sender<Result<Frame<Bytes>, Error>>,
) {
    while let Some(frame) = body.frame().await {
        if sender.send(frame).await.is_err() {
            break;
        }
    }
}

/// The frames of such an answer, as a stream.
struct Frames(tokio::sync::mpsc::Receiver<Result<Frame<Bytes>, Error>>);

impl futures_core::Stream for Frames {
    type Item = Result<Frame<Bytes>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx)
    }
}

/// What bounds an answer.
struct Bounds {
    header_ms: u64,
    wall_ms: u64,
    body_bytes: u64,
    idle: Duration,
}

impl Bounds {
    fn of(store: &Store<GuestContext>) -> Self {
        let limits = &store.data().version.limits;
        Self {
            header_ms: limits.header_ms_max,
            wall_ms: limits.request_ms_max,
            body_bytes: limits.response_body_bytes_max,
            idle: Duration::from_millis(limits.body_idle_ms_max),
        }
    }
}

async fn finish(mut guest: Guest, bounds: Bounds, slot: Slot, place: Held) -> Result<Answer, SandboxError> {
    let step = poll_fn(|cx| match guest.poll(cx) {
        Poll::Ready(step) => Poll::Ready(Some(step)),
        Poll::Pending if has_head(&slot) => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await;
    match step {
        Some(Step::Ended(ended)) => {
            let spent = guest.meter.spent();
            drop(guest);
            let answer = whole(*ended, take_head(&slot), spent, &bounds);
            drop(place);
            answer
        }
        Some(Step::TooSlow) => Err(SandboxError::TooSlow { limit: guest.wall_limit }),
        Some(Step::SignedOut) => Err(SandboxError::SignedOut),
        None => stream(guest, take_head(&slot), bounds, place),
    }
}

fn has_head(slot: &Slot) -> bool {
    slot.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

fn take_head(slot: &Slot) -> Option<Head> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The guest is done: its answer is all here.
fn whole(ended: Ended, head: Option<Head>, cpu_ns: u64, bounds: &Bounds) -> Result<Answer, SandboxError> {
    let (store, result) = ended;
    if let Err(error) = result {
        return Err(failure::of(&store, &error));
    }
    let cost = Cost { cpu_ns, memory_bytes: store.data().limiter.used() };
    // The ends of the body's channels close with the store: what is read now is all there is.
    drop(store);
    let (parts, mut body) = match head {
        Some(Ok(response)) => response.into_parts(),
        Some(Err(code)) => return Err(SandboxError::NoAnswer(code)),
        None => return Err(SandboxError::NoAnswer("it returned without setting a response".to_owned())),
    };
    let bytes = drain(&mut body, bounds.body_bytes)?;
    Ok(Answer { response: http::Response::from_parts(parts, GuestBody::whole(bytes)), cost })
}

/// Everything that a finished guest left in its body. Trailers are not passed on.
fn drain(body: &mut UnsyncBoxBody<Bytes, Error>, bytes_max: u64) -> Result<Bytes, SandboxError> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    loop {
        match Pin::new(&mut *body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if (first.len() + more.len() + data.len()) as u64 > bytes_max {
                    return Err(SandboxError::LimitExceeded { limit: "response_body_bytes_max" });
                }
                if first.is_empty() && more.is_empty() {
                    first = data;
                } else {
                    more.extend_from_slice(&std::mem::take(&mut first));
                    more.extend_from_slice(&data);
                }
            }
            Poll::Ready(Some(Err(error))) => return Err(SandboxError::NoAnswer(error.to_string())),
            Poll::Ready(None) => break,
            Poll::Pending => return Err(SandboxError::NoAnswer("it left its body open".to_owned())),
        }
    }
    Ok(if more.is_empty() { first } else { more.freeze() })
}

/// The guest has answered and still writes: the rest of it becomes a task, ended when the client goes away.
fn stream(mut guest: Guest, head: Option<Head>, bounds: Bounds, place: Held) -> Result<Answer, SandboxError> {
    let (parts, body) = match head {
        Some(Ok(response)) => response.into_parts(),
        Some(Err(code)) => return Err(SandboxError::NoAnswer(code)),
        None => return Err(SandboxError::NoAnswer("it took its answer back".to_owned())),
    };
    let cost = Cost { cpu_ns: guest.meter.spent(), memory_bytes: 0 };
    let failed = Arc::new(AtomicBool::new(false));
    let outcome = Arc::clone(&failed);
    guest.wall_until_end(bounds.wall_ms);
    let task = tokio::spawn(async move {
        let step = poll_fn(|cx| guest.poll(cx)).await;
        let bad = match &step {
            Step::Ended(ended) => ended.1.is_err(),
            Step::TooSlow | Step::SignedOut => true,
        };
        // Told before the store closes the body's channel.
        outcome.store(bad, Ordering::SeqCst);
        drop(step);
        drop(guest);
        drop(place);
    });
    let body = GuestBody::streamed(body, (bounds.body_bytes, bounds.idle), task, failed);
    Ok(Answer { response: http::Response::from_parts(parts, body), cost })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wasi_0_3_request_knows_its_authority() {
        let request = http::Request::get("/a?b=c").header("host", "echo.localhost:8080").body(()).expect("a request");
        assert_eq!(with_authority(request).uri(), "http://echo.localhost:8080/a?b=c");
        let without = http::Request::get("/a").body(()).expect("a request");
        assert_eq!(with_authority(without).uri(), "/a", "nothing is made up");
    }
}
