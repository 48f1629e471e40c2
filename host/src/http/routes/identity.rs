//! The hub's routes that know who a person is: provider, sign-in, consent, account pages. Their state is [`HubSide`] alone, so
//! a hub without a runtime serves them as well.

use super::{account, appointment, consent, me, oauth, places, regions, services};
use crate::hub_side::HubSide;
use axum::Router;
use std::sync::Arc;

/// The routes; the request's `Context` and the client's address come as extensions.
pub(crate) fn router(hub: Arc<HubSide>) -> Router {
    Router::new()
        .merge(oauth::router())
        .merge(account::router())
        .merge(consent::router())
        .merge(me::router())
        .merge(appointment::router())
        .merge(services::router())
        .merge(places::router())
        .merge(regions::router())
        .with_state(hub)
}
