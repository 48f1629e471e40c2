//! Pushed requests (RFC 9126).

use crate::bed::{Bed, Journey, TestClient};
use yizhan_auth::Refusal;
use yizhan_auth::flow::authorize::{self, BeginRefusal};
use yizhan_auth::flow::{PAR_PATH, RequestParameters, verify};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_store::records::AppState;

async fn push(journey: &Journey<'_>, changes: &[(&str, &str)], dpop: Option<&str>) -> Result<String, Refusal> {
    let client = journey.client.proved(journey.bed).await;
    let (context, provider) = (journey.bed.context(), &journey.bed.provider);
    let answer = verify::push(&context, provider, &client, &journey.request(changes), dpop).await?;
    assert_eq!(answer.expires_in, 90);
    Ok(answer.request_uri)
}

async fn begin(journey: &Journey<'_>, client: &TestClient, uri: &str) -> Result<(), BeginRefusal> {
    let query = RequestParameters::of([("client_id", client.id.as_str()), ("request_uri", uri)]);
    authorize::begin(&journey.bed.context(), &journey.bed.provider, &query).await.map(|_| ())
}

#[tokio::test]
async fn pushed_request_counts_once() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let journey = Journey::of(&bed, "zhang").await;
    let uri = push(&journey, &[], None).await.expect("pushed");
    assert_eq!(begin(&journey, &bed.client, &uri).await, Ok(()));
    assert_eq!(begin(&journey, &bed.client, &uri).await, Err(BeginRefusal::Page(Refusal::ExpiredRequest)));
    let uri = push(&journey, &[], None).await.expect("pushed");
    let (one, two) = tokio::join!(begin(&journey, &bed.client, &uri), begin(&journey, &bed.client, &uri));
    assert!(one.is_ok() != two.is_ok());
}

#[tokio::test]
async fn pushed_request_of_another_client_is_refused_and_not_used_up() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let uri = push(&journey, &[], None).await.expect("pushed");
    assert_eq!(begin(&journey, &bed.other, &uri).await, Err(BeginRefusal::Page(Refusal::ExpiredRequest)));
    assert_eq!(begin(&journey, &bed.client, &uri).await, Ok(()));
}

#[tokio::test]
async fn expired_pushed_request_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let uri = push(&journey, &[], None).await.expect("pushed");
    bed.clock.advance_ms(90_000);
    assert_eq!(begin(&journey, &bed.client, &uri).await, Err(BeginRefusal::Page(Refusal::ExpiredRequest)));
}

#[tokio::test]
async fn pushing_checks_what_the_query_would_be_checked_for() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let journey = Journey::of(&bed, "zhang").await;
    for (change, refusal) in [
        (("redirect_uri", "https://evil.example/"), Refusal::ForeignRedirect),
        (("code_challenge_method", "plain"), Refusal::MissingPkce),
        (("scope", "openid id-number"), Refusal::UnreviewedClaim),
        (("response_type", "token"), Refusal::ResponseType),
        (("request", "e30.e30."), Refusal::RequestObject),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), Refusal::ForeignRequestUri),
        (("client_id", "cn.gov.example.tax"), Refusal::WrongClient),
    ] {
        assert_eq!(push(&journey, &[change], None).await, Err(refusal), "{change:?}");
        assert!(bed.audited("request.refused", refusal.code()).await, "{change:?}");
    }
    let client = bed.client.proved(&bed).await;
    let mut twice = journey.request(&[]);
    twice.0.push(("scope".into(), "openid".into()));
    let refused = verify::push(&bed.context(), &bed.provider, &client, &twice, None).await.map(|_| ());
    assert_eq!(refused, Err(Refusal::DuplicateParameter));
    bed.set_state(AppState::Suspended).await;
    assert_eq!(push(&journey, &[], None).await, Err(Refusal::SuspendedApp));
}

#[tokio::test]
async fn proof_at_par_binds_the_code_and_must_fit_the_named_key() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let journey = Journey::of(&bed, "zhang").await;
    let proof = journey.proof(PAR_PATH, None);
    let other = crate::bed::DpopKey::new(55).thumbprint();
    let refused = push(&journey, &[("dpop_jkt", &other)], proof.as_deref()).await;
    assert_eq!(refused, Err(Refusal::WrongDpopKey));
    let code = journey.code(&[]).await;
    let other = TestClient {
        dpop: crate::bed::DpopKey::new(55),
        ..TestClient::new(bed.client.id.as_str(), 1, Suite::International)
    };
    let stolen = Journey { client: &other, ..journey };
    assert_eq!(stolen.exchange(&code).await.map(|_| ()), Err(Refusal::WrongDpopKey));
}
