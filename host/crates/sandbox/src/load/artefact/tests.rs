//! Native code that this node did not write, or that was changed, is never loaded.

use super::*;
use crate::engine;

const WASM: &str = r#"(component (core module (func (export "f"))))"#;

struct Store {
    folder: tempfile::TempDir,
    engine: Engine,
    name: Name,
    code: Vec<u8>,
}

fn store() -> Store {
    let engine = Engine::new(&engine::compiling(EngineKind::P2)).expect("an engine");
    let wasm = wat::parse_str(WASM).expect("a component");
    let code = engine.precompile_component(&wasm).expect("compiles");
    let name = Name::of(&wasm, EngineKind::P2, &engine);
    Store { folder: tempfile::tempdir().expect("a folder"), engine, name, code }
}

fn artefacts(store: &Store, key: u8) -> Artefacts {
    Artefacts::new(store.folder.path().to_owned(), [key; 32])
}

#[test]
fn what_was_put_is_loaded_again() {
    let store = store();
    let artefacts = artefacts(&store, 1);
    assert!(artefacts.load(&store.name, &store.engine).expect("reads").is_none());
    artefacts.put(&store.name, &store.code).expect("writes");
    assert!(artefacts.load(&store.name, &store.engine).expect("reads").is_some());
}

#[test]
fn code_of_another_key_is_not_loaded() {
    let store = store();
    artefacts(&store, 1).put(&store.name, &store.code).expect("writes");
    assert!(artefacts(&store, 2).load(&store.name, &store.engine).expect("reads").is_none());
}

#[test]
fn any_changed_byte_is_not_loaded() {
    let store = store();
    let artefacts = artefacts(&store, 1);
    artefacts.put(&store.name, &store.code).expect("writes");
    let path = artefacts.path(&store.name);
    let right = std::fs::read(&path).expect("reads");
    for place in [0, right.len() / 2, right.len() - 33, right.len() - 1] {
        let mut wrong = right.clone();
        wrong[place] ^= 1;
        std::fs::write(&path, &wrong).expect("writes");
        assert!(artefacts.load(&store.name, &store.engine).expect("reads").is_none(), "byte {place}");
    }
    for length in [0, 31, right.len() - 1] {
        std::fs::write(&path, &right[..length]).expect("writes");
        assert!(artefacts.load(&store.name, &store.engine).expect("reads").is_none(), "{length} bytes");
    }
}

#[test]
fn code_under_another_components_name_is_not_loaded() {
    let store = store();
    let artefacts = artefacts(&store, 1);
    artefacts.put(&store.name, &store.code).expect("writes");
    let other = Name::of(b"another", EngineKind::P2, &store.engine);
    std::fs::copy(artefacts.path(&store.name), artefacts.path(&other)).expect("copies");
    assert!(artefacts.load(&other, &store.engine).expect("reads").is_none());
}
