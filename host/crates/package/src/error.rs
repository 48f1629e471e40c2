//! Why a package was refused: what, where, and what to do about it. Every part of this room answers with it.

use crate::{archive::Fault, seal::SealError};
use yizhan_domain::Finding;

/// Why a package was refused.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The bytes are not a ZIP archive as packages are.
    #[error("byte {offset} of the package: {problem}")]
    Archive {
        /// Where, counted from 0.
        offset: usize,
        /// What is wrong there.
        problem: &'static str,
    },
    /// An entry is not as entries of packages are.
    #[error("entry {path:?} {fault}")]
    Entry {
        /// Path of the entry.
        path: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A path that packages cannot have.
    #[error("path {path:?} {problem}")]
    Path {
        /// The path, with replacement characters where it is not UTF-8.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two paths that are one, at least on machines that do not tell capitals from small letters.
    #[error(
        "paths {first:?} and {second:?} cannot both be there: they are the same, differ only in capital and small letters, or one is a file where the other needs a folder"
    )]
    Collision {
        /// The path that stands first.
        first: String,
        /// The path that stands second.
        second: String,
    },
    /// A file that has no place in a package.
    #[error("file {path:?} has no place in a package")]
    NotAllowed {
        /// Path of the file.
        path: String,
    },
    /// More than packages may have.
    #[error("{what} has {found} {unit}; at most {max} are allowed")]
    TooLarge {
        /// What has too much, in words.
        what: String,
        /// How much was found; at least this much when counting stopped early.
        found: u64,
        /// The most allowed.
        max: u64,
        /// Unit of the two numbers.
        unit: &'static str,
    },
    /// A file that every package has is not there.
    #[error("file {path:?} is missing")]
    Missing {
        /// Path of the file.
        path: String,
    },
    /// The manifest has mistakes, or names files that are not there; all of them are told.
    #[error("manifest.json has {} mistakes", .findings.len())]
    Manifest {
        /// The mistakes, at least one.
        findings: Vec<Finding>,
    },
    /// The contents are right, but the bytes are not those that this platform writes for them.
    #[error("byte {offset} of the package is not the one that packing its contents gives")]
    NotCanonical {
        /// First byte that differs, counted from 0.
        offset: usize,
    },
    /// A file of an app directory cannot be read.
    #[error("{path:?} cannot be read")]
    Unreadable {
        /// Path inside the app directory.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The signature, or a key, is refused.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl PackageError {
    /// The mistakes as findings: those of the manifest one by one, anything else as one with a code `package.*`.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Manifest { findings } => findings.clone(),
            other => vec![other.finding()],
        }
    }

    /// The error as one finding; of a manifest with several mistakes the first.
    #[must_use]
    pub fn finding(&self) -> Finding {
        if let Self::Manifest { findings } = self
            && let Some(first) = findings.first()
        {
            return first.clone();
        }
        Finding::error(self.code(), self.file()).why(self.to_string()).fix(self.fix())
    }

    /// Stable code, as in `package.entry-checksum`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Archive { .. } => "package.not-a-package",
            Self::Entry { fault, .. } => fault.code(),
            Self::Path { .. } => "package.path",
            Self::Collision { .. } => "package.path-collision",
            Self::NotAllowed { .. } => "package.file-not-allowed",
            Self::TooLarge { .. } => "package.too-large",
            Self::Missing { .. } => "package.file-missing",
            Self::Manifest { .. } => "package.manifest",
            Self::NotCanonical { .. } => "package.not-canonical",
            Self::Unreadable { .. } => "package.unreadable",
            Self::Seal(error) => error.code(),
        }
    }

    fn file(&self) -> &str {
        match self {
            Self::Entry { path, .. }
            | Self::Path { path, .. }
            | Self::NotAllowed { path }
            | Self::Missing { path }
            | Self::Unreadable { path, .. } => path,
            Self::Collision { second, .. } => second,
            Self::Manifest { .. } => crate::MANIFEST_PATH,
            Self::Seal(_) => crate::SIGNATURE_PATH,
            Self::Archive { .. } | Self::NotCanonical { .. } | Self::TooLarge { .. } => "",
        }
    }

    fn fix(&self) -> &'static str {
        match self {
            Self::Archive { .. } | Self::NotCanonical { .. } => {
                "make the package again from its app directory with `yizhan pack`; packages are not changed by hand"
            }
            Self::Entry { fault, .. } => fault.fix(),
            Self::Path { .. } => {
                "rename the file: relative path, '/' between names, no '.' or '..', no control characters"
            }
            Self::Collision { .. } => "rename one of the two files",
            Self::NotAllowed { .. } => {
                "put files for the browser under public/, and name the component's file in gov_component.path"
            }
            Self::TooLarge { .. } => "make it smaller: compress pictures, leave out source maps, build with --release",
            Self::Missing { .. } => "add the file beside manifest.json, or `yizhan new` shows a whole app",
            Self::Manifest { .. } => "mend the manifest",
            Self::Unreadable { .. } => "make it an ordinary file that you may read",
            Self::Seal(error) => error.fix(),
        }
    }
}
