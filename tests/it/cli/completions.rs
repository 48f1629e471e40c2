//! Completion scripts are scripts.

use crate::program;
use std::process::{Command, Stdio};

#[test]
fn bash_accepts_its_completion_script() {
    let dir = tempfile::tempdir().expect("a folder");
    let script = dir.path().join("yizhan.bash");
    std::fs::write(&script, program::run(dir.path(), "completions bash").stdout).expect("writes");
    let status =
        Command::new("bash").arg("-n").arg(&script).stdin(Stdio::null()).status().expect("bash: apt install bash");
    assert!(status.success());
    let text = std::fs::read_to_string(&script).expect("reads");
    for command in ["new", "dev", "run", "doctor", "pack", "sign", "install", "remove", "demo"] {
        assert!(text.contains(command), "{command}");
    }
}

#[test]
fn every_shell_has_a_script() {
    let dir = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = program::run(dir.path(), &format!("completions {shell}"));
        assert!(output.status.success() && output.stdout.len() > 1_000, "{shell}");
    }
}
