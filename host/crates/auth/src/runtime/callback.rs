//! The end of a sign-in on an app's origin (`GET /.yizhan/callback`): the hub's answer becomes a session with the app.

use super::login::LoginSecret;
use super::prover::Prover;
use super::tokens::SealedTokens;
use super::{AppClient, LoginError, Runtime, hub_token, sealed};
use crate::provider::{hash, new_secret};
use crate::runtime::link::{CodeAnswer, Granted, Standing};
use yizhan_domain::{AppId, Context};
use yizhan_store::records::{AppSessionRecord, AuditRecord, Trail};
use zeroize::Zeroizing;

/// How long a session with an app lasts, milliseconds: eight hours.
pub const SESSION_MS: u64 = 8 * 60 * 60 * 1000;

/// The hub's answer in the query (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Default)]
pub struct CallbackQuery {
    code: Option<Zeroizing<String>>,
    state: Option<Zeroizing<String>>,
    issuer: Option<String>,
    error: Option<String>,
}

/// Cookies of the callback's request.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallbackCookies<'a> {
    /// The transaction that [`super::login::begin`] gave out.
    pub transaction: Option<&'a str>,
    /// The session before, which ends with the new one.
    pub session: Option<&'a str>,
}

/// How a sign-in ended.
pub enum Finished {
    /// Somebody is signed in: the new session's cookie.
    SignedIn {
        /// Value of the session cookie, a secret.
        session: Zeroizing<String>,
        /// Where the app goes on.
        return_path: String,
    },
    /// The person refused: a normal result, and who was signed in before still is.
    Refused {
        /// Where the app goes on.
        return_path: String,
    },
}

impl CallbackQuery {
    /// Reads the query.
    ///
    /// # Errors
    /// [`LoginError::ForeignAnswer`] when one of its parameters stands twice.
    pub fn parse(query: &str) -> Result<Self, LoginError> {
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
                return Err(LoginError::ForeignAnswer);
            }
        }
        Ok(this)
    }
}

/// Finishes a sign-in. Works once for each transaction, and only in the browser that began it.
///
/// # Errors
/// [`LoginError`] for an answer that is not this transaction's, and when the hub refuses the code.
pub async fn finish(
    context: &Context,
    runtime: &Runtime,
    app: &AppId,
    query: CallbackQuery,
    cookies: CallbackCookies<'_>,
) -> Result<Finished, LoginError> {
    let transaction = hash(cookies.transaction.ok_or(LoginError::AlreadyDone)?);
    let login = runtime.store.take_login(&transaction, context.now).await?.ok_or(LoginError::AlreadyDone)?;
    let opened: Option<LoginSecret> = sealed::open(&runtime.sealer, "login", &login.sealed);
    let secret = opened.filter(|_| login.app == *app).ok_or(LoginError::AlreadyDone)?;
    belongs(&query, &secret)?;
    let code = match (query.error.as_deref(), query.code) {
        (None, Some(code)) => code,
        (Some("access_denied"), None) => return Ok(Finished::Refused { return_path: secret.return_path }),
        (Some(error), None) => return Err(LoginError::Hub(hub_code(error))),
        _ => return Err(LoginError::ForeignAnswer),
    };
    let client = AppClient::of(app, secret.tier);
    let (record, token) = session(context, runtime, &client, (code, &secret)).await?;
    let trail = Trail::of(
        AuditRecord::new(context.id, context.now, format!("client:{}", client.id), "app-session.created", "ok")
            .with("app", &record.app)
            .with("session", &record.session)
            .with("subject", &record.subject),
    );
    runtime.store.create_app_session(record, trail).await?;
    if let Some(before) = cookies.session {
        runtime.store.end_app_session(&hash(before), Trail::default()).await?;
    }
    Ok(Finished::SignedIn { session: token, return_path: secret.return_path })
}

/// `state` of this transaction, and `iss` of the hub that it was sent to (RFC 9207, section 2.4).
fn belongs(query: &CallbackQuery, secret: &LoginSecret) -> Result<(), LoginError> {
    // Hashes are compared, so that the time taken tells nothing of the state.
    let state = query.state.as_ref().is_some_and(|state| hash(state) == hash(&secret.state));
    let issuer = query.issuer.as_deref() == Some(secret.issuer.as_str());
    if state && issuer { Ok(()) } else { Err(LoginError::ForeignAnswer) }
}

/// Exchanges the code and puts the session together from what the hub says of its tokens.
async fn session(
    context: &Context,
    runtime: &Runtime,
    client: &AppClient,
    (code, secret): (Zeroizing<String>, &LoginSecret),
) -> Result<(AppSessionRecord, Zeroizing<String>), LoginError> {
    let answer = CodeAnswer { code, verifier: secret.verifier.clone(), redirect_uri: secret.redirect_uri.clone() };
    let tokens = runtime.link.exchange(*context, Prover::of(runtime, client), answer).await?;
    let id_token = tokens.id_token.as_ref().ok_or(LoginError::Token("missing"))?;
    let id = hub_token::id_token(context, runtime, client, (id_token, &secret.nonce)).await?;
    let standing = runtime.link.confirm(*context, Prover::of(runtime, client), &tokens.access).await?;
    let Standing::Active(granted) = standing else { return Err(LoginError::Hub("grant-ended")) };
    let Granted { subject, kind, assurance, grant, uses, expires, .. } = *granted;
    if subject != id.subject {
        return Err(LoginError::Token("sub"));
    }
    let token = new_secret()?;
    let record = AppSessionRecord {
        hash: hash(&token),
        app: client.app.clone(),
        session: id.session,
        subject,
        kind,
        assurance,
        grant: Some(grant),
        uses,
        grant_expires: expires,
        sealed_tokens: SealedTokens::of(tokens, client.tier, context.now).seal(runtime)?,
        expires: context.now.plus_ms(SESSION_MS),
    };
    Ok((record, token))
}

/// Errors of the hub that the runtime knows, as stable codes; another one is none of ours to repeat.
fn hub_code(error: &str) -> &'static str {
    const KNOWN: [(&str, &str); 6] = [
        ("login_required", "login-required"),
        ("consent_required", "consent-required"),
        ("invalid_request", "bad-parameter"),
        ("invalid_scope", "unreviewed-claim"),
        ("unauthorized_client", "unknown-app"),
        ("unmet_authentication_requirements", "assurance-too-low"),
    ];
    KNOWN.iter().find(|(known, _)| *known == error).map_or("refused-by-hub", |(_, code)| code)
}
