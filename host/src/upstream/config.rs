//! The file of upstream providers: its form and its rules. `docs/operations.md` describes it.

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use yizhan_auth::jose::JwsAlgorithm;
use yizhan_auth::sign_in::upstream::{ClientProof, HandleKind, HandleOf, UpstreamSettings};
use yizhan_domain::person::Assurance;
use zeroize::Zeroizing;

/// Most providers of one hub.
const PROVIDERS_MAX: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    id: String,
    name: Names,
    issuer: String,
    client_id: String,
    client_auth: ClientAuth,
    #[serde(default)]
    scopes: Vec<String>,
    algorithms: Option<Vec<String>>,
    account: Option<Account>,
    creates_accounts: bool,
    assurance: Assurance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    #[serde(rename = "zh-CN")]
    chinese: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ClientAuth {
    PrivateKeyJwt,
    /// File of the secret, beside the configuration.
    ClientSecretBasic {
        file: PathBuf,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    claim: String,
    is: Handle,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Handle {
    Login,
    Mobile,
    IdNumber,
}

/// Reads the file.
pub(super) fn read(path: &Path, development: bool) -> anyhow::Result<Vec<UpstreamSettings>> {
    let text = fs::read_to_string(path).context("the file cannot be read")?;
    let file: File = serde_json::from_str(&text).context("the file is not as docs/operations.md describes it")?;
    ensure!(file.providers.len() <= PROVIDERS_MAX, "at most {PROVIDERS_MAX} providers");
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut read: Vec<UpstreamSettings> = Vec::new();
    for provider in file.providers {
        let id = provider.id.clone();
        let settings = provider.settings(folder, development).with_context(|| format!("provider {id:?}"))?;
        let twice = read.iter().any(|other| other.id == settings.id || other.issuer == settings.issuer);
        ensure!(!twice, "provider {id:?}: another one has this id or issuer");
        read.push(settings);
    }
    Ok(read)
}

impl Provider {
    fn settings(self, folder: &Path, development: bool) -> anyhow::Result<UpstreamSettings> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ensure!((1..=32).contains(&self.id.len()) && self.id.bytes().all(plain), "id is 1 to 32 of a-z, 0-9 and -");
        let named = |name: &str| (1..=40).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        ensure!(named(&self.name.chinese) && named(&self.name.en), "a name has 1 to 40 characters");
        ensure!(is_issuer(&self.issuer, development), "issuer is an https address without query and fragment");
        ensure!(!self.client_id.is_empty(), "client_id is empty");
        if self.account.is_none() && !self.creates_accounts {
            bail!("nobody could ever sign in: name a claim under `account`, or let it create accounts");
        }
        let mut scopes = self.scopes;
        if !scopes.iter().any(|scope| scope == "openid") {
            scopes.insert(0, "openid".to_owned());
        }
        let handle = self.account.map(|account| HandleOf {
            claim: account.claim,
            kind: match account.is {
                Handle::Login => HandleKind::Login,
                Handle::Mobile => HandleKind::Mobile,
                Handle::IdNumber => HandleKind::IdNumber,
            },
        });
        Ok(UpstreamSettings {
            id: self.id,
            names: [self.name.chinese, self.name.en],
            issuer: self.issuer,
            client_id: self.client_id,
            proof: match self.client_auth {
                ClientAuth::PrivateKeyJwt => ClientProof::PrivateKeyJwt,
                ClientAuth::ClientSecretBasic { file } => ClientProof::SecretBasic(secret(&folder.join(file))?),
            },
            scopes,
            algorithms: algorithms(self.algorithms)?,
            handle,
            creates: self.creates_accounts,
            assurance: self.assurance,
        })
    }
}

fn algorithms(named: Option<Vec<String>>) -> anyhow::Result<Vec<JwsAlgorithm>> {
    let Some(named) = named else { return Ok(JwsAlgorithm::UPSTREAM.to_vec()) };
    ensure!(!named.is_empty(), "algorithms are empty");
    let find = |name: &String| {
        let known = JwsAlgorithm::find(name).filter(|algorithm| JwsAlgorithm::UPSTREAM.contains(algorithm));
        known.with_context(|| format!("algorithm {name:?} is none of ES256, PS256, EdDSA, RS256"))
    };
    named.iter().map(find).collect()
}

/// The secret in a file that nobody else may read.
fn secret(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let about = || format!("the client's secret in {}", path.display());
    let mode = fs::metadata(path).with_context(about)?.permissions().mode() & 0o777;
    ensure!(mode & 0o077 == 0, "{} has mode {mode:03o}: others may read it; type: chmod 600 {0}", path.display());
    let text = Zeroizing::new(fs::read_to_string(path).with_context(about)?);
    let secret = Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned());
    ensure!(!secret.is_empty(), "{} is empty", about());
    Ok(secret)
}

