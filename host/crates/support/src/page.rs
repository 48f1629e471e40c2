//! Pages of long lists: the request, and cursors that only fit the question they were made for.

use crate::error::SupportError;

/// Longest cursor in bytes.
pub const CURSOR_BYTES_MAX: usize = 256;
/// Most entries of one page.
pub const PAGE_ENTRIES_MAX: u32 = 100;

/// Which part of a long list to return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The `next` of the page before; none for the first page.
    pub cursor: Option<String>,
    /// How many entries at most: 1 to [`PAGE_ENTRIES_MAX`].
    pub limit: u32,
}

impl PageRequest {
    /// The first page.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { cursor: None, limit }
    }
}

/// The question that a list answers: cursors made for one are refused by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question(u64);

impl Question {
    /// Fingerprint (FNV-1a, 64 bits) of the name of the list and its arguments. It guards against mix-ups, not against
    /// forgery: a cursor carries no authority.
    pub(crate) fn new(parts: &[&str]) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in parts {
            for byte in part.len().to_be_bytes().iter().chain(part.as_bytes()) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Self(hash)
    }

    /// The fingerprint as a number.
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// The entries of one page, and the cursor of the next.
    pub(crate) fn cut<T>(self, all: Vec<T>, page: &PageRequest) -> Result<(Vec<T>, Option<String>), SupportError> {
        let (range, next) = self.range(all.len(), page)?;
        Ok((all.into_iter().skip(range.start).take(range.len()).collect(), next))
    }

    /// Which of so many entries are on one page, and the cursor of the next.
    pub(crate) fn range(
        self,
        length: usize,
        page: &PageRequest,
    ) -> Result<(std::ops::Range<usize>, Option<String>), SupportError> {
        let limit = match page.limit {
            1..=PAGE_ENTRIES_MAX => page.limit as usize,
            found => {
                return Err(SupportError::invalid(format!("limit is {found}; 1 to {PAGE_ENTRIES_MAX} is allowed")));
            }
        };
        let start = match page.cursor.as_deref() {
            None => 0,
            Some(cursor) => self.offset(cursor, length)?,
        };
        let end = length.min(start + limit);
        let next = (end < length).then(|| self.cursor(end));
        Ok((start..end, next))
    }

    fn cursor(self, offset: usize) -> String {
        format!("1-{:016x}-{offset:x}", self.0)
    }

    fn offset(self, cursor: &str, length: usize) -> Result<usize, SupportError> {
        if cursor.len() > CURSOR_BYTES_MAX {
            let found = cursor.len();
            return Err(SupportError::invalid(format!(
                "cursor has {found} bytes; at most {CURSOR_BYTES_MAX} are allowed"
            )));
        }
        let refuse = || SupportError::invalid("cursor was not made for this list; use the `next` of its page before");
        let offset =
            cursor.rsplit('-').next().and_then(|hex| usize::from_str_radix(hex, 16).ok()).ok_or_else(refuse)?;
        if offset > length || self.cursor(offset) != cursor {
            return Err(refuse());
        }
        Ok(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn walk(count: usize, limit: u32) -> Vec<usize> {
        let question = Question::new(&["numbers"]);
        let (mut seen, mut page) = (Vec::new(), PageRequest::first(limit));
        loop {
            let (entries, next) = question.cut((0..count).collect(), &page).expect("page");
            assert!(entries.len() <= limit as usize);
            seen.extend(entries);
            let Some(next) = next else { return seen };
            page.cursor = Some(next);
        }
    }

    #[test]
    fn pages_give_everything_once_and_in_order() {
        for (count, limit) in [(0, 1), (1, 1), (7, 3), (6, 3), (250, 100)] {
            assert_eq!(walk(count, limit), (0..count).collect::<Vec<_>>(), "{count} by {limit}");
        }
    }

    #[test]
    fn a_cursor_of_another_question_is_refused() {
        let (_, next) = Question::new(&["a", "bc"]).cut(vec![1, 2], &PageRequest::first(1)).expect("page");
        let page = PageRequest { cursor: next, limit: 1 };
        let error = Question::new(&["ab", "c"]).cut(vec![1, 2], &page).expect_err("other question");
        assert!(error.to_string().starts_with("cursor was not made for this list"), "{error}");
    }

    #[test]
    fn limits_outside_one_to_100_and_long_cursors_are_refused() {
        let question = Question::new(&[]);
        for limit in [0, 101] {
            let error = question.cut(vec![1], &PageRequest::first(limit)).expect_err("limit");
            assert_eq!(error.to_string(), format!("limit is {limit}; 1 to 100 is allowed"));
        }
        let page = PageRequest { cursor: Some("1".repeat(257)), limit: 1 };
        let error = question.cut(vec![1], &page).expect_err("long");
        assert_eq!(error.to_string(), "cursor has 257 bytes; at most 256 are allowed");
    }

    proptest! {
        #[test]
        fn arbitrary_cursors_never_panic_and_never_pass(cursor in "\\PC{0,40}") {
            let page = PageRequest { cursor: Some(cursor), limit: 10 };
            prop_assert!(Question::new(&["x"]).cut(vec![1, 2, 3], &page).is_err());
        }
    }
}
