//! Patterns of paths: `/items/{code}` takes one segment, `/files/{*rest}` takes all that follow.

use crate::fields::percent_decode;

/// One part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Literal(&'static str),
    Segment(&'static str),
    Rest(&'static str),
}

/// A pattern that was checked when it was made.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Vec<Part>);

/// How a path fits a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    /// Names with decoded values.
    pub(crate) params: Vec<(&'static str, String)>,
    /// Greater is more exact: literal before segment before rest, from the left.
    pub(crate) exactness: u64,
}

impl Pattern {
    /// Panics on a pattern that could never fit, so that the first unit test finds it.
    pub(crate) fn new(pattern: &'static str) -> Self {
        assert!(pattern.starts_with('/'), "route {pattern:?} must begin with '/'");
        let parts: Vec<Part> = pattern[1..].split('/').map(|part| part_of(part, pattern)).collect();
        assert!(parts.len() <= 31, "route {pattern:?} has more than 31 segments");
        let rest = parts.iter().position(|part| matches!(part, Part::Rest(_)));
        assert!(rest.is_none_or(|at| at + 1 == parts.len()), "route {pattern:?} has something after {{*rest}}");
        Self(parts)
    }

    /// Fits a path as it was sent; a segment that does not decode to UTF-8 fits nothing.
    pub(crate) fn fit(&self, path: &str) -> Option<Fit> {
        let mut rest = Some(path.strip_prefix('/')?);
        let mut fit = Fit { params: Vec::new(), exactness: 1 };
        for part in &self.0 {
            let text = rest?;
            let (segment, after) = match text.split_once('/') {
                Some((segment, after)) => (segment, Some(after)),
                None => (text, None),
            };
            fit.exactness <<= 2;
            rest = after;
            match part {
                Part::Literal(literal) if *literal == segment => fit.exactness |= 2,
                Part::Literal(_) => return None,
                Part::Segment(_) if segment.is_empty() => return None,
                Part::Segment(name) => {
                    fit.params.push((name, percent_decode(segment)?));
                    fit.exactness |= 1;
                }
                Part::Rest(name) => {
                    fit.params.push((name, percent_decode(text)?));
                    rest = None;
                }
            }
        }
        rest.is_none().then_some(fit)
    }
}

fn part_of(part: &'static str, pattern: &str) -> Part {
    match part.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        Some(inner) => match inner.strip_prefix('*') {
            Some(name) => Part::Rest(name),
            None => Part::Segment(inner),
        },
        None => {
            assert!(!part.contains(['{', '}']), "route {pattern:?}: {part:?} must be text or {{name}}");
            Part::Literal(part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
        Pattern::new(pattern).fit(path).map(|fit| fit.params)
    }

    #[test]
    fn segments_are_decoded_one_by_one() {
        assert_eq!(params("/items/{code}", "/items/a%2Fb"), Some(vec![("code", "a/b".to_owned())]));
        assert_eq!(params("/items/{code}", "/items/a/b"), None);
        assert_eq!(params("/items/{code}", "/items/"), None);
        assert_eq!(params("/items/{code}", "/items/%ff"), None);
        assert_eq!(params("/", "/"), Some(vec![]));
        assert_eq!(params("/items", "/items/"), None);
    }

    #[test]
    fn the_rest_may_have_slashes() {
        assert_eq!(params("/{*path}", "/a/b/c"), Some(vec![("path", "a/b/c".to_owned())]));
        assert_eq!(params("/{*path}", "/"), Some(vec![("path", String::new())]));
    }

    #[test]
    #[should_panic(expected = "must begin with '/'")]
    fn a_pattern_without_slash_is_refused() {
        let _ = Pattern::new("items");
    }
}
