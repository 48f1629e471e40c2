//! The client libraries: how each is installed and started. Their programs are in `tests/clients`.

use std::process::Command;

use anyhow::Context;

use crate::workspace::Workspace;
use crate::{step, tools};

/// A client library, at one tier.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    /// npm `openid-client`, baseline.
    OpenidClient,
    /// npm `openid-client`, FAPI 2.0: pushed requests and DPoP.
    OpenidClientHigh,
    /// PyPI `Authlib` and `joserfc`.
    Authlib,
    /// PyPI `idpyoidc`.
    Idpyoidc,
    /// crates.io `openidconnect`: sign-in by ID token alone.
    Openidconnect,
}

impl Library {
    pub(super) const ALL: [Self; 5] =
        [Self::OpenidClient, Self::OpenidClientHigh, Self::Authlib, Self::Idpyoidc, Self::Openidconnect];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OpenidClient => "openid-client",
            Self::OpenidClientHigh => "openid-client-high",
            Self::Authlib => "authlib",
            Self::Idpyoidc => "idpyoidc",
            Self::Openidconnect => "openidconnect",
        }
    }

    pub(super) fn named(name: &str) -> anyhow::Result<Self> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|it| it.name() == name)
            .with_context(|| format!("no client {name:?}; known: {}", known()))
    }

    pub(super) fn tier(self) -> &'static str {
        if self == Self::OpenidClientHigh { "high" } else { "baseline" }
    }

    /// Whether it can prove itself by a secret alone, which makes it a development registration.
    pub(super) fn by_secret(self) -> bool {
        self == Self::Openidconnect
    }

    /// Installs it below `target/clients` and returns the command that starts its program.
    pub(super) fn prepare(self, workspace: &Workspace) -> anyhow::Result<Command> {
        match self {
            Self::OpenidClient | Self::OpenidClientHigh => node(workspace, "openid-client"),
            Self::Authlib => python(workspace, "authlib"),
            Self::Idpyoidc => python(workspace, "idpyoidc"),
            Self::Openidconnect => rust(workspace, "openidconnect"),
        }
    }
}

fn node(workspace: &Workspace, folder: &str) -> anyhow::Result<Command> {
    let folder = workspace.path("tests/clients").join(folder);
    let mut install = Command::new("npm");
    step::run("install openid-client", install.args(["install", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    let mut start = Command::new("node");
    start.arg(folder.join("flow.mjs"));
    Ok(start)
}

fn python(workspace: &Workspace, name: &str) -> anyhow::Result<Command> {
    tools::ensure(&[tools::PYTHON])?;
    let folder = workspace.path("tests/clients").join(name);
    let room = workspace.target().join("clients").join(format!("{name}-venv"));
    step::run(&format!("a room for {name}"), Command::new("python3").args(["-m", "venv"]).arg(&room))?;
    let mut install = Command::new(room.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(folder.join("requirements.txt"));
    step::run(&format!("install {name}"), &mut install)?;
    let mut start = Command::new(room.join("bin/python"));
    start.arg(folder.join("flow.py"));
    Ok(start)
}

fn rust(workspace: &Workspace, name: &str) -> anyhow::Result<Command> {
    let target = workspace.target().join("clients");
    let mut build = workspace.cargo(["build", "--locked"]);
    build.current_dir(workspace.path("tests/clients").join(name)).env("CARGO_TARGET_DIR", &target);
    step::run(&format!("build {name}"), &mut build)?;
    Ok(Command::new(target.join("debug").join(format!("yizhan-client-{name}"))))
}
