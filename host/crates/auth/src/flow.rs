//! The five steps of access authorization, each a room with its own name: `authorize`, `verify`, `seal`, `distribute`, `open`;
//! and `revoke`, which ends what they gave.

pub mod acr;
pub mod act;
pub mod authorize;
pub mod distribute;
pub mod envelope;
pub mod open;
pub mod parameters;
pub(crate) mod possession;
pub mod revoke;
pub mod scope;
pub mod seal;
pub(crate) mod standing;
pub mod verify;

pub use parameters::RequestParameters;
pub use scope::{ClaimUse, Details, Scope};

/// Path of the authorization endpoint.
pub const AUTHORIZE_PATH: &str = "/oauth/authorize";
/// Path of the pushed authorization request endpoint (RFC 9126).
pub const PAR_PATH: &str = "/oauth/par";
/// Path of the token endpoint.
pub const TOKEN_PATH: &str = "/oauth/token";
/// Path of the UserInfo endpoint.
pub const USERINFO_PATH: &str = "/oauth/userinfo";
/// Path of the introspection endpoint (RFC 7662).
pub const INTROSPECT_PATH: &str = "/oauth/introspect";
/// Path of the revocation endpoint (RFC 7009).
pub const REVOKE_PATH: &str = "/oauth/revoke";
/// Path of the end-session endpoint (OpenID Connect RP-Initiated Logout 1.0).
pub const END_SESSION_PATH: &str = "/oauth/end_session";
/// Path of the hub's public keys.
pub const JWKS_PATH: &str = "/oauth/jwks";
/// Keys of the hub with those of the national suite, which libraries that know no SM2 stumble over.
pub const NATIONAL_JWKS_PATH: &str = "/oauth/jwks/national";
