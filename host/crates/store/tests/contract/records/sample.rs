//! Records that tests begin with. Nothing in them belongs to a person.

use super::Store;
use yizhan_domain::authorization::{Capacity, Custody, GrantedUse, Suite, Tier};
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{
    AppId, Claim, ClientId, ConsentId, GrantId, PersonId, RequestId, SecretHash, SessionId, Timestamp, VersionDigest,
};
use yizhan_store::records::*;

/// When tests begin.
pub(super) const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// When most things of tests end.
pub(super) const LATER: Timestamp = Timestamp(NOW.0 + 3_600_000);

/// A hash for a text; not of it.
pub(super) fn hash(text: &str) -> SecretHash {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(text.bytes()).for_each(|(byte, letter)| *byte = letter);
    SecretHash(bytes)
}

pub(super) fn app(name: &str) -> AppId {
    AppId::new(format!("cn.gov.example.{name}")).expect("app")
}

pub(super) fn client_id(name: &str) -> ClientId {
    ClientId(app(name).as_str().to_owned())
}

pub(super) fn id(name: &str) -> PersonId {
    PersonId(name.to_owned())
}

pub(super) fn note(action: &str) -> AuditRecord {
    AuditRecord::new(RequestId(1), NOW, "system", action, "ok")
}

pub(super) fn trail(action: &str) -> Trail {
    Trail::of(note(action))
}

pub(super) fn none() -> Trail {
    Trail::default()
}

pub(super) fn person(name: &str) -> PersonRecord {
    PersonRecord {
        id: id(name),
        kind: PersonKind::NaturalPerson,
        assurance: Assurance::RealName,
        persona: false,
        sealed: format!("sealed data of {name}"),
        handles: vec![hash(&format!("login {name}")), hash(&format!("mobile {name}"))],
        at: NOW,
        erased: None,
        revision: 1,
    }
}

pub(super) async fn keep_person(store: &Store, name: &str) -> PersonRecord {
    let person = person(name);
    assert!(store.create_person(person.clone(), vec![7; 60], none()).await.expect("create"));
    person
}

pub(super) fn session(name: &str, person: &str) -> SessionRecord {
    SessionRecord {
        hash: hash(&format!("cookie {name}")),
        id: SessionId(name.to_owned()),
        person: id(person),
        acting_for: None,
        assurance: Assurance::Basic,
        amr: vec!["pwd".to_owned()],
        auth_time: NOW,
        second_factor: None,
        expires: LATER,
    }
}

pub(super) fn app_session(name: &str, app_name: &str, session: &str) -> AppSessionRecord {
    AppSessionRecord {
        hash: hash(&format!("app cookie {name}")),
        app: app(app_name),
        session: SessionId(session.to_owned()),
        subject: "pairwise".to_owned(),
        kind: PersonKind::NaturalPerson,
        assurance: Assurance::Basic,
        grant: None,
        uses: Vec::new(),
        grant_expires: LATER,
        sealed_tokens: "sealed".to_owned(),
        expires: LATER,
    }
}

