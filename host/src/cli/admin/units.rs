//! The set-up link of the first administrator; units and members, to look at.

use super::{MembersArgs, SetUpLinkArgs, UnitsArgs, records};
use crate::{
    cli::{
        data_directory,
        failure::{Failure, Outcome},
        terminal::Terminal,
    },
    hub_side::rng,
};
use serde_json::json;
use std::sync::Arc;
use yizhan_auth::{
    people::{People, PeopleKeys},
    units::{SETUP_MS, UnitError, create_setup_link},
};
use yizhan_hub::DataMode;
use yizhan_store::{StoreError, records::UnitStore as _};

/// An origin: scheme, host and port, nothing after it.
pub(super) fn parse_origin(text: &str) -> Result<String, String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@']) && host.is_ascii() => {
            Ok(text.to_owned())
        }
        _ => Err("an origin is https://HOST or http://HOST:PORT".to_owned()),
    }
}

/// `set-up-link`.
pub(super) fn set_up_link(args: &SetUpLinkArgs, terminal: Terminal) -> Outcome {
    let what = "cannot make the set-up link";
    let hub = records::open(&args.data, what)?;
    if hub.shelf.mode() == DataMode::Production && !args.origin.starts_with("https://") {
        let fix = "say --origin https://HOST, the address that administrators open";
        return Err(Failure::unreadable(what).at(&args.data).why("a production hub is reached over https").fix(fix));
    }
    let people = People::new(Arc::clone(&hub.store) as _, PeopleKeys::of(&hub.keys.root));
    let context = data_directory::context()?;
    let token = records::block_on(what, create_setup_link(&context, &people, &mut rng()))?.map_err(|error| {
        let why = records::with_source(&error);
        match error {
            UnitError::SetUpAlready => {
                Failure::refused(what).at(&args.data).why(why).fix("an operator of the hub names further members")
            }
            UnitError::Store(error) => records::store_failure(what, &args.data, &error),
            _ => Failure::unreadable(what).at(&args.data).why(why).fix("see that the folder is yours and has room"),
        }
    })?;
    let link = format!("{}/set-up?key={}", args.origin, *token);
    terminal.say("Open this link within a day. It works once, is shown only here, and ends any link before it.");
    terminal.result(json!({ "link": link, "expires": context.now.plus_ms(SETUP_MS) }), &format!("{link}\n"));
    Ok(())
}

/// `units`.
pub(super) fn units(args: &UnitsArgs, terminal: Terminal) -> Outcome {
    let what = "cannot list the units";
    let hub = records::open(&args.data, what)?;
    let failed = |error: StoreError| records::store_failure(what, &args.data, &error);
    let units = records::block_on(what, hub.store.list_units())?.map_err(failed)?;
    let text: String = units.iter().map(|unit| format!("{}  {}\n", unit.uscc, unit.name)).collect();
    terminal.result(json!({ "units": units }), &text);
    Ok(())
}

/// `members`.
pub(super) fn members(args: &MembersArgs, terminal: Terminal) -> Outcome {
    let what = "cannot list the members";
    let hub = records::open(&args.data, what)?;
    let listed = async {
        let mut members = Vec::new();
        for unit in hub.store.list_units().await? {
            members.extend(hub.store.list_members(&unit.uscc).await?);
        }
        Ok(members)
    };
    let failed = |error: StoreError| records::store_failure(what, &args.data, &error);
    let members = records::block_on(what, listed)?.map_err(failed)?;
    let lines = members.iter().map(|member| {
        let roles = member.roles.iter().filter_map(|role| serde_json::to_value(role).ok());
        let roles: Vec<_> = roles.filter_map(|role| role.as_str().map(str::to_owned)).collect();
        format!("{}  {}  {}\n", member.unit, member.person, roles.join(" "))
    });
    let text: String = lines.collect();
    terminal.result(json!({ "members": members }), &text);
    Ok(())
}
