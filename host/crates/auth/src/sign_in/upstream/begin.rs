//! The begin of a sign-in elsewhere: state, nonce and PKCE (RFC 7636) sealed into a cookie of this browser's transaction, and
//! the provider's address to go to.

use super::{Upstream, UpstreamError};
use crate::provider::new_secret;
use crate::sign_in::{Browser, SignIn};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use yizhan_domain::{Context, Timestamp};
use zeroize::Zeroizing;

/// How long a person may take at the provider, ms.
pub const TRANSACTION_MS: u64 = 15 * 60_000;

/// What the person came for, given back by [`super::finish`].
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// Handle of the authorization request that waits; empty for none.
    pub handle: &'a str,
    /// Path to go on to without one.
    pub to: &'a str,
    /// BCP 47 tag of the person's language.
    pub locale: &'a str,
    /// Whether the person must prove it afresh there, a live session notwithstanding.
    pub fresh: bool,
}

/// A sign-in that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// Value of the transaction's cookie, a secret.
    pub cookie: Zeroizing<String>,
}

/// What only the callback may know. Sealed; at most some hundred bytes.
#[derive(Serialize, Deserialize)]
pub(super) struct Transaction {
    pub(super) upstream: String,
    pub(super) issuer: String,
    pub(super) state: Zeroizing<String>,
    pub(super) nonce: Zeroizing<String>,
    pub(super) verifier: Zeroizing<String>,
    pub(super) handle: Zeroizing<String>,
    pub(super) to: String,
    pub(super) fresh: bool,
    pub(super) begun: Timestamp,
}

/// Begins a sign-in at a provider.
///
/// # Errors
/// [`UpstreamError::Unavailable`] when the provider cannot be used.
pub async fn begin(
    context: &Context,
    (sign_in, upstream): (&SignIn, &Upstream),
    errand: Errand<'_>,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Begun, UpstreamError> {
    let metadata = upstream.metadata(context).await?;
    let transaction = Transaction {
        upstream: upstream.settings.id.clone(),
        issuer: upstream.settings.issuer.clone(),
        state: new_secret()?,
        nonce: new_secret()?,
        verifier: new_secret()?,
        handle: Zeroizing::new(errand.handle.to_owned()),
        to: errand.to.to_owned(),
        fresh: errand.fresh,
        begun: context.now,
    };
    let query = query(upstream, &transaction, errand.locale);
    let joint = if metadata.authorization.contains('?') { '&' } else { '?' };
    let cookie = transaction.seal(sign_in, browser, rng).ok_or(UpstreamError::Unavailable)?;
    Ok(Begun { location: format!("{}{joint}{query}", metadata.authorization), cookie })
}

/// The authentication request (OpenID Connect Core 1.0, section 3.1.2.1).
fn query(upstream: &Upstream, transaction: &Transaction, locale: &str) -> String {
    let settings = &upstream.settings;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(transaction.verifier.as_bytes()));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", &upstream.redirect_uri)
        .append_pair("scope", &settings.scopes.join(" "))
        .append_pair("state", &transaction.state)
        .append_pair("nonce", &transaction.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("ui_locales", locale);
    if transaction.fresh {
        query.append_pair("prompt", "login").append_pair("max_age", "0");
    }
    query.finish()
}

impl Transaction {
    fn seal(&self, sign_in: &SignIn, browser: &Browser<'_>, rng: &mut impl CryptoRng) -> Option<Zeroizing<String>> {
        let plain = serde_json::to_vec(self).map(Zeroizing::new).ok()?;
        sign_in.people.keys().tokens().seal_text(&plain, &bound_to(browser), rng).map(Zeroizing::new).ok()
    }

    /// Opens the cookie; none for another browser's transaction, after its time, or for any other text.
    pub(super) fn open(context: &Context, sign_in: &SignIn, cookie: &str, browser: &Browser<'_>) -> Option<Self> {
        let plain = sign_in.people.keys().tokens().open_text(cookie, &bound_to(browser)).ok()?;
        let this: Self = serde_json::from_slice(&plain).ok()?;
        (context.now < this.expires()).then_some(this)
    }

    pub(super) fn expires(&self) -> Timestamp {
        self.begun.plus_ms(TRANSACTION_MS)
    }
}

fn bound_to(browser: &Browser<'_>) -> Vec<u8> {
    [b"upstream-sign-in\0".as_slice(), &browser.transaction.0].concat()
}
