//! Reads the parameters of an authorization request into what the person is asked: every check of the table that needs no
//! person. Used for the browser's query and for pushed requests alike.

use crate::flow::parameters::RequestParameters;
use crate::flow::scope::{DETAILS_TYPE, Details, Scope};
use crate::provider::ReviewedApp;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::{Capacity, Custody};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Claim, ClientId, Timestamp};
use yizhan_store::records::ClientRecord;

/// Prefix of the `request_uri` values that this hub gives out (RFC 9126, section 2.2).
pub(crate) const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// Longest `max_age`, seconds: a year.
const MAX_AGE_S_MAX: u64 = 31_536_000;

/// A validated request. What the store keeps of it until the person has decided.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) client: ClientId,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    /// PKCE challenge, S256.
    pub(crate) challenge: String,
    pub(crate) scope: Scope,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) prompt: Prompt,
    /// Oldest sign-in that counts, seconds.
    pub(crate) max_age_s: Option<u64>,
    /// Least assurance: the app's own, or more when the request asks for more.
    pub(crate) assurance: Assurance,
    pub(crate) ui_locales: Option<String>,
    pub(crate) login_hint: Option<String>,
    /// When the browser brought it.
    pub(crate) at: Timestamp,
    /// What an agent chose; none before.
    pub(crate) capacity: Option<Acting>,
}

/// For whom an agent acts in this authorization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acting {
    /// For oneself.
    Oneself,
    /// For a legal person.
    For(Capacity),
}

/// Values of `prompt` (OpenID Connect Core 1.0, section 3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Prompt {
    pub(crate) none: bool,
    /// `login`, or `select_account`: both show the sign-in page.
    pub(crate) login: bool,
    pub(crate) consent: bool,
}

/// Reads a request whose client and redirect address are known to be right.
pub(crate) fn read(
    parameters: &RequestParameters,
    client: &ClientRecord,
    app: &ReviewedApp,
    now: Timestamp,
) -> Result<Asked, Refusal> {
    no_request_object(parameters)?;
    code_only(parameters)?;
    query_only(parameters)?;
    let challenge = pkce_s256(parameters)?;
    let scope = reviewed_scope(parameters, client, app)?;
    let assurance = least_assurance(parameters, app)?;
    let text = |name| parameters.get(name).map(str::to_owned);
    Ok(Asked {
        client: client.id.clone(),
        redirect_uri: parameters.needed("redirect_uri")?.to_owned(),
        state: text("state"),
        nonce: text("nonce"),
        challenge,
        scope,
        dpop_jkt: dpop_jkt(parameters)?,
        prompt: prompt(parameters)?,
        max_age_s: max_age(parameters)?,
        assurance,
        ui_locales: text("ui_locales").filter(|locales| locales.len() <= 256),
        login_hint: text("login_hint").filter(|hint| hint.len() <= 256),
        at: now,
        capacity: None,
    })
}

/// `request` by value (RFC 9101) is not taken.
fn no_request_object(parameters: &RequestParameters) -> Result<(), Refusal> {
    parameters.get("request").map_or(Ok(()), |_| Err(Refusal::RequestObject))
}

fn code_only(parameters: &RequestParameters) -> Result<(), Refusal> {
    if parameters.get("response_type") == Some("code") { Ok(()) } else { Err(Refusal::ResponseType) }
}

fn query_only(parameters: &RequestParameters) -> Result<(), Refusal> {
    if parameters.get("response_mode").is_none_or(|mode| mode == "query") { Ok(()) } else { Err(Refusal::ResponseMode) }
}

/// RFC 7636, section 4.3: 43 base64url characters; without a method the challenge would be `plain`.
fn pkce_s256(parameters: &RequestParameters) -> Result<String, Refusal> {
    let challenge = parameters.get("code_challenge").ok_or(Refusal::MissingPkce)?;
    if parameters.get("code_challenge_method") != Some("S256") || !is_sha256_text(challenge) {
        return Err(Refusal::MissingPkce);
    }
    Ok(challenge.to_owned())
}

/// RFC 9449, section 10.
fn dpop_jkt(parameters: &RequestParameters) -> Result<Option<String>, Refusal> {
    match parameters.get("dpop_jkt") {
        Some(thumbprint) if !is_sha256_text(thumbprint) => Err(Refusal::BadParameter),
        thumbprint => Ok(thumbprint.map(str::to_owned)),
    }
}

