//! The runtime's half of the authorization in this process: its way to the hub, and its client of each app.

use crate::app::App;
use crate::hub_side::HubSide;
use crate::node_keys::{self, NodeKeys};
use crate::outbound::Outbound;
use crate::remote_link::RemoteLink;
use crate::runtime_keys;
use crate::serve_options::{ServeMode, ServeRole};
use anyhow::Context as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use yizhan_auth::AppPolicy;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyOwner, Purpose};
use yizhan_auth::provider::runtime_client;
use yizhan_auth::runtime::{AppClient, HubLink, LocalLink, Runtime, SystemTicks, Ticks};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{AppId, Context, Slug};
use yizhan_store::records::{ClientRecord, RuntimeStore};

/// Suite of the apps' clients.
const SUITE: Suite = Suite::International;

/// The runtime beside a hub in the same process.
pub(crate) fn beside(hub: &HubSide, store: Arc<dyn RuntimeStore>, keys: &NodeKeys) -> Arc<Runtime> {
    let ticks = ticks();
    let link = Arc::new(LocalLink::new((*hub.provider).clone(), Arc::clone(&ticks)));
    of(link, ticks, store, keys)
}

/// The runtime of a hub elsewhere. The operator named the hub's address, so that exact host may be reached wherever it is.
pub(crate) fn apart(
    issuer: &str,
    store: Arc<dyn RuntimeStore>,
    keys: &NodeKeys,
    outbound: &Outbound,
) -> anyhow::Result<Arc<Runtime>> {
    let hub: yizhan_sandbox::egress::Target = issuer.parse().context("the hub's origin")?;
    let egress = outbound.reaching(std::slice::from_ref(&hub))?.egress().clone();
    let ticks = ticks();
    let link = Arc::new(RemoteLink::new(issuer.to_owned(), hub, egress, Arc::clone(&ticks)));
    Ok(of(link, ticks, store, keys))
}

fn ticks() -> Arc<dyn Ticks> {
    Arc::new(SystemTicks::since(Instant::now()))
}

fn of(link: Arc<dyn HubLink>, ticks: Arc<dyn Ticks>, store: Arc<dyn RuntimeStore>, keys: &NodeKeys) -> Arc<Runtime> {
    Arc::new(Runtime::new(store, Arc::clone(&keys.apps), link, ticks, keys.root.sealer(Purpose::RuntimeTokens)))
}

/// The registration of the runtime's client of an app: with keys that are made here when it has none, or with those that a
/// runtime elsewhere sent. May read or write a file.
pub(crate) fn client(context: &Context, app: &App, policy: &AppPolicy, slug: &Slug) -> anyhow::Result<ClientRecord> {
    let jwks = match &app.runtime_keys {
        None => own_keys(context, app, &policy.app)?,
        Some(path) => sent_keys(path, &policy.app)?,
    };
    let mut client = runtime_client(&policy.app, &origins(app, slug), (policy.tier, SUITE), jwks);
    // In one process nothing need be told: every call asks the hub's own store.
    if app.runtime_keys.is_some() {
        client.backchannel_logout_uri = Some(format!("{}/.yizhan/backchannel-logout", app.origin_of(slug.as_str())));
    }
    Ok(client)
}

/// Public keys of an app's client in this runtime's custody.
pub(crate) fn own_keys(context: &Context, app: &App, id: &AppId) -> anyhow::Result<serde_json::Value> {
    anyhow::ensure!(app.role != ServeRole::Hub, "this process is a hub alone: name the runtime's keys");
    let owner = KeyOwner::Client(AppClient::of(id, yizhan_domain::authorization::Tier::Baseline).id);
    let keys = app.runtime.keys();
    let uses: &[KeyUse] = &[KeyUse::Sign, KeyUse::Decrypt];
    let made = node_keys::ensure(&**keys, &owner, (SUITE, uses), context.now);
    let jwks =
        made.and_then(|()| keys.public_jwks(&owner, context.now)).with_context(|| format!("the keys of {id}"))?;
    Ok(jwks.to_value())
}

fn sent_keys(path: &Path, id: &AppId) -> anyhow::Result<serde_json::Value> {
    let mut sent = runtime_keys::read(path)?;
    sent.remove(id)
        .with_context(|| format!("{} holds no keys of {id}: start the runtime with the app first", path.display()))
}

/// Origins at which the app answers: a local run also at the root of its address.
fn origins(app: &App, slug: &Slug) -> Vec<String> {
    let mut origins = vec![app.origin_of(slug.as_str())];
    if matches!(app.mode, ServeMode::Run | ServeMode::Dev) {
        origins.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{}://{host}:{}", app.scheme, app.port)));
    }
    origins
}
