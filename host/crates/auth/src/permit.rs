//! Permits: proof that a call was authorized. Fields are private and there is no public constructor.

use crate::policy::AppPolicy;
use crate::runtime::Runtime;
use crate::runtime::confirm::{self, CONFIRMED_MS_MAX, Confirmed};
use crate::runtime::link::Granted;
use crate::session::Session;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use yizhan_domain::person::{Assurance, CapacityKind, PersonKind};
use yizhan_domain::{Claim, Clock, Context, RequestId, Timestamp};

/// See [`InvokePermit::ended`].
pub type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Proof that this version of this app may handle one request, for this session if there is one.
#[derive(Debug)]
pub struct InvokePermit {
    pub(crate) policy: Arc<AppPolicy>,
    pub(crate) session: Option<Arc<Session>>,
}

/// Who is signed in at the moment of a gated call.
#[derive(Debug, Clone)]
pub enum Authorized {
    /// Somebody, with what was granted to this app.
    SignedIn(Authorization),
    /// Nobody: never, no more, or the person withdrew.
    SignedOut,
    /// It cannot be told now; identity calls are refused.
    Unknown,
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

    /// What the signed-in person granted, as the hub says it now: app, grant and session are checked at every call.
    pub async fn authorization(&self, context: &Context, runtime: &Runtime) -> Authorized {
        match self.confirm(context, runtime).await {
            Some(Confirmed::Stands(granted)) => Authorized::SignedIn(self.authorization_of(&granted)),
            None | Some(Confirmed::Ended) => Authorized::SignedOut,
            Some(Confirmed::Unknown) => Authorized::Unknown,
        }
    }

    /// What the hub says of the session; none when nobody is signed in. An ended session or grant is `Ended`, whoever's
    /// clock says so.
    pub(crate) async fn confirm(&self, context: &Context, runtime: &Runtime) -> Option<Confirmed> {
        let session = self.session.as_ref()?;
        if session.record.expires <= context.now {
            return Some(Confirmed::Ended);
        }
        match confirm::session(context, runtime, session).await {
            Confirmed::Stands(granted) if granted.expires <= context.now => Some(Confirmed::Ended),
            other => Some(other),
        }
    }

    /// Ends when the hub has ended app, grant or session: whatever runs for this permit is to be cut then. None when nobody is
    /// signed in. Asks the hub every 800 ms.
    #[must_use]
    pub fn ended(&self, id: RequestId, runtime: &Arc<Runtime>, clock: &Arc<dyn Clock>) -> Option<Ended> {
        let watched = Self { policy: Arc::clone(&self.policy), session: Some(Arc::clone(self.session.as_ref()?)) };
        let (runtime, clock) = (Arc::clone(runtime), Arc::clone(clock));
        Some(Box::pin(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(CONFIRMED_MS_MAX)).await;
                let context = Context { id, now: clock.now() };
                if let Some(Confirmed::Ended) = watched.confirm(&context, &runtime).await {
                    return;
                }
            }
        }))
    }

    /// What was granted, as far as this version declares it.
    pub(crate) fn authorization_of(&self, granted: &Granted) -> Authorization {
        let stand = granted.uses.iter().filter(|granted| self.policy.stands_on(granted));
        Authorization {
            subject: granted.subject.clone(),
            kind: granted.kind,
            capacity: granted.capacity,
            assurance: granted.assurance,
            granted: stand.map(|granted| (granted.claim, granted.purpose.clone())).collect(),
            expires: granted.expires,
        }
    }
}

/// What a person granted to an app, without any value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Pairwise subject, 43 characters.
    pub subject: String,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// In what capacity the person acts.
    pub capacity: CapacityKind,
    /// How sure the platform is.
    pub assurance: Assurance,
    /// Claims with the purpose each was granted for.
    pub granted: Vec<(Claim, String)>,
    /// When the grant ends.
    pub expires: Timestamp,
}
