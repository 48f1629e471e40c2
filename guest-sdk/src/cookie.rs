//! Cookies of the app, safe unless told otherwise.

use crate::fields::percent_encode;

/// A cookie to set: `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` and never a `Domain`, so that no other app sees it.
///
/// The host refuses names that begin with `__Host-yizhan`. A value is percent-encoded where a cookie could not hold it.
///
/// ```
/// let cookie = yizhan_sdk::Cookie::new("size", "large").max_age_seconds(86_400);
/// assert_eq!(cookie.to_string(), "size=large; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    value: String,
    max_age_seconds: Option<u32>,
    same_site: &'static str,
    http_only: bool,
}

impl Cookie {
    /// A cookie that ends with the browser's session.
    #[must_use]
    pub fn new(name: &str, value: &str) -> Self {
        Self {
            name: percent_encode(name),
            value: percent_encode(value),
            max_age_seconds: None,
            same_site: "Lax",
            http_only: true,
        }
    }

    /// A cookie that removes the one with this name.
    #[must_use]
    pub fn removal(name: &str) -> Self {
        Self::new(name, "").max_age_seconds(0)
    }

    /// Keeps it for so many seconds.
    #[must_use]
    pub fn max_age_seconds(mut self, seconds: u32) -> Self {
        self.max_age_seconds = Some(seconds);
        self
    }

    /// Sends it only with requests that began on this app's own pages.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.same_site = "Strict";
        self
    }

    /// Lets scripts of this app's pages read it.
    #[must_use]
    pub fn readable_by_scripts(mut self) -> Self {
        self.http_only = false;
        self
    }
}

impl std::fmt::Display for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}; Path=/", self.name, self.value)?;
        if let Some(seconds) = self.max_age_seconds {
            write!(f, "; Max-Age={seconds}")?;
        }
        let http_only = if self.http_only { "; HttpOnly" } else { "" };
        write!(f, "; Secure{http_only}; SameSite={}", self.same_site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_add_attributes() {
        let cookie = Cookie::new("a", "1; Domain=example.cn\r\nX: y").strict().readable_by_scripts();
        let text = cookie.to_string();
        assert_eq!(text, "a=1%3B%20Domain%3Dexample.cn%0D%0AX%3A%20y; Path=/; Secure; SameSite=Strict");
    }
}
