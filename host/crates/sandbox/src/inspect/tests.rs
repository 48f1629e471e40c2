//! The reading of components, on components written as text.

use super::*;

fn report(text: &str) -> ComponentReport {
    inspect(&wat::parse_str(text).expect("the test's component"), Access::Open)
}

fn component(body: &str) -> ComponentReport {
    report(&format!("(component {body} (instance $h) (export \"wasi:http/incoming-handler@0.2.3\" (instance $h)))"))
}

fn codes(report: &ComponentReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn only(report: &ComponentReport) -> &Finding {
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    let finding = &report.findings[0];
    assert!(finding.why.len() > 10 && finding.fix.len() > 10, "{finding:?}");
    finding
}

#[test]
fn a_plain_http_component_is_clean_and_described() {
    let report = component(
        r#"(import "wasi:http/types@0.2.0" (instance))
           (import "wasi:cli/environment@0.2.3" (instance))
           (core module $m (memory 2) (table 10 funcref)
             (@producers (language "Rust" "") (processed-by "rustc" "1.95.0")))
           (core instance (instantiate $m)) (core instance (instantiate $m))"#,
    );
    assert_eq!(report.findings, []);
    assert_eq!(report.world, "wasi:http/proxy@0.2");
    assert_eq!(report.engine, EngineKind::P2);
    assert_eq!((report.language.as_str(), report.toolchain.as_slice()), ("Rust", &["rustc 1.95.0".to_owned()][..]));
    assert_eq!((report.core_modules, report.core_instances, report.memory_bytes_initial), (1, 2, 4 * 65_536));
    assert_eq!(report.imports[0].name, "wasi:cli/environment@0.2.3");
    assert!(report.imports.iter().all(|import| import.allowed && import.offered_by == "wasi"));
    assert_eq!(report.exports, ["wasi:http/incoming-handler@0.2.3"]);
}

#[test]
fn what_is_no_component_is_told_apart() {
    let core = wat::parse_str(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#).expect("core");
    let core = inspect(&core, Access::Open);
    assert_eq!(only(&core).code, "component.core-module");
    assert!(only(&core).fix.contains("build for wasm32-wasip2") && only(&core).why.contains("wasip1"));
    let text = inspect(b"  ;; a comment\n(component)", Access::Open);
    assert_eq!(only(&text).code, "component.text-format");
    for bytes in [&b""[..], b"PK\x03\x04....", b"\x7fELF\x02\x01"] {
        assert_eq!(only(&inspect(bytes, Access::Open)).code, "component.not-wasm");
    }
}

#[test]
fn every_truncation_is_found_wherever_it_is() {
    let whole = wat::parse_str(
        "(component (core module (func (export \"f\"))) (instance $h) (export \"a:b/c\" (instance $h)))",
    );
    let whole = whole.expect("component");
    let cut_codes: Vec<String> = (1..whole.len())
        .map(|len| inspect(&whole[..len], Access::Open).findings.first().expect("a finding").code.clone())
        .collect();
    assert!(
        cut_codes[..8].iter().all(|code| code == "component.truncated" || code == "component.no-handler"),
        "{cut_codes:?}"
    );
    assert!(cut_codes.iter().filter(|code| *code == "component.truncated").count() > whole.len() / 2, "{cut_codes:?}");
}

#[test]
fn a_component_above_the_size_limit_is_not_read() {
    let size = usize::try_from(yizhan_domain::limits::NodeLimits::default().component_bytes_max).expect("fits") + 1;
    assert_eq!(only(&inspect(&vec![0; size], Access::Open)).code, "component.too-large");
}

#[test]
fn wasi_03_names_and_async_functions_ask_for_the_async_engine() {
    let named = report(r#"(component (instance $h) (export "wasi:http/handler@0.3.0" (instance $h)))"#);
    assert_eq!((named.engine, named.world.as_str()), (EngineKind::P3, "wasi:http/service@0.3"));
    assert_eq!(codes(&named), [""; 0]);
    let lifted = component("(type (stream u8))");
    assert_eq!(lifted.engine, EngineKind::P3);
    let text = r#"(component (instance $h) (export "wasi:http/handler@0.3.0" (instance $h)))"#;
    let identity = inspect(&wat::parse_str(text).expect("component"), Access::IdentityRequired);
    assert_eq!(only(&identity).code, "component.async-with-identity");
}

#[test]
fn a_missing_handler_is_told_with_what_is_there_instead() {
    assert_eq!(only(&report("(component)")).code, "component.no-handler");
    let command = report(r#"(component (instance $r) (export "wasi:cli/run@0.2.3" (instance $r)))"#);
    assert!(only(&command).why.contains("command"), "{:?}", command.findings);
    let candidate =
        report(r#"(component (instance $h) (export "wasi:http/handler@0.3.0-rc-2025-09-16" (instance $h)))"#);
    assert_eq!(only(&candidate).fix, "export wasi:http/handler@0.3.0");
}

#[test]
fn features_that_are_off_are_named() {
    for (module, name) in [
        ("(memory i64 1)", "64-bit memory"),
        ("(memory 1 1 shared)", "threads"),
        ("(type (struct))", "references"),
        ("(tag)", "exceptions"),
        ("(table 1 externref)", "references"),
    ] {
        let report = component(&format!("(core module {module})"));
        assert_eq!(only(&report).code, "component.feature-off", "{module}");
        assert!(only(&report).why.contains(name), "{module}: {}", only(&report).why);
    }
}

#[test]
fn an_invalid_body_is_malformed_and_tells_the_place() {
    let report = component("(core module (func (result i32)))");
    assert_eq!(only(&report).code, "component.malformed");
    assert!(only(&report).pointer.starts_with("offset 0x"));
}

#[test]
fn limits_of_memories_tables_and_instances_are_counted_over_all_instances() {
    let nested = |inner: &str, times: usize| {
        let copies = "(instance (instantiate $c))".repeat(times);
        component(&format!("(component $c (core module $m {inner}) (core instance (instantiate $m))) {copies}"))
    };
    assert_eq!(nested("(memory 1)", 8).findings, []);
    assert_eq!(only(&nested("(memory 1)", 9)).code, "component.too-many-memories");
    assert_eq!(only(&nested("(table 1 funcref)", 17)).code, "component.too-many-tables");
    assert_eq!(nested("", 32).findings, []);
    assert_eq!(only(&nested("", 33)).code, "component.too-many-core-instances");
    assert_eq!(only(&nested("(table 100001 funcref)", 1)).code, "component.table-too-large");
    assert_eq!(only(&nested("(memory 2049)", 1)).code, "component.memory-above-ceiling");
    assert_eq!(nested("(memory 1)", 3).memory_bytes_initial, 3 * 65_536);
}

#[test]
fn nesting_that_doubles_at_every_level_is_counted_without_being_unrolled() {
    let mut text = "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
    for level in 1..=40 {
        let below = level - 1;
        text = format!(
            "(component $c{level} {text} (instance (instantiate $c{below})) (instance (instantiate $c{below})))"
        );
    }
    let report = component(&format!("{text} (instance (instantiate $c40))"));
    assert_eq!(codes(&report), ["component.too-many-core-instances"]);
    assert_eq!(report.core_instances, 1 << 40);
}

#[test]
fn a_function_that_the_contract_does_not_have_is_named() {
    let report = component(
        r#"(import "yizhan:app/visitor@0.1.0" (instance
             (export "signed-in" (func (result bool))) (export "who" (func (result string)))))"#,
    );
    assert_eq!(only(&report).code, "component.unknown-function");
    assert_eq!(only(&report).pointer, "yizhan:app/visitor@0.1.0#who");
}
