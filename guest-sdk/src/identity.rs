//! The platform's unified identity, for identity-required apps. What the person did not grant is `Denied`, never empty.
//!
//! ```
//! use yizhan_sdk::{Error, identity, testing::{FakeHost, Persona}};
//!
//! let person = Persona::new("subject-of-this-unit").claim("name", "示例甲").claim("mobile", "13800000000");
//! let _host = FakeHost::new().persona(person).grant("query", &["name", "mobile-masked"]).install();
//!
//! let authorization = identity::current().unwrap().expect("signed in");
//! let claims = authorization.open("query", &["name", "mobile-masked"]).unwrap();
//! assert_eq!((claims.get("name"), claims.get("mobile-masked")), (Some("示例甲"), Some("138****0000")));
//! assert_eq!(authorization.open("query", &["mobile"]).unwrap_err(), Error::Denied("identity:mobile".to_owned()));
//! ```

use crate::Result;
use crate::host::identity as host;

/// What kind of person is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    /// A natural person (自然人).
    NaturalPerson,
    /// A legal person (法人), acted for by an agent.
    LegalPerson,
}

/// In what capacity the signed-in person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapacityKind {
    /// A natural person (自然人), for oneself.
    NaturalPerson,
    /// A legal person (法人), by its legal representative.
    LegalPerson,
    /// An agent (经办人) with a mandate of a legal person.
    Agent,
}

/// How sure the platform is of the person, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// An account, no more.
    Basic,
    /// Identity number verified (实名).
    RealName,
    /// Face checked by an external verifier (实人).
    Face,
}

/// A claim that the person granted, with the purpose it was granted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedClaim {
    /// Name of the claim, as in `name` or `age-over-18`.
    pub claim: String,
    /// Purpose, as declared in the manifest's `gov_data_use`.
    pub purpose: String,
}

/// What the signed-in person granted to this app. Lives as long as the request.
pub struct Authorization(host::Authorization);

/// Opened claims. They are personal data: neither logged nor printed by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims(Vec<(String, String)>);

/// The current authorization; none when nobody is signed in or the person refused.
pub fn current() -> Result<Option<Authorization>> {
    Ok(host::current()?.map(Authorization))
}

/// An address on this app's origin that asks the person to sign in and to grant these claims (at most 16) for a purpose, and
/// then returns to `return_path` (one leading `/`). No claims ask for all that the manifest declares for the purpose. What was
/// granted before stands. `Denied` for a claim or purpose that the manifest does not declare.
pub fn request_url(purpose: &str, claims: &[&str], return_path: &str) -> Result<String> {
    host::request_url(purpose, claims, return_path)
}

impl Authorization {
    /// The person's name towards this app's owner unit: the same at every visit, different for every other unit. 43
    /// characters.
    #[must_use]
    pub fn subject(&self) -> String {
        self.0.subject()
    }

    /// Natural or legal person.
    #[must_use]
    pub fn kind(&self) -> PersonKind {
        self.0.kind()
    }

    /// In what capacity the person acts, as chosen at sign-in. For whom is told by the claims `org-name` and `uscc`.
    #[must_use]
    pub fn capacity(&self) -> CapacityKind {
        self.0.capacity()
    }

    /// How sure the platform is.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.0.assurance()
    }

    /// Claims that may be opened, and for which purpose.
    #[must_use]
    pub fn granted(&self) -> Vec<GrantedClaim> {
        self.0.granted()
    }

    /// Whether a claim was granted for a purpose.
    #[must_use]
    pub fn grants(&self, purpose: &str, claim: &str) -> bool {
        self.granted().iter().any(|granted| granted.purpose == purpose && granted.claim == claim)
    }

    /// When the grant ends, in milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn expires_ms(&self) -> u64 {
        self.0.expires_ms()
    }

    /// Opens claims for a purpose, at most 16 at once and 4 calls a request. All or nothing: one that was not granted is
    /// `Denied`. Every opening is written to the person's access log before the values are handed over.
    pub fn open(&self, purpose: &str, claims: &[&str]) -> Result<Claims> {
        self.0.open(purpose, claims).map(Claims)
    }

    /// The sealed envelope for the app's own back end: a JWE in compact form, at most 32 KiB, that neither this app nor the
    /// platform's host can open; send it on within two minutes. It holds what the person granted for the purpose to this app
    /// and to the back end. Counts as one of the 4 openings of a request. `Denied` for a purpose that the manifest does not
    /// declare or the person did not grant to the back end, `NotProvided` when no back end with an encryption key is registered.
    pub fn envelope(&self, purpose: &str) -> Result<String> {
        self.0.envelope(purpose)
    }
}

impl Claims {
    /// Value of an opened claim; none for one that was not asked for.
    #[must_use]
    pub fn get(&self, claim: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == claim).map(|(_, value)| value)
    }

    /// Names and values in the order in which they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(claim, value)| (claim.as_str(), value.as_str()))
    }
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(claim, _)| claim)).finish()
    }
}
