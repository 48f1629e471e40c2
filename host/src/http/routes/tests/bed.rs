//! A hub in memory with one app of one unit, a developer's client of it, test persons, and a clock that is moved by hand.

use super::elsewhere::Elsewhere;
use crate::http::caller::ClientAddress;
use crate::http::cookies::HostCookies;
use crate::http::routes::identity;
use crate::hub_side::{HubParts, HubSide};
use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt as _;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt as _;
use yizhan_auth::Personas;
use yizhan_auth::client_auth::hash_secret;
use yizhan_auth::flow::revoke::LogoutNotice;
use yizhan_auth::jose::{KeyUse, SigningKey};
use yizhan_auth::keys::{KeyOwner, KeySlot, KeyStore, RootKey, SoftwareKeyStore};
use yizhan_auth::people::{self, People, PeopleKeys};
use yizhan_auth::provider::{Provider, ProviderKeys, Registration, register_app, runtime_client};
use yizhan_auth::sign_in::{DevelopmentSender, SignIn, SignInSettings};
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_domain::{AppId, ClientId, Clock as _, Context, RequestId, TestClock, Timestamp, VersionDigest};
use yizhan_store::MemoryRecords;
use yizhan_store::records::{AppState, AppStateRecord, ClientAuthMethod, ClientRecord, HubStore, StoreMode};
use zeroize::Zeroizing;

pub(in crate::http) const APP: &str = "cn.gov.example.social-security";
pub(in crate::http) const REDIRECT: &str = "http://social-security.localhost:8080/.yizhan/callback";
pub(in crate::http) const ISSUER: &str = "http://localhost:8080";
const SECRET: &str = "a secret of development";
const START: Timestamp = Timestamp(1_795_435_200_000);
/// BASE64URL(SHA-256("a-verifier-of-at-least-43-characters-0123456789")).
pub(in crate::http) const VERIFIER: &str = "a-verifier-of-at-least-43-characters-0123456789";

/// A hub with everything that a test touches.
pub(in crate::http) struct TestHub {
    pub(in crate::http) hub: Arc<HubSide>,
    pub(in crate::http) clock: TestClock,
    pub(in crate::http) codes: Arc<DevelopmentSender>,
    pub(in crate::http) told: Arc<std::sync::Mutex<Vec<LogoutNotice>>>,
    pub(in crate::http) elsewhere: Elsewhere,
    router: Router,
    requests: AtomicU64,
    _keys: TempDir,
}

/// An answer, read whole.
pub(in crate::http) struct Answer {
    pub(in crate::http) status: u16,
    pub(in crate::http) headers: HeaderMap,
    pub(in crate::http) text: String,
}

impl Answer {
    pub(in crate::http) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(in crate::http) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.header("location")
    }

    pub(in crate::http) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Value of a hidden field of the page.
    pub(in crate::http) fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let value = self.text.split(&start).nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or_else(|| panic!("no {name} in {}", self.text)).to_owned()
    }
}

impl TestHub {
    pub(in crate::http) async fn new() -> Self {
        Self::of(StoreMode::Development).await
    }

    pub(in crate::http) async fn of(mode: StoreMode) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let root = RootKey::of(Zeroizing::new([7; 32]));
        let keys = SoftwareKeyStore::create(&folder.path().join("keys"), &root, Box::new(StdRng::seed_from_u64(1)));
        let keys = keys.expect("key store");
        for suite in [Suite::International, Suite::National] {
            keys.create(&KeyOwner::Hub, KeySlot { key_use: KeyUse::Sign, suite }, START).expect("hub key");
        }
        let store: Arc<dyn HubStore> = Arc::new(MemoryRecords::new(mode));
        let people = Arc::new(People::new(Arc::clone(&store), PeopleKeys::of(&root)));
        let personas = Personas::seeded().expect("personas");
        let context = Context { id: RequestId(1), now: START };
        let development = mode == StoreMode::Development;
        if development {
            people::seed(&people, &context, &personas, &mut StdRng::seed_from_u64(3)).await.expect("seeded");
        }
        let secrets = Arc::new(ProviderKeys::derived(&root, 1));
        let provider = Provider {
            store,
            keys: Arc::new(keys),
            people: Arc::clone(&people),
            secrets,
            issuer: ISSUER.to_owned(),
            assurance_max: yizhan_domain::person::Assurance::Face,
            reviewed: Arc::default(),
        };
        release(&context, &provider).await;
        let codes = Arc::new(DevelopmentSender::default());
        let sender = development.then(|| Arc::clone(&codes) as _);
        let settings = SignInSettings { hashing_slots: 1, sender, codes_per_day_max: 100 };
        let told = Arc::new(std::sync::Mutex::new(Vec::new()));
        let notices = Arc::clone(&told);
        let elsewhere = Elsewhere::new();
        let hub = HubSide::new(HubParts {
            provider,
            sign_in: SignIn::new(people, settings).expect("sign-in"),
            cookies: HostCookies::Development,
            brand: "掌上通办",
            personas: if development { personas.all().to_vec() } else { Vec::new() },
            kept_codes: development.then(|| Arc::clone(&codes)),
            upstreams: vec![elsewhere.upstream(START)],
            send_logout: Box::new(move |notice| notices.lock().expect("notices").push(notice)),
            catalog: Arc::new(yizhan_support::Catalog::sample().expect("catalog")),
            places: Arc::new(yizhan_support::Places::sample().expect("places")),
        });
        let (router, clock) = (identity::router(Arc::clone(&hub)), TestClock::at(START));
        Self { hub, clock, codes, told, elsewhere, router, requests: AtomicU64::new(1), _keys: folder }
    }

    pub(in crate::http) fn context(&self) -> Context {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        Context { id: RequestId(u128::from(number)), now: self.clock.now() }
    }

    pub(in crate::http) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(self.context());
        request.extensions_mut().insert(ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let (parts, body) = self.router.clone().oneshot(request).await.expect("infallible").into_parts();
        let text = String::from_utf8(body.collect().await.expect("body").to_bytes().to_vec()).expect("text");
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// The developer's client asks the back channel.
    pub(in crate::http) async fn back_channel(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!(
            "{}:{}",
            form_encoded(&format!("{APP}:developer")),
            form_encoded(SECRET)
        ));
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Basic {credentials}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(fields)));
        self.send(request.expect("request")).await
    }

    /// The address that starts an authorization of the developer's client.
    pub(in crate::http) fn authorize(&self, more: &[(&str, &str)]) -> String {
        use sha2::Digest as _;
        let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(VERIFIER));
        let client = format!("{APP}:developer");
        let mut fields = vec![
            ("client_id", client.as_str()),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", "openid name mobile-masked"),
            ("state", "s1"),
            ("nonce", "n1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("/oauth/authorize?{}", encoded(&fields))
    }
}