fn is_issuer(issuer: &str, development: bool) -> bool {
    let clean = issuer.len() <= 255
        && issuer.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\\"<>".contains(&byte))
        && crate::outbound::target_of(issuer).is_ok();
    clean && (issuer.starts_with("https://") || (development && issuer.starts_with("http://") && is_local(issuer)))
}

/// Whether an address is on this machine.
pub(super) fn is_local(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn provider() -> Value {
        json!({
            "id": "province", "name": { "zh-CN": "省统一身份认证", "en": "Province" },
            "issuer": "https://up.example", "client_id": "yizhan", "client_auth": "private-key-jwt",
            "scopes": ["profile"], "creates_accounts": true, "assurance": "basic",
        })
    }

    fn take(development: bool, change: impl FnOnce(&mut Value)) -> anyhow::Result<Vec<UpstreamSettings>> {
        let folder = tempfile::tempdir().expect("folder");
        let mut one = provider();
        change(&mut one);
        let path = folder.path().join("upstreams.json");
        fs::write(&path, json!({ "providers": [one] }).to_string()).expect("written");
        for (name, mode) in [("mine", 0o600), ("everybodys", 0o644)] {
            let path = folder.path().join(name);
            fs::write(&path, "a secret\n").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        }
        read(&path, development)
    }

    fn why(change: impl FnOnce(&mut Value)) -> String {
        take(false, change).map(drop).map_err(|error| format!("{error:#}")).expect_err("refused")
    }

    #[test]
    fn a_provider_is_read_with_openid_among_its_scopes_and_every_safe_algorithm() {
        let read = take(false, |_| ()).expect("read");
        assert_eq!(read[0].scopes, ["openid", "profile"]);
        assert_eq!(read[0].algorithms, JwsAlgorithm::UPSTREAM);
        assert!(read[0].creates && read[0].handle.is_none() && read[0].assurance == Assurance::Basic);
        let mapped = take(false, |one| {
            one["account"] = json!({ "claim": "preferred_username", "is": "login" });
            one["creates_accounts"] = json!(false);
            one["algorithms"] = json!(["ES256"]);
            one["client_auth"] = json!({ "client-secret-basic": { "file": "mine" } });
        });
        let mapped = mapped.expect("read").remove(0);
        assert_eq!(mapped.handle.map(|handle| handle.kind), Some(HandleKind::Login));
        assert!(matches!(&mapped.proof, ClientProof::SecretBasic(secret) if secret.as_str() == "a secret"));
    }

    #[test]
    fn what_would_be_unsafe_or_useless_is_refused_by_name() {
        assert!(why(|one| one["issuer"] = json!("http://up.example")).contains("issuer"));
        assert!(why(|one| one["issuer"] = json!("http://localhost:4000")).contains("issuer"), "production");
        assert!(why(|one| one["issuer"] = json!("https://me@up.example")).contains("issuer"));
        assert!(why(|one| one["algorithms"] = json!(["HS256"])).contains("HS256"));
        assert!(why(|one| one["algorithms"] = json!(["none"])).contains("none"));
        assert!(why(|one| one["creates_accounts"] = json!(false)).contains("nobody could ever sign in"));
        assert!(why(|one| one["id"] = json!("A/b")).contains("id is"));
        assert!(why(|one| one["extra"] = json!(1)).contains("docs/operations.md"));
        let open = |one: &mut Value| one["client_auth"] = json!({ "client-secret-basic": { "file": "everybodys" } });
        assert!(why(open).contains("chmod 600"));
    }

    #[test]
    fn plain_http_is_for_this_machine_in_development_alone() {
        assert!(take(true, |one| one["issuer"] = json!("http://localhost:4000")).is_ok());
        assert!(take(true, |one| one["issuer"] = json!("http://[::1]:4000")).is_ok());
        assert!(take(true, |one| one["issuer"] = json!("http://10.0.0.1:4000")).is_err());
        assert!(!is_local("https://localhost.example.cn") && is_local("https://id.localhost/x"));
    }
}
