//! `yizhan pack`: builds an app directory, checks it as the hub will, and writes the package.

use super::{
    build::{build, checked},
    failure::{Failure, Outcome},
    keys::read_signing_key,
    terminal::{Terminal, Tone},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_package::Package;

/// Builds an app and packs it; the same sources give the same bytes.
#[derive(Debug, clap::Args)]
pub struct PackArgs {
    /// App directory: the folder that holds manifest.json.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Package to write; SLUG.ma in the current folder when not given.
    #[arg(short, long, value_name = "OUT.ma")]
    pub output: Option<PathBuf>,
    /// Signs the package with this private key (PKCS#8 PEM).
    #[arg(long, value_name = "KEY.pem")]
    pub key: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &PackArgs, terminal: Terminal) -> Outcome {
    let key = args.key.as_deref().map(read_signing_key).transpose()?;
    let built = build(&args.dir, terminal)?;
    if !built.warnings.trim().is_empty() {
        terminal.say(built.warnings.trim_end());
    }
    let findings = checked(&built.files, &args.dir, "cannot pack this app")?;
    let mut package = built.into_package(&args.dir)?;
    if let Some(key) = &key {
        package.sign(key).map_err(|error| Failure::package("cannot sign the package", &args.dir, &error))?;
    }
    let bytes = package.write().map_err(|error| Failure::package("cannot write the package", &args.dir, &error))?;
    let path = args.output.clone().unwrap_or_else(|| default_name(&package));
    write_whole(&path, &bytes)?;
    if !findings.is_empty() {
        terminal.say(terminal.findings(&findings).trim_end());
    }
    let digest = package.digest().to_string();
    let json = serde_json::json!({
        "path": path, "bytes": bytes.len(), "digest": digest, "signed": key.is_some(), "findings": findings,
    });
    let next = match key {
        Some(_) => format!("next: yizhan install {} --data DIR", path.display()),
        None => format!("next: yizhan run {0}, or yizhan sign {0} --key KEY.pem", path.display()),
    };
    let done = terminal.paint(Tone::Good, "packed");
    terminal.result(json, &format!("{done} {} ({} bytes)\ndigest {digest}\n{next}\n", path.display(), bytes.len()));
    Ok(())
}

fn default_name(package: &Package) -> PathBuf {
    let app_id = &package.manifest().app_id;
    PathBuf::from(app_id.default_slug().map_or_else(|_| format!("{app_id}.ma"), |slug| format!("{slug}.ma")))
}

/// Writes a package beside its place and renames it, so that nobody reads half of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error| {
        Failure::unreadable("cannot write the package")
            .at(path)
            .why(error)
            .fix("see that the folder exists and is yours")
    };
    let unfinished = path.with_added_extension("unfinished");
    fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path)).map_err(failed)
}
