//! What an operator says of an upstream provider.

use crate::jose::JwsAlgorithm;
use yizhan_domain::person::Assurance;
use zeroize::Zeroizing;

/// How the hub proves itself at the provider's token endpoint.
pub enum ClientProof {
    /// A signed assertion (RFC 7523), by a key that the hub holds for this provider alone.
    PrivateKeyJwt,
    /// A secret in the `authorization` header (RFC 6749, section 2.3.1).
    SecretBasic(Zeroizing<String>),
}

/// What an account here is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandleKind {
    /// Login name.
    Login,
    /// Mobile number.
    Mobile,
    /// Citizen identity number.
    IdNumber,
}

/// Which claim of the provider's ID token finds an account here, the first time. The operator trusts the provider with it:
/// whoever it says has this handle gets the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleOf {
    /// Name of the claim.
    pub claim: String,
    /// What it is here.
    pub kind: HandleKind,
}

/// An upstream provider. It has no `Debug`: it may hold a secret.
pub struct UpstreamSettings {
    /// Its name in addresses here: 1 to 32 of `a-z`, `0-9`, `-`.
    pub id: String,
    /// Its name for people, Chinese and English.
    pub names: [String; 2],
    /// Its issuer, exactly as its tokens say it.
    pub issuer: String,
    /// Under which id this hub is registered there.
    pub client_id: String,
    /// How the hub proves itself.
    pub proof: ClientProof,
    /// Scopes that are asked for; `openid` is among them.
    pub scopes: Vec<String>,
    /// What its ID tokens may be signed with: some of [`JwsAlgorithm::UPSTREAM`].
    pub algorithms: Vec<JwsAlgorithm>,
    /// Finds an account of somebody who never came this way; none finds nobody.
    pub handle: Option<HandleOf>,
    /// Whether somebody who is not found gets an account.
    pub creates: bool,
    /// How sure a sign-in through it is at most.
    pub assurance: Assurance,
}
