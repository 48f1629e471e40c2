//! Reads `manifest.json` member by member and keeps going at a mistake, so that the author sees all of them at once.

use super::{
    MANIFEST_BYTES_MAX, Manifest,
    cursor::{At, Object, Reader},
    json, members,
    parts::{ColorScheme, Direction, Owner, PlatformVersion, Version, default_lang},
    privacy,
    rules::{self, Facts},
};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;
use yizhan_domain::{Access, AppId, Finding, code::CreditCode, person::Assurance};

/// Members of the W3C manifest that this platform reads.
pub(super) const STANDARD: [&str; 13] = [
    "app_id",
    "name",
    "short_name",
    "description",
    "icons",
    "version",
    "platform_version",
    "pages",
    "lang",
    "dir",
    "color_scheme",
    "window",
    "req_permissions",
];

/// Members of this platform.
pub(super) const VENDOR: [&str; 14] = [
    "gov_access",
    "gov_owner",
    "gov_component",
    "gov_data_use",
    "gov_items",
    "gov_egress",
    "gov_browser",
    "gov_assurance",
    "gov_limits",
    "gov_complaint",
    "gov_elder_mode",
    "gov_spa_fallback",
    "gov_stateless",
    "gov_config",
];

/// Bytes in; a manifest, or every mistake.
pub(super) fn manifest(bytes: &[u8]) -> Result<Manifest, Vec<Finding>> {
    let mut reader = Reader::default();
    let value = document(&mut reader, bytes);
    let place = |value| At { value, pointer: String::new() };
    let object = value.as_ref().and_then(|value| reader.object(&place(value)));
    let manifest = object.and_then(|object| whole(&mut reader, &object));
    match manifest {
        Some(manifest) if reader.findings.is_empty() => Ok(manifest),
        _ => Err(reader.findings),
    }
}

fn document(reader: &mut Reader, bytes: &[u8]) -> Option<Value> {
    if bytes.len() > MANIFEST_BYTES_MAX {
        let why = format!("has {} bytes; at most {MANIFEST_BYTES_MAX} are allowed", bytes.len());
        reader.refuse("too-large", "", why, "take out what the platform does not read");
        return None;
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        reader.refuse(
            "not-json",
            "",
            "begins with a byte order mark",
            "save the file as UTF-8 without a byte order mark",
        );
        return None;
    }
    json::parse(bytes)
        .map_err(|error| {
            let fix = format!("correct the JSON at line {}, column {}", error.line(), error.column());
            reader.refuse("not-json", "", format!("is not JSON: {error}"), fix);
        })
        .ok()
}

fn whole(reader: &mut Reader, root: &Object<'_>) -> Option<Manifest> {
    let mut facts = Facts::default();
    let app_id = reader.member(root, "app_id").and_then(|at| app_id(reader, &at));
    let name = reader.member(root, "name").and_then(|at| reader.text(&at, 1..=40));
    let icons = members::icons(reader, root);
    let version = reader.member(root, "version").and_then(|at| version(reader, &at));
    let lang = root.get("lang").map_or_else(|| Some(default_lang()), |at| lang(reader, &at));
    facts.access = reader.member(root, "gov_access").and_then(|at| reader.choice(&at, &ACCESS));
    let gov_owner = reader.member(root, "gov_owner").and_then(|at| owner(reader, &at));
    let req_permissions = privacy::permissions(reader, root, &mut facts);
    let gov_component = members::component(reader, root, &mut facts);
    let gov_data_use = privacy::data_use(reader, root, &mut facts);
    rules::check(reader, root, &facts);
    Some(Manifest {
        short_name: root.get("short_name").and_then(|at| reader.text(&at, 1..=12)),
        description: root.get("description").and_then(|at| reader.text(&at, 1..=500)),
        platform_version: root.get("platform_version").and_then(|at| platform_version(reader, &at)),
        pages: members::pages(reader, root),
        dir: root.get("dir").and_then(|at| reader.choice(&at, &DIRECTIONS)).unwrap_or_default(),
        color_scheme: root.get("color_scheme").and_then(|at| reader.choice(&at, &COLOR_SCHEMES)).unwrap_or_default(),
        window: root.get("window").and_then(|at| reader.object(&at)).map(|at| at.members.clone()).unwrap_or_default(),
        req_permissions,
        gov_component,
        gov_data_use,
        gov_items: members::items(reader, root),
        gov_egress: members::egress(reader, root),
        gov_browser: members::browser(reader, root),
        gov_assurance: root.get("gov_assurance").and_then(|at| reader.choice(&at, &ASSURANCE)),
        gov_limits: members::limits(reader, root),
        gov_complaint: flag(reader, root, "gov_complaint"),
        gov_elder_mode: flag(reader, root, "gov_elder_mode"),
        gov_spa_fallback: root.get("gov_spa_fallback").and_then(|at| members::public_file(reader, &at)),
        gov_stateless: flag(reader, root, "gov_stateless"),
        gov_config: members::config(reader, root),
        other: other(reader, root),
        // These come last: a missing one ends here, when everything else has been read.
        app_id: app_id?,
        name: name?,
        icons: icons?,
        version: version?,
        lang: lang?,
        gov_access: facts.access?,
        gov_owner: gov_owner?,
    })
}

