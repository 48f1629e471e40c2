//! How keys of the records are put together: numbers big-endian, a length before each text that something follows, so that
//! no choice of texts makes two things share a key.

use yizhan_domain::authorization::Capacity;

/// Longest key in bytes.
pub(crate) const KEY_BYTES_MAX: usize = 1_024;

/// A key under construction.
#[derive(Debug, Default)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A key of a table that holds several kinds.
    pub(crate) fn kind(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// A text that something may follow. A text beyond the length's range is beyond [`KEY_BYTES_MAX`] too: never stored.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// The last part: a text in order of its bytes, or a hash.
    pub(crate) fn last(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend_from_slice(bytes.as_ref());
        self
    }

    /// Smallest first.
    pub(crate) fn ascending(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Largest first: times and sequences of lists that begin with the newest.
    pub(crate) fn newest_first(self, number: u64) -> Self {
        self.ascending(u64::MAX - number)
    }

    /// For whom a person acts, if for another.
    pub(crate) fn capacity(mut self, capacity: Option<&Capacity>) -> Self {
        self.0.push(u8::from(capacity.is_some()));
        match capacity {
            Some(capacity) => self.text(capacity.uscc.as_str()).text(&capacity.role),
            None => self,
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn capacity(role: &str) -> Capacity {
        Capacity { uscc: "91350100M000100Y43".parse().expect("code"), role: role.to_owned() }
    }

    #[test]
    fn newer_things_stand_before_older_ones() {
        let key = |at, sequence| Key::new().text("p").newest_first(at).newest_first(sequence).into_bytes();
        assert!(key(2, 1) < key(1, 9) && key(1, 9) < key(1, 8));
    }

    proptest! {
        #[test]
        fn no_two_pairs_of_texts_share_a_key(
            a in "[\u{0}\u{1}ab]{0,4}", b in "[\u{0}\u{1}ab]{0,4}",
            x in "[\u{0}\u{1}ab]{0,4}", y in "[\u{0}\u{1}ab]{0,4}",
        ) {
            let key = |first: &str, second: &str| Key::kind(1).text(first).last(second).into_bytes();
            prop_assert_eq!(key(&a, &b) == key(&x, &y), (&a, &b) == (&x, &y));
            let prefix = Key::kind(1).text(&x).into_bytes();
            prop_assert!(a == x || !key(&a, &b).starts_with(&prefix), "a list shows another's entry");
        }

        #[test]
        fn no_two_capacities_of_two_people_share_a_key(
            p in "[\u{0}\u{1}ab]{0,3}", role in proptest::option::of("[\u{0}\u{1}ab]{0,3}"), c in "[\u{0}\u{1}ab]{0,3}",
            q in "[\u{0}\u{1}ab]{0,3}", other in proptest::option::of("[\u{0}\u{1}ab]{0,3}"), d in "[\u{0}\u{1}ab]{0,3}",
        ) {
            let key = |person: &str, role: &Option<String>, client: &str| {
                let capacity = role.as_deref().map(capacity);
                Key::kind(1).text(person).capacity(capacity.as_ref()).last(client).into_bytes()
            };
            prop_assert_eq!(key(&p, &role, &c) == key(&q, &other, &d), (&p, &role, &c) == (&q, &other, &d));
        }
    }
}
