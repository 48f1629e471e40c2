//! What citizens come for: the use-cases of the catalog and of halls and terminals. Called the same way by the
//! capabilities of the sandbox, the pages of the portal and the JSON API.

pub mod app;
pub mod appointment;
pub mod catalog;
mod current;
pub mod data_set;
mod error;
mod page;
pub mod place;
mod region;
mod working_days;

pub use app::{App, AppDirectory};
pub use appointment::{AppointmentError, Appointments, Booker};
pub use catalog::Catalog;
pub use data_set::{DataFolder, DataSet};
pub use error::SupportError;
pub use page::{CURSOR_BYTES_MAX, PAGE_ENTRIES_MAX, PageRequest};
pub use place::Places;
pub use region::Region;
pub use working_days::WorkingDays;
