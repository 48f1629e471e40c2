//! Reads how a client says who it is: from the `Authorization` header or from the form, never from both (RFC 6749, section
//! 2.3).

use super::client_id;
use crate::flow::parameters::RequestParameters;
use crate::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use yizhan_domain::ClientId;
use zeroize::Zeroizing;

/// `client_assertion_type` of RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client sent to prove who it is. No `Debug`: it holds secrets.
pub enum ClientCredentials {
    /// A signed assertion.
    Assertion {
        /// `client_id` of the form, when it stands there too.
        client_id: Option<String>,
        /// The JWT.
        assertion: Zeroizing<String>,
    },
    /// A secret in the `Authorization` header.
    Basic {
        /// The id.
        client_id: String,
        /// The secret.
        secret: Zeroizing<String>,
    },
}

impl ClientCredentials {
    /// Reads the `Authorization` header and the form of a request.
    ///
    /// # Errors
    /// [`Refusal::WrongClient`] when there is no proof or more than one.
    pub fn read(authorization: Option<&str>, form: &RequestParameters) -> Result<Self, Refusal> {
        form.bounded()?;
        let assertion = form.get("client_assertion");
        if form.get("client_secret").is_some() {
            return Err(Refusal::SecretForbidden);
        }
        match (authorization, assertion) {
            (Some(header), None) => basic(header),
            (None, Some(assertion)) if form.get("client_assertion_type") == Some(ASSERTION_TYPE) => {
                Ok(Self::Assertion {
                    client_id: form.get("client_id").map(str::to_owned),
                    assertion: Zeroizing::new(assertion.to_owned()),
                })
            }
            _ => Err(Refusal::WrongClient),
        }
    }

    /// The client that the caller says it is; nothing of it is proved.
    pub(super) fn claimed_client(&self) -> Result<ClientId, Refusal> {
        match self {
            Self::Basic { client_id: id, .. } => Ok(client_id(id)),
            Self::Assertion { client_id: named, assertion } => {
                let subject = subject(assertion).ok_or(Refusal::WrongClient)?;
                if named.as_ref().is_some_and(|named| *named != subject) {
                    return Err(Refusal::WrongClient);
                }
                Ok(client_id(&subject))
            }
        }
    }
}

/// `sub` of an assertion whose signature is still to be checked: it only says whose keys to check with.
fn subject(assertion: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims.get("sub")?.as_str().filter(|subject| subject.len() <= 160).map(str::to_owned)
}

/// RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
fn basic(header: &str) -> Result<ClientCredentials, Refusal> {
    let (scheme, encoded) = header.split_once(' ').ok_or(Refusal::WrongClient)?;
    if !scheme.eq_ignore_ascii_case("Basic") || encoded.len() > 1024 {
        return Err(Refusal::WrongClient);
    }
    let joined = STANDARD.decode(encoded.trim()).map_err(|_| Refusal::WrongClient)?;
    let joined = Zeroizing::new(String::from_utf8(joined).map_err(|_| Refusal::WrongClient)?);
    let (id, secret) = joined.split_once(':').ok_or(Refusal::WrongClient)?;
    Ok(ClientCredentials::Basic { client_id: form_decoded(id), secret: Zeroizing::new(form_decoded(secret)) })
}

fn form_decoded(text: &str) -> String {
    // A pair without `=` is a name alone, and the name is what is decoded.
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(escaped.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let credentials = basic(&header("cn.gov.app%3Abackend:a%2Bb=c+d")).ok();
        let Some(ClientCredentials::Basic { client_id, secret }) = credentials else { panic!("no basic credentials") };
        assert_eq!(client_id, "cn.gov.app:backend");
        assert_eq!(*secret, "a+b=c d");
    }

    #[test]
    fn another_scheme_or_a_long_header_is_refused() {
        let encoded = STANDARD.encode("a:b");
        for header in [format!("Bearer {encoded}"), encoded.clone(), header(&format!("a:{}", "b".repeat(800)))] {
            assert!(matches!(basic(&header), Err(Refusal::WrongClient)), "{header}");
        }
        assert!(basic(&format!("basic {encoded}")).is_ok(), "the scheme's case does not count");
    }

    #[test]
    fn a_header_counts_up_to_1024_characters() {
        let encoded = STANDARD.encode(format!("a:{}", "b".repeat(766)));
        assert_eq!(encoded.len(), 1024);
        assert!(basic(&format!("Basic {encoded}")).is_ok());
        assert!(basic(&format!("Basic {encoded}====")).is_err());
    }

    #[test]
    fn a_header_alone_is_read_and_an_assertion_needs_its_type() {
        let header = header("a:b");
        let read = ClientCredentials::read(Some(&header), &RequestParameters::of([("client_id", "a")]));
        assert!(matches!(read, Ok(ClientCredentials::Basic { .. })));
        for kind in [None, Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")] {
            let kind = kind.map(|kind| ("client_assertion_type", kind));
            let form = RequestParameters::of([("client_assertion", "a.b.c")].into_iter().chain(kind));
            assert!(matches!(ClientCredentials::read(None, &form), Err(Refusal::WrongClient)), "{kind:?}");
        }
        assert!(matches!(ClientCredentials::read(None, &RequestParameters::of([])), Err(Refusal::WrongClient)));
    }

    #[test]
    fn two_proofs_at_once_are_refused() {
        let form = RequestParameters::of([("client_assertion", "a.b.c"), ("client_assertion_type", ASSERTION_TYPE)]);
        assert!(matches!(ClientCredentials::read(Some(&header("a:b")), &form), Err(Refusal::WrongClient)));
        assert!(ClientCredentials::read(None, &form).is_ok());
    }

    #[test]
    fn a_secret_in_the_form_is_refused() {
        let form = RequestParameters::of([("client_id", "a"), ("client_secret", "b")]);
        assert!(matches!(ClientCredentials::read(None, &form), Err(Refusal::SecretForbidden)));
    }
}
