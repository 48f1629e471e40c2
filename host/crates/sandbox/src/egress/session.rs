//! Outgoing requests of one guest request: checked, counted, sent, and cut when the session ends.
//! The `wasi:http` hook makes one session per guest request and calls `send` for each outgoing one.

use super::answer::{AnswerLimits, EgressBody};
use super::error::{BoxError, EgressError, Part, Phase};
use super::exchange::{Checked, Exchange};
use super::ledger::Ledger;
use super::pool::Key;
use super::target::Target;
use super::upload::RequestBody;
use super::{Caller, Egress, headers};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, Uri, Version};
use http_body::Body;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use yizhan_domain::limits::AppLimits;

/// Times that a guest asks for; each only shortens what the limits allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Look-up, TCP and TLS together.
    pub connect: Option<Duration>,
    /// From sending to the answer's headers.
    pub first_byte: Option<Duration>,
    /// Between two pieces of the answer's body.
    pub between_bytes: Option<Duration>,
}

/// The right of one guest request to send some; dropping it cuts every request that still runs.
#[derive(Debug)]
pub struct EgressSession {
    egress: Egress,
    caller: Caller,
    allow: Arc<[Target]>,
    limits: AppLimits,
    ledger: Arc<Ledger>,
}

impl EgressSession {
    /// A session for `caller`, who may reach exactly the destinations of `allow`. The `egress_*` limits and
    /// `field_bytes_max` hold.
    #[must_use]
    pub fn new(egress: &Egress, caller: Caller, allow: Arc<[Target]>, limits: &AppLimits) -> Self {
        let ledger = Arc::new(Ledger::new(limits.egress_requests_max, limits.egress_concurrent_max));
        Self { egress: egress.clone(), caller, allow, limits: *limits, ledger }
    }

    /// Sends a request; redirects come back as they are. The future is independent of the session's borrow, so it can be
    /// spawned, and ends with `Cancelled` when the session does. The place among the concurrent requests is held until
    /// the answer's body ends or is dropped.
    pub fn send<B>(
        &self,
        request: Request<B>,
        timeouts: Timeouts,
    ) -> impl Future<Output = Result<Response<EgressBody>, EgressError>> + Send + 'static + use<B>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let entered = self.ledger.enter().and_then(|ticket| Ok((ticket, self.check(request)?)));
        let exchange = self.exchange(timeouts);
        async move {
            let (ticket, checked) = entered?;
            let (over, until) = (ticket.ledger().over().clone(), exchange.answer.until);
            tokio::select! {
                biased;
                () = over.cancelled() => Err(EgressError::Cancelled),
                result = timeout_at(until, exchange.run(ticket, checked)) => {
                    result.unwrap_or(Err(EgressError::Timeout { phase: Phase::Total }))
                }
            }
        }
    }

    /// Cuts every request that runs and refuses new ones; a revocation does this while the guest still holds the session.
    pub fn cancel(&self) {
        self.ledger.close();
    }

    fn exchange(&self, timeouts: Timeouts) -> Exchange {
        let connect_max = Duration::from_millis(self.limits.egress_connect_ms_max);
        let total = Duration::from_millis(self.limits.egress_total_ms_max);
        Exchange {
            egress: self.egress.clone(),
            connect: timeouts.connect.unwrap_or(connect_max).min(connect_max),
            first_byte: timeouts.first_byte,
            answer: AnswerLimits {
                bytes_max: self.limits.egress_bytes_max,
                header_bytes_max: self.limits.field_bytes_max,
                until: Instant::now() + total,
                between_bytes: timeouts.between_bytes,
            },
        }
    }

    fn check<B>(&self, request: Request<B>) -> Result<Checked, EgressError>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let (parts, body) = request.into_parts();
        let (target, path) = Target::of_request(&parts.uri)?;
        if !self.allow.contains(&target) {
            return Err(EgressError::denied(format!("{target} is not on the allow-list")));
        }
        if parts.method == Method::CONNECT {
            return Err(EgressError::denied("CONNECT opens a tunnel"));
        }
        let body = RequestBody::new(body, self.limits.egress_bytes_max);
        let upload = body.upload();
        let fields = self.request_fields(&parts.headers, &target, &body)?;
        let mut request = Request::new(body);
        *request.method_mut() = parts.method;
        *request.uri_mut() = Uri::from(path);
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = fields;
        Ok(Checked { key: Key { caller: self.caller.clone(), target }, request, upload })
    }

    /// The fields that leave: `host` is ours, hop-by-hop fields are gone, the length is one number that fits the limit.
    fn request_fields(&self, found: &HeaderMap, target: &Target, body: &RequestBody) -> Result<HeaderMap, EgressError> {
        let (header_max, body_max) = (self.limits.field_bytes_max, self.limits.egress_bytes_max);
        if headers::field_bytes(found) > header_max {
            return Err(EgressError::TooLarge { part: Part::RequestHeader, bytes_max: header_max });
        }
        let announced = headers::content_length(found)?;
        let exact = body.size_hint().exact();
        if announced.or(exact).is_some_and(|length| length > body_max) {
            return Err(EgressError::TooLarge { part: Part::RequestBody, bytes_max: body_max });
        }
        if announced.is_some() && exact.is_some() && announced != exact {
            return Err(EgressError::protocol("content-length differs from the body"));
        }
        let host = HeaderValue::try_from(target.authority())
            .map_err(|error| EgressError::Protocol { source: Box::new(error) })?;
        let mut fields = HeaderMap::with_capacity(found.len() + 1);
        fields.insert(header::HOST, host);
        let mut passed = found.clone();
        headers::strip_hop_by_hop(&mut passed);
        passed.remove(header::HOST);
        passed.remove(header::CONTENT_LENGTH);
        fields.extend(passed);
        if let Some(length) = announced {
            fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(fields)
    }
}

impl Drop for EgressSession {
    fn drop(&mut self) {
        self.ledger.close();
    }
}
