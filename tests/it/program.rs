//! The program as users have it: `yizhan` in the target folder, started as a process of its own.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The binary beside this test's own folder; a missing one says how to make it.
pub(crate) fn path() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    let binary = folder.join("yizhan");
    assert!(binary.is_file(), "{} is missing: cargo build -p yizhan", binary.display());
    binary
}

/// The program in a folder, without colour, without the keys and logs of the person who tests.
pub(crate) fn yizhan(folder: &Path) -> Command {
    let mut command = Command::new(path());
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("YIZHAN_LOG");
    command
}

/// Runs a command line whose words hold no spaces.
pub(crate) fn run(folder: &Path, line: &str) -> Output {
    yizhan(folder).args(line.split(' ')).output().expect("the program starts")
}

/// Runs a command line that must succeed, and answers its JSON.
pub(crate) fn json(folder: &Path, line: &str) -> Value {
    let output = run(folder, &format!("{line} --json"));
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// Runs a command line that must end with `exit`, and answers its JSON.
pub(crate) fn refused(folder: &Path, line: &str, exit: i32) -> Value {
    let output = run(folder, &format!("{line} --json"));
    assert_eq!(output.status.code(), Some(exit), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(json["ok"], false);
    for member in ["what", "why", "fix"] {
        assert_ne!(json[member], "", "{line}: {json}");
    }
    json
}
