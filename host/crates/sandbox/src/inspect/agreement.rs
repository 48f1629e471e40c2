//! What reading promises and what the engines and linkers do are the same. Only these tests stand between the two halves.

use super::features;
use super::offered::{OFFERED, WASI_P2, WASI_P3};
use crate::{engine::compiling, link::linker};
use wasmparser::Validator;
use wasmtime::{Engine, component::Component};
use yizhan_domain::{Access, report::EngineKind};

const KINDS: [EngineKind; 2] = [EngineKind::P2, EngineKind::P3];

/// Plain types without a function: the runtime links nothing for it, and a component that imports it starts all the same.
const NOTHING_TO_LINK: &str = "wasi:cli/types@0.3.0";

fn engine(kind: EngineKind) -> Engine {
    Engine::new(&compiling(kind)).expect("engine")
}

/// Names that a linker of this access type and engine has: what stands there cannot be defined again.
fn linked<'a>(kind: EngineKind, access: Access, names: impl Iterator<Item = &'a str>) -> Vec<bool> {
    let mut linker = linker(&engine(kind), kind, access).expect("linker");
    let mut is_linked = |name: &str| linker.root().func_wrap(name, |_, (): ()| Ok(())).is_err();
    names.map(&mut is_linked).collect()
}

#[test]
fn every_linker_has_exactly_the_rows_of_the_table_that_it_should() {
    let names: Vec<String> = OFFERED.iter().map(super::offered::Offer::name).collect();
    for kind in KINDS {
        for access in [Access::Open, Access::IdentityRequired] {
            let found = linked(kind, access, names.iter().map(String::as_str));
            for (offer, found) in OFFERED.iter().zip(found).filter(|(offer, _)| offer.name() != NOTHING_TO_LINK) {
                assert_eq!(found, offer.is_linked(access, kind), "{} for {access} on {kind:?}", offer.name());
            }
        }
    }
}

#[test]
fn what_is_not_in_the_table_is_in_no_linker() {
    let strangers = [
        format!("wasi:http/incoming-handler@{WASI_P2}"),
        format!("wasi:http/handler@{WASI_P3}"),
        format!("wasi:cli/run@{WASI_P2}"),
        format!("wasi:cli/run@{WASI_P3}"),
        format!("wasi:clocks/timezone@{WASI_P2}"),
        format!("wasi:clocks/timezone@{WASI_P3}"),
        "wasi:keyvalue/watcher@0.2.0-draft2".to_owned(),
        "wasi:config/store@0.2.0".to_owned(),
        "wasi:nn/inference@0.2.0-rc-2024-10-28".to_owned(),
        "yizhan:app/pay@0.1.0".to_owned(),
    ];
    for kind in KINDS {
        let found = linked(kind, Access::IdentityRequired, strangers.iter().map(String::as_str));
        assert_eq!(found, [false; 10], "{strangers:?} on {kind:?}");
    }
}

#[test]
fn what_passes_the_validation_the_engines_take_and_what_is_off_they_refuse() {
    let cases = [
        ("(core module (func (result v128) (i8x16.splat (i32.const 1))))", true),
        ("(core module (memory 1) (memory 1))", true),
        ("(core module (func $f (return_call $f)))", true),
        ("(core module (global i32 (i32.add (i32.const 1) (i32.const 2))))", true),
        ("(core module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))", true),
        ("(core module (func (result i32 i32) (i32.const 1) (i32.const 2)))", true),
        (
            "(core module (func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1))))",
            false,
        ),
        ("(core module (memory 1 1 shared))", false),
        ("(core module (memory i64 1))", false),
        ("(core module (tag))", false),
        ("(core module (table 1 externref))", false),
        ("(core module (memory 1 (pagesize 1)))", false),
        ("(core module (func (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)) drop drop))", false),
    ];
    for kind in KINDS {
        let engine = engine(kind);
        for (text, passes) in cases {
            let wasm = wat::parse_str(format!("(component {text})")).expect("text");
            let validated = Validator::new_with_features(features(kind)).validate_all(&wasm);
            assert_eq!(validated.is_ok(), passes, "validation of {text} on {kind:?}: {:?}", validated.err());
            let compiled = Component::new(&engine, &wasm);
            assert_eq!(compiled.is_ok(), passes, "engine with {text} on {kind:?}");
        }
    }
}

#[test]
fn streams_are_for_the_async_engine_alone() {
    let wasm = wat::parse_str("(component (type (stream u8)))").expect("text");
    for kind in KINDS {
        let passes = kind == EngineKind::P3;
        assert_eq!(Validator::new_with_features(features(kind)).validate_all(&wasm).is_ok(), passes);
        assert_eq!(Component::new(&engine(kind), &wasm).is_ok(), passes);
    }
}
