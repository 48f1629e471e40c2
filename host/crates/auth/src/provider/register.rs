//! Registration of apps and clients: what review released becomes what the authorization checks. Called when a version is
//! released, by local runs, and by the command line.

use super::{Provider, ReviewedApp, Step};
use crate::client_auth::live_keys;
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_domain::{Access, AppId, ClientId, Context};
use yizhan_store::records::{
    AppState, AppStateRecord, AuditRecord, ClientAuthMethod, ClientRecord, HubStore, StoreMode, Trail,
};

/// Most redirect addresses of a client.
const REDIRECTS_MAX: usize = 8;
/// Longest address, bytes.
const URI_BYTES_MAX: usize = 2048;

/// What is registered together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The released version; `generation` is set by the store.
    pub state: AppStateRecord,
    /// Clients to register or to replace; others of the app stay as they are.
    pub clients: Vec<ClientRecord>,
}

/// The runtime's client of an app. `origins` are those that the app answers at, without a trailing slash; `jwks` the public
/// keys that the runtime holds for it.
#[must_use]
pub fn runtime_client(
    app: &AppId,
    origins: &[String],
    (tier, suite): (Tier, Suite),
    jwks: serde_json::Value,
) -> ClientRecord {
    let under = |path: &str| origins.iter().map(|origin| format!("{origin}{path}")).collect::<Vec<_>>();
    ClientRecord {
        id: ClientId(app.as_str().to_owned()),
        app: app.clone(),
        custody: Custody::Runtime,
        tier,
        suite,
        auth_method: ClientAuthMethod::PrivateKeyJwt,
        jwks,
        redirect_uris: under("/.yizhan/callback"),
        post_logout_redirect_uris: under("/"),
        backchannel_logout_uri: None,
        offline_access: false,
    }
}

/// Registers clients, then the released version: from that write on the app may ask. Grants and tokens go on when it asks for
/// no more than the version before; else the generation rises, tokens end and people are asked again.
///
/// # Errors
/// [`Refusal::BadRegistration`] when manifest or a client breaks a rule; nothing is kept then.
pub async fn register_app(
    context: &Context,
    provider: &Provider,
    actor: &str,
    registration: Registration,
) -> Result<(), Refusal> {
    let Registration { mut state, clients } = registration;
    let reviewed = ReviewedApp::read(&state)?;
    if reviewed.access == Access::Open && !clients.is_empty() {
        return Err(Refusal::BadRegistration);
    }
    for client in &clients {
        check(provider, &state.app, client)?;
    }
    own_keys(&*provider.store, &state.app, &clients).await?;
    for client in clients {
        let step = Step { context, provider, actor, action: "client.registered" };
        let trail = Trail::of(step.done().with("client", &client.id).with("app", &client.app));
        provider.store.put_client(client, trail).await?;
    }
    let action = if state.state == AppState::Released { "app.released" } else { "app.registered" };
    let step = Step { context, provider, actor, action };
    let trail = Trail::of(step.done().with("app", &state.app).with("version", state.version));
    if let Some(generation) = find_lasting_generation(&*provider.store, &state.app, &reviewed).await? {
        state.generation = generation;
        // What changed meanwhile ends what was issued: then it is a change like any other.
        if provider.store.renew_app_state(state.clone(), trail.clone()).await? {
            return Ok(());
        }
    }
    Ok(provider.store.put_app_state(state, trail).await?)
}

/// The generation of the version before, when this one asks for no more.
async fn find_lasting_generation(
    store: &dyn HubStore,
    app: &AppId,
    next: &ReviewedApp,
) -> Result<Option<u64>, Refusal> {
    let Some(known) = store.find_app_state(app).await? else { return Ok(None) };
    let lasts = ReviewedApp::read(&known).is_ok_and(|before| next.asks_no_more_than(&before));
    Ok(lasts.then_some(known.generation))
}

/// Registers one client of an app, or replaces its registration: of a back end, or of a developer at this machine. The
/// runtime's own come with [`register_app`].
///
/// # Errors
/// [`Refusal::BadRegistration`] when the client breaks a rule ([`find_broken_rule`] names it), shares a key with another
/// client of the app, or the app is open.
pub async fn register_client(
    context: &Context,
    store: &dyn HubStore,
    actor: &str,
    client: ClientRecord,
) -> Result<(), Refusal> {
    if client.custody == Custody::Runtime || find_broken_rule(&client, store.mode() == StoreMode::Development).is_some()
    {
        return Err(Refusal::BadRegistration);
    }
    if let Some(state) = store.find_app_state(&client.app).await?
        && ReviewedApp::read(&state)?.access == Access::Open
    {
        return Err(Refusal::BadRegistration);
    }
    own_keys(store, &client.app, std::slice::from_ref(&client)).await?;
    let record = AuditRecord::new(context.id, context.now, actor, "client.registered", "ok");
    let trail = Trail::of(record.with("client", &client.id).with("app", &client.app));
    Ok(store.put_client(client, trail).await?)
}

