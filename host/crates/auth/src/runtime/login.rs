//! The begin of a sign-in on an app's origin (`GET /.yizhan/login`): a transaction that only this browser can finish, and the
//! address of the hub to go to.

use super::prover::Prover;
use super::{AppClient, LoginError, Runtime, sealed};
use crate::flow::acr;
use crate::flow::scope::{DETAILS_TYPE, Details};
use crate::policy::{AppPolicy, DataUse};
use crate::provider::{hash, new_secret};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use yizhan_domain::authorization::Tier;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Claim, Context};
use yizhan_store::records::LoginRecord;
use zeroize::Zeroizing;

/// How long a person may take to sign in and decide, milliseconds.
pub const LOGIN_MS: u64 = 30 * 60 * 1000;

/// Path of the callback on every app's origin.
pub const CALLBACK_PATH: &str = "/.yizhan/callback";

/// What an app wants when it sends a person to sign in.
#[derive(Debug, Clone, Copy)]
pub struct LoginAsk<'a> {
    /// The app's version.
    pub policy: &'a AppPolicy,
    /// The origin that the browser is at, without a trailing slash; one of the registered ones.
    pub origin: &'a str,
    /// One purpose; none asks for each claim under every purpose that the manifest declares for it.
    pub purpose: Option<&'a str>,
    /// Claims; none asks for all of the purpose, no claims for sign-in alone.
    pub claims: Option<&'a [Claim]>,
    /// Where the app goes on: a path that `yizhan_domain::path::return_path` let through.
    pub return_path: &'a str,
    /// BCP 47 tag of the visitor's language.
    pub locale: &'a str,
}

/// A sign-in that has begun.
pub struct LoginBegun {
    /// Value of the transaction cookie, a secret.
    pub transaction: Zeroizing<String>,
    /// Address at the hub.
    pub location: String,
}

/// What only the callback may know. Sealed at rest.
#[derive(Serialize, Deserialize)]
pub(super) struct LoginSecret {
    pub(super) state: Zeroizing<String>,
    pub(super) nonce: Zeroizing<String>,
    pub(super) verifier: Zeroizing<String>,
    pub(super) issuer: String,
    pub(super) redirect_uri: String,
    pub(super) return_path: String,
    pub(super) tier: Tier,
}

/// Begins a sign-in. The record of it is durable before the browser leaves.
///
/// # Errors
/// [`LoginError::Unavailable`] when store, keys or hub do not answer; [`LoginError::Hub`] when a pushed request is refused.
pub async fn begin(context: &Context, runtime: &Runtime, ask: LoginAsk<'_>) -> Result<LoginBegun, LoginError> {
    let tier = ask.policy.tier;
    let secret = LoginSecret {
        state: new_secret()?,
        nonce: new_secret()?,
        verifier: new_secret()?,
        issuer: runtime.issuer().to_owned(),
        redirect_uri: format!("{}{CALLBACK_PATH}", ask.origin),
        return_path: ask.return_path.to_owned(),
        tier,
    };
    let client = AppClient::of(&ask.policy.app, tier);
    let request = parameters(&client, &secret, ask);
    let query = match tier {
        Tier::Baseline => request,
        Tier::High => {
            let pushed = runtime.link.push(*context, Prover::of(runtime, &client), &request).await?;
            vec![pair("client_id", client.id.as_str()), pair("request_uri", &pushed)]
        }
    };
    let transaction = new_secret()?;
    let sealed = sealed::seal(&runtime.sealer, "login", &secret)?;
    let record = LoginRecord {
        hash: hash(&transaction),
        app: ask.policy.app.clone(),
        sealed,
        expires: context.now.plus_ms(LOGIN_MS),
    };
    runtime.store.put_login(record).await?;
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    Ok(LoginBegun { transaction, location: format!("{}/oauth/authorize?{query}", runtime.issuer()) })
}

/// The authorization request (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636; RFC 9396).
fn parameters(client: &AppClient, secret: &LoginSecret, ask: LoginAsk<'_>) -> Vec<(String, String)> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secret.verifier.as_bytes()));
    let mut request = vec![
        pair("client_id", client.id.as_str()),
        pair("response_type", "code"),
        pair("scope", "openid"),
        pair("redirect_uri", &secret.redirect_uri),
        pair("state", &secret.state),
        pair("nonce", &secret.nonce),
        pair("code_challenge", &challenge),
        pair("code_challenge_method", "S256"),
        pair("ui_locales", ask.locale),
    ];
    if ask.policy.assurance > Assurance::Basic {
        request.push(pair("acr_values", acr::name(ask.policy.assurance)));
    }
    let details = details(ask);
    if !details.is_empty() {
        request.push(pair("authorization_details", &serde_json::json!(details).to_string()));
    }
    request
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// What is asked for, one entry for each purpose. What the person granted before need not be asked again: it stands.
fn details(ask: LoginAsk<'_>) -> Vec<Details> {
    let mut uses: BTreeMap<&str, BTreeSet<Claim>> = BTreeMap::new();
    for (claim, purpose) in asked(ask) {
        uses.entry(purpose).or_default().insert(claim);
    }
    let entry = |(purpose, claims): (&str, BTreeSet<Claim>)| Details {
        kind: DETAILS_TYPE.to_owned(),
        purpose: purpose.to_owned(),
        claims: claims.into_iter().collect(),
    };
    uses.into_iter().map(entry).collect()
}

/// Claims with their purposes. A claim that the manifest does not declare for the purpose named goes to the hub as it is:
/// the hub refuses it.
fn asked(ask: LoginAsk<'_>) -> Vec<(Claim, &str)> {
    if let (Some(purpose), Some(claims)) = (ask.purpose, ask.claims) {
        return claims.iter().map(|claim| (*claim, purpose)).collect();
    }
    let named = |data_use: &&DataUse| {
        ask.purpose.is_none_or(|purpose| data_use.purpose == purpose)
            && ask.claims.is_none_or(|claims| claims.contains(&data_use.claim))
    };
    ask.policy.uses.iter().filter(named).map(|data_use| (data_use.claim, data_use.purpose.as_str())).collect()
}
