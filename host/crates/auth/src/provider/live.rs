//! Live checks that several steps share: is the app released, the grant live, the session there, the mandate still held?

use super::{Provider, ReviewedApp};
use crate::refusal::Refusal;
use std::sync::Arc;
use yizhan_domain::authorization::{Capacity, GrantId, SessionId};
use yizhan_domain::{Access, AppId, ClientId, Context, PersonId};
use yizhan_store::records::{AppState, ClientRecord, GrantRecord, SessionRecord};

impl Provider {
    /// The client with this id.
    pub(crate) async fn known_client(&self, id: &ClientId) -> Result<ClientRecord, Refusal> {
        self.store.find_client(id).await?.ok_or(Refusal::UnknownClient)
    }

    /// The reviewed version of an app that is released at this moment. An open app has no identity to give.
    pub(crate) async fn released_app(&self, app: &AppId) -> Result<Arc<ReviewedApp>, Refusal> {
        let standing = self.store.find_app_standing(app).await?.ok_or(Refusal::UnknownApp)?;
        may_be_used(standing.state)?;
        let reviewed = match self.reviewed.find(app, &standing) {
            Some(reviewed) => reviewed,
            None => self.read_app(app).await?,
        };
        if reviewed.access == Access::IdentityRequired { Ok(reviewed) } else { Err(Refusal::UnknownApp) }
    }

    async fn read_app(&self, app: &AppId) -> Result<Arc<ReviewedApp>, Refusal> {
        let state = self.store.find_app_state(app).await?.ok_or(Refusal::UnknownApp)?;
        may_be_used(state.state)?;
        let reviewed = Arc::new(ReviewedApp::read(&state)?);
        self.reviewed.keep(&reviewed);
        Ok(reviewed)
    }

    /// A grant that was neither withdrawn nor has ended.
    pub(crate) async fn live_grant(&self, context: &Context, id: &GrantId) -> Result<GrantRecord, Refusal> {
        let grant = self.store.find_grant(id).await?.ok_or(Refusal::GrantEnded)?;
        if grant.revoked.is_some() || grant.expires <= context.now { Err(Refusal::GrantEnded) } else { Ok(grant) }
    }

    /// The live session of the person who granted.
    pub(crate) async fn live_session(
        &self,
        context: &Context,
        id: &SessionId,
        person: &PersonId,
    ) -> Result<SessionRecord, Refusal> {
        let session = self.store.find_session_by_id(id, context.now).await?.ok_or(Refusal::SessionEnded)?;
        if session.person == *person { Ok(session) } else { Err(Refusal::SessionEnded) }
    }

    /// Refuses when the person may not act in this capacity (any more); none for themselves.
    pub(crate) async fn held_mandate(&self, person: &PersonId, acting_for: Option<&Capacity>) -> Result<(), Refusal> {
        if acting_for.is_none() {
            return Ok(());
        }
        let held = self.people.capacities(person).await?.is_some_and(|capacities| capacities.allow(acting_for));
        if held { Ok(()) } else { Err(Refusal::MandateEnded) }
    }
}

fn may_be_used(state: AppState) -> Result<(), Refusal> {
    match state {
        AppState::Released => Ok(()),
        AppState::Suspended => Err(Refusal::SuspendedApp),
        AppState::Withdrawn => Err(Refusal::UnknownApp),
    }
}
