//! Every refusal of the access authorization, each with a stable code of its own and its value in OAuth's words. Returned by
//! all five steps; the front door alone turns them into answers.

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $oauth:literal, $text:literal;)+) => {
        /// Why a step was refused. Holds no value of a request, so it may be logged and shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($text)] $name,)+
        }

        impl Refusal {
            /// Every refusal, in the order of the steps.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Stable code, kebab-case; what audit and pages name.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Value of `error` (RFC 6749, 7009, 9126, 9396 and 9449; OpenID Connect Core 1.0, section 3.1.2.6).
            #[must_use]
            pub fn oauth_error(&self) -> &'static str {
                match self { $(Self::$name => $oauth,)+ }
            }
        }
    };
}

refusals! {
    // Any step.
    /// The store, the keys or the directory cannot answer now.
    Unavailable = "unavailable", "temporarily_unavailable", "the hub cannot answer now";
    /// No client has this id.
    UnknownClient = "unknown-client", "invalid_client", "no such client is registered";
    /// The client's app was never released, or was taken off.
    UnknownApp = "unknown-app", "unauthorized_client", "the app is not released";
    /// An operator has stopped the app.
    SuspendedApp = "suspended-app", "unauthorized_client", "the app is suspended";
    /// A parameter that may stand once stands twice (RFC 6749, section 3.1).
    DuplicateParameter = "duplicate-parameter", "invalid_request", "a parameter was sent twice";
    /// A parameter is longer than its bound, or there are too many.
    TooLarge = "too-large", "invalid_request", "a parameter is longer than allowed";
    /// A parameter is missing or is not what it should be.
    BadParameter = "bad-parameter", "invalid_request", "a parameter is missing or malformed";

    // Step 1, authorize.
    /// The redirect address is not registered, as exact text.
    ForeignRedirect = "foreign-redirect", "invalid_request", "the redirect address is not registered";
    /// A request object by value (RFC 9101).
    RequestObject = "request-object", "request_not_supported", "request objects are not taken";
    /// A `request_uri` that this hub did not give out.
    ForeignRequestUri = "foreign-request-uri", "request_uri_not_supported", "only pushed requests are taken by address";
    /// The client's tier asks for pushed requests (FAPI 2.0, section 5.3.2.2).
    PushRequired = "push-required", "invalid_request", "the client must push its requests";
    /// Anything but `code`.
    ResponseType = "response-type", "unsupported_response_type", "only the response type code is offered";
    /// Anything but `query`.
    ResponseMode = "response-mode", "invalid_request", "only the response mode query is offered";
    /// No PKCE challenge, or not S256 (RFC 7636).
    MissingPkce = "missing-pkce", "invalid_request", "a PKCE challenge with S256 is needed";
    /// The scope lacks `openid`.
    MissingOpenid = "missing-openid", "invalid_scope", "the scope openid is needed";
    /// A claim, or a purpose of it, that review did not let through.
    UnreviewedClaim = "unreviewed-claim", "invalid_scope", "a claim is not among the app's reviewed permissions";
    /// `authorization_details` of an unknown type or form (RFC 9396, section 5).
    AuthorizationDetails = "authorization-details", "invalid_authorization_details", "authorization details are malformed";
    /// The person cannot sign in as surely as the app needs.
    AssuranceTooLow = "assurance-too-low", "unmet_authentication_requirements", "the assurance of the person is too low";
    /// The request has ended, was used, or never was.
    ExpiredRequest = "expired-request", "invalid_request_uri", "the request has expired or was used";
    /// `prompt=none`, and nobody is signed in well enough.
    LoginRequired = "login-required", "login_required", "sign-in is needed";
    /// `prompt=none`, and the person has not agreed yet.
    ConsentRequired = "consent-required", "consent_required", "consent is needed";
    /// `prompt=none`, and an agent has to say for whom they act.
    CapacityRequired = "capacity-required", "account_selection_required", "the agent must choose for whom they act";
    /// The person refused: a normal result.
    AccessDenied = "access-denied", "access_denied", "the person refused";
    /// The person acts for a legal person without a mandate, or the mandate has ended.
    MandateEnded = "mandate-ended", "access_denied", "the person has no mandate to act for this legal person";

    // Step 2, verify.
    /// The credentials do not prove that the caller is the client.
    WrongClient = "wrong-client", "invalid_client", "the client could not be authenticated";
    /// The assertion's audience is not the one that the tier asks for.
    AssertionAudience = "assertion-audience", "invalid_client", "the audience of the client assertion is wrong";
    /// The assertion has ended, lasts too long or comes from the future.
    AssertionExpired = "assertion-expired", "invalid_client", "the client assertion has expired or lasts too long";
    /// The assertion's `jti` was used before.
    AssertionReplayed = "assertion-replayed", "invalid_client", "the client assertion was used before";
    /// A secret where only a signed assertion counts.
    SecretForbidden = "secret-forbidden", "invalid_client", "client secrets count for development registrations only";
    /// A grant type that is not offered.
    GrantType = "grant-type", "unsupported_grant_type", "the grant type is not offered";
    /// There is no such code, or it has ended.
    ExpiredCode = "expired-code", "invalid_grant", "the code has expired or never was";
    /// The code was used before; everything issued from it has ended.
    CodeReplayed = "code-replayed", "invalid_grant", "the code was used before; all that came from it has ended";
    /// The code belongs to another client.
    OtherClientsCode = "other-clients-code", "invalid_grant", "the code belongs to another client";
    /// The PKCE verifier does not fit the challenge.
    WrongVerifier = "wrong-verifier", "invalid_grant", "the PKCE verifier is wrong";
    /// Not the redirect address of the request.
    RedirectMismatch = "redirect-mismatch", "invalid_grant", "the redirect address differs from the request's";
    /// The tier, or the binding of the token, asks for a DPoP proof.
    MissingDpop = "missing-dpop", "invalid_dpop_proof", "a DPoP proof is needed";
    /// The DPoP proof is malformed, or made for another method, address, token or time.
    WrongDpop = "wrong-dpop", "invalid_dpop_proof", "the DPoP proof is wrong";
    /// The DPoP proof was used before.
    DpopReplayed = "dpop-replayed", "invalid_dpop_proof", "the DPoP proof was used before";
    /// The DPoP proof is of another key than the one bound.
    WrongDpopKey = "wrong-dpop-key", "invalid_dpop_proof", "the DPoP proof is of another key";
    /// There is no such refresh token, or it has ended.
    ExpiredRefresh = "expired-refresh", "invalid_grant", "the refresh token has expired or was revoked";
    /// The refresh token was used before; everything of its family has ended.
    RefreshReplayed = "refresh-replayed", "invalid_grant", "the refresh token was used before; its family has ended";
    /// More scope than was granted.
    ScopeGrew = "scope-grew", "invalid_scope", "the scope exceeds what was granted";
    /// The person withdrew the grant, or it has ended.
    GrantEnded = "grant-ended", "invalid_grant", "the grant has ended";
    /// The person's session has ended.
    SessionEnded = "session-ended", "invalid_grant", "the session of the person has ended";
    /// The app's state changed since the token was issued.
    StaleGeneration = "stale-generation", "invalid_grant", "the app changed since the token was issued";

    // Step 3, seal.
    /// The client has no encryption key of its suite.
    NoRecipientKey = "no-recipient-key", "invalid_client_metadata", "the client has no encryption key";
    /// Every encryption key of the client is revoked.
    RecipientKeyRevoked = "recipient-key-revoked", "invalid_client_metadata", "the client's encryption key is revoked";
    /// A claim is no longer granted or reviewed.
    ClaimWithdrawn = "claim-withdrawn", "insufficient_scope", "a claim was withdrawn meanwhile";

    // Step 4, distribute.
    /// The token is unknown or was revoked.
    RevokedToken = "revoked-token", "invalid_token", "the token is unknown or was revoked";
    /// The token has ended.
    ExpiredToken = "expired-token", "invalid_token", "the token has expired";
    /// The token belongs to another client.
    OtherClientsToken = "other-clients-token", "invalid_token", "the token belongs to another client";
    /// The token does not carry the claim for this purpose.
    ClaimNotGranted = "claim-not-granted", "insufficient_scope", "the claim is not granted for this purpose";

    // Revocation.
    /// The grant is unknown or another person's.
    ForeignGrant = "foreign-grant", "invalid_request", "there is no such grant of this person";
    /// The address after sign-out is not registered.
    ForeignLogoutRedirect = "foreign-logout-redirect", "invalid_request", "the address after sign-out is not registered";
    /// The ID token given as a hint is not one of this hub.
    WrongHint = "wrong-hint", "invalid_request", "the ID token hint is not of this hub";

    // Registration.
    /// The registration breaks a rule of clients.
    BadRegistration = "bad-registration", "invalid_client_metadata", "the registration breaks a rule";
}

