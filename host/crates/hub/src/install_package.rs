//! Puts a signed package on the shelf: read, check, verify, store, switch. Called by `yizhan install` and `yizhan demo`.

use crate::{
    HubError, Installed, PublisherRefusal, Shelf, check,
    open_version::sha256_of,
    remove_app::sweep_packages,
    shelf::{self, AppRecord, AppsFile, DataDirectory, Publisher, PublisherStatus},
};
use std::sync::Arc;
use yizhan_domain::authorization::Tier;
use yizhan_domain::{Context, Severity, Slug};
use yizhan_package::{KeyId, PACKED_BYTES_MAX, Package, PackageError, VerifyingKey};

/// What to install.
#[derive(Debug, Clone)]
pub struct InstallRequest<'a> {
    /// File name, for messages.
    pub name: &'a str,
    /// The package's bytes.
    pub bytes: &'a [u8],
    /// First label of its origin; the last label of its identifier when not given.
    pub slug: Option<Slug>,
    /// Security profile to register it with; that of the version before when not given, baseline at first.
    pub tier: Option<Tier>,
    /// Whether a version code lower than the installed one is fine.
    pub allow_downgrade: bool,
}

/// Installs a package: it must pass the check without errors and carry the signature of an active registered publisher
/// key. The shelf switches in one step at the end; a crash at any point leaves the old version. A serving process takes it
/// over at its next reload (`control::notify_reload`).
pub fn install_package(
    context: &Context,
    shelf: &Shelf,
    request: &InstallRequest<'_>,
) -> Result<Arc<Installed>, HubError> {
    let package = read_checked(request)?;
    let directory = shelf.directory()?;
    let _lock = directory.lock()?;
    let (key_id, publisher) = verify(directory, &package)?;
    let mut apps = directory.read_apps()?;
    let slug = choose_slug(&apps, &package, request)?;
    check_succession(directory, &apps, &package, &publisher, request)?;
    sweep_packages(shelf, &apps)?;
    let file = store(directory, &package, request.bytes)?;
    let manifest = package.manifest();
    let before = apps.apps.values().find(|record| record.app_id == manifest.app_id).map(|record| record.tier);
    apps.apps.retain(|_, record| record.app_id != manifest.app_id);
    let record = AppRecord {
        app_id: manifest.app_id.clone(),
        digest: package.digest(),
        publisher: key_id,
        installed_at: context.now,
        version_name: manifest.version.name.clone(),
        version_code: manifest.version.code,
        file,
        file_sha256: sha256_of(request.bytes),
        tier: request.tier.or(before).unwrap_or(Tier::Baseline),
    };
    apps.apps.insert(slug.clone(), record);
    directory.write_apps(&apps)?;
    let snapshot = shelf.reload()?;
    snapshot.find(slug.as_str()).cloned().ok_or_else(|| HubError::NotInstalled { name: slug.to_string() })
}

fn read_checked(request: &InstallRequest<'_>) -> Result<Package, HubError> {
    if request.bytes.len() as u64 > PACKED_BYTES_MAX {
        return Err(HubError::damaged(request.name, format!("it has more than {PACKED_BYTES_MAX} bytes")));
    }
    let report = check::check_package(request.bytes);
    if report.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(HubError::Findings { findings: report.findings });
    }
    Package::read(request.bytes).map_err(|source| HubError::Unreadable { name: request.name.to_owned(), source })
}

/// The registered key that signed the package, if it may upload.
fn verify(directory: &DataDirectory, package: &Package) -> Result<(KeyId, Publisher), HubError> {
    if package.signature().is_none() {
        return Err(HubError::Unsigned { app_id: package.manifest().app_id.clone() });
    }
    let publishers = directory.read_publishers()?.publishers;
    let keys: Vec<VerifyingKey> =
        publishers.values().filter_map(|publisher| VerifyingKey::from_pem(&publisher.public_key).ok()).collect();
    let id = package.verify(&keys).map_err(unknown_publisher)?;
    let refuse = |refusal| Err(HubError::Publisher { refusal });
    let Some(publisher) = publishers.get(&id) else { return refuse(PublisherRefusal::Unknown) };
    match publisher.status {
        PublisherStatus::Active => Ok((id, publisher.clone())),
        PublisherStatus::Retired => refuse(PublisherRefusal::Retired { key: id }),
        PublisherStatus::Compromised => refuse(PublisherRefusal::Compromised { key: id }),
    }
}

fn unknown_publisher(error: PackageError) -> HubError {
    tracing::debug!(%error, "signature not accepted");
    HubError::Publisher { refusal: PublisherRefusal::Unknown }
}

fn choose_slug(apps: &AppsFile, package: &Package, request: &InstallRequest<'_>) -> Result<Slug, HubError> {
    let app_id = &package.manifest().app_id;
    let installed = apps.apps.iter().find(|(_, record)| record.app_id == *app_id).map(|(slug, _)| slug);
    let slug = match request.slug.as_ref().or(installed) {
        Some(slug) => slug.clone(),
        None => app_id.default_slug().map_err(|source| HubError::NoSlug { app_id: app_id.clone(), source })?,
    };
    match apps.apps.get(&slug) {
        Some(holder) if holder.app_id != *app_id => Err(HubError::SlugTaken { slug, holder: holder.app_id.clone() }),
        _ => Ok(slug),
    }
}

/// A new version must not be older than the installed one, and must come from the same unit.
fn check_succession(
    directory: &DataDirectory,
    apps: &AppsFile,
    package: &Package,
    publisher: &Publisher,
    request: &InstallRequest<'_>,
) -> Result<(), HubError> {
    let manifest = package.manifest();
    let Some(installed) = apps.apps.values().find(|record| record.app_id == manifest.app_id) else { return Ok(()) };
    let offered = manifest.version.code;
    if offered < installed.version_code && !request.allow_downgrade {
        return Err(HubError::Downgrade { installed: installed.version_code, offered });
    }
    match directory.read_publishers()?.publishers.get(&installed.publisher) {
        Some(before) if before.unit != publisher.unit => {
            let refusal =
                PublisherRefusal::OtherUnit { installed: before.unit.clone(), offered: publisher.unit.clone() };
            Err(HubError::Publisher { refusal })
        }
        _ => Ok(()),
    }
}

/// Writes the bytes under their digest; a file of that name with other bytes (another signature) is left alone, because the
/// served version may be reading it. Answers the file's name.
fn store(directory: &DataDirectory, package: &Package, bytes: &[u8]) -> Result<String, HubError> {
    let packages = directory.packages();
    let plain = format!("{}.ma", package.digest());
    let signed = format!("{}-{}.ma", package.digest(), sha256_of(bytes));
    for name in [&plain, &signed] {
        let path = packages.join(name);
        match shelf::read(&path, PACKED_BYTES_MAX) {
            Ok(there) if there == bytes => return Ok(name.clone()),
            Err(HubError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                shelf::replace(&path, bytes, 0o600)?;
                return Ok(name.clone());
            }
            _ => {}
        }
    }
    shelf::replace(&packages.join(&signed), bytes, 0o600)?;
    Ok(signed)
}