/// The base64url form of 32 bytes.
pub(crate) fn is_sha256_text(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn prompt(parameters: &RequestParameters) -> Result<Prompt, Refusal> {
    let mut prompt = Prompt::default();
    let values: Vec<&str> = parameters.get("prompt").unwrap_or_default().split_ascii_whitespace().collect();
    for value in &values {
        match *value {
            "none" if values.len() == 1 => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => return Err(Refusal::BadParameter),
        }
    }
    Ok(prompt)
}

fn max_age(parameters: &RequestParameters) -> Result<Option<u64>, Refusal> {
    let Some(text) = parameters.get("max_age") else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| *seconds <= MAX_AGE_S_MAX && !text.starts_with('+'));
    seconds.map(Some).ok_or(Refusal::BadParameter)
}

/// Claims ⊆ reviewed permissions. Scope tokens and the keys of `claims.userinfo` ask for a claim for every purpose that
/// review let through, `authorization_details` for one purpose. Tokens that name no claim are ignored (OpenID Connect Core
/// 1.0, section 3.1.2.1).
fn reviewed_scope(parameters: &RequestParameters, client: &ClientRecord, app: &ReviewedApp) -> Result<Scope, Refusal> {
    let tokens: Vec<&str> = parameters.get("scope").unwrap_or_default().split_ascii_whitespace().collect();
    if !tokens.contains(&"openid") {
        return Err(Refusal::MissingOpenid);
    }
    // OpenID Connect Core 1.0, section 11: asked without being allowed, it is ignored.
    let offline = tokens.contains(&"offline_access") && client.offline_access && client.custody != Custody::Runtime;
    let mut scope = Scope { offline, ..Scope::default() };
    let of_scope = tokens.iter().filter_map(|token| token.parse::<Claim>().ok());
    for claim in of_scope.chain(claims_parameter(parameters)?.userinfo) {
        let purposes = app.uses.iter().filter(|reviewed| reviewed.data.claim == claim);
        scope.uses.extend(purposes.map(|reviewed| (claim, reviewed.data.purpose.clone())));
        if !scope.uses.iter().any(|(asked, _)| *asked == claim) {
            return Err(Refusal::UnreviewedClaim);
        }
    }
    for entry in details(parameters)? {
        for claim in entry.claims {
            app.find_use(claim, &entry.purpose).ok_or(Refusal::UnreviewedClaim)?;
            scope.uses.insert((claim, entry.purpose.clone()));
        }
    }
    Ok(scope)
}

/// RFC 9396, section 2: a list of entries of our type.
fn details(parameters: &RequestParameters) -> Result<Vec<Details>, Refusal> {
    let Some(text) = parameters.get("authorization_details") else { return Ok(Vec::new()) };
    let entries: Vec<Details> = serde_json::from_str(text).map_err(|_| Refusal::AuthorizationDetails)?;
    let ours = |entry: &Details| entry.kind == DETAILS_TYPE && !entry.claims.is_empty();
    if entries.len() <= 16 && entries.iter().all(ours) { Ok(entries) } else { Err(Refusal::AuthorizationDetails) }
}

#[derive(Default)]
struct ClaimsParameter {
    userinfo: Vec<Claim>,
    /// Values of `acr` asked for the ID token.
    acr: Vec<String>,
}

/// The `claims` parameter (OpenID Connect Core 1.0, section 5.5). Keys that name no claim of ours are ignored.
fn claims_parameter(parameters: &RequestParameters) -> Result<ClaimsParameter, Refusal> {
    let Some(text) = parameters.get("claims") else { return Ok(ClaimsParameter::default()) };
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| Refusal::BadParameter)?;
    let userinfo = value.get("userinfo").and_then(serde_json::Value::as_object);
    let names = userinfo.into_iter().flat_map(serde_json::Map::keys);
    let acr = value.pointer("/id_token/acr");
    let one = acr.and_then(|acr| acr.get("value")).into_iter();
    let many = acr.and_then(|acr| acr.get("values")).and_then(serde_json::Value::as_array).into_iter().flatten();
    Ok(ClaimsParameter {
        userinfo: names.filter_map(|name| name.parse().ok()).collect(),
        acr: one.chain(many).filter_map(|value| value.as_str().map(str::to_owned)).collect(),
    })
}

/// The app's reviewed assurance, or the weakest that the request names when that is more.
fn least_assurance(parameters: &RequestParameters, app: &ReviewedApp) -> Result<Assurance, Refusal> {
    let mut named = claims_parameter(parameters)?.acr;
    named.extend(parameters.get("acr_values").unwrap_or_default().split_ascii_whitespace().map(str::to_owned));
    let weakest = named.iter().filter_map(|value| crate::flow::acr::find(value)).min();
    Ok(weakest.map_or(app.assurance, |asked| asked.max(app.assurance)))
}
