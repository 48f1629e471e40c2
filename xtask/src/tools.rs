//! Makes sure of the tools that a task needs: as root on Debian or Ubuntu it installs what is missing and says so, elsewhere it
//! says what to type. Nothing is ever skipped because a tool is missing.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::step;

/// Something that must be on the machine.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    name: &'static str,
    present: fn() -> bool,
    debian: Install,
    elsewhere: &'static str,
}

#[derive(Clone, Copy)]
enum Install {
    Apt(&'static [&'static str]),
    Rustup(&'static [&'static str]),
}

/// The standard library for components.
pub(crate) const WASM_TARGET: Tool = Tool {
    name: "the Rust target wasm32-wasip2",
    present: has_wasm_target,
    debian: Install::Rustup(&["target", "add", "wasm32-wasip2"]),
    elsewhere: "rustup target add wasm32-wasip2",
};

/// Formatter and linter.
pub(crate) const LINTERS: Tool = Tool {
    name: "rustfmt and clippy",
    present: || runs("cargo-fmt", "--version") && runs("cargo-clippy", "--version"),
    debian: Install::Rustup(&["component", "add", "rustfmt", "clippy"]),
    elsewhere: "rustup component add rustfmt clippy",
};

/// Builds the front end of the framework example.
pub(crate) const NODE: Tool = Tool {
    name: "Node.js 18 or newer with npm",
    present: || runs("node", "--version") && runs("npm", "--version"),
    debian: Install::Apt(&["nodejs", "npm"]),
    elsewhere: "install Node.js 18 or newer from your system's packages",
};

/// The browser of the journeys.
pub(crate) const BROWSER: Tool = Tool {
    name: "Chromium with chromedriver",
    present: || runs("chromium", "--version") && runs("chromedriver", "--version"),
    debian: Install::Apt(&["chromium", "chromium-driver"]),
    elsewhere: "install Chromium and chromedriver so that `chromium` and `chromedriver` start",
};

/// A Chinese font, so that pages are laid out as people see them.
pub(crate) const FONTS: Tool = Tool {
    name: "a Chinese font",
    present: has_chinese_font,
    debian: Install::Apt(&["fonts-noto-cjk", "fontconfig"]),
    elsewhere: "install Noto Sans CJK",
};

/// Makes the throw-away certificates of the clients.
pub(crate) const OPENSSL: Tool = Tool {
    name: "openssl",
    present: || runs("openssl", "version"),
    debian: Install::Apt(&["openssl"]),
    elsewhere: "install the openssl command",
};

/// Runs the clients in Python.
pub(crate) const PYTHON: Tool = Tool {
    name: "Python 3 with venv",
    present: || step::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])),
    debian: Install::Apt(&["python3", "python3-venv"]),
    elsewhere: "install Python 3.10 or newer with its venv module",
};

/// An Apache that is a client of the hub. Its package brings the server's program without a service.
pub(crate) const MOD_AUTH_OPENIDC: Tool = Tool {
    name: "mod_auth_openidc with Apache",
    present: || {
        let module = Path::new("/usr/lib/apache2/modules/mod_auth_openidc.so").is_file();
        module && runs("/usr/sbin/apache2", "-v")
    },
    debian: Install::Apt(&["libapache2-mod-auth-openidc"]),
    elsewhere: "run this client on Debian or Ubuntu with: apt-get install libapache2-mod-auth-openidc",
};

/// Makes the load of the bench.
pub(crate) const LOAD: Tool = Tool {
    name: "wrk",
    present: || Command::new("wrk").arg("--version").output().is_ok(),
    debian: Install::Apt(&["wrk"]),
    elsewhere: "install wrk (HTTP load generator)",
};

/// Makes sure of every tool of the list.
pub(crate) fn ensure(tools: &[Tool]) -> anyhow::Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !(tool.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !(Path::new("/etc/debian_version").exists() && is_root()) {
        let advice: Vec<String> = missing.iter().map(|tool| format!("  {}: {}", tool.name, advice(tool))).collect();
        bail!("missing on this machine; please type:\n{}", advice.join("\n"));
    }
    install(&missing)?;
    match missing.iter().find(|tool| !(tool.present)()) {
        None => Ok(()),
        Some(tool) => bail!("{} is still missing after installing it; {}", tool.name, advice(tool)),
    }
}

fn install(missing: &[&Tool]) -> anyhow::Result<()> {
    let mut packages = Vec::new();
    for tool in missing {
        match tool.debian {
            Install::Apt(names) => packages.extend_from_slice(names),
            Install::Rustup(arguments) => {
                step::run(&format!("install {}", tool.name), Command::new("rustup").args(arguments))?;
            }
        }
    }
    if packages.is_empty() {
        return Ok(());
    }
    step::run("refresh the list of system packages", Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(&packages);
    step::run(&format!("install {}", packages.join(", ")), apt.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn advice(tool: &Tool) -> String {
    match tool.debian {
        Install::Apt(names) if Path::new("/etc/debian_version").exists() => {
            format!("sudo apt-get install {}", names.join(" "))
        }
        _ => tool.elsewhere.to_owned(),
    }
}

fn runs(program: &str, argument: &str) -> bool {
    step::succeeds(Command::new(program).arg(argument))
}

fn has_wasm_target() -> bool {
    let asked = step::output(Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-wasip2"]));
    asked.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn has_chinese_font() -> bool {
    step::output(Command::new("fc-list").arg(":lang=zh")).is_ok_and(|fonts| !fonts.trim().is_empty())
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Uid:").is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0")))
}
