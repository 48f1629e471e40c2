//! One mistake per row: the code, the place and the words that an author gets. And: all mistakes at once.

use super::*;
use serde_json::{Value, json};

fn open() -> Value {
    json!({
        "app_id": "cn.gov.example.leaflet", "name": "样例",
        "icons": [{"src": "public/icon.png", "sizes": "192x192"}],
        "version": {"name": "1.0.0", "code": 1},
        "gov_access": "open",
        "gov_owner": {"unit": "某市政务服务局", "uscc": "12441500196720244T"}
    })
}

fn identity() -> Value {
    let mut json = open();
    json["gov_access"] = json!("identity-required");
    json["gov_component"] = json!({});
    json["req_permissions"] = json!([{"name": "identity:id-number", "reason": "查询参保记录"}]);
    json["gov_data_use"] = json!([{"claim": "id-number", "purpose": "query-insurance", "retention_days": 0}]);
    json
}

fn parse(json: &Value) -> Result<Manifest, Vec<Finding>> {
    Manifest::parse(json.to_string().as_bytes())
}

/// Sets the member at a pointer of which all but the last name is there.
fn changed(mut json: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("pointer");
    match json.pointer_mut(parent).expect("parent") {
        Value::Array(items) => items.push(value),
        object => object[name] = value,
    }
    json
}

fn findings(json: &Value) -> Vec<(String, String)> {
    let found = parse(json).expect_err("a mistake");
    assert!(found.iter().all(|finding| !finding.why.is_empty() && !finding.fix.is_empty()), "{found:?}");
    found.into_iter().map(|finding| (finding.code, finding.pointer)).collect()
}

fn assert_refused(json: &Value, code: &str, pointer: &str) {
    assert_eq!(findings(json), [(format!("manifest.{code}"), pointer.to_owned())], "{json}");
}

#[test]
fn a_small_manifest_gets_its_defaults() {
    let manifest = parse(&open()).expect("manifest");
    assert_eq!(
        (manifest.lang.as_str(), manifest.dir, manifest.gov_component.is_none()),
        ("zh-CN", Direction::Auto, true)
    );
    assert_eq!(manifest.app_limits(), AppLimits::default());
    let manifest = parse(&identity()).expect("manifest");
    let component = ComponentRef { path: "component.wasm".to_owned(), world: World::IdentityApp };
    assert_eq!(manifest.gov_component, Some(component));
    assert_eq!((manifest.gov_data_use[0].grant_days, manifest.gov_data_use[0].optional), (180, false));
    assert_eq!(manifest.claims(), BTreeSet::from([Claim::IdNumber]));
    assert_eq!(manifest.reason(Claim::IdNumber), Some("查询参保记录"));
    let open = parse(&changed(open(), "/gov_component", json!({}))).expect("manifest");
    assert_eq!(open.world(), Some(World::OpenApp));
}

#[test]
fn every_member_is_read() {
    let mut json = identity();
    let more = json!({
        "short_name": "短", "description": "说明", "platform_version": {"min_code": 1, "target_code": 2},
        "pages": ["index.html"], "lang": "en", "dir": "ltr", "color_scheme": "dark", "window": {"fullscreen": true},
        "gov_items": ["12441500196720244T3442199806003"], "gov_egress": ["https://API.example.gov.cn", "http://a.example:8080"],
        "gov_browser": [{"feature": "geolocation", "reason": "附近大厅"}], "gov_assurance": "real-name",
        "gov_limits": {"memory_mib": 32, "request_ms": 9000, "cpu_ms": 100, "concurrency": 8},
        "gov_complaint": true, "gov_elder_mode": true, "gov_config": {"service.base": "x"}, "widgets": [1]
    });
    json.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    let manifest = parse(&json).expect("manifest");
    let limits = manifest.app_limits();
    assert_eq!((limits.memory_bytes_max, limits.request_ms_max, limits.header_ms_max), (32 << 20, 9_000, 9_000));
    assert_eq!((limits.cpu_ms_max, limits.concurrent_requests_max), (100, 8));
    assert_eq!(manifest.gov_egress[0].to_string(), "https://api.example.gov.cn");
    assert_eq!(manifest.other, *json!({"widgets": [1]}).as_object().expect("object"));
    let written = serde_json::to_vec(&manifest).expect("JSON");
    assert_eq!(Manifest::parse(&written), Ok(manifest), "a manifest reads back what it writes");
}

