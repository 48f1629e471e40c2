//! Where things are: the rooms of the checkout and the folders that builds write to. Used by every task.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The checkout that this task runs in.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    cargo: OsString,
}

impl Workspace {
    /// The checkout that `cargo xtask` was typed in; else the one that this program was built from. Two checkouts may share a
    /// target folder, and with it this program.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let own =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own.parent().context("xtask has no parent folder")?.to_owned();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |named| root.join(named));
        Ok(Self { root, target, cargo: env::var_os("CARGO").unwrap_or_else(|| "cargo".into()) })
    }

    /// A path below the top folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// Where builds for this machine go.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where examples and test guests go, their components in `wasm32-wasip2/release`.
    pub(crate) fn guests(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// The product's binary of the dev profile.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target.join("debug").join("yizhan")
    }

    /// A binary of the release profile.
    pub(crate) fn release_binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// The component of a test guest, by the name of its folder.
    pub(crate) fn guest(&self, name: &str) -> PathBuf {
        self.guests().join("wasm32-wasip2/release").join(format!("{}.wasm", name.replace('-', "_")))
    }

    /// `cargo` with these arguments, started in the top folder.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.cargo);
        command.args(arguments).current_dir(&self.root);
        command
    }

    /// `cargo` for a workspace of guests (`examples` or `tests/guests`): its own folder, the shared guests' target folder.
    pub(crate) fn guest_cargo<'a>(&self, folder: &str, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.cargo(arguments);
        command.current_dir(self.path(folder)).env("CARGO_TARGET_DIR", self.guests());
        command
    }

    /// The apps under `examples`: every folder with a `manifest.json`, by name.
    pub(crate) fn examples(&self) -> anyhow::Result<Vec<PathBuf>> {
        let folder = self.path("examples");
        let mut apps = Vec::new();
        for entry in folder.read_dir().with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry?.path();
            if path.join("manifest.json").is_file() {
                apps.push(path);
            }
        }
        apps.sort();
        Ok(apps)
    }
}
