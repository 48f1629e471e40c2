//! Permits: proof that a call was authorized. Fields are private and there is no public constructor.

use crate::policy::AppPolicy;
use crate::session::Session;
use std::sync::Arc;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Claim, Timestamp};

/// Proof that this version of this app may handle one request, for this session if there is one.
#[derive(Debug)]
pub struct InvokePermit {
    pub(crate) policy: Arc<AppPolicy>,
    pub(crate) session: Option<Arc<Session>>,
}

impl InvokePermit {
    /// What the version may do.
    #[must_use]
    pub fn policy(&self) -> &Arc<AppPolicy> {
        &self.policy
    }

    /// Whether somebody is signed in to the app.
    #[must_use]
    pub fn signed_in(&self) -> bool {
        self.session.is_some()
    }

    /// What the signed-in person granted; none when nobody is signed in, or nothing was agreed to, or it has ended.
    #[must_use]
    pub fn authorization(&self, now: Timestamp) -> Option<Authorization> {
        let session = self.session.as_ref()?;
        let grant = session.grant.as_ref().filter(|grant| grant.expires > now)?;
        Some(Authorization {
            subject: session.subject.clone(),
            kind: session.kind,
            assurance: session.assurance,
            granted: grant.claims.clone(),
            expires: grant.expires,
        })
    }
}

/// What a person granted to an app, without any value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Pairwise subject, 43 characters.
    pub subject: String,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// How sure the platform is.
    pub assurance: Assurance,
    /// Claims with the purpose each was granted for.
    pub granted: Vec<(Claim, String)>,
    /// When the grant ends.
    pub expires: Timestamp,
}
