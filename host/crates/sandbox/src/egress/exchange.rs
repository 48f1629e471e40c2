//! One checked request and its answer: takes a kept connection or a new one, sends, and hands the answer's body its bounds.
//! Called by the session alone.

use super::Egress;
use super::answer::{AnswerLimits, EgressBody, Lease};
use super::connect::Connection;
use super::error::{EgressError, Part, Phase};
use super::headers;
use super::ledger::Ticket;
use super::pool::Key;
use super::upload::{RequestBody, Upload};
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a kept connection may take to be ready for the next request before another is opened.
const READY_TIME: Duration = Duration::from_millis(20);

/// A request that passed the checks.
pub(crate) struct Checked {
    pub(crate) key: Key,
    pub(crate) request: Request<RequestBody>,
    pub(crate) upload: Arc<Upload>,
}

/// All that one exchange needs besides its request; owns no part of the session.
pub(crate) struct Exchange {
    pub(crate) egress: Egress,
    pub(crate) connect: Duration,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) answer: AnswerLimits,
}

impl Exchange {
    pub(crate) async fn run(self, ticket: Ticket, checked: Checked) -> Result<Response<EgressBody>, EgressError> {
        let Checked { key, mut request, upload } = checked;
        loop {
            let kept = self.kept_connection(&key).await;
            let reused = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.egress.connect(&key.target, self.connect, self.answer.header_bytes_max).await?,
            };
            ticket.hold(connection.driver.clone());
            match self.first_byte(&mut connection, request).await? {
                Ok(response) => {
                    let pool = Arc::clone(&self.egress.inner.pool);
                    return self.answer(response, Lease { connection, ticket, upload, pool, key });
                }
                // A kept connection may have been closed by the other side; nothing of the request was sent on it.
                Err((_, Some(unsent))) if reused => request = unsent,
                Err((error, _)) => {
                    return Err(upload
                        .take_failure()
                        .unwrap_or_else(|| EgressError::from_http(error, self.answer.header_bytes_max)));
                }
            }
        }
    }

    /// A connection of the pool that is ready.
    async fn kept_connection(&self, key: &Key) -> Option<Connection> {
        while let Some(mut connection) = self.egress.inner.pool.take(key) {
            if matches!(timeout(READY_TIME, connection.sender.ready()).await, Ok(Ok(()))) {
                return Some(connection);
            }
        }
        None
    }

    async fn first_byte(
        &self,
        connection: &mut Connection,
        request: Request<RequestBody>,
    ) -> Result<Result<Response<Incoming>, Unsent>, EgressError> {
        let sending = connection.sender.try_send_request(request);
        let result = match self.first_byte {
            None => sending.await,
            Some(limit) => {
                timeout(limit, sending).await.map_err(|_| EgressError::Timeout { phase: Phase::FirstByte })?
            }
        };
        Ok(result.map_err(|mut error| {
            let unsent = error.take_message();
            (error.into_error(), unsent)
        }))
    }

    fn answer(&self, response: Response<Incoming>, lease: Lease) -> Result<Response<EgressBody>, EgressError> {
        let (mut parts, body) = response.into_parts();
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(EgressError::protocol("the answer switches protocols"));
        }
        let (header_max, body_max) = (self.answer.header_bytes_max, self.answer.bytes_max);
        if headers::field_bytes(&parts.headers) > header_max {
            return Err(EgressError::TooLarge { part: Part::ResponseHeader, bytes_max: header_max });
        }
        if body.size_hint().lower() > body_max {
            return Err(EgressError::TooLarge { part: Part::ResponseBody, bytes_max: body_max });
        }
        headers::strip_hop_by_hop(&mut parts.headers);
        Ok(Response::from_parts(parts, EgressBody::new(body, lease, self.answer)))
    }
}

/// Error of a request, and the request itself when nothing of it was sent.
type Unsent = (hyper::Error, Option<Request<RequestBody>>);
