//! Sessions of people with one app, and the grants they carry. Local sign-in keeps them in memory.

use crate::AuthError;
use crate::directory::{Person, PersonId};
use crate::policy::AppPolicy;
use crate::subject;
use rand::Rng;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{AppId, Claim, Timestamp};

/// What a person agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Claims with the purpose of each.
    pub claims: Vec<(Claim, String)>,
    /// When it ends.
    pub expires: Timestamp,
}

/// One person signed in to one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The app; a session counts nowhere else.
    pub app: AppId,
    /// The person.
    pub person: PersonId,
    /// Pairwise subject towards the app's owner unit.
    pub subject: String,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// How sure the platform is.
    pub assurance: Assurance,
    /// What the person agreed to; none after a refusal.
    pub grant: Option<Grant>,
    /// When the session ends.
    pub expires: Timestamp,
}

impl Session {
    /// Eight hours.
    pub const MS: u64 = 8 * 60 * 60 * 1000;

    /// A session of a seeded test person, without any sign-in: for local runs only.
    #[must_use]
    pub fn local(policy: &AppPolicy, person: &Person, grant: Option<Grant>, now: Timestamp) -> Self {
        Self {
            app: policy.app.clone(),
            person: person.id.clone(),
            subject: subject::pairwise(subject::LOCAL_KEY, policy.owner.as_str(), &person.id),
            kind: person.kind,
            assurance: person.assurance,
            grant,
            expires: now.plus_ms(Self::MS),
        }
    }
}

/// Sessions by the hash of their token; the token itself is only in the browser's cookie.
#[derive(Debug, Default)]
pub struct Sessions {
    by_hash: RwLock<HashMap<[u8; 32], Arc<Session>>>,
}

impl Sessions {
    const MAX: usize = 10_000;

    /// Keeps a session and returns its new token: 256 random bits, 43 characters of base64url.
    ///
    /// # Errors
    /// [`AuthError::Sessions`] when 10 000 live ones are kept already.
    pub fn create(&self, session: Session, now: Timestamp, rng: &mut impl Rng) -> Result<String, AuthError> {
        use base64::Engine as _;
        let mut bytes = [0u8; 32];
        rng.fill(&mut bytes);
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let mut sessions = self.by_hash.write().map_err(|_| AuthError::Sessions)?;
        if sessions.len() >= Self::MAX {
            sessions.retain(|_, kept| kept.expires > now);
        }
        if sessions.len() >= Self::MAX {
            return Err(AuthError::Sessions);
        }
        sessions.insert(hash(&token), Arc::new(session));
        Ok(token)
    }

    /// The live session with this token.
    #[must_use]
    pub fn find(&self, token: &str, now: Timestamp) -> Option<Arc<Session>> {
        let sessions = self.by_hash.read().ok()?;
        sessions.get(&hash(token)).filter(|session| session.expires > now).cloned()
    }

    /// Ends a session; unknown tokens are ignored.
    pub fn end(&self, token: &str) {
        if let Ok(mut sessions) = self.by_hash.write() {
            sessions.remove(&hash(token));
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn session(expires: Timestamp) -> Session {
        Session {
            app: AppId::new("cn.gov.app").expect("id"),
            person: PersonId("zhang".into()),
            subject: String::new(),
            kind: PersonKind::NaturalPerson,
            assurance: Assurance::Basic,
            grant: None,
            expires,
        }
    }

    #[test]
    fn a_session_is_found_by_its_token_until_it_ends() {
        let sessions = Sessions::default();
        let token =
            sessions.create(session(Timestamp(10)), Timestamp(0), &mut StdRng::seed_from_u64(1)).expect("token");
        assert_eq!(token.len(), 43);
        assert!(sessions.find(&token, Timestamp(9)).is_some());
        assert!(sessions.find(&token, Timestamp(10)).is_none(), "expired");
        assert!(sessions.find("other", Timestamp(9)).is_none());
        sessions.end(&token);
        assert!(sessions.find(&token, Timestamp(9)).is_none(), "ended");
    }

    #[test]
    fn expired_sessions_make_room_and_live_ones_do_not() {
        let sessions = Sessions::default();
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..Sessions::MAX {
            sessions.create(session(Timestamp(10)), Timestamp(0), &mut rng).expect("fits");
        }
        assert_eq!(sessions.create(session(Timestamp(99)), Timestamp(9), &mut rng), Err(AuthError::Sessions));
        assert!(sessions.create(session(Timestamp(99)), Timestamp(10), &mut rng).is_ok());
    }
}