#[test]
fn limits_of_the_manifest_end_at_the_ceilings_of_the_platform() {
    let most = json!({"memory_mib": 128, "request_ms": 60_000, "cpu_ms": 10_000, "concurrency": 512});
    let manifest = parse(&changed(open(), "/gov_limits", most)).expect("manifest");
    assert_eq!(manifest.app_limits().check(), Ok(()));
    for (name, value) in
        [("memory_mib", 129), ("request_ms", 60_001), ("cpu_ms", 10_001), ("concurrency", 513), ("cpu_ms", 0)]
    {
        let json = changed(open(), "/gov_limits", json!({name: value}));
        assert_refused(&json, "out-of-range", &format!("/gov_limits/{name}"));
    }
}

#[test]
fn what_is_no_json_is_told_with_line_and_column() {
    let found = Manifest::parse(b"{\n  \"app_id\": \n}").expect_err("no JSON");
    assert_eq!((found.len(), found[0].code.as_str()), (1, "manifest.not-json"));
    assert!(found[0].why.contains("line 3 column 1"), "{}", found[0].why);
    assert_eq!(Manifest::parse(b"\xef\xbb\xbf{}").expect_err("mark")[0].code, "manifest.not-json");
    assert_eq!(Manifest::parse(b"[]").expect_err("a list")[0].code, "manifest.wrong-type");
    assert_eq!(Manifest::parse(&[b' '; MANIFEST_BYTES_MAX + 1]).expect_err("long")[0].code, "manifest.too-large");
    let twice = open().to_string().replacen('{', "{\"name\": \"a\", ", 1);
    assert_eq!(Manifest::parse(twice.as_bytes()).expect_err("twice")[0].code, "manifest.not-json");
}

#[test]
fn all_missing_members_are_told_at_once() {
    let places = ["/app_id", "/name", "/icons", "/version", "/gov_access", "/gov_owner"];
    let expected = places.map(|place| ("manifest.member-missing".to_owned(), place.to_owned()));
    assert_eq!(findings(&json!({})), expected);
}

#[test]
fn each_mistake_in_an_open_app_has_its_code_and_place() {
    let text = |characters| json!("字".repeat(characters));
    for (pointer, value, code) in [
        ("/app_id", json!("Leaflet"), "app-id"),
        ("/app_id", json!(7), "wrong-type"),
        ("/name", text(41), "text-length"),
        ("/name", json!("  "), "text-length"),
        ("/name", json!("a\u{202e}b"), "text-characters"),
        ("/short_name", json!(null), "wrong-type"),
        ("/icons", json!([]), "list-length"),
        ("/icons/0/src", json!("icon.png"), "public-path"),
        ("/icons/0/src", json!("public/../manifest.json"), "public-path"),
        ("/icons/0/sizes", json!("big"), "icon-sizes"),
        ("/version/code", json!(0), "out-of-range"),
        ("/version/code", json!(2_147_483_648_u32), "out-of-range"),
        ("/version/code", json!(1.5), "wrong-type"),
        ("/version/name", json!(""), "text-length"),
        ("/lang", json!("中文"), "lang"),
        ("/dir", json!("up"), "value-unknown"),
        ("/gov_access", json!("opne"), "value-unknown"),
        ("/gov_owner/uscc", json!("12441500196720244X"), "credit-code"),
        ("/gov_owner/phone", json!("12345"), "member-unknown"),
        ("/gov_componnent", json!({}), "member-unknown"),
        ("/gov_component", json!({"path": "public/a.wasm"}), "component-path"),
        ("/gov_component", json!({"path": "a.js"}), "component-path"),
        ("/gov_items", json!("12441500196720244T3442199806003"), "wrong-type"),
        ("/gov_spa_fallback", json!("index.html"), "public-path"),
        ("/gov_complaint", json!("yes"), "wrong-type"),
        ("/gov_config", json!([]), "wrong-type"),
        ("/gov_assurance", json!("face"), "open-app-asks-identity"),
    ] {
        let place = match code {
            "component-path" => "/gov_component/path",
            _ => pointer,
        };
        assert_refused(&changed(open(), pointer, value), code, place);
    }
}

