//! Which part of a long list to return.

/// A part of a long list; the default is the first 20 entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The `next` of the page before; none for the first page.
    pub cursor: Option<String>,
    /// How many entries at most: 1 to 100.
    pub limit: u32,
}

impl PageRequest {
    /// The first so many entries (1 to 100).
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { cursor: None, limit }
    }

    /// The part that follows, by the `next` of the page before; the first part when that is none or empty.
    #[must_use]
    pub fn after(mut self, next: Option<&str>) -> Self {
        self.cursor = next.filter(|next| !next.is_empty()).map(str::to_owned);
        self
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(20)
    }
}
