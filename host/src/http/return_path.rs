//! Where a person goes back to on the same origin. Sign-in, preferences and error pages take it from addresses that anyone may
//! write; the rule stands in the domain, where the host functions use it too.

use std::fmt;
use yizhan_domain::path::return_path;

/// The page for developers. It lies under the host's own paths, to which no sign-in returns; a change of language there does.
pub(crate) const DEVELOPMENT_PAGE: &str = "/.yizhan/dev";

/// A path with its query on the same origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnPath(String);

impl ReturnPath {
    /// Takes a path that [`return_path`] lets through.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        return_path(text).map(|path| Self(path.to_owned()))
    }

    /// The given path, or `/` when it is not one.
    pub(crate) fn or_home(text: Option<&str>) -> Self {
        text.and_then(Self::parse).unwrap_or_else(|| Self("/".to_owned()))
    }

    /// As [`Self::or_home`], and the development page: for the settings of the host's own pages.
    pub(crate) fn of_page(text: Option<&str>) -> Self {
        match text {
            Some(DEVELOPMENT_PAGE) => Self(DEVELOPMENT_PAGE.to_owned()),
            other => Self::or_home(other),
        }
    }

    /// The path as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_becomes_the_home_page() {
        assert_eq!(ReturnPath::or_home(Some("//evil.example")).as_str(), "/");
        assert_eq!(ReturnPath::or_home(Some("/records?page=2")).as_str(), "/records?page=2");
    }

    #[test]
    fn settings_come_back_to_the_development_page_and_a_sign_in_does_not() {
        assert_eq!(ReturnPath::of_page(Some(DEVELOPMENT_PAGE)).as_str(), DEVELOPMENT_PAGE);
        assert_eq!(ReturnPath::or_home(Some(DEVELOPMENT_PAGE)).as_str(), "/");
        for elsewhere in ["/.yizhan/dev/as?ticket=x", "/.yizhan/dev?x=1", "/.yizhan/logout", "//evil.example"] {
            assert_eq!(ReturnPath::of_page(Some(elsewhere)).as_str(), "/", "{elsewhere}");
        }
    }
}
