//! The way from a runtime to its hub: the client's half of the public protocol. In one process it calls the flow's functions
//! ([`super::LocalLink`]); apart, the front door speaks HTTP.

use super::prover::Prover;
use crate::flow::act::Acting;
use crate::flow::distribute::SealedFor;
use crate::jose::JwkSet;
use std::{future::Future, pin::Pin};
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::person::{Assurance, CapacityKind, PersonKind};
use yizhan_domain::{Claim, Context, GrantId, Permission, Timestamp};
use zeroize::Zeroizing;

/// What the methods of a link return.
pub type LinkFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LinkError>> + Send + 'a>>;

/// Why the hub gave no answer of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The hub refused; the stable code, or the value of `error` when only that came over the wire.
    #[error("the hub refused: {0}")]
    Refused(&'static str),
    /// The hub cannot be reached, or its answer is none of the protocol.
    #[error("the hub cannot be reached")]
    Unreachable,
}

/// A code to exchange (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
pub struct CodeAnswer {
    /// The code.
    pub code: Zeroizing<String>,
    /// The PKCE verifier.
    pub verifier: Zeroizing<String>,
    /// Redirect address of the request.
    pub redirect_uri: String,
}

/// Tokens of the hub.
pub struct Tokens {
    /// Access token.
    pub access: Zeroizing<String>,
    /// Life of the access token, seconds.
    pub expires_in: u64,
    /// Refresh token; bound to the person's session at the hub.
    pub refresh: Option<Zeroizing<String>>,
    /// ID token; with a code only.
    pub id_token: Option<Zeroizing<String>>,
}

/// Which envelope is asked for.
#[derive(Debug, Clone, Copy)]
pub struct EnvelopeAsk<'a> {
    /// Purpose of the manifest's `gov_data_use`.
    pub purpose: &'a str,
    /// The claims, exactly these; none asks for all of the purpose.
    pub claims: &'a [Claim],
    /// Whose key it is sealed to.
    pub sealed_for: SealedFor,
}

/// What the hub says of an access token now (RFC 7662).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// App, grant, session and token stand.
    Active(Box<Granted>),
    /// One of them has ended.
    Ended,
}

/// What stands behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Pairwise subject.
    pub subject: String,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// In what capacity the person acts.
    pub capacity: CapacityKind,
    /// How sure the hub is.
    pub assurance: Assurance,
    /// The grant.
    pub grant: GrantId,
    /// What may be had: reviewed and consented.
    pub uses: Vec<GrantedUse>,
    /// When the grant ends.
    pub expires: Timestamp,
}

/// The way to the hub.
pub trait HubLink: Send + Sync {
    /// The hub's issuer: its public origin without a trailing slash.
    fn issuer(&self) -> &str;

    /// How long an answer of [`HubLink::confirm`] may be relied on, milliseconds; 0 asks again at every call.
    fn confirmation_ms(&self) -> u64;

    /// A number that changes before anything that [`HubLink::confirm`] rests on is acknowledged as changed; none where that
    /// cannot be told. An answer that came after it was read counts until it changes, and no longer than 800 ms.
    fn revision(&self) -> Option<u64> {
        None
    }

    /// Pushes an authorization request (RFC 9126); answers its `request_uri`.
    fn push<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        request: &'a [(String, String)],
    ) -> LinkFuture<'a, String>;

    /// Exchanges a code.
    fn exchange<'a>(&'a self, context: Context, prover: Prover<'a>, answer: CodeAnswer) -> LinkFuture<'a, Tokens>;

    /// Gets new tokens for a refresh token (RFC 6749, section 6).
    fn refresh<'a>(&'a self, context: Context, prover: Prover<'a>, refresh: &'a str) -> LinkFuture<'a, Tokens>;

    /// Fetches one envelope (UserInfo as `application/jwt`).
    fn envelope<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        access: &'a str,
        ask: EnvelopeAsk<'a>,
    ) -> LinkFuture<'a, String>;

    /// Whether everything behind an access token still stands (RFC 7662).
    fn confirm<'a>(&'a self, context: Context, prover: Prover<'a>, access: &'a str) -> LinkFuture<'a, Standing>;

    /// In whose name the app acts, if its token stands, review let it do this and the person agreed. Who that is never goes
    /// over the wire: where the hub is another process nobody answers, and nothing is done.
    fn acting<'a>(
        &'a self,
        _context: Context,
        _prover: Prover<'a>,
        _access: &'a str,
        _permission: &'a Permission,
    ) -> LinkFuture<'a, Acting> {
        Box::pin(async { Err(LinkError::Unreachable) })
    }

    /// Ends a token (RFC 7009).
    fn revoke<'a>(&'a self, context: Context, prover: Prover<'a>, token: &'a str) -> LinkFuture<'a, ()>;

    /// The hub's public keys (RFC 7517). `again` asks anew: a token named a key that was not among them.
    fn jwks(&self, context: Context, again: bool) -> LinkFuture<'_, std::sync::Arc<JwkSet>>;
}