pub(in crate::http) fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A browser that keeps cookies and says where its requests come from.
#[derive(Default)]
pub(in crate::http) struct Browser {
    pub(in crate::http) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(in crate::http) async fn get(&mut self, hub: &TestHub, path: &str) -> Answer {
        let headers = [("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        self.ask(hub, (Method::GET, path), &headers, "").await
    }

    /// Sends a form from a page of the hub.
    pub(in crate::http) async fn post(&mut self, hub: &TestHub, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("origin", "null")];
        self.ask(hub, (Method::POST, path), &headers, &encoded(fields)).await
    }

    pub(in crate::http) async fn ask(
        &mut self,
        hub: &TestHub,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("accept-language", "zh-CN");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header(header::COOKIE, pairs.join("; "));
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let answer = hub.send(request.body(Body::from(body.to_owned())).expect("request")).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("text");
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("pair");
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Signs in as a test person for the account pages.
    pub(in crate::http) async fn sign_in(&mut self, hub: &TestHub, persona: &str) -> Answer {
        let page = self.get(hub, "/sign-in?to=/me").await;
        let fields = [("csrf", page.field("csrf")), ("handle", page.field("handle")), ("to", page.field("to"))];
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("persona", persona));
        self.post(hub, "/sign-in/persona", &fields).await
    }
}

async fn release(context: &Context, provider: &Provider) {
    let app = AppId::new(APP).expect("app");
    let mut rng = StdRng::seed_from_u64(9);
    let key = SigningKey::generate(Suite::International, &mut rng).public().to_value();
    let origin = "http://social-security.localhost:8080".to_owned();
    let mut clients = Vec::new();
    if provider.is_development() {
        let jwks = json!({ "keys": [key] });
        clients.push(runtime_client(&app, &[origin], (Tier::Baseline, Suite::International), jwks));
        clients.push(developer(&app));
    }
    let state = AppStateRecord {
        app,
        state: AppState::Released,
        version: VersionDigest([9; 32]),
        manifest: manifest(),
        slug: "social-security".to_owned(),
        filing: Some("示备 2026-0012".to_owned()),
        generation: 0,
    };
    register_app(context, provider, "operator:test", Registration { state, clients }).await.expect("registered");
}

fn developer(app: &AppId) -> ClientRecord {
    let id = ClientId(format!("{APP}:developer"));
    let secret = hash_secret(SECRET);
    ClientRecord {
        id,
        app: app.clone(),
        custody: Custody::Development,
        tier: Tier::Baseline,
        suite: Suite::International,
        auth_method: ClientAuthMethod::ClientSecretBasic(secret),
        jwks: json!({ "keys": [] }),
        redirect_uris: vec![REDIRECT.to_owned()],
        post_logout_redirect_uris: vec!["http://social-security.localhost:8080/".to_owned()],
        backchannel_logout_uri: Some("http://127.0.0.1:9/logout".to_owned()),
        offline_access: false,
    }
}

fn manifest() -> Value {
    json!({
        "name": "社保查询", "gov_access": "identity-required", "gov_assurance": "basic",
        "gov_owner": { "unit": "示例市人力资源和社会保障局", "uscc": "11330100MB1A00002W" },
        "icons": [{ "src": "public/icon.png" }],
        "req_permissions": [
            { "name": "identity:name", "reason": "核对参保人姓名" },
            { "name": "identity:mobile-masked", "reason": "缴费提醒" },
        ],
        "gov_data_use": [
            { "claim": "name", "purpose": "query-insurance", "retention_days": 0 },
            { "claim": "mobile-masked", "purpose": "remind", "optional": true, "retention_days": 30, "grant_days": 30 },
        ],
    })
}
