//! The provider's endpoints over HTTP: forms, headers, status codes.

use super::bed::{ISSUER, VERIFIER};
use super::{Browser, REDIRECT, TestHub};
use http::{Method, Request};

async fn code(hub: &TestHub, browser: &mut Browser) -> String {
    browser.sign_in(hub, "zhang").await;
    browser.get(hub, &hub.authorize(&[])).await;
    let page = browser.get(hub, "/consent").await;
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let fields = [("csrf", csrf.as_str()), ("handle", &handle), ("decision", "agree")];
    let agreed = browser.post(hub, "/consent", &fields).await;
    let query = agreed.location().split_once('?').expect("query").1.to_owned();
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").expect("code").1.into_owned()
}

fn exchange(code: &str) -> [(&str, &str); 4] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]
}

#[tokio::test]
async fn discovery_and_keys_may_be_kept_and_carry_no_cors() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks"] {
        let answer = browser.get(&hub, path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "public, max-age=300"), "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let metadata = browser.get(&hub, "/.well-known/openid-configuration").await.json();
    assert_eq!(
        (&metadata["issuer"], &metadata["token_endpoint"]),
        (&ISSUER.into(), &format!("{ISSUER}/oauth/token").into())
    );
    let keys = browser.get(&hub, "/oauth/jwks").await.json();
    assert!(
        keys["keys"].as_array().is_some_and(|keys| !keys.is_empty() && keys.iter().all(|key| key.get("d").is_none()))
    );
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_tokens_are_never_stored() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let code = code(&hub, &mut browser).await;
    let tokens = hub.back_channel("/oauth/token", &exchange(&code)).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"), "{}", tokens.text);
    assert_eq!(tokens.json()["token_type"], "Bearer");
    assert!(tokens.json()["id_token"].is_string());
    let again = hub.back_channel("/oauth/token", &exchange(&code)).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &"invalid_grant".into()));
    assert!(again.json()["error_description"].as_str().is_some_and(|text| text.starts_with("code-replayed")));
}

#[tokio::test]
async fn a_revoked_token_is_inactive_and_opens_nothing() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let code = code(&hub, &mut browser).await;
    let token = hub.back_channel("/oauth/token", &exchange(&code)).await.json()["access_token"]
        .as_str()
        .expect("token")
        .to_owned();
    let form = [("token", token.as_str())];
    assert_eq!(hub.back_channel("/oauth/introspect", &form).await.json()["active"], true);
    assert_eq!(hub.back_channel("/oauth/revoke", &form).await.status, 200);
    assert_eq!(hub.back_channel("/oauth/introspect", &form).await.json(), serde_json::json!({ "active": false }));
    let bearer = format!("Bearer {token}");
    let answer = browser.ask(&hub, (Method::GET, "/oauth/userinfo"), &[("authorization", &bearer)], "").await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"yizhan\", error=\"invalid_token\""));
}

#[tokio::test]
async fn userinfo_without_a_token_names_the_schemes_and_never_gives_plain_claims() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let bare = browser.ask(&hub, (Method::GET, "/oauth/userinfo"), &[], "").await;
    assert_eq!((bare.status, bare.text.as_str()), (401, ""));
    assert_eq!(bare.headers.get_all("www-authenticate").iter().count(), 2);
    let code = code(&hub, &mut browser).await;
    let token = hub.back_channel("/oauth/token", &exchange(&code)).await.json()["access_token"]
        .as_str()
        .expect("token")
        .to_owned();
    // A developer's client with a secret has no encryption key.
    let bearer = format!("Bearer {token}");
    for method in [Method::GET, Method::POST] {
        let answer = browser.ask(&hub, (method, "/oauth/userinfo"), &[("authorization", &bearer)], "").await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &"invalid_client_metadata".into()),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("张"));
    }
}

#[tokio::test]
async fn the_back_channel_takes_only_small_forms_of_clients_that_prove_themselves() {
    let hub = TestHub::new().await;
    let wrong = Request::post("/oauth/token")
        .header("authorization", "Basic YTpi")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from("grant_type=authorization_code"));
    let wrong = hub.send(wrong.expect("request")).await;
    assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, "Basic realm=\"yizhan\""));
    let json =
        Request::post("/oauth/token").header("content-type", "application/json").body(axum::body::Body::from("{}"));
    let json = hub.send(json.expect("request")).await;
    assert_eq!((json.status, &json.json()["error"]), (400, &"invalid_request".into()));
    let twice = [("token", "a"), ("token", "b")];
    assert_eq!(hub.back_channel("/oauth/introspect", &twice).await.json()["error"], "invalid_request");
    let huge = "x".repeat(70_000);
    assert_eq!(hub.back_channel("/oauth/token", &[("code", &huge)]).await.status, 400);
}

#[tokio::test]
async fn a_client_signs_a_person_out_after_they_confirm() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let code = code(&hub, &mut browser).await;
    let tokens = hub.back_channel("/oauth/token", &exchange(&code)).await.json();
    let fields = [
        ("id_token_hint", tokens["id_token"].as_str().expect("token")),
        ("post_logout_redirect_uri", "http://social-security.localhost:8080/"),
        ("state", "out"),
    ];
    let path = format!("/oauth/end_session?{}", super::bed::encoded(&fields));
    let page = browser.get(&hub, &path).await;
    assert!(page.status == 200 && page.text.contains("退出登录？"), "{}", page.text);
    assert_eq!(browser.get(&hub, "/me").await.status, 200, "nothing has happened yet");
    let csrf = page.field("csrf");
    let done =
        browser.post(&hub, "/oauth/end_session/confirm", &[&[("csrf", csrf.as_str())], &fields[..]].concat()).await;
    assert_eq!(done.location(), "http://social-security.localhost:8080/?state=out");
    assert_eq!(browser.get(&hub, "/me").await.status, 303);
    let foreign =
        format!("/oauth/end_session?{}", super::bed::encoded(&[("post_logout_redirect_uri", "https://evil.example/")]));
    assert_eq!(browser.get(&hub, &foreign).await.status, 400);
}

#[tokio::test]
async fn an_authorization_may_come_by_post_from_another_site() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let query = hub.authorize(&[]);
    let body = query.split_once('?').expect("query").1;
    let headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("origin", "http://app.example")];
    let answer = browser.ask(&hub, (Method::POST, "/oauth/authorize"), &headers, body).await;
    assert_eq!(answer.location(), "/sign-in");
}
