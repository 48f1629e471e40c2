//! The exchange of a code, check by check.

use super::issue::{Basis, TokenAnswer, issue};
use super::{actor, id_token};
use crate::client_auth::AuthenticatedClient;
use crate::flow::scope::Scope;
use crate::flow::{TOKEN_PATH, possession};
use crate::provider::{Provider, ReviewedApp, Step, hash};
use crate::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use yizhan_domain::{Context, SecretHash};
use yizhan_store::records::{ClientRecord, CodeRecord, Exchange, SessionRecord, Trail, Trails};

/// A code that a client wants exchanged. No `Debug`: it holds secrets.
#[derive(Clone, Copy)]
pub struct Exchanging<'a> {
    /// The code.
    pub code: &'a str,
    /// The PKCE verifier.
    pub verifier: Option<&'a str>,
    /// Redirect address of the request.
    pub redirect_uri: Option<&'a str>,
    /// Value of the DPoP header.
    pub dpop: Option<&'a str>,
}

pub(super) async fn exchange(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    exchanging: Exchanging<'_>,
) -> Result<TokenAnswer, Refusal> {
    let hash = hash(exchanging.code);
    let code = provider.store.find_code(&hash).await?.ok_or(Refusal::ExpiredCode)?;
    own_code(&code, &client.record)?;
    same_redirect(&code, exchanging.redirect_uri)?;
    right_verifier(&code, exchanging.verifier)?;
    let proven = possession::at_endpoint(context, provider, TOKEN_PATH, exchanging.dpop).await?;
    let dpop_jkt = possession::binding(client.record.tier, code.dpop_jkt.as_deref(), proven)?;
    let app = provider.released_app(&client.record.app).await?;
    let grant = provider.live_grant(context, &code.grant).await?;
    provider.held_mandate(&grant.person, grant.acting_for.as_ref()).await?;
    let session = provider.live_session(context, &code.session, &grant.person).await?;
    sure_enough(&session, &app)?;
    let scope = Scope::of_kept(&code.scopes)?.granted(&app, &grant.uses);
    let basis =
        Basis { client: &client.record, app: &app, grant: &grant, session: Some(&session), family: hash, dpop_jkt };
    let mut issued = issue(context, &basis, &scope)?;
    issued.answer.id_token = Some(id_token::sign(context, provider, &basis, &code, &issued.answer.access_token).await?);
    let trails = trails(context, provider, client, &code, &scope);
    used_once(provider.store.exchange_code(&hash, context.now, issued.records, trails).await?)?;
    Ok(issued.answer)
}

fn own_code(code: &CodeRecord, client: &ClientRecord) -> Result<(), Refusal> {
    if code.client == client.id { Ok(()) } else { Err(Refusal::OtherClientsCode) }
}

/// RFC 6749, section 4.1.3: the redirect address of the request, as exact text.
fn same_redirect(code: &CodeRecord, redirect_uri: Option<&str>) -> Result<(), Refusal> {
    if redirect_uri == Some(code.redirect_uri.as_str()) { Ok(()) } else { Err(Refusal::RedirectMismatch) }
}

/// RFC 7636, section 4.6: BASE64URL(SHA256(verifier)) is the challenge.
fn right_verifier(code: &CodeRecord, verifier: Option<&str>) -> Result<(), Refusal> {
    let verifier = verifier.filter(|verifier| (43..=128).contains(&verifier.len())).ok_or(Refusal::WrongVerifier)?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    if challenge == code.challenge { Ok(()) } else { Err(Refusal::WrongVerifier) }
}

/// A version that was released meanwhile may ask for more assurance.
fn sure_enough(session: &SessionRecord, app: &ReviewedApp) -> Result<(), Refusal> {
    if session.assurance >= app.assurance { Ok(()) } else { Err(Refusal::AssuranceTooLow) }
}

/// Of two exchanges one wins, and a code that has ended is not there. The store tells both, since only it knows which
/// codes were used.
fn used_once(exchange: Exchange) -> Result<(), Refusal> {
    match exchange {
        Exchange::Exchanged => Ok(()),
        Exchange::Replayed => Err(Refusal::CodeReplayed),
        Exchange::Missing => Err(Refusal::ExpiredCode),
    }
}

fn trails(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    code: &CodeRecord,
    scope: &Scope,
) -> Trails {
    let actor = actor(client);
    let step = |action| Step { context, provider, actor: &actor, action };
    let family: SecretHash = code.hash;
    let done = step("token.issued").done().with("grant", &code.grant).with("scope", scope.as_text());
    let replayed = step("code.replayed").record(Refusal::CodeReplayed.code()).with("grant", &code.grant);
    Trails { done: Trail::of(done), replayed: Trail::of(replayed.with("family", format!("{family:?}"))) }
}