const ACCESS: [(&str, Access); 2] = [("open", Access::Open), ("identity-required", Access::IdentityRequired)];
const ASSURANCE: [(&str, Assurance); 3] =
    [("basic", Assurance::Basic), ("real-name", Assurance::RealName), ("face", Assurance::Face)];
const DIRECTIONS: [(&str, Direction); 3] =
    [("auto", Direction::Auto), ("ltr", Direction::Ltr), ("rtl", Direction::Rtl)];
const COLOR_SCHEMES: [(&str, ColorScheme); 3] =
    [("auto", ColorScheme::Auto), ("light", ColorScheme::Light), ("dark", ColorScheme::Dark)];

fn app_id(reader: &mut Reader, at: &At<'_>) -> Option<AppId> {
    let text = reader.string(at)?;
    let refused = |error| {
        let why = format!("is {text:?}, which {error}");
        reader.refuse(
            "app-id",
            &at.pointer,
            why,
            "write a name like cn.gov.example.leaflet: your domain turned around, then the app",
        );
    };
    AppId::new(text).map_err(refused).ok()
}

fn version(reader: &mut Reader, at: &At<'_>) -> Option<Version> {
    let object = reader.object(at)?;
    let name = reader.member(&object, "name").and_then(|at| reader.text(&at, 1..=40));
    let code = reader.member(&object, "code").and_then(|at| reader.number(&at, CODES, ""));
    Some(Version { name: name?, code: code? })
}

fn platform_version(reader: &mut Reader, at: &At<'_>) -> Option<PlatformVersion> {
    let object = reader.object(at)?;
    let min_code = reader.member(&object, "min_code").and_then(|at| reader.number(&at, CODES, ""));
    let target_code = object.get("target_code").and_then(|at| reader.number(&at, CODES, ""));
    let release_type = object.get("release_type").and_then(|at| reader.text(&at, 1..=40));
    Some(PlatformVersion { min_code: min_code?, target_code, release_type })
}

const CODES: RangeInclusive<u32> = 1..=i32::MAX as u32;

/// A language tag by the shape of BCP 47: subtags of 1 to 8 letters or digits, the first 2 to 8 letters.
fn lang(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let text = reader.string(at)?;
    let mut subtags = text.split('-');
    let primary = |tag: &str| (2..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphabetic());
    let later = |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if text.len() <= 35 && subtags.next().is_some_and(primary) && subtags.all(later) {
        return Some(text.to_owned());
    }
    reader.refuse(
        "lang",
        &at.pointer,
        format!("{text:?} is not a language tag (BCP 47)"),
        "write a tag like zh-CN or en",
    );
    None
}

fn owner(reader: &mut Reader, at: &At<'_>) -> Option<Owner> {
    let object = reader.object(at)?;
    reader.known(&object, &["unit", "uscc"]);
    let unit = reader.member(&object, "unit").and_then(|at| reader.text(&at, 1..=100));
    let uscc = reader.member(&object, "uscc").and_then(|at| {
        let text = reader.string(&at)?;
        let refused = |error| {
            let why = format!("unified social credit code {text:?} {error}");
            reader.refuse("credit-code", &at.pointer, why, "copy the 18 characters from the unit's certificate");
        };
        text.parse::<CreditCode>().map_err(refused).ok()
    });
    Some(Owner { unit: unit?, uscc: uscc? })
}

fn flag(reader: &mut Reader, root: &Object<'_>, name: &str) -> bool {
    root.get(name).and_then(|at| reader.boolean(&at)).unwrap_or_default()
}

/// Members that are neither the standard's nor ours; those that look like ours are refused.
fn other(reader: &mut Reader, root: &Object<'_>) -> Map<String, Value> {
    let mut other = Map::new();
    for (name, value) in root.members {
        if name.starts_with("gov_") {
            if !VENDOR.contains(&name.as_str()) {
                reader.unknown_member(root, name, &VENDOR);
            }
        } else if !STANDARD.contains(&name.as_str()) {
            other.insert(name.clone(), value.clone());
        }
    }
    other
}
