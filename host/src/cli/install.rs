//! `yizhan install`: puts a signed package on the shelf of a data directory, while its hub runs or not.

use super::{
    data_directory,
    failure::{Failure, Outcome},
    keys::read_verifying_key,
    sign::read_package_bytes,
    terminal::{Terminal, Tone},
};
use std::path::{Path, PathBuf};
use yizhan_domain::authorization::Tier;
use yizhan_domain::{Context, Slug};
use yizhan_hub::{HubError, InstallRequest, Shelf, install_package, list_apps, register_publisher};
use yizhan_package::Package;

/// Installs a signed package; a running hub uses it from the next request.
#[derive(Debug, clap::Args)]
pub struct InstallArgs {
    /// Package to install; it must be signed by a registered publisher key.
    #[arg(value_name = "X.ma")]
    pub package: PathBuf,
    /// Data directory of the hub; a missing or empty folder becomes a development store.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Registers this public key (PEM) as a publisher first, for the unit that the manifest names.
    #[arg(long, value_name = "KEY.pub.pem")]
    pub publisher: Option<PathBuf>,
    /// First label of the app's origin; the last label of its app_id when not given.
    #[arg(long, value_parser = parse_slug)]
    pub slug: Option<Slug>,
    /// Security profile to register an identity-required app with: `baseline`, or `high` (FAPI 2.0). The one before when not
    /// given, baseline at first. Hub and runtime apart are told the same.
    #[arg(long, value_parser = parse_tier, value_name = "baseline|high")]
    pub tier: Option<Tier>,
    /// Accepts a version code that is lower than the installed one.
    #[arg(long)]
    pub allow_downgrade: bool,
}

fn parse_slug(text: &str) -> Result<Slug, String> {
    Slug::new(text).map_err(|error| error.to_string())
}

fn parse_tier(text: &str) -> Result<Tier, String> {
    match text {
        "baseline" => Ok(Tier::Baseline),
        "high" => Ok(Tier::High),
        _ => Err("it is baseline or high".to_owned()),
    }
}

/// Runs the command.
pub fn run(args: &InstallArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot install {}", args.package.display());
    let publisher = args.publisher.as_deref().map(read_verifying_key).transpose()?;
    let bytes = read_package_bytes(&args.package)?;
    let unit = unit_of_signed(&bytes, &args.package, &what)?;
    let (shelf, created) = data_directory::open_or_create(&args.data, &what)?;
    if created {
        terminal.say(&format!("{} is new: a development store was made there", args.data.display()));
    }
    let context = data_directory::context()?;
    if let Some(key) = publisher {
        let id = register_publisher(&context, &shelf, &key, &unit)
            .map_err(|error| Failure::hub(&what, &args.data, error))?;
        terminal.say(&format!("publisher key {id} is registered for {unit}"));
    }
    let name = args.package.display().to_string();
    let (slug, tier, allow_downgrade) = (args.slug.clone(), args.tier, args.allow_downgrade);
    let request = InstallRequest { name: &name, bytes: &bytes, slug, tier, allow_downgrade };
    install(&context, &shelf, &request, terminal).map_err(|failure| Failure { what: what.clone(), ..failure })?;
    Ok(())
}

fn install(context: &Context, shelf: &Shelf, request: &InstallRequest<'_>, terminal: Terminal) -> Outcome {
    let app = install_package(context, shelf, request)
        .map_err(|error| Failure::hub("cannot install", request.name, error))?;
    let dir = shelf.data_directory().unwrap_or(Path::new("."));
    let told = data_directory::notify(dir, "cannot tell the running hub")?;
    let apps = list_apps(shelf).map_err(|error| Failure::hub("cannot list the apps", dir, error))?;
    let json = serde_json::json!({
        "slug": app.slug, "app_id": app.app_id, "version": app.version_name, "version_code": app.version_code,
        "digest": app.digest, "tier": app.tier, "installed": apps.iter().map(|app| &app.slug).collect::<Vec<_>>(), "hub": told,
    });
    let done = terminal.paint(Tone::Good, "installed");
    let text = format!("{done} {} {} as {}\ndigest {}\n{told}\n", app.app_id, app.version_name, app.slug, app.digest);
    terminal.result(json, &text);
    Ok(())
}

/// The unit that the manifest names; an unsigned package is refused before anything is made or changed.
fn unit_of_signed(bytes: &[u8], path: &Path, what: &str) -> Result<String, Failure> {
    let package = Package::read(bytes).map_err(|error| Failure::package(what, path, &error))?;
    let manifest = package.manifest();
    if package.signature().is_none() {
        return Err(Failure::hub(what, path, HubError::Unsigned { app_id: manifest.app_id.clone() }));
    }
    Ok(manifest.gov_owner.unit.clone())
}
