//! Acting for a person: asked at consent, carried by the consent alone, checked at every call.

use crate::bed::{APP, Bed, Journey, manifest};
use serde_json::{Value, json};
use yizhan_auth::Refusal;
use yizhan_auth::flow::act::{self, Acting};
use yizhan_auth::flow::authorize::Next;
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::Assurance;
use yizhan_domain::{AppId, Permission, PersonId};

/// The app's manifest, which asks to book besides.
fn booking() -> Value {
    let mut manifest = manifest();
    let asked = manifest["req_permissions"].as_array_mut().expect("list");
    asked.push(json!({ "name": "appointment:book", "reason": "替您预约大厅" }));
    manifest
}

async fn release(bed: &Bed, manifest: Value) {
    let client = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    bed.release(APP, manifest, vec![client]).await;
}

async fn acting(bed: &Bed, token: &str) -> Result<Acting, Refusal> {
    act::check(&bed.context(), &bed.provider, &bed.client.id, token, &Permission::Book).await
}

#[tokio::test]
async fn an_app_acts_for_the_person_who_agreed_and_for_nobody_after_withdrawal() {
    let bed = Bed::new().await;
    release(&bed, booking()).await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let Next::Consent(ask) = journey.next(&handle).await.expect("next") else { panic!("asked") };
    let shown: Vec<_> = ask.acts.iter().map(|act| (act.permission.to_string(), act.reason.as_str())).collect();
    assert_eq!(shown, [("appointment:book".to_owned(), "替您预约大厅")]);
    let tokens = journey.tokens(&[]).await;
    let expected = Acting {
        person: PersonId("zhang".into()),
        acting_for: None,
        assurance: Assurance::RealName,
        app: AppId::new(APP).expect("app"),
    };
    assert_eq!(acting(&bed, &tokens.access_token).await, Ok(expected));
    let refresh = tokens.refresh_token.as_deref().expect("refresh token");
    assert_eq!(acting(&bed, refresh).await, Err(Refusal::RevokedToken), "a refresh token acts for nobody");
    assert_eq!(acting(&bed, "another").await, Err(Refusal::RevokedToken));
    let other = act::check(&bed.context(), &bed.provider, &bed.other.id, &tokens.access_token, &Permission::Book).await;
    assert_eq!(other, Err(Refusal::OtherClientsToken));
    let grants = bed.provider.store.list_grants(&PersonId("zhang".into()), None, 1).await.expect("grants").entries;
    let (context, person) = (bed.context(), PersonId("zhang".into()));
    assert!(yizhan_auth::flow::revoke::grant(&context, &bed.provider, &person, &grants[0].id).await.expect("revoked"));
    assert!(acting(&bed, &tokens.access_token).await.is_err(), "the person took it back");
}

#[tokio::test]
async fn a_consent_from_before_does_not_let_act_and_the_person_is_asked_again() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let before = journey.tokens(&[]).await;
    assert_eq!(acting(&bed, &before.access_token).await, Err(Refusal::UnreviewedClaim), "review let nothing be done");
    release(&bed, booking()).await;
    assert!(acting(&bed, &before.access_token).await.is_err(), "a version that asks for more ends tokens");
    let handle = journey.begin(&[]).await;
    assert!(matches!(journey.next(&handle).await, Ok(Next::Consent(_))), "it is asked again");
    let tokens = journey.tokens(&[]).await;
    assert!(acting(&bed, &tokens.access_token).await.is_ok());
    let handle = journey.begin(&[]).await;
    assert!(matches!(journey.next(&handle).await, Ok(Next::Redirect(_))), "and not once more");
}
