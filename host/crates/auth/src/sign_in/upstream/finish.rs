//! The end of a sign-in elsewhere: the provider's answer, held against this browser's transaction, becomes a proof of who
//! somebody is. Works once.

use super::begin::Transaction;
use super::{Upstream, UpstreamError, account, exchange, id_token};
use crate::provider::hash;
use crate::sign_in::{Browser, SignIn, SignInStep, throttle};
use rand::CryptoRng;
use yizhan_domain::Context;
use yizhan_store::records::{AuditRecord, Trail};
use zeroize::Zeroizing;

/// Kind of the one-time set that states are in.
const STATE: &str = "upstream-state";

/// The provider's answer, as the browser brings it.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    /// The query (RFC 6749, section 4.1.2; RFC 9207).
    pub query: &'a str,
    /// The cookie that [`super::begin`] gave out.
    pub cookie: Option<&'a str>,
}

/// A sign-in that came back.
pub struct Finished {
    /// How far it came.
    pub step: SignInStep,
    /// Handle of the authorization request that waits; empty for none.
    pub handle: Zeroizing<String>,
    /// Path to go on to without one.
    pub to: String,
}

#[derive(Default)]
struct Parameters {
    code: Option<Zeroizing<String>>,
    state: Option<Zeroizing<String>>,
    issuer: Option<String>,
    error: Option<String>,
}

/// Finishes a sign-in. Refusals are audited by their code; failures count against the browser's address.
///
/// # Errors
/// [`UpstreamError`] says why nobody is signed in.
pub async fn finish(
    context: &Context,
    (sign_in, upstream): (&SignIn, &Upstream),
    answered: Answered<'_>,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Finished, UpstreamError> {
    let address = throttle::address_key(sign_in, browser.address);
    throttle::check_address(sign_in.store(), &address, context.now).await?;
    let finished = finish_checked(context, (sign_in, upstream), answered, browser, rng).await;
    if let Err(error) = &finished
        && !matches!(error, UpstreamError::Unavailable | UpstreamError::Ended | UpstreamError::SignIn(_))
    {
        throttle::count_address(sign_in.store(), &address, context.now).await?;
        let record = AuditRecord::new(context.id, context.now, "anonymous", "sign-in.refused", error.code());
        let record = record.with("method", format!("upstream:{}", upstream.settings.id));
        let record = if let UpstreamError::Token(member) = error { record.with("member", member) } else { record };
        sign_in.store().append(Trail::of(record)).await.map_err(crate::sign_in::SignInError::from)?;
    }
    finished
}

async fn finish_checked(
    context: &Context,
    (sign_in, upstream): (&SignIn, &Upstream),
    answered: Answered<'_>,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Finished, UpstreamError> {
    let opened = answered.cookie.and_then(|cookie| Transaction::open(context, sign_in, cookie, browser));
    let transaction = opened.ok_or(UpstreamError::Ended)?;
    let code = code(context, (sign_in, upstream), &transaction, Parameters::parse(answered.query)?).await?;
    let token = exchange::exchange(context, upstream, &code, &transaction.verifier).await?;
    let claims = id_token::verified(context, upstream, &transaction, &token).await?;
    let person = account::of_claims(context, (sign_in, upstream), &claims, rng).await?;
    let linked = account::LinkedPerson { person, assurance_max: upstream.settings.assurance };
    let step = account::with_upstream(context, sign_in, linked, browser, rng).await?;
    Ok(Finished { step, handle: transaction.handle, to: transaction.to })
}

/// The code of an answer to this transaction, whose state is then used up.
async fn code(
    context: &Context,
    (sign_in, upstream): (&SignIn, &Upstream),
    transaction: &Transaction,
    parameters: Parameters,
) -> Result<Zeroizing<String>, UpstreamError> {
    // Hashes are compared, so that the time taken tells nothing of the state.
    let state = parameters.state.as_ref().is_some_and(|state| hash(state) == hash(&transaction.state));
    if !state || transaction.upstream != upstream.settings.id || transaction.issuer != upstream.settings.issuer {
        return Err(UpstreamError::ForeignAnswer);
    }
    let (used, expires) = (hash(&transaction.state), transaction.expires());
    let first = sign_in.store().use_once(STATE, used, expires, context.now, Trail::default()).await;
    if !first.map_err(crate::sign_in::SignInError::from)? {
        return Err(UpstreamError::Ended);
    }
    // RFC 9207, section 2.4: an answer of another provider names another issuer, or none where one is promised.
    let named = parameters.issuer.as_deref();
    let promised = upstream.metadata(context).await?.names_issuer;
    if named.is_some_and(|named| named != transaction.issuer) || (promised && named.is_none()) {
        return Err(UpstreamError::ForeignAnswer);
    }
    match (parameters.error.as_deref(), parameters.code) {
        (None, Some(code)) => Ok(code),
        (Some("access_denied" | "login_required" | "interaction_required"), None) => Err(UpstreamError::Denied),
        (Some(_), None) => Err(UpstreamError::Refused),
        _ => Err(UpstreamError::ForeignAnswer),
    }
}

impl Parameters {
    fn parse(query: &str) -> Result<Self, UpstreamError> {
        let mut this = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            let again = match &*name {
                "code" => this.code.replace(Zeroizing::new(value)).is_some(),
                "state" => this.state.replace(Zeroizing::new(value)).is_some(),
                "iss" => this.issuer.replace(value).is_some(),
                "error" => this.error.replace(value).is_some(),
                _ => false,
            };
            if again {
                return Err(UpstreamError::ForeignAnswer);
            }
        }
        Ok(this)
    }
}
