//! The JSON of a report as machines read it, whole: a change here is a change of the contract (`docs/errors.md`).

use super::app::{App, component};
use serde_json::json;

#[test]
fn the_json_of_a_report_is_stable() {
    let mut app = App::open();
    app.put("component.wasm", component(&["wasi:cli/environment@0.2.3", "acme:ledger/book@1.0.0"]));
    let report = app.check();
    let json = serde_json::to_value(&report).expect("JSON");
    let size = json["component"]["size_bytes"].as_u64().expect("a number");
    assert!(size > 8);
    let expected = json!({
        "schema": "yizhan-doctor/1",
        "subject": "directory",
        "ok": false,
        "counts": { "errors": 1, "warnings": 0, "notes": 0 },
        "manifest": {
            "app_id": "cn.gov.example.leaflet", "slug": "leaflet", "name": "办事指南",
            "version_name": "1.0.0", "version_code": 1, "access": "open", "owner": "某市人力资源和社会保障局",
            "permissions": [], "egress": [], "items": [app.manifest["gov_items"][0]], "memory_bytes_max": 67_108_864
        },
        "package": {
            "digest": json["package"]["digest"], "files": 6, "bytes": json["package"]["bytes"], "signed_by": []
        },
        "component": {
            "size_bytes": size, "world": "wasi:http/proxy@0.2", "language": "unknown", "toolchain": [], "engine": "p2",
            "memory_bytes_initial": 0, "core_modules": 0, "core_instances": 0,
            "imports": [
                { "name": "acme:ledger/book@1.0.0", "offered_by": "nobody", "allowed": false },
                { "name": "wasi:cli/environment@0.2.3", "offered_by": "wasi", "allowed": true }
            ],
            "exports": [super::app::HANDLER]
        },
        "findings": [{
            "code": "component.unknown-import", "severity": "error", "path": "component.wasm",
            "pointer": "acme:ledger/book@1.0.0", "why": json["findings"][0]["why"], "fix": json["findings"][0]["fix"]
        }]
    });
    assert_eq!(json, expected);
}

#[test]
fn what_is_not_there_is_null() {
    let json = serde_json::to_value(yizhan_hub::check::check_package(b"nothing")).expect("JSON");
    for member in ["manifest", "package", "component"] {
        assert!(json[member].is_null(), "{member}");
    }
}

#[test]
fn findings_stand_by_severity_then_path_then_line() {
    let mut app = App::leaflet();
    app.manifest["gov_elder_mode"] = json!(false);
    let head = "<html lang=zh><meta name=viewport content=\"width=device-width\">";
    app.put("public/b.html", format!("{head}\n<a href=x.html>\n\n\n\n\n\n\n\n<a href=y.html>"));
    app.put("public/a.html", format!("{head}<img><a href=z.html>"));
    let order: Vec<String> =
        app.check().findings.iter().map(|finding| format!("{} {}", finding.path, finding.pointer)).collect();
    let expected = [
        "public/a.html line 1",
        "public/b.html line 2",
        "public/b.html line 10",
        "manifest.json /gov_elder_mode",
        "public/a.html line 1",
    ];
    assert_eq!(order, expected);
}
