//! What the hub says over the wire, and what the runtime makes of it.

use super::*;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use yizhan_auth::AppPolicy;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyOwner, KeySlot, KeyStore as _, Purpose, RootKey, SoftwareKeyStore};
use yizhan_auth::runtime::login::{self, LoginAsk};
use yizhan_auth::runtime::{Runtime, SystemTicks};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Access, AppId, ClientId, RequestId, Timestamp, VersionDigest};
use yizhan_sandbox::egress::EgressConfig;
use yizhan_store::MemoryRecords;
use yizhan_store::records::StoreMode;

fn refused(status: StatusCode, text: &str) -> LinkError {
    taken(Answered { status, body: Zeroizing::new(text.as_bytes().to_vec()), wants_nonce: false }).expect_err("refused")
}

#[test]
fn a_refusal_keeps_its_stable_code_over_the_wire() {
    let body = r#"{"error":"invalid_grant","error_description":"code-replayed: the code was used before"}"#;
    assert_eq!(refused(StatusCode::BAD_REQUEST, body), LinkError::Refused("code-replayed"));
    let body = r#"{"error":"something_else"}"#;
    assert_eq!(refused(StatusCode::BAD_REQUEST, body), LinkError::Refused("refused-by-hub"));
}

#[test]
fn a_hub_that_fails_is_none_that_refuses() {
    assert_eq!(refused(StatusCode::SERVICE_UNAVAILABLE, "{}"), LinkError::Unreachable);
    assert_eq!(refused(StatusCode::BAD_GATEWAY, r#"{"error":"invalid_grant"}"#), LinkError::Unreachable);
    assert_eq!(refused(StatusCode::NOT_FOUND, "<html>"), LinkError::Unreachable);
}

/// A hub that answers one request after the other as told; answers the heads of what came.
async fn hub_that_answers(listener: TcpListener, answers: Vec<String>) -> Vec<String> {
    let mut heads = Vec::new();
    for answer in answers {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        let is_whole = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
            (body.len() >= length.parse::<usize>().ok()?).then(|| head.to_owned())
        };
        let head = loop {
            let read = stream.read(&mut piece).await.expect("a request");
            assert!(read > 0, "the request ends early");
            bytes.extend_from_slice(&piece[..read]);
            if let Some(head) = is_whole(&bytes) {
                break head;
            }
        };
        heads.push(head);
        stream.write_all(answer.as_bytes()).await.expect("answers");
    }
    heads
}

fn http(status: &str, head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{head}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Claims of the DPoP proof of a request.
fn proof_of(head: &str) -> serde_json::Value {
    let proof = head.lines().find_map(|line| line.strip_prefix("dpop: ")).expect("a proof");
    let payload = proof.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

/// A runtime whose hub listens there, and the policy of an app of the high tier.
fn runtime_of(hub: &str) -> (Runtime, AppPolicy) {
    let target: Target = hub.parse().expect("an origin");
    let handle = tokio::runtime::Handle::current();
    let egress = Egress::new(EgressConfig { operator_hosts: vec![target.clone()], ..EgressConfig::new(handle) });
    let ticks: Arc<dyn Ticks> = Arc::new(SystemTicks::since(std::time::Instant::now()));
    let link = RemoteLink::new(hub.to_owned(), target, egress.expect("egress"), Arc::clone(&ticks));
    let keys = SoftwareKeyStore::in_memory(Box::new(StdRng::seed_from_u64(1)));
    let app = AppId::new("cn.gov.test.app").expect("id");
    let slot = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
    keys.create(&KeyOwner::Client(ClientId(app.as_str().to_owned())), slot, Timestamp(1)).expect("a key");
    let records = Arc::new(MemoryRecords::new(StoreMode::Development));
    let sealer = RootKey::of(Zeroizing::new([7; 32])).sealer(Purpose::RuntimeTokens);
    let policy = AppPolicy {
        app,
        digest: VersionDigest([1; 32]),
        access: Access::IdentityRequired,
        tier: Tier::High,
        assurance: Assurance::Basic,
        owner: "11330100MB1A00002W".parse().expect("code"),
        uses: Vec::new(),
    };
    (Runtime::new(records, Arc::new(keys), Arc::new(link), ticks, sealer), policy)
}

#[tokio::test]
async fn a_hub_that_asks_for_its_nonce_gets_it_and_every_later_proof_has_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let hub = format!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
    let (runtime, policy) = runtime_of(&hub);
    let wants = http("400 Bad Request", "dpop-nonce: first\r\n", r#"{"error":"use_dpop_nonce"}"#);
    let pushed = |head: &str| http("201 Created", head, r#"{"request_uri":"urn:one","expires_in":60}"#);
    let refused = http("400 Bad Request", "dpop-nonce: third\r\n", r#"{"error":"invalid_request"}"#);
    let answers = vec![wants, pushed("dpop-nonce: second\r\n"), pushed(""), refused];
    let hub = tokio::spawn(hub_that_answers(listener, answers));
    let ask = LoginAsk {
        policy: &policy,
        origin: "http://app.localhost:1",
        purpose: None,
        claims: None,
        return_path: "/",
        locale: "en",
    };
    let context = Context { id: RequestId(1), now: Timestamp(1_795_435_200_000) };
    for _ in 0..2 {
        let begun = login::begin(&context, &runtime, ask).await.expect("pushed");
        assert!(begun.location.ends_with("client_id=cn.gov.test.app&request_uri=urn%3Aone"), "{}", begun.location);
    }
    // Another refusal with a nonce is not asked again: what was asked for may be used up.
    assert!(login::begin(&context, &runtime, ask).await.is_err());
    let heads = hub.await.expect("four requests");
    let nonces: Vec<_> = heads.iter().map(|head| proof_of(head)["nonce"].as_str().map(str::to_owned)).collect();
    let nonces: Vec<_> = nonces.iter().map(Option::as_deref).collect();
    assert_eq!(nonces, [None, Some("first"), Some("second"), Some("second")]);
    let ids: std::collections::BTreeSet<_> = heads.iter().map(|head| proof_of(head)["jti"].to_string()).collect();
    assert_eq!(ids.len(), 4, "every proof is one of its own");
}
