//! Reading a component without compiling or running it: what it is, what it needs, what it may have, what is wrong with
//! it. Called by `hub::check`, which the doctor and the upload share.

#[cfg(test)]
mod agreement;
mod binary;
mod bound;
mod features;
mod function;
mod import;
pub mod name;
pub mod offered;
mod producers;
mod shape;

pub use features::features;

use name::{ImportName, Version};
use shape::Shape;
use wasmparser::types::Types;
use yizhan_domain::{
    Access, Finding,
    report::{ComponentReport, EngineKind},
};

/// Where a component stands in a package unless its manifest says otherwise; the path of findings.
pub const PATH: &str = "component.wasm";

/// Reads a component as one of an app of this access type. Never fails: what is wrong is among the findings.
#[must_use]
pub fn inspect(wasm: &[u8], access: Access) -> ComponentReport {
    let mut report = empty(wasm);
    if let Some(finding) = binary::check(wasm) {
        report.findings.push(finding);
        return report;
    }
    let shape = shape::walk(wasm);
    report.engine = if shape.imports.iter().chain(&shape.exports).any(|name| ImportName::parse(name).is_wasi_p3()) {
        EngineKind::P3
    } else {
        EngineKind::P2
    };
    let types = match features::validate(wasm, report.engine) {
        Ok(valid) => {
            report.engine = valid.engine;
            Some(valid.types)
        }
        Err(finding) => {
            report.findings.push(*finding);
            None
        }
    };
    describe_imports(&mut report, &shape.imports, types.as_ref(), access);
    describe(&mut report, shape);
    if report.engine == EngineKind::P3 && access == Access::IdentityRequired {
        report.findings.push(async_with_identity());
    }
    report
}

fn empty(wasm: &[u8]) -> ComponentReport {
    ComponentReport {
        size_bytes: wasm.len() as u64,
        world: "unknown".to_owned(),
        language: "unknown".to_owned(),
        toolchain: Vec::new(),
        engine: EngineKind::P2,
        memory_bytes_initial: 0,
        core_modules: 0,
        core_instances: 0,
        imports: Vec::new(),
        exports: Vec::new(),
        findings: Vec::new(),
    }
}

fn describe_imports(report: &mut ComponentReport, names: &[String], types: Option<&Types>, access: Access) {
    for name in names {
        let (mut import, finding) = import::judge(name, access);
        import.functions = types.map_or_else(Vec::new, |types| function::imported(types, name));
        report.imports.push(import);
        report.findings.extend(finding);
    }
    report.imports.sort_by(|a, b| a.name.cmp(&b.name));
    report.findings.extend(function::check(&report.imports));
}

fn describe(report: &mut ComponentReport, shape: Shape) {
    report.core_modules = shape.core_modules;
    report.core_instances = shape.needs.core_instances;
    report.memory_bytes_initial = shape.needs.memory_bytes;
    report.language = shape.producers.language();
    report.toolchain = shape.producers.into_tools();
    report.findings.extend(bound::check(&shape.needs));
    report.exports = shape.exports;
    report.exports.sort();
    match world(&report.exports) {
        Some(world) => world.clone_into(&mut report.world),
        None => report.findings.push(no_handler(&report.exports)),
    }
}

/// The world in plain words, from the handler that the component exports.
fn world(exports: &[String]) -> Option<&'static str> {
    let names: Vec<ImportName> = exports.iter().map(|export| ImportName::parse(export)).collect();
    let exports_of = |interface: &str, major_minor: (u64, u64)| {
        let is_release = |version: &Version| (version.major, version.minor) == major_minor && version.pre.is_empty();
        names.iter().any(|name| name.interface == interface && name.version.as_ref().is_some_and(is_release))
    };
    if exports_of("wasi:http/handler", (0, 3)) {
        return Some("wasi:http/service@0.3");
    }
    exports_of("wasi:http/incoming-handler", (0, 2)).then_some("wasi:http/proxy@0.2")
}

fn no_handler(exports: &[String]) -> Finding {
    let names: Vec<ImportName> = exports.iter().map(|export| ImportName::parse(export)).collect();
    let near = names.iter().position(|name| name.interface.starts_with("wasi:http/"));
    let (why, fix) = if let Some(index) = near {
        let fix =
            if names[index].is_wasi_p3() { "wasi:http/handler@0.3.0" } else { "wasi:http/incoming-handler@0.2.12" };
        (format!("it exports {}, which the host does not call", exports[index]), format!("export {fix}"))
    } else if names.iter().any(|name| name.interface == "wasi:cli/run") {
        let fix = "build a library (`crate-type = [\"cdylib\"]`) that exports wasi:http/incoming-handler@0.2.12; the SDK does";
        ("it is a command (wasi:cli/run); a mini-app answers requests".to_owned(), fix.to_owned())
    } else {
        let fix = "export wasi:http/incoming-handler@0.2.12 or wasi:http/handler@0.3.0; the SDK does it for you";
        ("it exports no HTTP handler, so it cannot answer a request".to_owned(), fix.to_owned())
    };
    Finding::error("component.no-handler", PATH).why(why).fix(fix)
}

fn async_with_identity() -> Finding {
    Finding::error("component.async-with-identity", PATH)
        .why("it needs the P3 engine (WASI 0.3 or async); identity-required apps run on the hardened P2 engine alone for now")
        .fix("build for WASI 0.2: wasm32-wasip2 and wasi:http/incoming-handler@0.2.12")
}

#[cfg(test)]
mod tests;
