//! What can be wrong with one entry of a package's archive.

use std::fmt;

/// What is wrong with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is encrypted.
    Encrypted,
    /// Neither stored nor deflated.
    Method(u16),
    /// Sizes follow the data.
    DataDescriptor,
    /// Flags other than the one for UTF-8 names.
    Flags(u16),
    /// It has extra fields (zip64 among them).
    ExtraField,
    /// It has a comment.
    Comment,
    /// It is a directory.
    Directory,
    /// It is a symbolic link.
    Link,
    /// Its two headers differ.
    HeadersDiffer,
    /// Its data cannot be inflated to the stated size.
    Data,
    /// It is inflated to more than 200 times its packed size.
    Ratio,
    /// Its CRC-32 is not the stated one.
    Checksum,
}

impl Fault {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Encrypted => "package.entry-encrypted",
            Self::Method(_) => "package.entry-method",
            Self::DataDescriptor => "package.entry-data-descriptor",
            Self::Flags(_) => "package.entry-flags",
            Self::ExtraField => "package.entry-extra-field",
            Self::Comment => "package.entry-comment",
            Self::Directory => "package.entry-directory",
            Self::Link => "package.entry-link",
            Self::HeadersDiffer => "package.entry-headers-differ",
            Self::Data => "package.entry-data",
            Self::Ratio => "package.entry-ratio",
            Self::Checksum => "package.entry-checksum",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(self) -> &'static str {
        match self {
            Self::Data | Self::Checksum | Self::HeadersDiffer => {
                "the package is damaged or was changed: fetch it again, or pack it again"
            }
            Self::Link => "put the file itself where the link is",
            Self::Ratio => "leave the file out, or make it at run time",
            _ => "make the package with `yizhan pack`, not with an ordinary ZIP program",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encrypted => f.write_str("is encrypted"),
            Self::Method(method) => {
                write!(f, "has compression method {method}; 0 (stored) and 8 (deflate) are allowed")
            }
            Self::DataDescriptor => f.write_str("has its sizes after its data"),
            Self::Flags(flags) => write!(f, "has flags {flags:#06x}; only 0x0800 (UTF-8 name) is allowed"),
            Self::ExtraField => f.write_str("has extra fields"),
            Self::Comment => f.write_str("has a comment"),
            Self::Directory => f.write_str("is a directory; packages hold files only"),
            Self::Link => f.write_str("is a symbolic link; packages hold files only"),
            Self::HeadersDiffer => f.write_str("has a local header that differs from its central one"),
            Self::Data => f.write_str("has data that does not give the stated size"),
            Self::Ratio => f.write_str("is inflated to more than 200 times its packed size"),
            Self::Checksum => f.write_str("has data with another CRC-32 than stated"),
        }
    }
}
