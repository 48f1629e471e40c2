//! The file of `admin register-client`: what it may hold, and the registration that it becomes.

use crate::cli::failure::Failure;
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};
use yizhan_auth::{client_auth::hash_secret, jose::JwkSet};
use yizhan_domain::{
    AppId, ClientId,
    authorization::{Custody, Suite, Tier},
};
use yizhan_store::records::{ClientAuthMethod, ClientRecord};
use zeroize::Zeroizing;

/// Largest file, bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// Fewest characters of a secret: 128 random bits in base64url.
const SECRET_CHARACTERS_MIN: usize = 22;
const SHAPE: &str = "docs/how-to/command-line.md shows the members of the file";

/// Has no `Debug`: it may hold a secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientFile {
    client_id: Option<String>,
    app: AppId,
    custody: FileCustody,
    tier: Tier,
    suite: Suite,
    auth_method: AuthMethod,
    jwks: Option<Value>,
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    backchannel_logout_uri: Option<String>,
    #[serde(default)]
    offline_access: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FileCustody {
    Backend,
    Development,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AuthMethod {
    PrivateKeyJwt,
    ClientSecretBasic(String),
}

/// Reads a registration. What cannot be read ends with 2, what a rule refuses with 1.
pub(super) fn read(path: &Path, what: &str) -> Result<ClientRecord, Failure> {
    let text = read_text(path).map_err(|error| {
        Failure::unreadable(what).at(path).why(error).fix("name a JSON file that you may read, at most 64 KiB")
    })?;
    let file = serde_json::from_str(&text).map_err(|error| Failure::unreadable(what).at(path).why(error).fix(SHAPE))?;
    record(file).map_err(|why| Failure::refused(what).at(path).why(why).fix(SHAPE))
}

fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(text) }
}

fn record(file: ClientFile) -> Result<ClientRecord, String> {
    let (custody, default_name) = match file.custody {
        FileCustody::Backend => (Custody::Backend, "backend"),
        FileCustody::Development => (Custody::Development, "dev"),
    };
    let auth_method = match file.auth_method {
        AuthMethod::PrivateKeyJwt => ClientAuthMethod::PrivateKeyJwt,
        AuthMethod::ClientSecretBasic(secret) => {
            let secret = Zeroizing::new(secret);
            if secret.chars().count() < SECRET_CHARACTERS_MIN {
                return Err("auth_method: a secret has 128 random bits, 22 characters or more".to_owned());
            }
            ClientAuthMethod::ClientSecretBasic(hash_secret(&secret))
        }
    };
    let jwks = match file.jwks {
        Some(jwks) => JwkSet::from_value(&jwks).map_err(|error| format!("jwks: {error}"))?.to_value(),
        None => serde_json::json!({ "keys": [] }),
    };
    Ok(ClientRecord {
        id: ClientId(file.client_id.unwrap_or_else(|| format!("{}:{default_name}", file.app))),
        app: file.app,
        custody,
        tier: file.tier,
        suite: file.suite,
        auth_method,
        jwks,
        redirect_uris: file.redirect_uris,
        post_logout_redirect_uris: file.post_logout_redirect_uris,
        backchannel_logout_uri: file.backchannel_logout_uri,
        offline_access: file.offline_access,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_json(value: &Value) -> Result<ClientRecord, Failure> {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("client.json");
        fs::write(&path, value.to_string()).expect("writes");
        read(&path, "cannot register")
    }

    fn developer() -> Value {
        json!({
            "app": "cn.gov.example.tax", "custody": "development", "tier": "baseline", "suite": "international",
            "auth_method": { "client-secret-basic": "a-secret-of-128-random-bits" },
            "redirect_uris": ["http://127.0.0.1:9000/callback"],
        })
    }

    #[test]
    fn the_id_comes_from_app_and_custody_and_the_secret_is_hashed() {
        let client = read_json(&developer()).expect("reads");
        assert_eq!(client.id.as_str(), "cn.gov.example.tax:dev");
        assert_eq!(client.auth_method, ClientAuthMethod::ClientSecretBasic(hash_secret("a-secret-of-128-random-bits")));
    }

    #[test]
    fn what_is_wrong_is_named_without_the_secret() {
        let mut short = developer();
        short["auth_method"] = json!({ "client-secret-basic": "hunter2" });
        let mut keys = developer();
        keys["jwks"] = json!({ "keys": [{ "kty": "EC", "d": "AAAA" }] });
        let mut member = developer();
        member["redirect_url"] = json!([]);
        for (file, word) in [(short, "128 random bits"), (keys, "jwks: "), (member, "redirect_url")] {
            let failure = read_json(&file).expect_err("refused");
            assert!(failure.why.contains(word) && !failure.why.contains("hunter2"), "{}", failure.why);
        }
    }
}
