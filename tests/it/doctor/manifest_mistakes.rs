//! Mistakes of `manifest.json` and of the files that it names.

use super::app::{App, BASIC_CODE, png};
use serde_json::json;

/// The sample code of GB 32100 with another check character.
const WRONG_CREDIT_CODE: &str = "91350100M000100Y44";

/// An open app whose manifest has one member changed.
fn with(member: &str, value: serde_json::Value) -> App {
    let mut app = App::open();
    app.manifest[member] = value;
    app
}

#[test]
fn a_missing_icon_is_named() {
    let mut app = App::leaflet();
    app.files.remove("public/icon.png");
    let finding = app.refused_with("manifest.file-missing", "manifest.json", "/icons/0/src");
    assert!(finding.why.contains("public/icon.png"), "{finding:?}");
}

#[test]
fn an_icon_that_is_no_png_is_told() {
    let mut app = App::leaflet();
    app.put("public/icon.png", "GIF89a");
    app.refused_with("icon.not-png", "manifest.json", "/icons/0/src");
}

#[test]
fn an_icon_of_another_size_is_told_with_both_sizes() {
    let mut app = App::leaflet();
    app.put("public/icon.png", png(64, 48));
    let finding = app.refused_with("icon.size", "manifest.json", "/icons/0/sizes");
    assert!(finding.why.contains("64x48") && finding.why.contains("192x192"), "{finding:?}");
}

#[test]
fn a_drawing_declared_in_pixels_is_told_to_be_any() {
    let mut app = App::leaflet();
    app.manifest["icons"] = json!([{ "src": "public/icon.svg", "sizes": "192x192" }]);
    app.put("public/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    assert!(app.refused_with("icon.size", "manifest.json", "/icons/0/sizes").fix.contains("\"any\""));
}

#[test]
fn a_wrong_check_digit_of_an_item_is_told_with_its_position() {
    let app = with("gov_items", json!([format!("{WRONG_CREDIT_CODE}3{BASIC_CODE}")]));
    let finding = app.refused_with("manifest.implementing-code", "manifest.json", "/gov_items/0");
    assert!(finding.why.contains("position 18") && finding.why.contains("'3'"), "{finding:?}");
}

#[test]
fn a_wrong_credit_code_is_told() {
    let app = with("gov_owner", json!({ "unit": "某局", "uscc": WRONG_CREDIT_CODE }));
    app.refused_with("manifest.credit-code", "manifest.json", "/gov_owner/uscc");
}

#[test]
fn a_syntax_error_is_told_with_line_and_column() {
    let mut app = App::open();
    app.put("manifest.json", "{\n  \"app_id\": \"cn.gov.example.leaflet\",\n}");
    let finding = app.refused_with("manifest.not-json", "manifest.json", "");
    assert!(finding.fix.contains("line 3"), "{finding:?}");
}

#[test]
fn an_unknown_member_of_ours_is_told_with_the_nearest() {
    let finding =
        with("gov_acess", json!("open")).refused_with("manifest.member-unknown", "manifest.json", "/gov_acess");
    assert!(finding.fix.contains("gov_access"), "{finding:?}");
}

#[test]
fn a_permission_without_a_reason_is_refused() {
    let mut app = App::identity();
    app.manifest["req_permissions"] = json!([{ "name": "identity:name" }]);
    app.refused_with("manifest.member-missing", "manifest.json", "/req_permissions/0/reason");
}

#[test]
fn a_permission_to_pay_is_answered_not_provided() {
    let app = with("req_permissions", json!([{ "name": "pay", "reason": "缴费" }]));
    let finding = app.refused_with("manifest.pay-not-provided", "manifest.json", "/req_permissions/0/name");
    assert!(finding.why.contains("not provided"), "{finding:?}");
}

#[test]
fn an_egress_target_with_a_path_is_refused() {
    let app = with("gov_egress", json!(["https://api.example.gov.cn/v1"]));
    app.refused_with("manifest.egress", "manifest.json", "/gov_egress/0");
}

#[test]
fn limits_above_their_ceiling_are_refused_with_the_ceiling() {
    let app = with("gov_limits", json!({ "memory_mib": 256 }));
    let finding = app.refused_with("manifest.out-of-range", "manifest.json", "/gov_limits/memory_mib");
    assert!(finding.why.contains("128"), "{finding:?}");
}

#[test]
fn an_app_with_nothing_to_open_is_refused() {
    let mut app = App::leaflet();
    app.files.remove("public/index.html");
    app.refused_with("manifest.start-page-missing", "manifest.json", "");
}

#[test]
fn several_mistakes_are_told_at_once_and_the_component_is_read_all_the_same() {
    let mut app = with("gov_acess", json!(1));
    app.manifest["gov_owner"]["uscc"] = json!(WRONG_CREDIT_CODE);
    app.put("component.wasm", super::app::component(&["acme:ledger/book@1.0.0"]));
    let report = app.check();
    let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["component.unknown-import", "manifest.member-unknown", "manifest.credit-code"]);
}

#[test]
fn an_app_that_does_not_follow_the_elder_mode_is_warned() {
    with("gov_elder_mode", json!(false)).warned_with("app.no-elder-mode", "manifest.json", "/gov_elder_mode");
}
