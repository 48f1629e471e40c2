//! The hub: the shelf of installed apps and who may publish them, and the check that every upload passes. The command line
//! and the routes call it; it asks the sandbox to read components and the package room to read packages.

pub mod check;
pub mod control;
mod error;
pub mod install_package;
pub mod list_apps;
pub mod open_version;
pub mod register_publisher;
pub mod remove_app;
mod shelf;

pub use error::{HubError, PublisherRefusal};
pub use install_package::{InstallRequest, install_package};
pub use list_apps::list_apps;
pub use open_version::open_version;
pub use register_publisher::{list_publishers, register_publisher, set_publisher_status};
pub use remove_app::remove_app;
pub use shelf::{DataMode, Installed, Publisher, PublisherStatus, Shelf, Snapshot, Trust};
