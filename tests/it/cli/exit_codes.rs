//! Exit codes and errors are what `--help` and the documentation say.

use crate::program;

#[test]
fn help_lists_the_exit_codes() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = program::run(dir.path(), "--help");
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in ["  0  done", "  1  refused", "  2  wrong usage", "  3  the server", "  4  a build"] {
        assert!(text.contains(line), "{line}");
    }
    assert!(!text.contains("compile"), "the compiler child is for the host alone");
}

#[test]
fn wrong_usage_ends_with_2() {
    let dir = tempfile::tempdir().expect("a folder");
    for line in ["fly", "run", "run --addr 0.0.0.0:80 x.wasm", "run --as p --grant salary x.wasm", "pack --key"] {
        assert_eq!(program::run(dir.path(), line).status.code(), Some(2), "{line}");
    }
}

#[test]
fn what_cannot_be_read_ends_with_2_and_says_what_to_do() {
    let dir = tempfile::tempdir().expect("a folder");
    for line in ["run none.wasm", "pack none", "dev none", "install none.ma --data hub"] {
        program::refused(dir.path(), line, 2);
    }
    assert!(!dir.path().join("hub").exists());
}

#[test]
fn nothing_is_coloured_where_no_person_looks() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = program::run(dir.path(), "pack none");
    assert!(!output.stderr.contains(&0x1b));
    assert!(output.stdout.is_empty());
}
