//! A component imports only what its code calls: built for real from two examples, and read as bytes.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmparser::{Parser, Payload};

/// Builds an example and returns the names of its component's imports.
fn imports(example: &str) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = root.join("target/guests");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2", "--package", example])
        .current_dir(root.join("examples"))
        .env("CARGO_TARGET_DIR", &target)
        .status()?;
    assert!(built.success(), "{example} builds; `rustup target add wasm32-wasip2` installs the target");
    let file: PathBuf = target.join("wasm32-wasip2/release").join(format!("{}.wasm", example.replace('-', "_")));
    outer_imports(&std::fs::read(&file)?)
}

/// Names that the outermost component imports; those of components inside it are not the host's business.
fn outer_imports(bytes: &[u8]) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut depth = 0;
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) if depth > 0 => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.insert(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

fn ours(imports: &BTreeSet<String>) -> Vec<&str> {
    let ours = |name: &&String| {
        ["yizhan:", "wasi:config", "wasi:keyvalue", "wasi:logging"].iter().any(|start| name.starts_with(start))
    };
    imports.iter().filter(ours).map(String::as_str).collect()
}

#[test]
fn an_app_that_never_calls_identity_does_not_import_it() -> Result<(), Box<dyn Error>> {
    let imports = imports("service-guide")?;
    let expected = ["catalog", "place", "types", "visitor"].map(|name| format!("yizhan:app/{name}@0.1.0"));
    assert_eq!(ours(&imports), expected);
    assert!(!imports.iter().any(|name| name.starts_with("wasi:http/outgoing-handler")), "{imports:?}");
    Ok(())
}

#[test]
fn an_app_that_calls_identity_imports_it() -> Result<(), Box<dyn Error>> {
    let imports = imports("social-security")?;
    let expected = ["identity", "types", "visitor"].map(|name| format!("yizhan:app/{name}@0.1.0"));
    assert_eq!(ours(&imports), expected);
    Ok(())
}
