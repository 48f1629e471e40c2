//! Outgoing requests of guests: the hook of `wasi:http` on the checked connector of `egress`.

use crate::egress::{Caller, EgressError, EgressSession, Part, Phase, Timeouts};
use crate::load::Version;
use crate::services::Services;
use http::HeaderName;
use http_body_util::BodyExt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks,
};

/// Pieces of a body that wait between guest and client.
const BODY_CHUNKS: usize = 4;
/// Largest piece, in bytes.
const BODY_CHUNK_BYTES: usize = 64 << 10;

/// The hooks of one guest. The session of outgoing requests is made when the guest first sends one.
pub(crate) struct GuestHooks {
    services: Arc<Services>,
    version: Arc<Version>,
    session: OnceLock<Box<EgressSession>>,
}

impl GuestHooks {
    pub(crate) fn new(services: Arc<Services>, version: Arc<Version>) -> Self {
        Self { services, version, session: OnceLock::new() }
    }
}

fn forbidden(name: &HeaderName) -> bool {
    let text = name.as_str();
    DEFAULT_FORBIDDEN_HEADERS.contains(name)
        || text == "forwarded"
        || text.starts_with("x-forwarded-")
        || text.starts_with("x-yizhan-")
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(http::Response<WasiBody>, Io), Error>;

impl WasiHttpHooks for GuestHooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        forbidden(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(forbidden)
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        BODY_CHUNKS
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK_BYTES
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK_BYTES
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let version = &self.version;
        let session = self.session.get_or_init(|| {
            let caller = Caller::App(version.app.clone());
            Box::new(EgressSession::new(&self.services.egress, caller, Arc::clone(&version.egress), &version.limits))
        });
        let options = options.unwrap_or_default();
        let timeouts = Timeouts {
            connect: options.connect_timeout,
            first_byte: options.first_byte_timeout,
            between_bytes: options.between_bytes_timeout,
        };
        let answer = session.send(request, timeouts);
        Box::new(async move {
            let response = answer.await.map_err(code)?;
            Ok((response.map(|body| body.map_err(code).boxed_unsync()), Box::new(std::future::ready(Ok(()))) as Io))
        })
    }
}

/// The code that the guest hears; the words stay in the host's log.
fn code(error: EgressError) -> Error {
    tracing::debug!(%error, "outgoing request");
    match error {
        EgressError::Denied { .. } | EgressError::Cancelled => Error::HttpRequestDenied,
        EgressError::AddressDenied { .. } => Error::DestinationIpProhibited,
        EgressError::Dns { .. } => Error::DnsError { rcode: None, info_code: None },
        EgressError::Refused { .. } => Error::ConnectionRefused,
        EgressError::Closed { .. } => Error::ConnectionTerminated,
        EgressError::Timeout { phase: Phase::Connect } => Error::ConnectionTimeout,
        EgressError::Timeout { .. } => Error::HttpResponseTimeout,
        EgressError::Tls { .. } => Error::TlsCertificateError,
        EgressError::TooLarge { part: Part::RequestHeader, .. } => Error::HttpRequestHeaderSectionSize(None),
        EgressError::TooLarge { part: Part::RequestBody, .. } => Error::HttpRequestBodySize(None),
        EgressError::TooLarge { part: Part::ResponseHeader, .. } => Error::HttpResponseHeaderSectionSize(None),
        EgressError::TooLarge { part: Part::ResponseBody, .. } => Error::HttpResponseBodySize(None),
        EgressError::TooMany { .. } => Error::ConnectionLimitReached,
        EgressError::Protocol { .. } | EgressError::RequestBody { .. } => Error::HttpProtocolError,
    }
}
