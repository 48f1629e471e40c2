//! Rules between members of a manifest: what one says must fit what another says. `read` calls `check` once.

use super::cursor::{Object, Reader};
use std::collections::BTreeSet;
use yizhan_domain::{Access, Claim, Permission};

/// What the members said, as far as it could be read; a mistake elsewhere in an entry does not hide it from these rules.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) access: Option<Access>,
    /// Claims that are asked for, with the places.
    pub(super) asked: Vec<(String, Claim)>,
    /// What is asked to be done for persons, with the places.
    pub(super) acts: Vec<(String, Permission)>,
    /// Claims that are used, with the places, and the purposes where they could be read.
    pub(super) used: Vec<(String, Claim, Option<String>)>,
    pub(super) has_component: bool,
    pub(super) identity_world: bool,
}

pub(super) fn check(reader: &mut Reader, root: &Object<'_>, facts: &Facts) {
    each_once(reader, facts);
    asked_is_used(reader, facts);
    match facts.access {
        Some(Access::Open) => open_app(reader, root, facts),
        Some(Access::IdentityRequired) => identity_app(reader, root, facts),
        None => {}
    }
    if facts.has_component && root.get("gov_spa_fallback").is_some() {
        let why = "the app has a component, which answers unknown paths itself";
        reader.refuse(
            "spa-fallback",
            &root.place("gov_spa_fallback"),
            why,
            "take gov_spa_fallback away, or answer these paths in the component",
        );
    }
}

fn each_once(reader: &mut Reader, facts: &Facts) {
    let mut asked = BTreeSet::new();
    for (place, claim) in &facts.asked {
        if !asked.insert(claim) {
            reader.refuse(
                "permission-twice",
                place,
                format!("identity:{claim} is asked for twice"),
                "take one of them away",
            );
        }
    }
    let mut acts = BTreeSet::new();
    for (place, act) in &facts.acts {
        if !acts.insert(act) {
            reader.refuse("permission-twice", place, format!("{act} is asked for twice"), "take one of them away");
        }
    }
    let mut used = BTreeSet::new();
    for (place, claim, purpose) in &facts.used {
        if let Some(purpose) = purpose
            && !used.insert((claim, purpose))
        {
            let why = format!("claim {claim} stands twice under purpose {purpose:?}");
            reader.refuse("data-use-twice", place, why, "take one of them away, or give it a purpose of its own");
        }
    }
}

fn asked_is_used(reader: &mut Reader, facts: &Facts) {
    for (place, claim) in &facts.asked {
        if !facts.used.iter().any(|(_, used, _)| used == claim) {
            let why = format!("identity:{claim} is asked for, but gov_data_use does not say what for");
            let fix = format!("add an entry with claim \"{claim}\", its purpose and retention_days to gov_data_use");
            reader.refuse("permission-without-data-use", place, why, fix);
        }
    }
    for (place, claim, _) in &facts.used {
        if !facts.asked.iter().any(|(_, asked)| asked == claim) {
            let why = format!("claim {claim} is used, but req_permissions does not ask for it");
            let fix = format!("add \"identity:{claim}\" with a reason to req_permissions, or take the entry away");
            reader.refuse("data-use-without-permission", place, why, fix);
        }
    }
}

fn open_app(reader: &mut Reader, root: &Object<'_>, facts: &Facts) {
    let fix = "take it away, or set gov_access to \"identity-required\"";
    for (place, claim) in &facts.asked {
        reader.refuse("open-app-asks-identity", place, format!("an open app asks for identity:{claim}"), fix);
    }
    for (place, act) in &facts.acts {
        reader.refuse("open-app-asks-identity", place, format!("an open app asks for {act}"), fix);
    }
    if facts.identity_world {
        let place = root.place("gov_component") + "/world";
        reader.refuse(
            "open-app-asks-identity",
            &place,
            "an open app has the world identity-app; open-app is allowed",
            fix,
        );
    }
    if root.get("gov_assurance").is_some() {
        let why = "an open app asks for assurance of a person whom it never sees";
        reader.refuse("open-app-asks-identity", &root.place("gov_assurance"), why, fix);
    }
}

fn identity_app(reader: &mut Reader, root: &Object<'_>, facts: &Facts) {
    if !facts.has_component {
        let why = "an identity-required app has no component, which alone can be given what persons agreed to";
        reader.refuse(
            "identity-app-without-component",
            &root.place("gov_component"),
            why,
            "add gov_component, or set gov_access to \"open\"",
        );
    }
    if root.get("gov_stateless").is_some_and(|at| at.value.as_bool() == Some(true)) {
        let why = "an identity-required app gets a fresh instance for every request, always";
        reader.refuse("stateless-identity-app", &root.place("gov_stateless"), why, "take gov_stateless away");
    }
}