pub(super) fn client(name: &str) -> ClientRecord {
    ClientRecord {
        id: client_id(name),
        app: app(name),
        custody: Custody::Runtime,
        tier: Tier::Baseline,
        suite: Suite::International,
        auth_method: ClientAuthMethod::PrivateKeyJwt,
        jwks: serde_json::json!({"keys": []}),
        redirect_uris: vec!["https://leaflet.example/.yizhan/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        offline_access: false,
    }
}

pub(super) fn app_state(name: &str, manifest: serde_json::Value) -> AppStateRecord {
    AppStateRecord {
        app: app(name),
        state: AppState::Released,
        version: VersionDigest([1; 32]),
        manifest,
        slug: name.to_owned(),
        filing: None,
        generation: 0,
    }
}

pub(super) fn capacity() -> Capacity {
    Capacity { uscc: "91350100M000100Y43".parse().expect("code"), role: "agent".to_owned() }
}

pub(super) fn granted() -> GrantedUse {
    GrantedUse { claim: Claim::Name, purpose: "query".to_owned(), retention_days: 0 }
}

pub(super) fn request(name: &str) -> RequestRecord {
    RequestRecord {
        hash: hash(&format!("request {name}")),
        client: client_id("shop"),
        parameters: serde_json::json!({"scope": "openid"}),
        expires: LATER,
    }
}

pub(super) fn consent(name: &str, person: &str) -> ConsentRecord {
    ConsentRecord {
        id: ConsentId(format!("consent-{name}")),
        person: id(person),
        acting_for: None,
        app: app("shop"),
        client: client_id("shop"),
        version: VersionDigest([1; 32]),
        unit: "某市示例局".to_owned(),
        uses: vec![granted()],
        refused: Vec::new(),
        at: NOW,
        expires: LATER,
        locale: "zh-CN".to_owned(),
        withdrawn: None,
        receipt: "receipt".to_owned(),
    }
}

pub(super) fn grant(name: &str, person: &str) -> GrantRecord {
    GrantRecord {
        id: GrantId(format!("grant-{name}")),
        person: id(person),
        acting_for: None,
        app: app("shop"),
        client: client_id("shop"),
        uses: vec![granted()],
        consent: ConsentId(format!("consent-{name}")),
        at: NOW,
        expires: LATER,
        revoked: None,
    }
}

pub(super) fn code(name: &str) -> CodeRecord {
    CodeRecord {
        hash: hash(&format!("code {name}")),
        client: client_id("shop"),
        grant: GrantId(format!("grant-{name}")),
        redirect_uri: "https://leaflet.example/.yizhan/callback".to_owned(),
        challenge: "challenge".to_owned(),
        nonce: None,
        scopes: vec!["openid".to_owned()],
        dpop_jkt: None,
        session: SessionId("s".to_owned()),
        expires: NOW.plus_ms(60_000),
    }
}

/// A token of the code and grant of this name.
pub(super) fn token(kind: TokenKind, name: &str, of: &str) -> TokenRecord {
    TokenRecord {
        hash: hash(&format!("token {name}")),
        kind,
        client: client_id("shop"),
        grant: GrantId(format!("grant-{of}")),
        family: hash(&format!("code {of}")),
        session: None,
        generation: 1,
        scopes: vec!["openid".to_owned()],
        dpop_jkt: None,
        at: NOW,
        expires: LATER,
    }
}

/// Request, consent, grant and code of this name, all kept.
pub(super) async fn give(store: &Store, name: &str, person: &str) -> bool {
    let request = request(name);
    store.put_request(request.clone(), none()).await.expect("request");
    store
        .give_consent(request.hash, consent(name, person), grant(name, person), code(name), trail("consent.given"))
        .await
        .expect("consent")
}

/// As [`give`], and the code exchanged for an access and a refresh token, `a-NAME` and `r-NAME`.
pub(super) async fn exchange(store: &Store, name: &str, person: &str) {
    assert!(give(store, name, person).await);
    let answer = store.exchange_code(&code(name).hash, NOW, pair(name), Trails::default()).await.expect("exchange");
    assert_eq!(answer, Exchange::Exchanged);
}

pub(super) fn pair(name: &str) -> Vec<TokenRecord> {
    vec![token(TokenKind::Access, &format!("a-{name}"), name), token(TokenKind::Refresh, &format!("r-{name}"), name)]
}

pub(super) async fn has_token(store: &Store, name: &str) -> bool {
    store.find_token(&hash(&format!("token {name}"))).await.expect("token").is_some()
}

pub(super) fn access(person: &str, at: Timestamp) -> AccessRecord {
    AccessRecord {
        at,
        request: "r".to_owned(),
        person: id(person),
        unit: "某市示例局".to_owned(),
        app: app("shop"),
        app_name: "示例".to_owned(),
        version: None,
        client: client_id("shop"),
        grant: None,
        recipient: Recipient::Sandbox,
        purpose: "query".to_owned(),
        claims: vec!["name".to_owned()],
        outcome: AccessOutcome::Opened,
        hidden_until: None,
    }
}

pub(super) fn rows(rows: Vec<AccessRecord>) -> Trail {
    Trail { audit: Vec::new(), access: rows }
}