impl Refusal {
    /// Value of `error` where a token is presented to userinfo (RFC 6750, section 3.1; RFC 9449, section 7.1).
    #[must_use]
    pub fn token_error(&self) -> &'static str {
        match self {
            Self::ClaimNotGranted | Self::ClaimWithdrawn => "insufficient_scope",
            Self::MissingDpop | Self::WrongDpop | Self::DpopReplayed | Self::WrongDpopKey => "invalid_dpop_proof",
            Self::BadParameter | Self::DuplicateParameter | Self::TooLarge => "invalid_request",
            Self::Unavailable => "temporarily_unavailable",
            Self::NoRecipientKey | Self::RecipientKeyRevoked => "invalid_client_metadata",
            _ => "invalid_token",
        }
    }
}

impl From<yizhan_store::StoreError> for Refusal {
    fn from(error: yizhan_store::StoreError) -> Self {
        tracing::error!(%error, "the store did not answer the authorization");
        Self::Unavailable
    }
}

impl From<crate::people::PeopleError> for Refusal {
    fn from(error: crate::people::PeopleError) -> Self {
        tracing::error!(code = error.code(), "the directory did not answer the authorization");
        Self::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_refusal_has_a_code_of_its_own() {
        let codes: BTreeSet<&str> = Refusal::ALL.iter().map(Refusal::code).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        let kebab = |code: &str| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(codes.iter().all(|code| kebab(code)));
    }
}
