//! HTTP methods.

use std::fmt;

/// Method of a request (RFC 9110, section 9).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers only.
    Head,
    /// Act.
    Post,
    /// Replace.
    Put,
    /// Change a part.
    Patch,
    /// Remove.
    Delete,
    /// Ask what is allowed.
    Options,
    /// Any other.
    Other(String),
}

impl Method {
    /// Reads a method; its name is case-sensitive.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name, as in `GET`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
