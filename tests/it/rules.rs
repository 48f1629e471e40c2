//! Rules that the build enforces: import arrows, the floor of the runtime, the shape of the tree.

mod arrows;
mod floor;
mod guests;
mod promises;
mod rooms;
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The top folder of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests stand in the checkout").to_owned()
}

/// A file of the checkout.
struct Source {
    /// Its path below the top folder, with `/`.
    path: String,
    /// Its text.
    text: String,
}

impl Source {
    /// The file's name without its folders.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the file holds tests only: below a `tests` folder, or a `tests.rs` beside what it tests.
    fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.name() == "tests.rs"
    }
}

/// Every text file that git knows or would take, in order; binary files are left out.
fn sources() -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the checkout; install git");
    assert!(listed.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr));
    let paths = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let mut sources: Vec<Source> = paths.split_terminator('\0').filter_map(read).collect();
    assert!(sources.len() > 20, "only {} files found", sources.len());
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// The Rust files among them.
fn rust_sources() -> Vec<Source> {
    sources().into_iter().filter(|source| source.path.ends_with(".rs")).collect()
}

fn read(path: &str) -> Option<Source> {
    let text = std::fs::read_to_string(root().join(path)).ok()?;
    Some(Source { path: path.to_owned(), text })
}

/// Fails with the whole list, one offence a line.
fn none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}\n  {}", offences.join("\n  "));
}
