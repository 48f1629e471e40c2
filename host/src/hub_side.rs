//! The hub's half of the process: provider, sign-in, and what its pages need. The routes of the hub have it as their state;
//! it knows no guest and no sandbox.

mod open;

pub(crate) use open::HubSettings;

use crate::http::cookies::HostCookies;
use crate::http::security_headers::HubHeaders;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::{CryptoRng, TryRngCore as _};
use sha2::Sha256;
use std::sync::Arc;
use yizhan_auth::Person;
use yizhan_auth::flow::revoke::LogoutNotice;
use yizhan_auth::provider::Provider;
use yizhan_auth::sign_in::upstream::Upstream;
use yizhan_auth::sign_in::{DevelopmentSender, SignIn};
use yizhan_support::{Appointments, Catalog, Places};
use zeroize::Zeroizing;

/// What the hub's half is made of.
pub(crate) struct HubParts {
    pub(crate) provider: Provider,
    pub(crate) sign_in: SignIn,
    /// Whether the hub is reached over https.
    pub(crate) cookies: HostCookies,
    pub(crate) brand: &'static str,
    /// Test persons of the sign-in page; empty in production.
    pub(crate) personas: Vec<Person>,
    /// Holds the one-time codes of development runs, which nobody is sent.
    pub(crate) kept_codes: Option<Arc<DevelopmentSender>>,
    /// Upstream providers that people may sign in at.
    pub(crate) upstreams: Vec<Arc<Upstream>>,
    /// Carries logout notices to back ends, without waiting.
    pub(crate) send_logout: Box<dyn Fn(LogoutNotice) + Send + Sync>,
    /// Items and units.
    pub(crate) catalog: Arc<Catalog>,
    /// Halls and terminals.
    pub(crate) places: Arc<Places>,
}

/// The hub's half.
pub(crate) struct HubSide {
    pub(crate) provider: Arc<Provider>,
    pub(crate) sign_in: Arc<SignIn>,
    pub(crate) cookies: HostCookies,
    pub(crate) headers: HubHeaders,
    pub(crate) brand: &'static str,
    /// Test persons of the sign-in page; empty in production.
    pub(crate) personas: Vec<Person>,
    /// Upstream providers that people may sign in at.
    pub(crate) upstreams: Vec<Arc<Upstream>>,
    /// Carries logout notices to back ends, without waiting.
    pub(crate) send_logout: Box<dyn Fn(LogoutNotice) + Send + Sync>,
    /// Holds the one-time codes of development runs, which nobody is sent.
    pub(crate) kept_codes: Option<Arc<DevelopmentSender>>,
    /// Items and units.
    pub(crate) catalog: Arc<Catalog>,
    /// Halls and terminals.
    pub(crate) places: Arc<Places>,
    /// Booking at the halls.
    pub(crate) appointments: Arc<Appointments>,
}

impl HubSide {
    /// Takes the parts together.
    pub(crate) fn new(parts: HubParts) -> Arc<Self> {
        let provider = Arc::new(parts.provider);
        let (catalog, places) = (parts.catalog, parts.places);
        let appointments = Appointments::new(Arc::clone(&provider), Arc::clone(&catalog), Arc::clone(&places));
        Arc::new(Self {
            provider,
            sign_in: Arc::new(parts.sign_in),
            cookies: parts.cookies,
            headers: HubHeaders::new(),
            brand: parts.brand,
            personas: parts.personas,
            kept_codes: parts.kept_codes,
            upstreams: parts.upstreams,
            send_logout: parts.send_logout,
            catalog,
            places,
            appointments: Arc::new(appointments),
        })
    }

    /// The hub's public origin: the issuer.
    pub(crate) fn origin(&self) -> &str {
        &self.provider.issuer
    }

    /// Tells back ends that a session has ended (OpenID Connect Back-Channel Logout 1.0).
    pub(crate) fn tell(&self, notices: Vec<LogoutNotice>) {
        for notice in notices {
            (self.send_logout)(notice);
        }
    }

    /// Token of a form: HMAC-SHA-256 over what binds it to the browser and the handle of the request that it is about.
    pub(crate) fn form_token(&self, bound_to: &FormBinding<'_>, handle: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.form_mac(bound_to, handle).finalize().into_bytes())
    }

    /// Whether a token is the one of [`HubSide::form_token`]; compared in constant time.
    pub(crate) fn is_form_token(&self, bound_to: &FormBinding<'_>, handle: &str, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        self.form_mac(bound_to, handle).verify_slice(&bytes).is_ok()
    }

    fn form_mac(&self, bound_to: &FormBinding<'_>, handle: &str) -> Hmac<Sha256> {
        let (kind, secret) = match bound_to {
            FormBinding::Session(token) => ("session", token),
            FormBinding::Transaction(transaction) => ("transaction", transaction),
        };
        // RFC 2104: a key shorter than the block is padded with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(self.provider.secrets.forms());
        let mut mac = Hmac::<Sha256>::new(&(*block).into());
        for part in [kind, secret, handle] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// What a form belongs to.
#[derive(Clone, Copy)]
pub(crate) enum FormBinding<'a> {
    /// The session's cookie.
    Session(&'a str),
    /// The cookie of the sign-in transaction.
    Transaction(&'a str),
}

/// Randomness of the operating system, for tokens and salts.
pub(crate) fn rng() -> impl CryptoRng + Send {
    rand::rngs::OsRng.unwrap_err()
}
