//! Proof of possession of a key by a client (DPoP, RFC 9449). The token, UserInfo and PAR end points call it; that a `jti`
//! is used once is theirs to ask of the store.

use super::verifying::Unverified;
use super::{Claims, Expect, JoseError, Jwk, JwsAlgorithm, compact};
use sha2::{Digest as _, Sha256};
use yizhan_domain::Timestamp;

/// How far `iat` may be from now, either way.
pub const IAT_SECONDS_MAX: u64 = 60;
/// Longest `jti`, in bytes.
pub const JTI_BYTES_MAX: usize = 256;

/// A proof that came with a request, and what it has to fit.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// The header field `DPoP`; a request has exactly one.
    pub token: &'a str,
    /// Method of the request.
    pub method: &'a str,
    /// Address of the end point from the configured public origin, without query.
    pub url: &'a str,
    /// The access token sent along; none at the token and PAR end points.
    pub access_token: Option<&'a str>,
}

/// A proof that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Thumbprint of the key (RFC 7638): `jkt`.
    pub thumbprint: String,
    /// Its id, to be used once for as long as a proof is accepted.
    pub jti: String,
    /// The server's nonce that it repeats, if any.
    pub nonce: Option<String>,
    /// When it stops being accepted: until then its `jti` is to be remembered.
    pub until: Timestamp,
}

/// Verifies a proof (RFC 9449, section 4.3). The key is the one inside, and a public one; ES256, PS256 or EdDSA.
///
/// # Errors
/// [`JoseError`] of the signature, or [`JoseError::Claim`] for the claim that does not fit.
pub fn verify(proof: &Proof<'_>, now: Timestamp) -> Result<Proven, JoseError> {
    let expect = Expect { types: &["dpop+jwt"], algorithms: JwsAlgorithm::CLIENT };
    let unverified = Unverified::parse(proof.token, &expect)?;
    let key = Jwk::parse(unverified.header.get("jwk").ok_or(JoseError::Header("jwk"))?, 0)?;
    let claims = unverified.verify(&key)?.claims;

    let jti = text(&claims, "jti")?;
    if jti.is_empty() || jti.len() > JTI_BYTES_MAX {
        return Err(JoseError::Claim { claim: "jti", problem: "empty or too long" });
    }
    if text(&claims, "htm")? != proof.method {
        return Err(JoseError::Claim { claim: "htm", problem: "not the method of the request" });
    }
    if address(text(&claims, "htu")?) != address(proof.url) {
        return Err(JoseError::Claim { claim: "htu", problem: "not the address of the request" });
    }
    let iat = claims.seconds("iat").ok_or(JoseError::Claim { claim: "iat", problem: "missing" })?;
    if iat.abs_diff(now.0 / 1000) > IAT_SECONDS_MAX {
        return Err(JoseError::Claim { claim: "iat", problem: "too far from now" });
    }
    check_access_token(&claims, proof.access_token)?;
    Ok(Proven {
        thumbprint: key.thumbprint(),
        jti: jti.to_owned(),
        nonce: claims.text("nonce").map(str::to_owned),
        until: Timestamp((iat + IAT_SECONDS_MAX + 1).saturating_mul(1000)),
    })
}

/// `ath` of an access token: SHA-256 of its ASCII form, base64url (RFC 9449, section 4.2).
#[must_use]
pub fn access_token_hash(token: &str) -> String {
    compact::encode(&Sha256::digest(token.as_bytes()))
}

fn check_access_token(claims: &Claims, token: Option<&str>) -> Result<(), JoseError> {
    match token {
        Some(token) if text(claims, "ath")? != access_token_hash(token) => {
            Err(JoseError::Claim { claim: "ath", problem: "not the hash of the access token" })
        }
        _ => Ok(()),
    }
}

fn text<'a>(claims: &'a Claims, claim: &'static str) -> Result<&'a str, JoseError> {
    claims.text(claim).ok_or(JoseError::Claim { claim, problem: "missing" })
}

/// An address as it is compared: without query and fragment, scheme and host in lower case, without the scheme's own
/// port, with a path (RFC 3986, sections 6.2.2 and 6.2.3).
fn address(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = authority.strip_suffix(port).unwrap_or(&authority);
    format!("{scheme}://{authority}{}", if path.is_empty() { "/" } else { path })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_that_mean_the_same_are_equal() {
        let plain = "https://hub.example/oauth/token";
        for same in [
            "HTTPS://Hub.Example:443/oauth/token",
            "https://hub.example/oauth/token?a=b",
            "https://hub.example/oauth/token#x",
        ] {
            assert_eq!(address(same), address(plain), "{same}");
        }
        for other in [
            "http://hub.example/oauth/token",
            "https://hub.example:8443/oauth/token",
            "https://hub.example/oauth/Token",
        ] {
            assert_ne!(address(other), address(plain), "{other}");
        }
        assert_eq!(address("http://[::1]:80"), "http://[::1]/");
    }
}
