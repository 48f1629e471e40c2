//! Reads the members of a manifest that are lists or objects of ours. `read` calls one function per member.

use super::{
    cursor::{At, Object, Reader},
    egress::EgressTarget,
    feature::Feature,
    parts::{BrowserFeature, ComponentRef, Icon, ManifestLimits, World, default_component_path},
    rules::Facts,
};
use crate::path;
use std::collections::BTreeMap;
use yizhan_domain::{Access, code::ImplementingCode, limits::AppLimits};

pub(super) fn icons(reader: &mut Reader, root: &Object<'_>) -> Option<Vec<Icon>> {
    let at = reader.member(root, "icons")?;
    let items = reader.list(&at, 16)?;
    if items.is_empty() {
        reader.refuse("list-length", &at.pointer, "has no entry; 1 to 16 are allowed", "add an icon of 192x192 pixels");
    }
    let icons: Vec<Icon> = items.iter().filter_map(|at| icon(reader, at)).collect();
    (icons.len() == items.len()).then_some(icons)
}

fn icon(reader: &mut Reader, at: &At<'_>) -> Option<Icon> {
    let object = reader.object(at)?;
    let src = reader.member(&object, "src").and_then(|at| public_file(reader, &at));
    let sizes = reader.member(&object, "sizes").and_then(|at| sizes(reader, &at));
    let label = object.get("label").and_then(|at| reader.text(&at, 1..=100));
    Some(Icon { src: src?, sizes: sizes?, label })
}

/// Path of a file under `public/`.
pub(super) fn public_file(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let text = reader.string(at)?;
    if path::is_public(text) {
        return Some(text.to_owned());
    }
    let why = format!("{text:?} is not a path of a file under public/");
    reader.refuse(
        "public-path",
        &at.pointer,
        why,
        "put the file under public/ and write its path, as in public/icon.png",
    );
    None
}

