//! Reads what a manifest says about personal data: the permissions that it asks for, and what each claim is used for.

use super::{
    cursor::{At, Object, Reader, nearest},
    parts::{DataUse, RequestedPermission, default_grant_days},
    rules::Facts,
};
use std::error::Error;
use yizhan_domain::{Claim, Permission, access::PermissionError};

pub(super) fn permissions(reader: &mut Reader, root: &Object<'_>, facts: &mut Facts) -> Vec<RequestedPermission> {
    let items = root.get("req_permissions").and_then(|at| reader.list(&at, 64)).unwrap_or_default();
    items.iter().filter_map(|at| requested(reader, at, facts)).collect()
}

fn requested(reader: &mut Reader, at: &At<'_>, facts: &mut Facts) -> Option<RequestedPermission> {
    let object = reader.object(at)?;
    let name = reader.member(&object, "name").and_then(|at| permission(reader, &at, facts));
    let reason = reader.member(&object, "reason").and_then(|at| reader.text(&at, 1..=100));
    Some(RequestedPermission { name: name?, reason: reason? })
}

fn permission(reader: &mut Reader, at: &At<'_>, facts: &mut Facts) -> Option<Permission> {
    let text = reader.string(at)?;
    match text.parse::<Permission>() {
        Ok(permission) => {
            match permission {
                Permission::Identity(claim) => facts.asked.push((at.pointer.clone(), claim)),
                Permission::Book => facts.acts.push((at.pointer.clone(), permission.clone())),
            }
            Some(permission)
        }
        Err(error @ PermissionError::Pay) => {
            let fix = "take the permission away; show the item's fee and link to its own payment page";
            reader.refuse("pay-not-provided", &at.pointer, error, fix);
            None
        }
        Err(error) => {
            let fix = nearest(text, PERMISSIONS.into_iter()).map_or_else(
                || "write identity: and a claim, or take the permission away".to_owned(),
                |meant| format!("write {meant:?} if that is meant"),
            );
            reader.refuse("permission-unknown", &at.pointer, whole_text(&error), fix);
            None
        }
    }
}

pub(super) const PERMISSIONS: [&str; 14] = [
    "identity:name",
    "identity:name-masked",
    "identity:id-type",
    "identity:id-number",
    "identity:id-number-masked",
    "identity:mobile",
    "identity:mobile-masked",
    "identity:birth-date",
    "identity:residence-region",
    "identity:org-name",
    "identity:uscc",
    "identity:agent-role",
    "identity:age-over-18",
    "appointment:book",
];

/// The error and its sources, from the outer one to the inner.
fn whole_text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(source) = inner {
        text = format!("{text}: {source}");
        inner = source.source();
    }
    text
}

pub(super) fn data_use(reader: &mut Reader, root: &Object<'_>, facts: &mut Facts) -> Vec<DataUse> {
    let items = root.get("gov_data_use").and_then(|at| reader.list(&at, 64)).unwrap_or_default();
    items.iter().filter_map(|at| one_use(reader, at, facts)).collect()
}

fn one_use(reader: &mut Reader, at: &At<'_>, facts: &mut Facts) -> Option<DataUse> {
    let object = reader.object(at)?;
    reader.known(&object, &["claim", "purpose", "optional", "retention_days", "grant_days", "legal_basis"]);
    let claim = reader.member(&object, "claim").and_then(|at| claim(reader, &at));
    let purpose = reader.member(&object, "purpose").and_then(|at| purpose(reader, &at));
    if let Some(claim) = claim {
        facts.used.push((object.place("claim"), claim, purpose.clone()));
    }
    let retention_days = reader.member(&object, "retention_days").and_then(|at| reader.number(&at, 0..=3_650, "days"));
    let grant_days = match object.get("grant_days") {
        Some(at) => reader.number(&at, 1..=3_650, "days"),
        None => Some(default_grant_days()),
    };
    let optional = object.get("optional").and_then(|at| reader.boolean(&at)).unwrap_or_default();
    let legal_basis = object.get("legal_basis").and_then(|at| reader.text(&at, 1..=200));
    Some(DataUse {
        claim: claim?,
        purpose: purpose?,
        optional,
        retention_days: retention_days?,
        grant_days: grant_days?,
        legal_basis,
    })
}

fn claim(reader: &mut Reader, at: &At<'_>) -> Option<Claim> {
    let text = reader.string(at)?;
    let refused = |error| {
        let names = PERMISSIONS.iter().filter_map(|name| name.strip_prefix("identity:"));
        let fix = nearest(text, names).map_or_else(
            || "write one of the known claims".to_owned(),
            |meant| format!("write {meant:?} if that is meant"),
        );
        reader.refuse("claim-unknown", &at.pointer, error, fix);
    };
    text.parse().map_err(refused).ok()
}

fn purpose(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let text = reader.string(at)?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        return Some(text.to_owned());
    }
    let why = format!("{text:?} is not the name of a purpose; 1 to 64 characters of a-z, 0-9 and '-' are allowed");
    reader.refuse("purpose", &at.pointer, why, "write a name like query-insurance");
    None
}
