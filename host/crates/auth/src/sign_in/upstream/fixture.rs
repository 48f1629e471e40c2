//! An upstream provider for tests that answers as it is told, and a browser that goes there and back.

use super::*;
use crate::jose::{JwsAlgorithm, JwsHeader, SigningKey};
use crate::keys::SoftwareKeyStore;
use crate::people::People;
use crate::people::fixture::{NOW, directory};
use crate::sign_in::{Browser, DevelopmentSender, SignIn, SignInSettings};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex as StdMutex, MutexGuard};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, SecretHash};
use yizhan_store::records::StoreMode;
use zeroize::Zeroizing;

pub(super) const ISSUER: &str = "https://up.example";
pub(super) const CLIENT: &str = "yizhan";

pub(super) fn settings() -> UpstreamSettings {
    UpstreamSettings {
        id: "province".to_owned(),
        names: ["省统一身份认证".to_owned(), "Province".to_owned()],
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        proof: ClientProof::SecretBasic(Zeroizing::new("a secret of tests".to_owned())),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        algorithms: JwsAlgorithm::UPSTREAM.to_vec(),
        handle: None,
        creates: true,
        assurance: Assurance::Basic,
    }
}

pub(super) fn key(seed: u64) -> SigningKey {
    SigningKey::generate(Suite::International, &mut StdRng::seed_from_u64(seed))
}

/// What the provider says, and what it was asked.
pub(super) struct Script {
    pub(super) metadata: Value,
    pub(super) keys: Value,
    /// The answer of the token endpoint; none refuses.
    pub(super) token: Option<String>,
    pub(super) asked: Vec<String>,
    pub(super) posted: BTreeMap<String, String>,
    pub(super) authorization: Option<String>,
}

#[derive(Clone)]
pub(super) struct FakeLink(Arc<StdMutex<Script>>);

impl FakeLink {
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("script")
    }
}

impl UpstreamLink for FakeLink {
    fn get<'a>(&'a self, url: &'a str) -> Replying<'a> {
        let mut script = self.script();
        script.asked.push(url.to_owned());
        let body = if url.ends_with("/jwks") { &script.keys } else { &script.metadata };
        let reply = Reply { ok: true, body: Zeroizing::new(body.to_string().into_bytes()) };
        Box::pin(async move { Ok(reply) })
    }

    fn post<'a>(&'a self, url: &'a str, form: Form<'a>) -> Replying<'a> {
        let mut script = self.script();
        script.asked.push(url.to_owned());
        script.posted = form.fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        script.authorization = form.authorization.map(str::to_owned);
        let body = script.token.as_ref().map(|token| json!({ "id_token": token, "token_type": "Bearer" }).to_string());
        let reply = Reply { ok: body.is_some(), body: Zeroizing::new(body.unwrap_or_default().into_bytes()) };
        Box::pin(async move { Ok(reply) })
    }
}

/// A hub with one provider.
pub(super) struct Bed {
    pub(super) sign_in: SignIn,
    pub(super) upstream: Upstream,
    pub(super) link: FakeLink,
    pub(super) key: SigningKey,
}

/// A sign-in under way: what the provider was sent, and the cookie.
pub(super) struct Way {
    pub(super) query: BTreeMap<String, String>,
    pub(super) cookie: Zeroizing<String>,
}

pub(super) fn browser(transaction: u8) -> Browser<'static> {
    let transaction = SecretHash([transaction; 32]);
    Browser { address: IpAddr::V4(Ipv4Addr::LOCALHOST), transaction, device: None, session: None }
}

pub(super) fn rng() -> StdRng {
    StdRng::from_os_rng()
}

impl Bed {
    pub(super) fn new(change: impl FnOnce(&mut UpstreamSettings)) -> Self {
        let key = key(1);
        let script = Script {
            metadata: json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/auth?tenant=1"),
                "token_endpoint": format!("{ISSUER}/token"),
                "jwks_uri": format!("{ISSUER}/jwks"),
                "authorization_response_iss_parameter_supported": true,
            }),
            keys: json!({ "keys": [key.public().to_value()] }),
            token: None,
            asked: Vec::new(),
            posted: BTreeMap::new(),
            authorization: None,
        };
        let link = FakeLink(Arc::new(StdMutex::new(script)));
        let mut settings = settings();
        change(&mut settings);
        let keys: Arc<dyn KeyStore> = Arc::new(SoftwareKeyStore::in_memory(Box::new(rng())));
        let shared: Arc<dyn UpstreamLink> = Arc::new(link.clone());
        let upstream = Upstream::new(settings, "https://hub.example", shared, (keys, NOW)).expect("upstream");
        let of_sign_in = SignInSettings {
            hashing_slots: 1,
            sender: Some(Arc::new(DevelopmentSender::default())),
            codes_per_day_max: 50,
        };
        let sign_in = SignIn::new(Arc::new(directory(StoreMode::Development)), of_sign_in).expect("sign-in");
        Self { sign_in, upstream, link, key }
    }

    pub(super) fn people(&self) -> &People {
        self.sign_in.people()
    }

    pub(super) async fn begin(&self, context: &Context, fresh: bool) -> Way {
        let errand = Errand { handle: "a-handle", to: "", locale: "zh-CN", fresh };
        let both = (&self.sign_in, &self.upstream);
        let begun = begin(context, both, errand, &browser(1), &mut rng()).await.expect("begun");
        let (address, query) = begun.location.split_once('?').expect("a query");
        assert_eq!(address, format!("{ISSUER}/auth"));
        Way { query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(), cookie: begun.cookie }
    }

    /// Good claims for a sign-in.
    pub(super) fn claims(&self, context: &Context, way: &Way) -> Value {
        let now = context.now.0 / 1000;
        json!({
            "iss": ISSUER, "sub": "u-1", "aud": CLIENT, "nonce": way.query["nonce"], "exp": now + 300, "iat": now,
            "name": "王示例",
        })
    }

    pub(super) fn answers(&self, claims: &Value) {
        self.link.script().token = Some(self.key.sign(&JwsHeader::default(), claims).expect("signed"));
    }

    pub(super) async fn finish(&self, context: &Context, way: &Way, query: &str) -> Result<Finished, UpstreamError> {
        self.finish_in(context, &browser(1), (Some(way.cookie.as_str()), query)).await
    }

    pub(super) async fn finish_in(
        &self,
        context: &Context,
        browser: &Browser<'_>,
        (cookie, query): (Option<&str>, &str),
    ) -> Result<Finished, UpstreamError> {
        let both = (&self.sign_in, &self.upstream);
        finish(context, both, Answered { query, cookie }, browser, &mut rng()).await
    }

    /// There and back with these claims.
    pub(super) async fn with_claims(
        &self,
        context: &Context,
        change: impl FnOnce(&mut Value),
    ) -> Result<Finished, UpstreamError> {
        let way = self.begin(context, false).await;
        let mut claims = self.claims(context, &way);
        change(&mut claims);
        self.answers(&claims);
        self.finish(context, &way, &way.good()).await
    }
}

impl Way {
    /// The query of a good answer.
    pub(super) fn good(&self) -> String {
        let state = &self.query["state"];
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", "a-code"), ("state", state), ("iss", ISSUER)])
            .finish()
    }
}

pub(super) fn code_of(finished: Result<Finished, UpstreamError>) -> String {
    match finished {
        Ok(_) => "signed in".to_owned(),
        Err(UpstreamError::Token(member)) => format!("token {member}"),
        Err(error) => error.code().to_owned(),
    }
}
