//! What citizens come for: the use-cases of the catalog and of halls and terminals. Called the same way by the
//! capabilities of the sandbox, the pages of the portal and the JSON API.

pub mod app;
pub mod catalog;
mod error;
mod page;
pub mod place;
mod region;

pub use app::{App, AppDirectory};
pub use catalog::Catalog;
pub use error::SupportError;
pub use page::{CURSOR_BYTES_MAX, PAGE_ENTRIES_MAX, PageRequest};
pub use place::Places;
pub use region::Region;