/// Removes a client that is not the runtime's: nothing that was issued to it counts any more. False when there is none.
///
/// # Errors
/// [`Refusal::BadRegistration`] for a client of the runtime, which goes with its app.
pub async fn remove_client(
    context: &Context,
    store: &dyn HubStore,
    actor: &str,
    id: &ClientId,
) -> Result<bool, Refusal> {
    let Some(client) = store.find_client(id).await? else { return Ok(false) };
    if client.custody == Custody::Runtime {
        return Err(Refusal::BadRegistration);
    }
    let record = AuditRecord::new(context.id, context.now, actor, "client.removed", "ok");
    let trail = Trail::of(record.with("client", &client.id).with("app", &client.app));
    Ok(store.remove_client(id, trail).await?)
}

/// Every rule of one client that an app registers.
fn check(provider: &Provider, app: &AppId, client: &ClientRecord) -> Result<(), Refusal> {
    let broken = find_broken_rule(client, provider.is_development());
    if client.app == *app && broken.is_none() { Ok(()) } else { Err(Refusal::BadRegistration) }
}

/// The first rule that a registration breaks, in words that name the member; `development` is the kind of the store.
#[must_use]
pub fn find_broken_rule(client: &ClientRecord, development: bool) -> Option<&'static str> {
    let by_secret = matches!(client.auth_method, ClientAuthMethod::ClientSecretBasic(_));
    let keys = live_keys(client);
    let signs = matches!(&keys, Ok(Some(keys)) if keys.keys().any(|key| key.signature_algorithm().is_some()));
    let may_have_secret = client.custody == Custody::Development && client.tier == Tier::Baseline;
    let addresses = client.redirect_uris.iter().chain(&client.post_logout_redirect_uris);
    let rules = [
        (is_named(client, &client.app), "client_id: it is APP:backend of a back end, APP:NAME of a developer"),
        (client.custody != Custody::Development || development, "custody: developers register in development stores"),
        (!by_secret || may_have_secret, "auth_method: a secret is for developers at the baseline tier"),
        (keys.is_ok(), "jwks: 1 to 8 public keys with kid and use"),
        (by_secret || signs, "jwks: a key to sign with is needed"),
        (!(client.offline_access && client.custody == Custody::Runtime), "offline_access: never for the runtime"),
        ((1..=REDIRECTS_MAX).contains(&client.redirect_uris.len()), "redirect_uris: 1 to 8 are needed"),
        (
            addresses.chain(&client.backchannel_logout_uri).all(|uri| is_address(uri, development)),
            "addresses: absolute https without user and fragment; http only to this machine in development stores",
        ),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
}

/// `{app}` of the runtime, `{app}:backend` of the owner, `{app}:…` of developers.
fn is_named(client: &ClientRecord, app: &AppId) -> bool {
    let rest = client.id.as_str().strip_prefix(app.as_str());
    match client.custody {
        Custody::Runtime => rest == Some(""),
        Custody::Backend => rest == Some(":backend"),
        Custody::Development => rest.is_some_and(|rest| rest.len() > 1 && rest.len() <= 32 && rest.starts_with(':')),
    }
}

/// An absolute `https` address without fragment or user; `http` on this machine in development stores.
fn is_address(uri: &str, development: bool) -> bool {
    let plain = uri.len() <= URI_BYTES_MAX && uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let (rest, local_only) = match (uri.strip_prefix("https://"), uri.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_local = matches!(host, "127.0.0.1" | "::1" | "localhost") || host.ends_with(".localhost");
    plain && !host.is_empty() && !authority.contains('@') && (!local_only || (development && is_local))
}

/// No key is shared between clients of an app.
async fn own_keys(store: &dyn HubStore, app: &AppId, clients: &[ClientRecord]) -> Result<(), Refusal> {
    let mut all = store.list_clients(app).await?;
    all.retain(|old| !clients.iter().any(|new| new.id == old.id));
    let mut seen = BTreeSet::new();
    for client in all.iter().chain(clients) {
        for key in live_keys(client)?.iter().flat_map(crate::jose::JwkSet::keys) {
            if !seen.insert(key.thumbprint()) {
                return Err(Refusal::BadRegistration);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_in_development() {
        assert!(is_address("https://a.example/cb", false));
        assert!(is_address("http://social.localhost:8080/.yizhan/callback", true));
        assert!(is_address("http://[::1]:9000/cb", true));
        for uri in ["http://a.localhost/cb", "http://127.0.0.1/cb"] {
            assert!(!is_address(uri, false), "{uri}");
        }
        for uri in ["http://a.example/cb", "https://u@a.example/", "https://a.example/#f", "https:///cb", "app:cb", ""]
        {
            assert!(!is_address(uri, true), "{uri}");
        }
    }
}
