//! The client libraries: how each is installed and started. Their programs are in `tests/clients`.

use std::path::PathBuf;
use std::process::Command;

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
    /// Debian `libapache2-mod-auth-openidc` in front of a static page: sign-in by ID token alone.
    ModAuthOpenidc,
}

impl Library {
    pub(super) const ALL: [Self; 6] = [
        Self::OpenidClient,
        Self::OpenidClientHigh,
        Self::Authlib,
        Self::Idpyoidc,
        Self::Openidconnect,
        Self::ModAuthOpenidc,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OpenidClient => "openid-client",
            Self::OpenidClientHigh => "openid-client-high",
            Self::Authlib => "authlib",
            Self::Idpyoidc => "idpyoidc",
            Self::Openidconnect => "openidconnect",
            Self::ModAuthOpenidc => "mod_auth_openidc",
        }
    }

    pub(super) fn tier(self) -> &'static str {
        if self == Self::OpenidClientHigh { "high" } else { "baseline" }
    }

    /// Whether it can prove itself by a secret alone, which makes it a development registration, and takes the ID token only.
    /// Debian's module signs assertions with RS256 alone, which FAPI 2.0 (section 5.4.1) does not let clients use.
    pub(super) fn by_secret(self) -> bool {
        matches!(self, Self::Openidconnect | Self::ModAuthOpenidc)
    }

    /// Whether its program listens at the redirect address itself.
    pub(super) fn listens(self) -> bool {
        self == Self::ModAuthOpenidc
    }

    /// Installs it below `target/clients` and returns the command that starts its program.
    pub(super) fn prepare(self, workspace: &Workspace) -> anyhow::Result<Command> {
        match self {
            Self::OpenidClient | Self::OpenidClientHigh => node(workspace, "openid-client"),
            Self::Authlib => python(workspace, "authlib"),
            Self::Idpyoidc => python(workspace, "idpyoidc"),
            Self::Openidconnect => rust(workspace, "openidconnect"),
            Self::ModAuthOpenidc => apache(workspace),
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
    let mut start = Command::new(room(workspace, name)?.join("bin/python"));
    start.arg(workspace.path("tests/clients").join(name).join("flow.py"));
    Ok(start)
}

/// A virtual environment of its own with what `requirements.txt` of a folder names.
pub(super) fn room(workspace: &Workspace, name: &str) -> anyhow::Result<PathBuf> {
    tools::ensure(&[tools::PYTHON])?;
    let requirements = workspace.path("tests/clients").join(name).join("requirements.txt");
    let room = workspace.target().join("clients").join(format!("{name}-venv"));
    step::run(&format!("a room for {name}"), Command::new("python3").args(["-m", "venv"]).arg(&room))?;
    let mut install = Command::new(room.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(requirements);
    step::run(&format!("install {name}"), &mut install)?;
    Ok(room)
}

fn apache(workspace: &Workspace) -> anyhow::Result<Command> {
    tools::ensure(&[tools::MOD_AUTH_OPENIDC])?;
    let mut start = Command::new("node");
    start.arg(workspace.path("tests/clients/mod_auth_openidc/flow.mjs"));
    Ok(start)
}

fn rust(workspace: &Workspace, name: &str) -> anyhow::Result<Command> {
    let target = workspace.target().join("clients");
    let mut build = workspace.cargo(["build", "--locked"]);
    build.current_dir(workspace.path("tests/clients").join(name)).env("CARGO_TARGET_DIR", &target);
    step::run(&format!("build {name}"), &mut build)?;
    Ok(Command::new(target.join("debug").join(format!("yizhan-client-{name}"))))
}
