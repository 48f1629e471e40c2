//! Introspection (RFC 7662), plain and as a signed JWT (RFC 9701). A client sees its own tokens only.

use crate::client_auth::AuthenticatedClient;
use crate::flow::scope::Details;
use crate::flow::{acr, standing};
use crate::provider::{Provider, hash};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::person::{Assurance, CapacityKind, PersonKind};
use yizhan_domain::{ClientId, Context, GrantId, SessionId};
use yizhan_store::records::TokenKind;

/// `typ` of signed answers.
const TYPE: &str = "token-introspection+jwt";

/// What stands behind a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introspection {
    /// Whether the token and everything behind it stand. Without that, nothing else is said.
    pub active: bool,
    /// The rest.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub of: Option<Box<Active>>,
}

/// Of a token that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// Issuer.
    pub iss: String,
    /// Pairwise subject.
    pub sub: String,
    /// The client.
    pub client_id: ClientId,
    /// `Bearer` or `DPoP`.
    pub token_type: String,
    /// What the token carries.
    pub scope: String,
    /// The same, each claim with its purpose.
    pub authorization_details: Vec<Details>,
    /// When the token ends, seconds.
    pub exp: u64,
    /// When it was issued, seconds.
    pub iat: u64,
    /// How sure the hub is of the person.
    pub acr: String,
    /// The session, when the token is bound to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// The key that the token is bound to (RFC 9449, section 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// The grant.
    pub grant_id: GrantId,
    /// When the grant ends, milliseconds since the epoch.
    pub gov_grant_expires_ms: u64,
    /// What may be had, with retention.
    pub gov_uses: Vec<GrantedUse>,
    /// Natural person, or legal person acted for.
    pub gov_kind: PersonKind,
    /// In what capacity the person acts.
    pub gov_capacity: CapacityKind,
}

/// A bound key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Its thumbprint (RFC 7638).
    pub jkt: String,
}

pub(super) async fn introspect(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
) -> Result<Introspection, Refusal> {
    match active(context, provider, client, token).await {
        Ok(of) => Ok(Introspection { active: true, of: Some(Box::new(of)) }),
        Err(Refusal::Unavailable) => Err(Refusal::Unavailable),
        Err(_) => Ok(Introspection::default()),
    }
}

async fn active(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
) -> Result<Active, Refusal> {
    let standing = standing::check(context, provider, &hash(token), Some(&client.record.id)).await?;
    not_rotated(provider, &standing, token).await?;
    let grant = &standing.grant;
    provider.held_mandate(&grant.person, grant.acting_for.as_ref()).await?;
    let person = provider.people.find_record(&grant.person).await?.ok_or(Refusal::GrantEnded)?;
    let assurance: Assurance = standing.session.as_ref().map_or(person.assurance, |session| session.assurance);
    let bound = standing.token.dpop_jkt.clone();
    Ok(Active {
        iss: provider.issuer.clone(),
        sub: standing::subject(provider, &standing.app, grant),
        client_id: standing.client.id.clone(),
        token_type: token_type(standing.token.kind, bound.is_some()).to_owned(),
        scope: standing.scope.as_text(),
        authorization_details: standing.scope.details(),
        exp: standing.token.expires.0 / 1000,
        iat: standing.token.at.0 / 1000,
        acr: acr::name(assurance).to_owned(),
        sid: standing.token.session.clone(),
        cnf: bound.map(|jkt| Confirmation { jkt }),
        grant_id: grant.id.clone(),
        gov_grant_expires_ms: grant.expires.0,
        gov_uses: standing.uses(),
        gov_kind: if grant.acting_for.is_some() { PersonKind::LegalPerson } else { PersonKind::NaturalPerson },
        gov_capacity: CapacityKind::of(grant.acting_for.as_ref()),
    })
}

/// A refresh token whose successor is there was used up. The store still finds it, so that its replay shows.
async fn not_rotated(provider: &Provider, standing: &standing::Standing, token: &str) -> Result<(), Refusal> {
    let is_refresh = standing.token.kind == TokenKind::Refresh;
    if is_refresh && provider.store.find_token(&hash(&provider.successor("refresh", token))).await?.is_some() {
        return Err(Refusal::ExpiredRefresh);
    }
    Ok(())
}

fn token_type(kind: TokenKind, is_bound: bool) -> &'static str {
    match kind {
        TokenKind::Refresh => "refresh_token",
        TokenKind::Access if is_bound => "DPoP",
        TokenKind::Access => "Bearer",
    }
}

pub(super) async fn sign(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    answer: &Introspection,
) -> Result<String, Refusal> {
    let claims = serde_json::json!({
        "iss": provider.issuer, "aud": client.record.id, "iat": context.now.0 / 1000, "token_introspection": answer,
    });
    provider.sign(TYPE, &claims).await
}