#[test]
fn each_wrong_entry_of_a_list_has_its_code_and_place() {
    let item = "12441500196720244T3442199806003";
    for (member, value, code, place) in [
        ("/gov_items", json!([item, "12441500196720244T9442199806003"]), "implementing-code", "/gov_items/1"),
        ("/gov_items", json!([item, item]), "listed-twice", "/gov_items/1"),
        ("/gov_egress", json!(["https://a.example/path"]), "egress", "/gov_egress/0"),
        ("/gov_egress", json!(["https://*.example"]), "egress", "/gov_egress/0"),
        ("/gov_egress", json!(["http://10.0.0.1"]), "egress-local", "/gov_egress/0"),
        ("/gov_egress", json!(["https://a.example", "https://A.example:443"]), "listed-twice", "/gov_egress/1"),
        ("/gov_browser", json!([{"feature": "usb", "reason": "x"}]), "value-unknown", "/gov_browser/0/feature"),
        ("/gov_browser", json!([{"feature": "camera"}]), "member-missing", "/gov_browser/0/reason"),
        ("/gov_config", json!({"a b": "x"}), "config-name", "/gov_config/a b"),
        ("/gov_config", json!({"a/b": "x"}), "config-name", "/gov_config/a~1b"),
        ("/gov_config", json!({"a": 1}), "wrong-type", "/gov_config/a"),
    ] {
        assert_refused(&changed(open(), member, value), code, place);
    }
}

#[test]
fn each_mistake_with_permissions_has_its_code_and_place() {
    let permission = |name: &str, reason: &str| json!({"name": name, "reason": reason});
    for (name, code) in [
        ("pay", "pay-not-provided"),
        ("pay:order", "pay-not-provided"),
        ("camera", "permission-unknown"),
        ("identity:nmae", "permission-unknown"),
        ("identity:id-number", "permission-twice"),
        ("identity:name", "permission-without-data-use"),
    ] {
        assert_refused(
            &changed(identity(), "/req_permissions/-", permission(name, "x")),
            code,
            "/req_permissions/1/name",
        );
    }
    for reason in ["", &"字".repeat(101)] {
        let json = changed(identity(), "/req_permissions/0/reason", json!(reason));
        assert_refused(&json, "text-length", "/req_permissions/0/reason");
    }
}

#[test]
fn each_mistake_with_data_use_has_its_code_and_place() {
    let data_use = |claim: &str| json!({"claim": claim, "purpose": "query-insurance", "retention_days": 0});
    for (claim, code) in
        [("mobile", "data-use-without-permission"), ("id-number", "data-use-twice"), ("id-nummer", "claim-unknown")]
    {
        assert_refused(&changed(identity(), "/gov_data_use/-", data_use(claim)), code, "/gov_data_use/1/claim");
    }
    for (member, value, code) in [
        ("purpose", json!("Query"), "purpose"),
        ("purpose", json!(""), "purpose"),
        ("retention_days", json!(3_651), "out-of-range"),
        ("retention_days", json!(-1), "out-of-range"),
        ("grant_days", json!(0), "out-of-range"),
        ("retention", json!(1), "member-unknown"),
    ] {
        let place = format!("/gov_data_use/0/{member}");
        assert_refused(&changed(identity(), &place, value), code, &place);
    }
}

