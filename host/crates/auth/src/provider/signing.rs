//! What the provider does with the hub's signing keys. A key store may block (a file, a module), so it is asked off the
//! async threads.

use super::Provider;
use super::secret::new_rng;
use crate::jose::{self, Claims, Expect, Jwk, JwkSet, JwsAlgorithm, JwsHeader};
use crate::keys::{KeyError, KeyOwner, KeyStore};
use crate::refusal::Refusal;
use serde::Serialize;
use std::sync::Arc;
use yizhan_domain::authorization::Suite;
use yizhan_domain::{Context, Timestamp};
use zeroize::Zeroizing;

impl Provider {
    /// Signs claims with the hub's ES256 key.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn sign(&self, typ: &'static str, claims: &impl Serialize) -> Result<String, Refusal> {
        self.sign_in_suite(Suite::International, typ, json(claims)?).await
    }

    /// Signs claims in a suite and encrypts them to a recipient of that suite: a nested token.
    pub(crate) async fn seal(&self, suite: Suite, recipient: &Jwk, claims: &impl Serialize) -> Result<String, Refusal> {
        let signed = Zeroizing::new(self.sign_in_suite(suite, "JWT", json(claims)?).await?);
        let sealed = jose::enclose(suite, &signed, recipient, &mut new_rng()?).map_err(|error| {
            tracing::error!(%error, "an envelope cannot be sealed");
            Refusal::Unavailable
        })?;
        Ok(sealed.0)
    }

    /// Claims of a token that this hub signed, whatever its age.
    pub(crate) async fn own_claims(&self, context: &Context, token: &str) -> Result<Claims, Refusal> {
        let keys = self.jwks(context.now).await?;
        let expect = Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::Es256] };
        jose::verify(token, &keys, &expect).map(|verified| verified.claims.clone()).map_err(|_| Refusal::WrongHint)
    }

    /// The hub's public keys of both suites: the current ones, then those that still overlap.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn jwks(&self, now: Timestamp) -> Result<JwkSet, Refusal> {
        self.ask_keys(move |keys| keys.public_jwks(&KeyOwner::Hub, now)).await
    }

    async fn sign_in_suite(
        &self,
        suite: Suite,
        typ: &'static str,
        payload: Zeroizing<Vec<u8>>,
    ) -> Result<String, Refusal> {
        let header = JwsHeader { typ: Some(typ), ..JwsHeader::default() };
        self.ask_keys(move |keys| keys.sign(&KeyOwner::Hub, suite, &header, &payload)).await
    }

    async fn ask_keys<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Arc<dyn KeyStore>) -> Result<T, KeyError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let keys = Arc::clone(&self.keys);
        let answer = tokio::task::spawn_blocking(move || ask(&keys)).await.map_err(|_| Refusal::Unavailable)?;
        answer.map_err(|error| {
            tracing::error!(%error, "the key store did not answer the authorization");
            Refusal::Unavailable
        })
    }
}

fn json(claims: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    // Room for the largest envelope at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(jose::TOKEN_BYTES_MAX));
    serde_json::to_writer(&mut *bytes, claims).map_err(|_| Refusal::Unavailable)?;
    Ok(bytes)
}
