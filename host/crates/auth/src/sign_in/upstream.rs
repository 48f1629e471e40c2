//! Sign-in through an upstream OpenID provider (OpenID Connect Core 1.0, section 3.1; the hub is the client). The hub's pages
//! call [`begin`] and [`finish`]; the front door brings the HTTP behind [`UpstreamLink`].

mod account;
mod begin;
mod error;
mod exchange;
mod finish;
mod id_token;
mod link;
mod metadata;
mod settings;

pub use account::{LinkedPerson, UpstreamProfile, link, link_to, with_upstream};
pub use begin::{Begun, Errand, TRANSACTION_MS, begin};
pub use error::UpstreamError;
pub use finish::{Answered, Finished, finish};
pub use link::{DOCUMENT_BYTES_MAX, Form, LinkFailed, Reply, Replying, UpstreamLink};
pub use settings::{ClientProof, HandleKind, HandleOf, UpstreamSettings};

use crate::jose::{JwkSet, KeyUse};
use crate::keys::{KeyError, KeyOwner, KeySlot, KeyStore};
use metadata::Known;
use std::sync::Arc;
use tokio::sync::Mutex;
use yizhan_domain::authorization::Suite;
use yizhan_domain::{ClientId, Timestamp};

/// One upstream provider with what is known of it.
pub struct Upstream {
    /// What the operator configured.
    pub settings: UpstreamSettings,
    /// Where the provider sends the browser back to: an address of this provider alone (RFC 9700, section 4.4.2).
    pub redirect_uri: String,
    link: Arc<dyn UpstreamLink>,
    keys: Arc<dyn KeyStore>,
    known: Mutex<Known>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.settings.id)
    }
}

impl Upstream {
    /// A provider whose client this hub is, below `origin` (the hub's, without a trailing slash). A client that proves
    /// itself by a key gets one of its own.
    ///
    /// # Errors
    /// Those of the key store.
    pub fn new(
        settings: UpstreamSettings,
        origin: &str,
        link: Arc<dyn UpstreamLink>,
        (keys, now): (Arc<dyn KeyStore>, Timestamp),
    ) -> Result<Self, KeyError> {
        let redirect_uri = format!("{origin}/sign-in/elsewhere/{}/callback", settings.id);
        let upstream = Self { settings, redirect_uri, link, keys, known: Mutex::default() };
        if matches!(upstream.settings.proof, ClientProof::PrivateKeyJwt) {
            let slot = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
            match upstream.keys.create(&upstream.key_owner(), slot, now) {
                Ok(_) | Err(KeyError::Exists) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(upstream)
    }

    /// Public keys of this client, for the provider's registration of it; none for a client with a secret.
    ///
    /// # Errors
    /// Those of the key store.
    pub fn jwks(&self, now: Timestamp) -> Result<JwkSet, KeyError> {
        self.keys.public_jwks(&self.key_owner(), now)
    }

    /// Keys of this client alone: no app's id has a colon before its first dot.
    fn key_owner(&self) -> KeyOwner {
        KeyOwner::Client(ClientId(format!("upstream:{}", self.settings.id)))
    }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
