//! What the hub says of itself: OpenID Connect Discovery 1.0 and RFC 8414, one document for both addresses.

use super::Provider;
use crate::flow::{
    AUTHORIZE_PATH, END_SESSION_PATH, INTROSPECT_PATH, JWKS_PATH, NATIONAL_JWKS_PATH, PAR_PATH, REVOKE_PATH,
    TOKEN_PATH, USERINFO_PATH, acr, scope::DETAILS_TYPE,
};
use serde::Serialize;
use yizhan_domain::Claim;

/// The metadata document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the members are those of the two standards, by their names")]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    /// Ours: the keys together with those of the national suite.
    pub gov_national_jwks_uri: String,
    pub pushed_authorization_request_endpoint: String,
    pub introspection_endpoint: String,
    pub revocation_endpoint: String,
    pub end_session_endpoint: String,
    pub scopes_supported: Vec<String>,
    pub claims_supported: Vec<String>,
    pub authorization_details_types_supported: Vec<&'static str>,
    pub acr_values_supported: Vec<&'static str>,
    pub prompt_values_supported: &'static [&'static str],
    pub response_types_supported: &'static [&'static str],
    pub response_modes_supported: &'static [&'static str],
    pub grant_types_supported: &'static [&'static str],
    pub subject_types_supported: &'static [&'static str],
    pub code_challenge_methods_supported: &'static [&'static str],
    pub id_token_signing_alg_values_supported: &'static [&'static str],
    pub userinfo_signing_alg_values_supported: &'static [&'static str],
    pub userinfo_encryption_alg_values_supported: &'static [&'static str],
    pub userinfo_encryption_enc_values_supported: &'static [&'static str],
    pub introspection_signing_alg_values_supported: &'static [&'static str],
    pub dpop_signing_alg_values_supported: &'static [&'static str],
    pub token_endpoint_auth_methods_supported: &'static [&'static str],
    pub token_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    pub introspection_endpoint_auth_methods_supported: &'static [&'static str],
    pub introspection_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    pub revocation_endpoint_auth_methods_supported: &'static [&'static str],
    pub revocation_endpoint_auth_signing_alg_values_supported: &'static [&'static str],
    pub ui_locales_supported: &'static [&'static str],
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    pub request_uri_parameter_supported: bool,
    pub require_pushed_authorization_requests: bool,
    pub authorization_response_iss_parameter_supported: bool,
    pub backchannel_logout_supported: bool,
    pub backchannel_logout_session_supported: bool,
}

const SIGNED: &[&str] = &["ES256"];
const CLIENT_ALGORITHMS: &[&str] = &["ES256", "PS256", "EdDSA"];
const PRODUCTION_METHODS: &[&str] = &["private_key_jwt"];
const DEVELOPMENT_METHODS: &[&str] = &["private_key_jwt", "client_secret_basic"];

/// The document of this hub; every address is under its configured origin.
#[must_use]
pub fn metadata(provider: &Provider) -> Metadata {
    let url = |path| provider.url(path);
    let methods = if provider.is_development() { DEVELOPMENT_METHODS } else { PRODUCTION_METHODS };
    Metadata {
        issuer: provider.issuer.clone(),
        authorization_endpoint: url(AUTHORIZE_PATH),
        token_endpoint: url(TOKEN_PATH),
        userinfo_endpoint: url(USERINFO_PATH),
        jwks_uri: url(JWKS_PATH),
        gov_national_jwks_uri: url(NATIONAL_JWKS_PATH),
        pushed_authorization_request_endpoint: url(PAR_PATH),
        introspection_endpoint: url(INTROSPECT_PATH),
        revocation_endpoint: url(REVOKE_PATH),
        end_session_endpoint: url(END_SESSION_PATH),
        scopes_supported: ["openid", "offline_access"].map(String::from).into_iter().chain(claim_names()).collect(),
        claims_supported: ["sub", "acr", "auth_time", "sid"]
            .map(String::from)
            .into_iter()
            .chain(claim_names())
            .collect(),
        authorization_details_types_supported: vec![DETAILS_TYPE],
        acr_values_supported: acr::LEVELS.iter().map(|(_, name)| *name).collect(),
        prompt_values_supported: &["none", "login", "consent", "select_account"],
        response_types_supported: &["code"],
        response_modes_supported: &["query"],
        grant_types_supported: &["authorization_code", "refresh_token"],
        subject_types_supported: &["pairwise"],
        code_challenge_methods_supported: &["S256"],
        id_token_signing_alg_values_supported: SIGNED,
        userinfo_signing_alg_values_supported: &["ES256", crate::jose::national::SIGNATURE],
        userinfo_encryption_alg_values_supported: &["ECDH-ES+A256KW", crate::jose::national::KEY_ENCRYPTION],
        userinfo_encryption_enc_values_supported: &["A256GCM", crate::jose::national::CONTENT_ENCRYPTION],
        introspection_signing_alg_values_supported: SIGNED,
        dpop_signing_alg_values_supported: CLIENT_ALGORITHMS,
        token_endpoint_auth_methods_supported: methods,
        token_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
        introspection_endpoint_auth_methods_supported: methods,
        introspection_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
        revocation_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
        ui_locales_supported: &["zh-CN", "en"],
        claims_parameter_supported: true,
        request_parameter_supported: false,
        request_uri_parameter_supported: true,
        require_pushed_authorization_requests: false,
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
    }
}

/// Every claim but the derived ages, which are too many to list.
fn claim_names() -> impl Iterator<Item = String> {
    Claim::named().map(|claim| claim.to_string())
}