#[test]
fn an_open_app_cannot_ask_who_someone_is() {
    let asks = changed(identity(), "/gov_access", json!("open"));
    assert_refused(&asks, "open-app-asks-identity", "/req_permissions/0/name");
    let world = changed(open(), "/gov_component", json!({"world": "identity-app"}));
    assert_refused(&world, "open-app-asks-identity", "/gov_component/world");
}

#[test]
fn an_identity_app_needs_a_component_and_a_fresh_instance() {
    let mut json = identity();
    json.as_object_mut().expect("object").remove("gov_component");
    assert_refused(&json, "identity-app-without-component", "/gov_component");
    assert_refused(&changed(identity(), "/gov_stateless", json!(true)), "stateless-identity-app", "/gov_stateless");
}

#[test]
fn a_fallback_page_is_for_apps_without_a_component() {
    let json = changed(open(), "/gov_spa_fallback", json!("public/index.html"));
    assert!(parse(&json).is_ok());
    assert_refused(&changed(json, "/gov_component", json!({})), "spa-fallback", "/gov_spa_fallback");
}

#[test]
fn fixes_name_what_is_probably_meant() {
    let fix = |json: Value| parse(&json).expect_err("a mistake")[0].fix.clone();
    assert!(fix(changed(open(), "/gov_acces", json!(1))).contains("\"gov_access\""));
    assert!(fix(changed(open(), "/gov_access", json!("opne"))).contains("\"open\""));
    let permission = json!({"name": "identity:nmae", "reason": "x"});
    assert!(fix(changed(identity(), "/req_permissions/-", permission)).contains("\"identity:name\""));
}

#[test]
fn wrong_codes_are_told_with_position_and_reason() {
    let json = changed(open(), "/gov_items", json!(["12441500196720244T9442199806003"]));
    let why = parse(&json).expect_err("a mistake")[0].why.clone();
    assert!(why.contains("position 19") && why.contains("level"), "{why}");
}

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/manifest.schema.json");
    let current = format!("{:#}\n", Manifest::json_schema());
    if std::env::var_os("YIZHAN_BLESS").is_some() {
        std::fs::write(path, &current).expect("manifest.schema.json can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == current,
        "host/crates/package/manifest.schema.json is not current; run `YIZHAN_BLESS=1 cargo test -p yizhan-package schema` and commit it"
    );
}

#[test]
fn the_schema_has_the_ceilings_of_the_platform_and_all_its_claims() {
    let schema = Manifest::json_schema();
    let limits = &schema["$defs"]["ManifestLimits"]["properties"];
    let rows = [
        ("memory_mib", "memory_bytes_max", 1 << 20),
        ("request_ms", "request_ms_max", 1),
        ("cpu_ms", "cpu_ms_max", 1),
        ("concurrency", "concurrent_requests_max", 1),
    ];
    for (name, row, scale) in rows {
        assert_eq!(limits[name]["maximum"], members::ceiling(row, scale), "{name}");
    }
    let pattern = schema["$defs"]["DataUse"]["properties"]["claim"]["pattern"].as_str().expect("pattern");
    let named = pattern.trim_start_matches("^(").split("|age-over").next().expect("names");
    assert!(named.split('|').count() == 12 && named.split('|').all(|name| name.parse::<Claim>().is_ok()), "{named}");
    assert!(
        named.split('|').eq(privacy::PERMISSIONS.iter().filter_map(|name| name.strip_prefix("identity:")).take(12))
    );
}

#[test]
fn the_schema_knows_the_members_that_the_reader_knows() {
    let schema = Manifest::json_schema();
    let properties: BTreeSet<&str> =
        schema["properties"].as_object().expect("members").keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = read::STANDARD.into_iter().chain(read::VENDOR).collect();
    assert_eq!(properties, known);
    let required: BTreeSet<&str> =
        schema["required"].as_array().expect("list").iter().filter_map(Value::as_str).collect();
    assert_eq!(required, BTreeSet::from(["app_id", "name", "icons", "version", "gov_access", "gov_owner"]));
}
