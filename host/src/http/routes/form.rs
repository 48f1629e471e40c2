//! Reading small forms: bounded bodies and their fields.

use http_body::Body;
use http_body_util::{BodyExt, Limited};

/// Most bytes of a form.
const FORM_BYTES_MAX: usize = 16 << 10;

/// Decoded fields of a form or a query (`application/x-www-form-urlencoded`). `Debug` prints names alone: a field may hold
/// a password.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads the body; none when it is too large or breaks off.
    pub(crate) async fn of_body<B>(body: B) -> Option<Self>
    where
        B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        let bytes = Limited::new(body, FORM_BYTES_MAX).collect().await.ok()?.to_bytes();
        Some(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }

    /// Reads the bytes of a body.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// Whether a field that may stand once stands twice; `repeated` may stand often.
    pub(crate) fn has_duplicates(&self, repeated: &str) -> bool {
        let once = || self.0.iter().filter(|(name, _)| name != repeated);
        once().enumerate().any(|(index, (name, _))| once().take(index).any(|(before, _)| before == name))
    }

    /// Reads a query.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// The first field with this name.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All fields with this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.iter().filter(|(known, _)| *known == name).map(|(_, value)| value).collect()
    }

    /// All fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A path with a query of those fields that are not empty.
pub(crate) fn address(path: &str, fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
