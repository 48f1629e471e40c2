//! Compiling, in a separate process with limits of its own: the binary runs itself with a hidden subcommand, the child reads
//! wasm on standard input and writes native code to standard output.

use crate::SandboxError;
use crate::engine;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use wasmtime::Engine;
use yizhan_domain::limits::NodeLimits;
use yizhan_domain::report::EngineKind;

/// What the child is told on its command line, after the subcommand.
fn arguments(kind: EngineKind, limits: &NodeLimits) -> [String; 4] {
    let kind = if kind == EngineKind::P2 { "p2" } else { "p3" };
    [
        kind.to_owned(),
        limits.compile_cpu_seconds_max.to_string(),
        limits.compile_bytes_max.to_string(),
        limits.component_bytes_max.to_string(),
    ]
}

/// Compiles in a child process.
pub(crate) async fn in_child(
    binary: &Path,
    kind: EngineKind,
    limits: &NodeLimits,
    wasm: &[u8],
) -> Result<Vec<u8>, SandboxError> {
    let failed = |error: std::io::Error| SandboxError::Artefact { path: binary.display().to_string(), source: error };
    let mut child = Command::new(binary)
        .arg("compile")
        .args(arguments(kind, limits))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let mut stdin = child.stdin.take();
    let write = async {
        if let Some(stdin) = stdin.as_mut() {
            // A child that gave up early closes its end; its message says why.
            let _ = stdin.write_all(wasm).await;
        }
        drop(stdin.take());
    };
    let ((), output) = tokio::join!(write, child.wait_with_output());
    let output = output.map_err(failed)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let message = message.trim();
    Err(SandboxError::Load(if message.is_empty() {
        format!("the compiler stopped ({}): the component needs more than its limits", output.status)
    } else {
        message.chars().take(2_000).collect()
    }))
}

/// The child: sets its own limits, reads, compiles, writes. The arguments are those that the parent gave.
///
/// # Errors
/// A sentence for the parent's user: which argument, limit or part of the component is wrong.
pub fn child(arguments: &[String], input: &mut impl Read, output: &mut impl Write) -> Result<(), String> {
    let [kind, cpu_seconds, bytes, component_bytes] = arguments else {
        return Err("compile takes engine, CPU seconds, bytes and component bytes".to_owned());
    };
    let kind = if kind == "p3" { EngineKind::P3 } else { EngineKind::P2 };
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is not a number"));
    restrict(number(cpu_seconds)?, number(bytes)?)?;
    let component_bytes_max = number(component_bytes)?;
    let mut wasm = Vec::new();
    input.take(component_bytes_max + 1).read_to_end(&mut wasm).map_err(|error| format!("cannot read: {error}"))?;
    if wasm.len() as u64 > component_bytes_max {
        return Err(format!("the component is larger than {component_bytes_max} bytes"));
    }
    let engine = Engine::new(&engine::compiling(kind)).map_err(|error| format!("{error:#}"))?;
    let code = engine.precompile_component(&wasm).map_err(|error| format!("{error:#}"))?;
    output.write_all(&code).and_then(|()| output.flush()).map_err(|error| format!("cannot write: {error}"))
}

/// Limits that the child cannot raise again: CPU time, address space, no core file, lowest priority.
fn restrict(cpu_seconds: u64, bytes: u64) -> Result<(), String> {
    let limit = |maximum: u64| Rlimit { current: Some(maximum), maximum: Some(maximum) };
    let failed = |error: rustix::io::Errno| format!("cannot set limits: {error}");
    setrlimit(Resource::Cpu, limit(cpu_seconds)).map_err(failed)?;
    setrlimit(Resource::As, limit(bytes)).map_err(failed)?;
    setrlimit(Resource::Core, limit(0)).map_err(failed)?;
    rustix::process::nice(19).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_is_told_each_limit_in_its_place() {
        let limits = NodeLimits {
            compile_cpu_seconds_max: 1,
            compile_bytes_max: 2,
            component_bytes_max: 3,
            ..NodeLimits::default()
        };
        assert_eq!(arguments(EngineKind::P2, &limits), ["p2", "1", "2", "3"]);
        assert_eq!(arguments(EngineKind::P3, &limits)[0], "p3");
    }
}
