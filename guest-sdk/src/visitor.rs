//! How the page should be shown to whoever is looking at it. Never who that is.
//!
//! ```
//! use yizhan_sdk::{testing::FakeHost, visitor};
//!
//! let _host = FakeHost::new().elder_mode(true).install();
//! let wishes = visitor::preferences();
//! assert_eq!((wishes.locale.as_str(), wishes.elder_mode), ("zh-CN", true));
//! assert!(!visitor::signed_in());
//! ```

use serde::Serialize;

/// What is known of the visitor's wishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// BCP 47 language tag: `zh-CN` or `en`.
    pub locale: String,
    /// Administrative region, 12 digits.
    pub region: String,
    /// Whether large text and plain pages are wished for (适老模式).
    pub elder_mode: bool,
}

impl Preferences {
    /// Whether pages should be in English.
    #[must_use]
    pub fn english(&self) -> bool {
        self.locale.starts_with("en")
    }
}

/// The visitor's wishes; unset wishes have the platform's defaults.
#[must_use]
pub fn preferences() -> Preferences {
    crate::host::visitor::preferences()
}

/// Whether someone is signed in to this app. An open app always gets `false`.
#[must_use]
pub fn signed_in() -> bool {
    crate::host::visitor::signed_in()
}
