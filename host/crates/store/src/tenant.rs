//! Whose data it is: one bucket of one app. Every key of the store begins with a tenant, so no app can reach another's.

use crate::error::StoreError;
use yizhan_domain::AppId;

/// One bucket of one app.
///
/// Its encoding is length-prefixed: no choice of app and bucket names makes two tenants share a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant {
    app: AppId,
    bucket: String,
}

const BUCKET_CHARACTERS_MAX: usize = 64;

impl Tenant {
    /// A bucket of an app; the name has 1 to 64 characters of `a-z`, `0-9`, `-`, `_` and `.`, else [`StoreError::Bucket`].
    pub fn new(app: &AppId, bucket: &str) -> Result<Self, StoreError> {
        let refuse = |found: String| Err(StoreError::Bucket { found });
        let length = bucket.chars().count();
        if !(1..=BUCKET_CHARACTERS_MAX).contains(&length) {
            return refuse(format!("{length} characters"));
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        match bucket.chars().enumerate().find(|(_, character)| !allowed(*character)) {
            Some((index, character)) => refuse(format!("{character:?} at position {}", index + 1)),
            None => Ok(Self { app: app.clone(), bucket: bucket.to_owned() }),
        }
    }

    /// The app.
    #[must_use]
    pub fn app(&self) -> &AppId {
        &self.app
    }

    /// Name of the bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Length and text of the app, then length and text of the bucket; a key follows.
    pub(crate) fn prefix(&self) -> Vec<u8> {
        let mut bytes = app_prefix(&self.app);
        push_short(&mut bytes, &self.bucket);
        bytes
    }
}

/// Length and text of an app.
pub(crate) fn app_prefix(app: &AppId) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    push_short(&mut bytes, app.as_str());
    bytes
}

/// Names of apps have at most 128 bytes and names of buckets 64, so one byte holds the length.
fn push_short(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tenant(app: &str, bucket: &str) -> Tenant {
        Tenant::new(&AppId::new(app).expect("app"), bucket).expect("bucket")
    }

    #[test]
    fn wrong_bucket_names_say_what_and_where() {
        let app = AppId::new("cn.gov.example.a").expect("app");
        let error = Tenant::new(&app, "Cart").expect_err("upper case");
        assert!(error.to_string().starts_with("bucket name has 'C' at position 1;"), "{error}");
        for bucket in ["", &"b".repeat(65), "a/b", "桶"] {
            assert!(matches!(Tenant::new(&app, bucket), Err(StoreError::Bucket { .. })), "{bucket}");
        }
        assert!(Tenant::new(&app, &"b".repeat(64)).is_ok());
    }

    proptest! {
        #[test]
        fn no_two_tenants_share_a_key(
            a in "[ab]{3}\\.[ab]{1,2}", x in "[ab.]{1,3}", k in "[ab.]{0,3}",
            b in "[ab]{3}\\.[ab]{1,2}", y in "[ab.]{1,3}", l in "[ab.]{0,3}",
        ) {
            let (one, other) = (tenant(&a, &x), tenant(&b, &y));
            let key = [one.prefix(), k.clone().into_bytes()].concat();
            let other_key = [other.prefix(), l.clone().into_bytes()].concat();
            prop_assert_eq!(key == other_key, (&one, &k) == (&other, &l));
            prop_assert!(one == other || !key.starts_with(&other.prefix()));
        }
    }
}
