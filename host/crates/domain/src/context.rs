//! What belongs to one request: its id and its moment. The first parameter of every use-case.

use crate::clock::Timestamp;
use std::fmt;

/// 128 random bits that name a request in answers, logs and traces (also the trace id of W3C Trace Context).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(pub u128);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Its id.
    pub id: RequestId,
    /// When it arrived.
    pub now: Timestamp,
}
