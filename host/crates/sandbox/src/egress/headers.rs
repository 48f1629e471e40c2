//! Header fields on their way out and back: hop-by-hop fields end here (RFC 9110, 7.6.1), framing is ours.

use super::error::EgressError;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Fields that concern one connection, and `expect`, whose handshake the connector does not play.
const HOP_BY_HOP: [HeaderName; 10] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Removes hop-by-hop fields and those that `connection` names.
pub(crate) fn strip_hop_by_hop(fields: &mut HeaderMap) {
    let named: Vec<HeaderName> = fields
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        fields.remove(name);
    }
}

/// Bytes of all fields as they are written: name, `: `, value, line end.
pub(crate) fn field_bytes(fields: &HeaderMap) -> u64 {
    fields.iter().map(|(name, value)| (name.as_str().len() + value.len() + 4) as u64).sum()
}

/// The one length that a request announces; several values must agree and be plain digits (RFC 9112, 6.3).
pub(crate) fn content_length(fields: &HeaderMap) -> Result<Option<u64>, EgressError> {
    let mut length = None;
    for value in fields.get_all(header::CONTENT_LENGTH) {
        let found = parse_length(value).ok_or_else(|| EgressError::protocol("content-length is not a number"))?;
        if length.is_some_and(|known| known != found) {
            return Err(EgressError::protocol("two different content-length fields"));
        }
        length = Some(found);
    }
    Ok(length)
}

fn parse_length(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(rows: &[(&'static str, &'static str)]) -> HeaderMap {
        let row = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn hop_by_hop_fields_and_those_that_connection_names_are_dropped() {
        let mut found = fields(&[
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("transfer-encoding", "chunked"),
            ("accept", "text/html"),
        ]);
        strip_hop_by_hop(&mut found);
        assert_eq!(found, fields(&[("accept", "text/html")]));
    }

    #[test]
    fn lengths_that_disagree_or_are_no_number_are_refused() {
        assert_eq!(content_length(&fields(&[])).expect("none"), None);
        let mut twice = fields(&[("content-length", "5")]);
        twice.append("content-length", HeaderValue::from_static("5"));
        assert_eq!(content_length(&twice).expect("same"), Some(5));
        twice.append("content-length", HeaderValue::from_static("6"));
        assert!(content_length(&twice).is_err());
        for wrong in ["+5", "5, 5", "", "0x5", "-1", "99999999999999999999"] {
            assert!(content_length(&fields(&[("content-length", wrong)])).is_err(), "{wrong}");
        }
    }
}
