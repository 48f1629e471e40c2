//! What the component imports against what the manifest declares.

use super::IDENTITY;
use yizhan_domain::{
    Access, Finding,
    report::{ComponentReport, EngineKind, ImportReport},
};
use yizhan_package::{COMPONENT_PATH, MANIFEST_PATH, Manifest, World};

/// Cross checks of a component that could be read.
pub(super) fn check(report: &ComponentReport, manifest: &Manifest) -> Vec<Finding> {
    let checks = [
        world(report, manifest),
        undeclared_permission(report, manifest),
        unused_permission(report, manifest),
        undeclared_egress(report, manifest),
        unused_egress(report, manifest),
        memory(report, manifest),
        asynchronous(report),
    ];
    checks.into_iter().flatten().collect()
}

/// Whether the component imports an interface, in any version.
pub(super) fn imports(report: &ComponentReport, interface: &str) -> bool {
    find(report, interface).is_some()
}

/// Said of a bare component, which has no manifest.
pub(super) fn needs_identity_app() -> Finding {
    Finding::note("component.needs-identity-app", COMPONENT_PATH)
        .at(IDENTITY)
        .why("it imports identity, so it runs only in an identity-required app")
        .fix("set `gov_access` to \"identity-required\" in its manifest; `yizhan run --as PERSONA` tries it")
}

fn find<'a>(report: &'a ComponentReport, interface: &str) -> Option<&'a ImportReport> {
    report.imports.iter().find(|import| import.name.split('@').next() == Some(interface))
}

/// Whether any claim can be opened: a component that only asks whether someone is signed in needs no permission.
fn opens_claims(report: &ComponentReport) -> bool {
    let asks = |function: &String| function == "[method]authorization.open" || function == "request-url";
    find(report, IDENTITY).is_some_and(|import| import.functions.iter().any(asks))
}

fn world(report: &ComponentReport, manifest: &Manifest) -> Option<Finding> {
    let import = find(report, IDENTITY).filter(|import| import.allowed && manifest.world() == Some(World::OpenApp))?;
    Some(
        Finding::error("component.world-mismatch", MANIFEST_PATH)
            .at("/gov_component/world")
            .why(format!("the world is open-app, but the component imports {}", import.name))
            .fix("set the world to \"identity-app\", or remove the import"),
    )
}

fn undeclared_permission(report: &ComponentReport, manifest: &Manifest) -> Option<Finding> {
    let asks = manifest.gov_access == Access::IdentityRequired && opens_claims(report);
    (asks && manifest.claims().is_empty()).then(|| {
        Finding::error("component.undeclared-permission", MANIFEST_PATH)
            .at("/req_permissions")
            .why("the component opens claims of the person, but the manifest asks for none: every call would be denied")
            .fix("declare each claim, as in {\"name\": \"identity:name\", \"reason\": \"…\"}, and its use in `gov_data_use`")
    })
}

fn unused_permission(report: &ComponentReport, manifest: &Manifest) -> Option<Finding> {
    (!manifest.claims().is_empty() && !opens_claims(report)).then(|| {
        Finding::warning("component.unused-permission", MANIFEST_PATH)
            .at("/req_permissions")
            .why("the manifest asks for claims of the person, but the component never opens any")
            .fix("remove the permissions: people should not be asked for what is not used")
    })
}

fn sends_requests(report: &ComponentReport) -> Option<&ImportReport> {
    find(report, "wasi:http/outgoing-handler").or_else(|| find(report, "wasi:http/client"))
}

fn undeclared_egress(report: &ComponentReport, manifest: &Manifest) -> Option<Finding> {
    let import = sends_requests(report).filter(|_| manifest.gov_egress.is_empty())?;
    Some(
        Finding::warning("component.undeclared-egress", MANIFEST_PATH)
            .at("/gov_egress")
            .why(format!(
                "the component imports {}, but no host is declared: every request would be refused",
                import.name
            ))
            .fix("name each host, as in \"https://api.example.gov.cn\", or remove the import"),
    )
}

fn unused_egress(report: &ComponentReport, manifest: &Manifest) -> Option<Finding> {
    (!manifest.gov_egress.is_empty() && sends_requests(report).is_none()).then(|| {
        Finding::warning("component.unused-egress", MANIFEST_PATH)
            .at("/gov_egress")
            .why("hosts are declared, but the component imports nothing that sends requests")
            .fix("remove the hosts")
    })
}

fn memory(report: &ComponentReport, manifest: &Manifest) -> Option<Finding> {
    let max = manifest.app_limits().memory_bytes_max;
    (report.memory_bytes_initial > max).then(|| {
        let needed = report.memory_bytes_initial.div_ceil(1 << 20);
        Finding::error("component.memory-above-limit", MANIFEST_PATH)
            .at("/gov_limits/memory_mib")
            .why(format!("the component starts with {needed} MiB of memory; the app's limit is {} MiB", max >> 20))
            .fix(format!("set `gov_limits.memory_mib` to at least {needed}, or lower the component's initial memory"))
    })
}

fn asynchronous(report: &ComponentReport) -> Option<Finding> {
    (report.engine == EngineKind::P3).then(|| {
        Finding::note("component.async-engine", COMPONENT_PATH)
            .why("it uses WASI 0.3 or async functions, so it runs on the P3 engine, which is opt-in at review")
            .fix("nothing, if that is meant; else build for wasi:http/incoming-handler@0.2.12")
    })
}
