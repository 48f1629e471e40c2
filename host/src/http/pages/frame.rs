//! What every page has around its content: language, elder mode, brand, the way back, the settings strip.

use crate::http::{
    host_files::{account_style_address, flow_script_address, page_style_address},
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
    /// Whether the banner of development stands above the page.
    pub(crate) development: bool,
    /// The tab that this page belongs to; none hides the tabs.
    pub(crate) tab: Option<Tab>,
}

/// A tab of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// 首页
    Home,
    /// 办事
    Services,
    /// 大厅
    Places,
    /// 我的
    Me,
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
            development: false,
            tab: None,
        }
    }

    /// Says at the top that nobody here is a real person, when that is so.
    pub(crate) fn in_development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// Shows the portal's tabs; this one is the present one.
    pub(crate) fn with_tab(mut self, tab: Tab) -> Self {
        self.tab = Some(tab);
        self
    }

    /// `page` for the present tab, as `aria-current` takes it.
    fn current(&self, tab: Tab) -> &'static str {
        if self.tab == Some(tab) { "page" } else { "false" }
    }

    /// `aria-current` of the tab 首页.
    pub(super) fn home_tab(&self) -> &'static str {
        self.current(Tab::Home)
    }

    /// `aria-current` of the tab 办事.
    pub(super) fn services_tab(&self) -> &'static str {
        self.current(Tab::Services)
    }

    /// `aria-current` of the tab 大厅.
    pub(super) fn places_tab(&self) -> &'static str {
        self.current(Tab::Places)
    }

    /// `aria-current` of the tab 我的.
    pub(super) fn me_tab(&self) -> &'static str {
        self.current(Tab::Me)
    }

    /// Shows the settings strip; a change comes back to this path on the same origin. The strip posts `locale` or `elder`
    /// and `return` to `/.yizhan/prefs`.
    pub(crate) fn with_settings(mut self, path: &str) -> Self {
        self.settings_return = Some(ReturnPath::of_page(Some(path)));
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

    /// Address of the style sheet of sign-in, consent and account pages.
    pub(crate) fn account_style(&self) -> String {
        account_style_address()
    }

    /// Address of the script that keeps sign-in and consent out of the browser's history.
    pub(crate) fn flow_script(&self) -> String {
        flow_script_address()
    }
}
