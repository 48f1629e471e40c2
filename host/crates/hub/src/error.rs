//! What can go wrong on the shelf. The command line and the routes turn these into text with what to do next.

use std::{io, path::PathBuf};
use yizhan_domain::{AppId, Finding, Slug, id::NameError};
use yizhan_package::{KeyId, PackageError};

/// What can go wrong on the shelf.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The folder is no data directory, or was left half made by something else.
    #[error("{} is not a data directory of yizhan", .dir.display())]
    NotADataDirectory {
        /// The folder.
        dir: PathBuf,
    },
    /// The store was created for the other mode; a mode never changes.
    #[error("{} was created as a {found} store and stays one; a {wanted} store is needed here", .dir.display())]
    WrongMode {
        /// The data directory.
        dir: PathBuf,
        /// The mode that was written when it was created.
        found: crate::DataMode,
        /// The mode that the caller needs.
        wanted: crate::DataMode,
    },
    /// The operating system refused.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried, as in `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the data directory is not what this program wrote there.
    #[error("{} is damaged or was changed: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The bytes are no package.
    #[error("{name} cannot be read as a package")]
    Unreadable {
        /// File name as the caller gave it.
        name: String,
        /// Why not.
        source: PackageError,
    },
    /// The check found errors.
    #[error("{} of the findings are errors", .findings.iter().filter(|f| f.severity == yizhan_domain::Severity::Error).count())]
    Findings {
        /// Everything that was found, errors and the rest.
        findings: Vec<Finding>,
    },
    /// The package carries no signature.
    #[error("{app_id} is not signed")]
    Unsigned {
        /// The app.
        app_id: AppId,
    },
    /// The signature is not one that this hub accepts.
    #[error("the signature is not accepted: {refusal}")]
    Publisher {
        /// Why not.
        refusal: PublisherRefusal,
    },
    /// The app's identifier gives no usable slug.
    #[error("{app_id} gives no usable slug")]
    NoSlug {
        /// The app.
        app_id: AppId,
        /// Why not.
        source: NameError,
    },
    /// Another app has the slug.
    #[error("{slug} belongs to {holder}")]
    SlugTaken {
        /// The slug.
        slug: Slug,
        /// The app that has it.
        holder: AppId,
    },
    /// An older version than the installed one.
    #[error("version code {offered} is lower than the installed {installed}")]
    Downgrade {
        /// Code of the installed version.
        installed: u32,
        /// Code of the offered version.
        offered: u32,
    },
    /// No such app on the shelf.
    #[error("no app {name:?} is installed")]
    NotInstalled {
        /// What was asked for.
        name: String,
    },
    /// Another process serves this data directory.
    #[error("{} is already served by another process", .dir.display())]
    AlreadyServed {
        /// The data directory.
        dir: PathBuf,
    },
}

/// Why a publisher's signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublisherRefusal {
    /// No registered key made it, or the bytes were changed after signing.
    #[error("no registered publisher key made a signature that fits these bytes")]
    Unknown,
    /// The key may no longer upload.
    #[error("publisher key {key} is retired; what it signed keeps running, but it may not upload")]
    Retired {
        /// Key id.
        key: KeyId,
    },
    /// The key is no longer trusted at all.
    #[error("publisher key {key} is compromised; nothing that it signed is loaded")]
    Compromised {
        /// Key id.
        key: KeyId,
    },
    /// The installed version is another unit's.
    #[error("the installed version was published by {installed:?}, this one by {offered:?}")]
    OtherUnit {
        /// Unit of the installed version's key.
        installed: String,
        /// Unit of the offered version's key.
        offered: String,
    },
    /// A key that is registered may not be registered for another unit.
    #[error("publisher key {key} is already registered for {unit:?}")]
    Registered {
        /// Key id.
        key: KeyId,
        /// Its unit.
        unit: String,
    },
}

impl HubError {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), why: why.into() }
    }
}
