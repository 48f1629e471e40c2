//! Reading small forms: bounded bodies and their fields.

use http_body::Body;
use http_body_util::{BodyExt, Limited};

/// Most bytes of a form.
const FORM_BYTES_MAX: usize = 16 << 10;

/// Decoded fields of a form or a query (`application/x-www-form-urlencoded`).
#[derive(Debug, Default)]
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
