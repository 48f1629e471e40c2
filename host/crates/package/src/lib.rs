//! The app package: its manifest, the strict `.ma` reader and deterministic writer, the digest that names a version, and
//! signatures. Sandbox, hub and command line call it; it knows `yizhan-domain` only.

mod archive;
mod collect;
mod error;
mod listing;
pub mod manifest;
mod package;
mod path;
pub mod seal;

pub use archive::Fault;
pub use collect::collect;
pub use error::PackageError;
pub use manifest::egress::{EgressError, EgressTarget, Scheme, is_public_address};
pub use manifest::feature::Feature;
pub use manifest::parts::{
    BrowserFeature, ColorScheme, ComponentRef, DataUse, Direction, Icon, ManifestLimits, Owner, PlatformVersion,
    RequestedPermission, Version, World,
};
pub use manifest::{MANIFEST_BYTES_MAX, Manifest};
pub use package::{
    COMPONENT_PATH, ENTRIES_MAX, MANIFEST_PATH, PACKED_BYTES_MAX, Package, SBOM_PATH, SIGNATURE_PATH,
    UNPACKED_BYTES_MAX,
};
pub use seal::{Algorithm, Envelope, KeyId, LISTING_PAYLOAD_TYPE, SealError, Signature, SigningKey, VerifyingKey};
