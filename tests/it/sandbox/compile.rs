//! The compiler child limits itself, and says in one sentence what was wrong.

use crate::program;
use crate::serving::component;
use std::io::Write;
use std::process::{Output, Stdio};

const GIB: &str = "4294967296";

/// Compiles in a child: engine, CPU seconds, bytes of address space, bytes of the component.
fn compile(arguments: [&str; 4], wasm: &[u8]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program::yizhan(folder.path());
    command.arg("compile").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    // A child that gave up closes its end.
    let _sent = child.stdin.take().expect("piped").write_all(wasm);
    child.wait_with_output().expect("ends")
}

fn sentence(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_component_becomes_native_code() {
    let wasm = std::fs::read(component("hello")).expect("reads");
    let output = compile(["p2", "120", GIB, "1000000"], &wasm);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(b"\x7fELF"));
}

#[test]
fn what_is_too_large_or_no_component_is_refused() {
    let wasm = std::fs::read(component("hello")).expect("reads");
    assert!(sentence(&compile(["p2", "120", GIB, "100"], &wasm)).contains("larger than 100 bytes"));
    assert!(!sentence(&compile(["p2", "120", GIB, "100"], b"not wasm")).is_empty());
}

#[test]
fn the_child_limits_itself_before_it_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program::yizhan(folder.path());
    command.args(["compile", "p2", "77", GIB, "100"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let process = format!("/proc/{}", child.id());
    let row = |name: &str| {
        let limits = std::fs::read_to_string(format!("{process}/limits")).expect("reads");
        let row = limits.lines().find(|line| line.starts_with(name)).expect("a row").to_owned();
        row[name.len()..].split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    // It waits for its standard input; until then only its start takes time.
    let begun = std::time::Instant::now();
    while row("Max core file size") != ["0", "0"] || row("Max cpu time") != ["77", "77"] {
        assert!(begun.elapsed().as_secs() < 30, "{:?}", row("Max cpu time"));
        std::thread::yield_now();
    }
    assert_eq!(row("Max address space"), [GIB, GIB]);
    drop(child.stdin.take());
    assert!(!child.wait().expect("ends").success());
}
