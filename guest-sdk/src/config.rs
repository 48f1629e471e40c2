//! Settings and secrets of the app: those of the operator, over the defaults of the manifest's `gov_config`.
//!
//! ```
//! use yizhan_sdk::{config, testing::FakeHost};
//!
//! let _host = FakeHost::new().config("page-size", "10").install();
//! assert_eq!(config::get("page-size").unwrap().as_deref(), Some("10"));
//! assert_eq!(config::get("other").unwrap(), None);
//! ```

use crate::Result;

/// The setting with this key, or none.
pub fn get(key: &str) -> Result<Option<String>> {
    crate::host::config::get(key)
}

/// All settings of the app.
pub fn all() -> Result<Vec<(String, String)>> {
    crate::host::config::all()
}
