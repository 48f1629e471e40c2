//! Sign-in at an upstream provider, seen from the browser: the buttons, there and back, and what never signs anybody in.

use super::{Browser, TestHub};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use yizhan_auth::jose::{JwsAlgorithm, JwsHeader, SigningKey};
use yizhan_auth::keys::SoftwareKeyStore;
use yizhan_auth::sign_in::upstream::{
    ClientProof, Form, HandleKind, HandleOf, Reply, Replying, Upstream, UpstreamLink, UpstreamSettings,
};
use yizhan_domain::authorization::Suite;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Clock as _, Timestamp};
use zeroize::Zeroizing;

const ISSUER: &str = "https://up.example";

/// A provider that answers with one ID token at a time.
#[derive(Clone)]
pub(in crate::http) struct Elsewhere {
    key: Arc<SigningKey>,
    token: Arc<Mutex<Option<String>>>,
}

impl UpstreamLink for Elsewhere {
    fn get<'a>(&'a self, url: &'a str) -> Replying<'a> {
        let body = if url.ends_with("/jwks") {
            json!({ "keys": [self.key.public().to_value()] })
        } else {
            json!({
                "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/auth"),
                "token_endpoint": format!("{ISSUER}/token"), "jwks_uri": format!("{ISSUER}/jwks"),
            })
        };
        Box::pin(async move { Ok(Reply { ok: true, body: Zeroizing::new(body.to_string().into_bytes()) }) })
    }

    fn post<'a>(&'a self, _: &'a str, _: Form<'a>) -> Replying<'a> {
        let body = self.token.lock().expect("token").as_ref().map(|token| json!({ "id_token": token }).to_string());
        let reply = Reply { ok: body.is_some(), body: Zeroizing::new(body.unwrap_or_default().into_bytes()) };
        Box::pin(async move { Ok(reply) })
    }
}

impl Elsewhere {
    pub(in crate::http) fn new() -> Self {
        let key = SigningKey::generate(Suite::International, &mut StdRng::seed_from_u64(77));
        Self { key: Arc::new(key), token: Arc::default() }
    }

    pub(in crate::http) fn upstream(&self, now: Timestamp) -> Arc<Upstream> {
        let settings = UpstreamSettings {
            id: "province".to_owned(),
            names: ["省统一身份认证".to_owned(), "Province sign-in".to_owned()],
            issuer: ISSUER.to_owned(),
            client_id: "yizhan".to_owned(),
            proof: ClientProof::PrivateKeyJwt,
            scopes: vec!["openid".to_owned()],
            algorithms: JwsAlgorithm::UPSTREAM.to_vec(),
            handle: Some(HandleOf { claim: "account".to_owned(), kind: HandleKind::Login }),
            creates: false,
            assurance: Assurance::RealName,
        };
        let keys = Arc::new(SoftwareKeyStore::in_memory(Box::new(StdRng::seed_from_u64(78))));
        Arc::new(Upstream::new(settings, super::bed::ISSUER, Arc::new(self.clone()), (keys, now)).expect("upstream"))
    }

