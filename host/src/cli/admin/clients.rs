//! Clients of a hub: register, list, remove.

use super::{ListClientsArgs, RegisterClientArgs, RemoveClientArgs, client_file, records};
use crate::cli::{
    data_directory,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use records::HubRecords;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use yizhan_auth::{
    Refusal,
    provider::{find_broken_rule, register_client, remove_client},
};
use yizhan_domain::{Access, AppId, ClientId};
use yizhan_hub::{DataMode, open_version};
use yizhan_store::{
    StoreError,
    records::{ClientAuthMethod, ClientRecord, ClientStore as _},
};

/// Who the audit names.
const ACTOR: &str = "command";

/// `register-client`.
pub(super) fn register(args: &RegisterClientArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot register the client of {}", args.file.display());
    let client = client_file::read(&args.file, &what)?;
    let hub = records::open(&args.data, &what)?;
    if let Some(rule) = find_broken_rule(&client, hub.shelf.mode() == DataMode::Development) {
        let fix = "change that member of the file; docs/how-to/command-line.md has the rules";
        return Err(Failure::refused(&what).at(&args.file).why(rule).fix(fix));
    }
    refuse_unfit_app(&hub, &client.app, &what, args)?;
    let context = data_directory::context()?;
    let (id, json) = (client.id.clone(), shown(&client));
    records::block_on(&what, register_client(&context, &*hub.store, ACTOR, client))?.map_err(|refusal| {
        refused(refusal, &what, &args.data, "one of its keys is a key of another client of the app")
    })?;
    let done = terminal.paint(Tone::Good, "registered");
    terminal.result(json, &format!("{done} {id}\n"));
    Ok(())
}

/// An app that is neither known nor installed has no clients, and neither has an open one.
fn refuse_unfit_app(hub: &HubRecords, app: &AppId, what: &str, args: &RegisterClientArgs) -> Result<(), Failure> {
    let refuse = |why: String, fix: &str| Err(Failure::refused(what).at(&args.file).why(why).fix(fix));
    let Some(installed) = hub.shelf.snapshot().find_app(app.as_str()).cloned() else {
        return refuse(
            format!("app: {app} is not installed here"),
            "install it first: `yizhan install X.ma --data DIR`",
        );
    };
    let package = open_version(&hub.shelf, &installed).map_err(|error| Failure::hub(what, &args.data, error))?;
    if package.manifest().gov_access == Access::Open {
        return refuse(
            format!("app: {app} is open, nobody signs in to it"),
            "name an app with gov_access identity-required",
        );
    }
    Ok(())
}

/// `list-clients`.
pub(super) fn list(args: &ListClientsArgs, terminal: Terminal) -> Outcome {
    let what = "cannot list the clients";
    let hub = records::open(&args.data, what)?;
    let failed = |error: StoreError| records::store_failure(what, &args.data, &error);
    let clients = records::block_on(what, find_clients(&hub, args.app.as_ref()))?.map_err(failed)?;
    let lines = clients.iter().map(|client| {
        let (custody, tier, suite) = (word(&client.custody), word(&client.tier), word(&client.suite));
        format!("{}  {custody}  {tier}  {suite}  {}\n", client.id, client.redirect_uris.join(" "))
    });
    let text: String = lines.collect();
    terminal.result(json!({ "clients": clients.iter().map(shown).collect::<Vec<_>>() }), &text);
    Ok(())
}

async fn find_clients(hub: &HubRecords, only: Option<&AppId>) -> Result<Vec<ClientRecord>, StoreError> {
    let mut apps: BTreeSet<AppId> = hub.shelf.snapshot().apps().iter().map(|app| app.app_id.clone()).collect();
    apps.extend(hub.store.list_app_states().await?.into_iter().map(|known| known.app));
    let mut clients = Vec::new();
    for app in apps.iter().filter(|app| only.is_none_or(|only| only == *app)) {
        clients.extend(hub.store.list_clients(app).await?);
    }
    Ok(clients)
}

/// `remove-client`.
pub(super) fn remove(args: &RemoveClientArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot remove {}", args.id);
    let hub = records::open(&args.data, &what)?;
    let (context, id) = (data_directory::context()?, ClientId(args.id.clone()));
    let removed = records::block_on(&what, remove_client(&context, &*hub.store, ACTOR, &id))?
        .map_err(|refusal| refused(refusal, &what, &args.data, "it is the runtime's client: it goes with its app"))?;
    if !removed {
        let fix = "`yizhan admin list-clients --data DIR` lists the ids";
        return Err(Failure::refused(&what).at(&args.data).why("there is no such client").fix(fix));
    }
    let done = terminal.paint(Tone::Good, "removed");
    terminal.result(json!({ "client_id": id }), &format!("{done} {id}\n"));
    Ok(())
}

fn refused(refusal: Refusal, what: &str, dir: &Path, rule: &str) -> Failure {
    match refusal {
        Refusal::BadRegistration => {
            Failure::refused(what).at(dir).why(rule).fix("`yizhan admin list-clients` shows all")
        }
        other => Failure::unreadable(what).at(dir).why(other).fix("type `yizhan audit verify --data DIR`"),
    }
}

/// A registration for people: no secret, nor its hash.
fn shown(client: &ClientRecord) -> Value {
    let auth_method = match client.auth_method {
        ClientAuthMethod::PrivateKeyJwt => "private-key-jwt",
        ClientAuthMethod::ClientSecretBasic(_) => "client-secret-basic",
    };
    let keys = client.jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
    let keys: Vec<_> = keys.map(|key| json!({ "kid": key.get("kid"), "use": key.get("use") })).collect();
    json!({
        "client_id": client.id, "app": client.app, "custody": client.custody, "tier": client.tier,
        "suite": client.suite, "auth_method": auth_method, "keys": keys, "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "backchannel_logout_uri": client.backchannel_logout_uri, "offline_access": client.offline_access,
    })
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
