//! The way to an upstream provider, as the front door offers it: two kinds of request, bounded, through the checked connector.

use std::future::Future;
use std::pin::Pin;
use zeroize::Zeroizing;

/// Most bytes of an answer that a link reads: a key set with certificates has some tens of KiB.
pub const DOCUMENT_BYTES_MAX: usize = 128 << 10;

/// An answer, read whole.
pub struct Reply {
    /// Whether it is a 200: nothing else is a good answer here, and redirects are not followed.
    pub ok: bool,
    /// Its body; tokens may be in it.
    pub body: Zeroizing<Vec<u8>>,
}

/// There is no answer: not reached, refused by the connector, too slow, too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the upstream provider does not answer")]
pub struct LinkFailed;

/// An answer on its way.
pub type Replying<'a> = Pin<Box<dyn Future<Output = Result<Reply, LinkFailed>> + Send + 'a>>;

/// A form that is posted.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// Names and values.
    pub fields: &'a [(&'a str, &'a str)],
    /// Value of `authorization`, a secret.
    pub authorization: Option<&'a str>,
}

/// Sends requests to upstream providers. An implementation bounds time and size ([`DOCUMENT_BYTES_MAX`]), follows no redirect
/// and reaches checked addresses only.
pub trait UpstreamLink: Send + Sync {
    /// Gets a JSON document.
    fn get<'a>(&'a self, url: &'a str) -> Replying<'a>;

    /// Posts a form and gets JSON.
    fn post<'a>(&'a self, url: &'a str, form: Form<'a>) -> Replying<'a>;
}