    fn answers(&self, hub: &TestHub, asked: &[(String, String)], account: &str) {
        let now = hub.clock.now().0 / 1000;
        let claims = json!({
            "iss": ISSUER, "aud": "yizhan", "sub": format!("u-{account}"), "account": account,
            "nonce": value(asked, "nonce"), "iat": now, "exp": now + 60,
        });
        *self.token.lock().expect("token") = Some(self.key.sign(&JwsHeader::default(), &claims).expect("signed"));
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Goes to the provider from the sign-in page; what the provider is sent.
async fn leave(hub: &TestHub, browser: &mut Browser, path: &str) -> Vec<(String, String)> {
    let answer = browser.get(hub, path).await;
    let (address, query) = answer.location().split_once('?').expect("a query");
    assert_eq!(address, format!("{ISSUER}/auth"));
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The provider sends the browser back.
async fn come_back(hub: &TestHub, browser: &mut Browser, state: &str) -> super::Answer {
    let path = format!("/sign-in/elsewhere/province/callback?code=c&state={state}&iss=https%3A%2F%2Fup.example");
    let headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    browser.ask(hub, (http::Method::GET, &path), &headers, "").await
}

#[tokio::test]
async fn the_sign_in_page_offers_it_in_both_languages_as_a_plain_link() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = browser.get(&hub, "/sign-in?to=/me/consents").await;
    assert!(page.text.contains("省统一身份认证"), "{}", page.text);
    assert!(page.text.contains("href=\"/sign-in/elsewhere/province?to=%2Fme%2Fconsents\""), "{}", page.text);
    browser.cookies.insert("yz-dev-prefs".to_owned(), "en".to_owned());
    let headers = [("sec-fetch-site", "none"), ("accept-language", "en")];
    let english = Browser::default().ask(&hub, (http::Method::GET, "/sign-in"), &headers, "").await;
    assert!(english.text.contains("Sign in with another account") || english.text.contains("省统一身份认证"));
}

#[tokio::test]
async fn a_person_comes_back_signed_in_and_the_app_gets_its_answer() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    super::account::with_password(&hub, "auntie", "correct horse battery").await;
    let begun = browser.get(&hub, &hub.authorize(&[])).await;
    assert_eq!(begun.location(), "/sign-in");
    let asked = leave(&hub, &mut browser, "/sign-in/elsewhere/province").await;
    assert_eq!(value(&asked, "redirect_uri"), "http://localhost:8080/sign-in/elsewhere/province/callback");
    assert!(!asked.iter().any(|(_, value)| browser.cookies.values().any(|cookie| cookie.contains(value.as_str()))));
    hub.elsewhere.answers(&hub, &asked, "auntie");
    let back = come_back(&hub, &mut browser, value(&asked, "state")).await;
    assert_eq!(back.location(), "/consent", "the request that waited goes on");
    assert!(browser.cookies.contains_key("yz-dev-session") && !browser.cookies.contains_key("yz-dev-elsewhere"));
    let consent = browser.get(&hub, "/consent").await;
    assert_eq!(consent.status, 200);
    let form = [("csrf", consent.field("csrf")), ("handle", consent.field("handle"))];
    let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    form.push(("decision", "agree"));
    let agreed = browser.post(&hub, "/consent", &form).await;
    assert!(agreed.location().starts_with(super::REDIRECT) && agreed.location().contains("code="));
}

#[tokio::test]
async fn coming_back_twice_or_in_another_browser_shows_a_page_and_signs_nobody_in() {
    let (hub, mut browser, mut other) = (TestHub::new().await, Browser::default(), Browser::default());
    super::account::with_password(&hub, "auntie", "correct horse battery").await;
    let asked = leave(&hub, &mut browser, "/sign-in/elsewhere/province?to=/me/consents").await;
    hub.elsewhere.answers(&hub, &asked, "auntie");
    let state = value(&asked, "state");
    let kept = browser.cookies.get("yz-dev-elsewhere").cloned().expect("a cookie");
    let stolen = come_back(&hub, &mut other, state).await;
    assert_eq!((stolen.status, other.cookies.contains_key("yz-dev-session")), (200, false));
    // A browser with a transaction of its own and the other's cookie.
    leave(&hub, &mut other, "/sign-in/elsewhere/province?to=/me").await;
    other.cookies.insert("yz-dev-elsewhere".to_owned(), kept.clone());
    assert_eq!(come_back(&hub, &mut other, state).await.status, 200);
    assert!(!other.cookies.contains_key("yz-dev-session"));
    let foreign = come_back(&hub, &mut browser, "another").await;
    assert_eq!(foreign.status, 400);
    assert!(foreign.text.contains("upstream-foreign-answer"), "{}", foreign.text);
    assert_eq!(come_back(&hub, &mut browser, state).await.location(), "/me/consents");
    browser.cookies.insert("yz-dev-elsewhere".to_owned(), kept);
    let again = come_back(&hub, &mut browser, state).await;
    assert_eq!(again.status, 200, "going back in the history");
    assert!(again.text.contains("这次登录已经结束") && again.header("location").is_empty());
}

#[tokio::test]
async fn an_upstream_account_that_nobody_here_has_is_told_so() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let asked = leave(&hub, &mut browser, "/sign-in/elsewhere/province?to=/me").await;
    hub.elsewhere.answers(&hub, &asked, "nobody");
    let told = come_back(&hub, &mut browser, value(&asked, "state")).await;
    assert_eq!(told.status, 403);
    assert!(told.text.contains("upstream-no-account") && told.text.contains("/sign-in?to=/me"), "{}", told.text);
    assert!(!browser.cookies.contains_key("yz-dev-session"));
}

#[tokio::test]
async fn a_fresh_sign_in_that_an_app_asks_for_is_asked_for_there_too() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    browser.get(&hub, &hub.authorize(&[("prompt", "login")])).await;
    let asked = leave(&hub, &mut browser, "/sign-in/elsewhere/province").await;
    assert_eq!((value(&asked, "prompt"), value(&asked, "max_age")), ("login", "0"));
    let mut browser = Browser::default();
    let asked = leave(&hub, &mut browser, "/sign-in/elsewhere/province?to=/me").await;
    assert_eq!(value(&asked, "prompt"), "");
}

#[tokio::test]
async fn another_site_cannot_send_people_there_and_unknown_providers_are_not_found() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    for site in ["cross-site", "same-site"] {
        let path = "/sign-in/elsewhere/province?to=/me";
        let sent = browser.ask(&hub, (http::Method::GET, path), &[("sec-fetch-site", site)], "").await;
        assert_eq!(sent.location(), "/sign-in", "{site}");
    }
    for path in ["/sign-in/elsewhere/other", "/sign-in/elsewhere/other/callback", "/sign-in/elsewhere/other/jwks"] {
        assert_eq!(browser.get(&hub, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_hubs_own_public_keys_are_there_for_its_registration() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let keys: Value = browser.get(&hub, "/sign-in/elsewhere/province/jwks").await.json();
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
    assert!(keys["keys"][0]["d"].is_null() && keys["keys"][0]["use"] == "sig");
}
