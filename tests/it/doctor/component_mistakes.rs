//! Mistakes of the component, and of what the manifest says about it.

use super::app::{App, HANDLER, component, component_of, identity_component, only};
use serde_json::json;
use yizhan_domain::Severity;
use yizhan_hub::check::check_component;

/// An open app with this component.
fn open_with(wasm: impl AsRef<[u8]>) -> App {
    let mut app = App::open();
    app.put("component.wasm", wasm);
    app
}

const FILE: &str = "component.wasm";

#[test]
fn a_core_module_is_told_how_to_become_a_component() {
    let app = open_with(wat::parse_str("(module)").expect("module"));
    let finding = app.refused_with("component.core-module", FILE, "");
    assert!(finding.fix.contains("build for wasm32-wasip2"), "{finding:?}");
}

#[test]
fn text_and_other_bytes_are_told_apart() {
    open_with("(component)").refused_with("component.text-format", FILE, "");
    open_with("#!/bin/sh").refused_with("component.not-wasm", FILE, "");
}

#[test]
fn a_truncated_component_is_told() {
    let whole = component(&["yizhan:app/catalog@0.1.0"]);
    let cut = whole.len() - 3;
    open_with(&whole[..cut]).refused_with("component.truncated", FILE, &format!("offset 0x{cut:x}"));
}

#[test]
fn a_component_without_a_handler_is_told() {
    open_with(wat::parse_str("(component)").expect("component")).refused_with("component.no-handler", FILE, "");
}

#[test]
fn an_identity_import_in_an_open_app_is_refused_with_the_reason() {
    let finding = open_with(component(&["yizhan:app/identity@0.1.0"])).refused_with(
        "component.identity-in-open-app",
        FILE,
        "yizhan:app/identity@0.1.0",
    );
    assert!(finding.fix.contains("identity-required"), "{finding:?}");
}

#[test]
fn an_unknown_import_is_told_with_the_nearest_that_is_offered() {
    let finding = open_with(component(&["yizhan:app/catalogs@0.1.0"])).refused_with(
        "component.unknown-import",
        FILE,
        "yizhan:app/catalogs@0.1.0",
    );
    assert!(finding.fix.contains("yizhan:app/catalog@0.1.0"), "{finding:?}");
}

#[test]
fn a_pay_import_is_answered_not_provided() {
    open_with(component(&["yizhan:app/pay@0.1.0"])).refused_with("not-provided", FILE, "yizhan:app/pay@0.1.0");
}

#[test]
fn a_pre_release_that_is_nearly_right_is_told_the_right_one() {
    let finding = open_with(component(&["wasi:config/store@0.2.0"])).refused_with(
        "component.import-version",
        FILE,
        "wasi:config/store@0.2.0",
    );
    assert_eq!(finding.fix, "use wasi:config/store@0.2.0-rc.1");
}

#[test]
fn a_function_that_the_contract_does_not_have_is_refused() {
    let wasm = component_of("(import \"yizhan:app/catalog@0.1.0\" (instance (export \"buy\" (func))))");
    open_with(wasm).refused_with("component.unknown-function", FILE, "yizhan:app/catalog@0.1.0#buy");
}

#[test]
fn features_and_limits_of_the_sandbox_are_told() {
    let shared = open_with(component_of("(core module (memory 1 1 shared))")).check();
    assert_eq!(shared.findings[0].code, "component.feature-off");
    let many = "(core instance (instantiate $m))".repeat(33);
    let finding = open_with(component_of(&format!("(core module $m) {many}"))).refused_with(
        "component.too-many-core-instances",
        FILE,
        "",
    );
    assert!(finding.why.contains("33") && finding.why.contains("32"), "{finding:?}");
}

#[test]
fn a_component_above_the_memory_of_its_app_is_refused() {
    let mut app = open_with(component_of("(core module $m (memory 1024)) (core instance (instantiate $m))"));
    assert!(app.check().ok, "64 MiB is the default");
    app.manifest["gov_limits"] = json!({ "memory_mib": 16 });
    app.refused_with("component.memory-above-limit", "manifest.json", "/gov_limits/memory_mib");
}

#[test]
fn an_undeclared_permission_is_refused_and_an_unused_one_is_a_warning() {
    let mut undeclared = App::identity();
    undeclared.manifest["req_permissions"] = json!([]);
    undeclared.manifest["gov_data_use"] = json!([]);
    undeclared.refused_with("component.undeclared-permission", "manifest.json", "/req_permissions");
    let mut unused = App::identity();
    unused.put(FILE, component(&["yizhan:app/identity@0.1.0"]));
    unused.warned_with("component.unused-permission", "manifest.json", "/req_permissions");
}

#[test]
fn a_world_that_does_not_fit_the_component_is_refused() {
    let mut app = App::identity();
    app.manifest["gov_component"]["world"] = json!("open-app");
    app.refused_with("component.world-mismatch", "manifest.json", "/gov_component/world");
}

#[test]
fn egress_that_is_imported_or_declared_alone_is_a_warning() {
    let mut app = open_with(component(&["wasi:http/outgoing-handler@0.2.3"]));
    app.warned_with("component.undeclared-egress", "manifest.json", "/gov_egress");
    app.manifest["gov_egress"] = json!(["https://api.example.gov.cn"]);
    assert_eq!(app.check().findings, []);
    app.put(FILE, component(&[]));
    app.warned_with("component.unused-egress", "manifest.json", "/gov_egress");
}

#[test]
fn an_async_component_is_noted_in_an_open_app_and_refused_in_one_with_identity() {
    let text = "(component (instance $h) (export \"wasi:http/handler@0.3.0\" (instance $h)))";
    let wasm = wat::parse_str(text).expect("component");
    let open = open_with(&wasm).check();
    assert!(open.ok);
    only(&open, Severity::Note, "component.async-engine", FILE, "");
    let mut identity = App::identity();
    identity.manifest["req_permissions"] = json!([]);
    identity.manifest["gov_data_use"] = json!([]);
    identity.put(FILE, &wasm);
    identity.refused_with("component.async-with-identity", FILE, "");
}

#[test]
fn a_bare_component_with_identity_is_noted_and_not_refused() {
    let report = check_component(&identity_component());
    assert!(report.ok, "{:?}", report.findings);
    only(&report, Severity::Note, "component.needs-identity-app", FILE, "yizhan:app/identity");
    assert_eq!(report.component.expect("read").exports, [HANDLER]);
}

#[test]
fn the_component_may_stand_under_another_name() {
    let mut app = App::open();
    app.files.remove(FILE);
    app.manifest["gov_component"] = json!({ "path": "server.wasm" });
    app.put("server.wasm", "nothing");
    app.refused_with("component.not-wasm", "server.wasm", "");
}
