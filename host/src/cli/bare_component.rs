//! A component without a manifest, as `run X.wasm` takes it: wrapped into a package with the manifest that it would need.

use bytes::Bytes;
use serde_json::json;
use std::collections::BTreeMap;
use yizhan_domain::{Access, Claim, Slug, id::NameError};
use yizhan_package::{COMPONENT_PATH, MANIFEST_PATH, Package, PackageError};
use yizhan_sandbox::inspect::{inspect, name::ImportName, offered::OFFERED};

const ICON_PATH: &str = "public/yizhan-icon.svg";
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="#1a66cc"/></svg>"##;

/// The slug for a file name: what slugs cannot have becomes `-`; `app` if nothing is left.
pub fn slug(stem: &str) -> Result<Slug, NameError> {
    let text: String = stem
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .collect();
    let text: String = text.trim_matches('-').chars().take(63).collect();
    Slug::new(text.trim_end_matches('-')).or_else(|_| Slug::new("app"))
}

/// The package of a bare component. It is identity-required when it imports an interface that only such apps get, or when
/// claims are given (a persona is signed in); else open.
pub fn package(slug: &Slug, wasm: Vec<u8>, claims: Option<&[Claim]>) -> Result<Package, PackageError> {
    let identity = claims.is_some() || imports_identity(&wasm);
    let claims = claims.unwrap_or_default();
    let access = if identity { Access::IdentityRequired } else { Access::Open };
    let world = if identity { "identity-app" } else { "open-app" };
    let manifest = json!({
        "app_id": format!("local.component.{slug}"), "name": slug.as_str().chars().take(40).collect::<String>(),
        "description": "A component run from its file.", "version": {"name": "0", "code": 1}, "lang": "en",
        "icons": [{"src": ICON_PATH, "sizes": "any"}], "gov_access": access,
        "gov_owner": {"unit": "local", "uscc": "91350100M000100Y43"},
        "gov_component": {"path": COMPONENT_PATH, "world": world},
        "req_permissions": claims.iter().map(|claim| json!({"name": format!("identity:{claim}"), "reason": "local run"})).collect::<Vec<_>>(),
        "gov_data_use": claims.iter().map(|claim| json!({"claim": claim, "purpose": "local", "retention_days": 0})).collect::<Vec<_>>(),
    });
    let files = BTreeMap::from([
        (MANIFEST_PATH.to_owned(), Bytes::from(manifest.to_string())),
        (COMPONENT_PATH.to_owned(), Bytes::from(wasm)),
        (ICON_PATH.to_owned(), Bytes::from_static(ICON.as_bytes())),
    ]);
    Package::from_files(files)
}

fn imports_identity(wasm: &[u8]) -> bool {
    let report = inspect(wasm, Access::IdentityRequired);
    report.imports.iter().any(|import| {
        let name = ImportName::parse(&import.name);
        OFFERED.iter().any(|offer| offer.identity_only && offer.accepts(&name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_name_gives_a_slug() {
        let text = |stem| slug(stem).expect("a slug").as_str().to_owned();
        assert_eq!(text("Hello_World 2"), "hello-world-2");
        assert_eq!(text("社保"), "app");
        assert_eq!(text("hub"), "app");
        assert_eq!(text(&"x".repeat(80)).len(), 63);
    }

    #[test]
    fn granted_claims_make_it_an_identity_app_that_asks_for_them() {
        let wasm = wat_component();
        let a = slug("a").expect("a slug");
        let open = package(&a, wasm.clone(), None).expect("a package");
        assert_eq!(open.manifest().gov_access, Access::Open);
        let identity = package(&a, wasm, Some(&[Claim::Name, Claim::AgeOver(18)])).expect("a package");
        assert_eq!(identity.manifest().gov_access, Access::IdentityRequired);
        assert_eq!(identity.manifest().claims().len(), 2);
    }

    /// The smallest component: the preamble alone.
    fn wat_component() -> Vec<u8> {
        vec![0, b'a', b's', b'm', 13, 0, 1, 0]
    }
}
