//! What every page has around its content: language, elder mode, brand, the way back, the settings strip.

use crate::http::{
    host_files::page_style_address,
    locale::{Locale, Preferences},
    return_path::ReturnPath,
};

/// The frame of a page.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'a> {
    /// Language of the page.
    pub(crate) locale: Locale,
    /// Whether text and targets are large.
    pub(crate) elder_mode: bool,
    /// Brand of the portal, a setting of the operator.
    pub(crate) brand: &'a str,
    /// Origin of the portal.
    pub(crate) portal_origin: &'a str,
    /// Where the settings strip returns to; none hides the strip.
    pub(crate) settings_return: Option<ReturnPath>,
}

impl<'a> Frame<'a> {
    /// A frame without settings strip.
    pub(crate) fn of(preferences: &Preferences, brand: &'a str, portal_origin: &'a str) -> Self {
        Self {
            locale: preferences.locale,
            elder_mode: preferences.elder_mode,
            brand,
            portal_origin,
            settings_return: None,
        }
    }

    /// Shows the settings strip; a change comes back to this path on the same origin. The strip posts `locale` or `elder`
    /// and `return` to `/.yizhan/prefs`.
    pub(crate) fn with_settings(mut self, path: &str) -> Self {
        self.settings_return = Some(ReturnPath::or_home(Some(path)));
        self
    }

    /// The text in the page's language.
    pub(crate) fn t<'t>(&self, chinese: &'t str, english: &'t str) -> &'t str {
        self.locale.pick(chinese, english)
    }

    /// Address of the style sheet, with the digest of its content.
    pub(crate) fn style(&self) -> String {
        page_style_address()
    }
}