fn sizes(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let text = reader.string(at)?;
    let number = |digits: &str| {
        (1..=5).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let size =
        |size: &str| size == "any" || size.split_once('x').is_some_and(|(wide, high)| number(wide) && number(high));
    if text.len() <= 200 && text.split(' ').all(size) {
        return Some(text.to_owned());
    }
    let why = format!("{text:?} is not a size; width x height in pixels is allowed");
    reader.refuse(
        "icon-sizes",
        &at.pointer,
        why,
        "write sizes like 192x192, separated by one space; `any` for a drawing that scales",
    );
    None
}

pub(super) fn pages(reader: &mut Reader, root: &Object<'_>) -> Vec<String> {
    let items = root.get("pages").and_then(|at| reader.list(&at, 256)).unwrap_or_default();
    items.iter().filter_map(|at| reader.text(at, 1..=256)).collect()
}

pub(super) fn component(reader: &mut Reader, root: &Object<'_>, facts: &mut Facts) -> Option<ComponentRef> {
    let at = root.get("gov_component")?;
    facts.has_component = true;
    let object = reader.object(&at)?;
    reader.known(&object, &["path", "world"]);
    let path = object.get("path").map_or_else(|| Some(default_component_path()), |at| component_path(reader, &at));
    let world = match object.get("world") {
        Some(at) => reader.choice(&at, &[("open-app", World::OpenApp), ("identity-app", World::IdentityApp)]),
        None if facts.access == Some(Access::Open) => Some(World::OpenApp),
        None => Some(World::IdentityApp),
    };
    facts.identity_world = world == Some(World::IdentityApp);
    Some(ComponentRef { path: path?, world: world? })
}

fn component_path(reader: &mut Reader, at: &At<'_>) -> Option<String> {
    let text = reader.string(at)?;
    if path::check(text).is_ok()
        && !text.contains('/')
        && text.strip_suffix(".wasm").is_some_and(|name| !name.is_empty())
    {
        return Some(text.to_owned());
    }
    let why = format!("{text:?} is not the name of a .wasm file beside manifest.json");
    reader.refuse("component-path", &at.pointer, why, "write \"component.wasm\", the name that `yizhan pack` gives it");
    None
}

pub(super) fn items(reader: &mut Reader, root: &Object<'_>) -> Vec<ImplementingCode> {
    distinct(reader, root.get("gov_items"), 256, |reader, at| {
        let text = reader.string(at)?;
        let refused = |error| {
            let why = format!("implementing code {text:?} {error}");
            reader.refuse(
                "implementing-code",
                &at.pointer,
                why,
                "copy the 31 characters of the item from its catalogue",
            );
        };
        text.parse().map_err(refused).ok()
    })
}

pub(super) fn egress(reader: &mut Reader, root: &Object<'_>) -> Vec<EgressTarget> {
    distinct(reader, root.get("gov_egress"), 32, |reader, at| {
        let text = reader.string(at)?;
        let refused = |error: super::egress::EgressError| {
            reader.refuse(
                "egress",
                &at.pointer,
                error,
                "write a target like https://api.example.gov.cn or http://host:8080",
            );
        };
        let target: EgressTarget = text.parse().map_err(refused).ok()?;
        if target.is_local() {
            let why = format!("{text:?} is this machine or a private network; a package may name public hosts only");
            reader.refuse("egress-local", &at.pointer, why, "name a public host, or let the operator allow this one");
        }
        Some(target)
    })
}

pub(super) fn browser(reader: &mut Reader, root: &Object<'_>) -> Vec<BrowserFeature> {
    let items = root.get("gov_browser").and_then(|at| reader.list(&at, 32)).unwrap_or_default();
    let mut features: Vec<BrowserFeature> = Vec::new();
    for at in &items {
        let Some(object) = reader.object(at) else { continue };
        reader.known(&object, &["feature", "reason"]);
        let choices: Vec<(&str, Feature)> = Feature::ALL.iter().map(|feature| (feature.as_str(), *feature)).collect();
        let feature = reader.member(&object, "feature").and_then(|at| reader.choice(&at, &choices));
        let reason = reader.member(&object, "reason").and_then(|at| reader.text(&at, 1..=100));
        let Some((feature, reason)) = feature.zip(reason) else { continue };
        if features.iter().any(|other| other.feature == feature) {
            reader.refuse("listed-twice", &at.pointer, format!("{feature} is listed twice"), "take one of them away");
        }
        features.push(BrowserFeature { feature, reason });
    }
    features
}

/// A list whose entries must differ.
fn distinct<T: PartialEq + ToString>(
    reader: &mut Reader,
    at: Option<At<'_>>,
    max: usize,
    read: impl Fn(&mut Reader, &At<'_>) -> Option<T>,
) -> Vec<T> {
    let items = at.and_then(|at| reader.list(&at, max)).unwrap_or_default();
    let mut values = Vec::new();
    for at in &items {
        let Some(value) = read(reader, at) else { continue };
        if values.contains(&value) {
            let why = format!("{} is listed twice", value.to_string());
            reader.refuse("listed-twice", &at.pointer, why, "take one of them away");
        }
        values.push(value);
    }
    values
}

pub(super) fn limits(reader: &mut Reader, root: &Object<'_>) -> ManifestLimits {
    let Some(object) = root.get("gov_limits").and_then(|at| reader.object(&at)) else {
        return ManifestLimits::default();
    };
    reader.known(&object, &["memory_mib", "request_ms", "cpu_ms", "concurrency"]);
    let mut limit = |name, row, scale, unit| {
        let at = object.get(name)?;
        reader.number(&at, 1..=ceiling(row, scale), unit)
    };
    ManifestLimits {
        memory_mib: limit("memory_mib", "memory_bytes_max", 1 << 20, "MiB"),
        request_ms: limit("request_ms", "request_ms_max", 1, "milliseconds"),
        cpu_ms: limit("cpu_ms", "cpu_ms_max", 1, "milliseconds"),
        concurrency: limit("concurrency", "concurrent_requests_max", 1, "requests"),
    }
}

/// Ceiling of a limit in the manifest's unit.
pub(super) fn ceiling(name: &str, scale: u64) -> u32 {
    let row = AppLimits::TABLE.iter().find(|row| row.name == name);
    row.and_then(|row| u32::try_from(row.ceiling / scale).ok()).unwrap_or(u32::MAX)
}

pub(super) fn config(reader: &mut Reader, root: &Object<'_>) -> BTreeMap<String, String> {
    let mut config = BTreeMap::new();
    let Some(object) = root.get("gov_config").and_then(|at| reader.object(&at)) else { return config };
    if object.members.len() > 64 {
        let why = format!("has {} settings; at most 64 are allowed", object.members.len());
        reader.refuse("list-length", &object.pointer, why, "take settings away");
    }
    for (name, value) in object.members {
        let at = At { value, pointer: object.place(name) };
        if !(1..=64).contains(&name.len())
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        {
            let why =
                format!("{name:?} is not the name of a setting; 1 to 64 letters, digits, '.', '_' and '-' are allowed");
            reader.refuse("config-name", &at.pointer, why, "write a name like service.base-url");
        }
        if let Some(text) = reader.string(&at) {
            if text.len() > 4_096 {
                let why = format!("has {} bytes; at most 4096 are allowed", text.len());
                reader.refuse("text-length", &at.pointer, why, "put long texts into a file of the app");
            }
            config.insert(name.clone(), text.to_owned());
        }
    }
    config
}
