//! Everything that can go wrong with an outgoing request; the `wasi:http` hook turns each variant into one error code.

use std::io;

/// Any error of somebody else's code.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an outgoing request got no answer, or its answer no end. `Display` never repeats the source.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The request itself is not allowed: not on the allow-list, or its URI does not mean one thing only.
    #[error("this request may not leave: {what}")]
    Denied {
        /// What was found.
        what: String,
    },
    /// No address of the host may be reached from here.
    #[error("{host} may not be reached: its address is {range}")]
    AddressDenied {
        /// Host of the request.
        host: String,
        /// Kind of the address that was refused first.
        range: &'static str,
    },
    /// The host's name has no address, or nobody answered for it.
    #[error("no address was found for {host}")]
    Dns {
        /// Host of the request.
        host: String,
        /// The resolver's error.
        source: io::Error,
    },
    /// Nobody accepted a connection at any allowed address.
    #[error("{authority} accepts no connection")]
    Refused {
        /// `host:port` of the request.
        authority: String,
        /// Error of the last address.
        source: io::Error,
    },
    /// The other side closed the connection before its answer was whole.
    #[error("the connection ended before the answer did")]
    Closed {
        /// The connection's error.
        source: BoxError,
    },
    /// A time limit passed.
    #[error("took too long: {phase}")]
    Timeout {
        /// Which limit.
        phase: Phase,
    },
    /// The TLS handshake failed: a wrong name, an unknown authority, an expired certificate.
    #[error("{host} could not prove who it is")]
    Tls {
        /// Host of the request.
        host: String,
        /// The handshake's error.
        source: io::Error,
    },
    /// More bytes than the limit of this part.
    #[error("{part} has more than {bytes_max} bytes")]
    TooLarge {
        /// Which part.
        part: Part,
        /// The limit.
        bytes_max: u64,
    },
    /// More requests than one guest request may send.
    #[error("more than {requests_max} outgoing requests {of}")]
    TooMany {
        /// `in all` or `at the same time`.
        of: &'static str,
        /// The limit.
        requests_max: u64,
    },
    /// One side does not speak HTTP/1.1 as it should.
    #[error("not a valid HTTP/1.1 exchange")]
    Protocol {
        /// What was wrong.
        source: BoxError,
    },
    /// The guest's own body failed.
    #[error("the request body failed")]
    RequestBody {
        /// The body's error.
        source: BoxError,
    },
    /// The session ended: the guest's request is over, or a revocation cut it.
    #[error("the request that this one belonged to is over")]
    Cancelled,
}

/// Which time limit passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Name look-up, TCP and TLS together.
    Connect,
    /// From sending the request to the answer's headers.
    FirstByte,
    /// Between two pieces of the answer's body.
    BetweenBytes,
    /// From the start to the end of the answer.
    Total,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "to connect",
            Self::FirstByte => "to begin to answer",
            Self::BetweenBytes => "between two pieces of the answer",
            Self::Total => "to the end of the answer",
        })
    }
}

/// Which part of an exchange was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Header fields of the request.
    RequestHeader,
    /// Body of the request.
    RequestBody,
    /// Header fields of the answer.
    ResponseHeader,
    /// Body of the answer, with its trailers.
    ResponseBody,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RequestHeader => "the request's header",
            Self::RequestBody => "the request's body",
            Self::ResponseHeader => "the answer's header",
            Self::ResponseBody => "the answer's body",
        })
    }
}

impl EgressError {
    pub(crate) fn denied(what: impl Into<String>) -> Self {
        Self::Denied { what: what.into() }
    }

    pub(crate) fn protocol(what: &'static str) -> Self {
        Self::Protocol { source: what.into() }
    }

    /// An error of the HTTP connection, sorted by its cause.
    pub(crate) fn from_http(error: hyper::Error, header_bytes_max: u64) -> Self {
        let transport = std::error::Error::source(&error).is_some_and(|source| source.is::<io::Error>());
        if error.is_parse_too_large() {
            Self::TooLarge { part: Part::ResponseHeader, bytes_max: header_bytes_max }
        } else if transport || error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
            Self::Closed { source: Box::new(error) }
        } else {
            Self::Protocol { source: Box::new(error) }
        }
    }
}
