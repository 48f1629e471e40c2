//! Proofs that the runtime makes for an app's client: signed assertions (RFC 7523) and, in the high tier, DPoP proofs
//! (RFC 9449). One for each call; the private keys stay in the key store.

use super::link::LinkError;
use super::{AppClient, Runtime};
use crate::jose::JwsHeader;
use crate::jose::dpop::access_token_hash;
use crate::keys::{KeyOwner, KeyStore};
use crate::provider::new_id;
use serde_json::json;
use std::fmt;
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::{ClientId, Context};
use zeroize::Zeroizing;

/// Life of an assertion, seconds.
const ASSERTION_S: u64 = 60;

/// Makes proofs for one client.
#[derive(Clone, Copy)]
pub struct Prover<'a> {
    keys: &'a dyn KeyStore,
    client: &'a AppClient,
    issuer: &'a str,
}

/// A call that is to be proved.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Method of the request.
    pub method: &'a str,
    /// Address of the endpoint, without query.
    pub url: &'a str,
    /// The access token sent along.
    pub access: Option<&'a str>,
    /// The nonce that the hub gave last, where it gives any (RFC 9449, section 8).
    pub nonce: Option<&'a str>,
}

/// Who calls, with the proofs made for this call alone.
pub struct Caller {
    /// The client.
    pub client: ClientId,
    /// Signed assertion (RFC 7523, section 2.2).
    pub assertion: Zeroizing<String>,
    /// DPoP proof for the endpoint, where the tier asks for one.
    pub dpop: Option<Zeroizing<String>>,
}

impl<'a> Prover<'a> {
    pub(crate) fn of(runtime: &'a Runtime, client: &'a AppClient) -> Self {
        Self { keys: &*runtime.keys, client, issuer: runtime.link.issuer() }
    }

    /// The proofs for one call.
    ///
    /// # Errors
    /// [`LinkError::Unreachable`] when the key store does not sign.
    pub fn caller(&self, context: &Context, call: Call<'_>) -> Result<Caller, LinkError> {
        let now = context.now.0 / 1000;
        let id = self.client.id.as_str();
        let claims = json!({
            "iss": id, "sub": id, "aud": self.issuer, "jti": jti()?, "iat": now, "exp": now + ASSERTION_S,
        });
        let assertion = self.sign(JwsHeader { typ: Some("JWT"), ..JwsHeader::default() }, &claims)?;
        Ok(Caller { client: self.client.id.clone(), assertion, dpop: self.possession(context, call)? })
    }

    /// A DPoP proof by the client's own key (RFC 9449, section 4.2); none at baseline.
    ///
    /// # Errors
    /// As [`Prover::caller`].
    pub fn possession(&self, context: &Context, call: Call<'_>) -> Result<Option<Zeroizing<String>>, LinkError> {
        if self.client.tier == Tier::Baseline {
            return Ok(None);
        }
        let now = context.now.0 / 1000;
        let mut claims = json!({ "jti": jti()?, "htm": call.method, "htu": call.url, "iat": now });
        if let Some(access) = call.access {
            claims["ath"] = access_token_hash(access).into();
        }
        if let Some(nonce) = call.nonce {
            claims["nonce"] = nonce.into();
        }
        let header = JwsHeader { typ: Some("dpop+jwt"), with_key: true, ..JwsHeader::default() };
        self.sign(header, &claims).map(Some)
    }

    fn sign(&self, header: JwsHeader<'_>, claims: &serde_json::Value) -> Result<Zeroizing<String>, LinkError> {
        let owner = KeyOwner::Client(self.client.id.clone());
        let signed = self.keys.sign(&owner, Suite::International, &header, claims.to_string().as_bytes());
        signed.map(Zeroizing::new).map_err(|error| {
            tracing::error!(client = %self.client.id, %error, "the client's key does not sign");
            LinkError::Unreachable
        })
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &'a AppClient {
        self.client
    }
}

impl fmt::Debug for Prover<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").field("client", &self.client.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("client", &self.client).finish_non_exhaustive()
    }
}

/// 128 random bits: an id that is used once.
fn jti() -> Result<String, LinkError> {
    new_id().map(|bits| format!("{bits:032x}")).map_err(|_| LinkError::Unreachable)
}
