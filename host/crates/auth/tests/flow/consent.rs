//! Step 1, the decision: what covers a request, what is asked again, optional uses, agents, the records that stay.

use crate::bed::{APP, Bed, HOUR_MS, Journey, claims_of, code_of, manifest};
use serde_json::json;
use yizhan_auth::Refusal;
use yizhan_auth::flow::authorize::{self, Acting, ConsentAsk, Next};
use yizhan_auth::people::Whom;
use yizhan_domain::Claim;
use yizhan_domain::authorization::Capacity;
use yizhan_store::records::SessionRecord;

const DAY_MS: u64 = 24 * HOUR_MS;

async fn asked(journey: &Journey<'_>, changes: &[(&str, &str)]) -> Option<Box<ConsentAsk>> {
    let handle = journey.begin(changes).await;
    match journey.next(&handle).await.expect("next") {
        Next::Consent(ask) => Some(ask),
        Next::Redirect(redirect) => {
            code_of(&redirect);
            None
        }
        other => panic!("{other:?}"),
    }
}

fn again(session: &SessionRecord, bed: &Bed) -> SessionRecord {
    SessionRecord { auth_time: yizhan_domain::Clock::now(&bed.clock), ..session.clone() }
}

#[tokio::test]
async fn first_sign_in_asks_even_without_claims() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let ask = asked(&journey, &[("scope", "openid")]).await.expect("asked");
    assert!(ask.items.is_empty());
    assert_eq!(ask.expires, yizhan_domain::Clock::now(&bed.clock).plus_ms(180 * DAY_MS));
    journey.code(&[("scope", "openid")]).await;
    assert!(asked(&journey, &[("scope", "openid")]).await.is_none(), "asked once");
}

#[tokio::test]
async fn page_shows_what_why_and_how_long() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let ask = asked(&journey, &[]).await.expect("asked");
    let shown: Vec<_> = ask
        .items
        .iter()
        .map(|item| (item.data.claim.to_string(), item.data.purpose.as_str(), item.reason.as_str(), item.optional))
        .collect();
    let name = "name".to_owned();
    assert_eq!(
        shown,
        [
            (name.clone(), "query", "核对姓名", false),
            ("id-number-masked".into(), "query", "核对身份", false),
            ("mobile-masked".into(), "remind", "提醒", true),
            (name, "remind", "核对姓名", false),
        ]
    );
    assert_eq!(ask.asker.filing.as_deref(), Some("备1"));
    // The shortest use decides.
    assert_eq!(ask.expires, yizhan_domain::Clock::now(&bed.clock).plus_ms(30 * DAY_MS));
}

#[tokio::test]
async fn subset_is_covered_and_more_is_asked_again() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let details = r#"[{"type":"gov_userinfo","purpose":"query","claims":["name","id-number-masked"]}]"#;
    journey.code(&[("scope", "openid"), ("authorization_details", details)]).await;
    let less = r#"[{"type":"gov_userinfo","purpose":"query","claims":["name"]}]"#;
    assert!(asked(&journey, &[("scope", "openid"), ("authorization_details", less)]).await.is_none());
    let ask = asked(&journey, &[("scope", "openid name")]).await.expect("another purpose");
    assert_eq!(ask.kept.len(), 1, "what was granted before stays");
    assert!(ask.items.iter().any(|item| item.granted_before));
}

#[tokio::test]
async fn what_was_granted_before_stays_granted_when_more_is_agreed_to() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    journey.code(&[("scope", "openid id-number-masked")]).await;
    let first = bed.provider.store.list_grants(&journey.session.person, None, 10).await.expect("grants").entries;
    journey.code(&[("scope", "openid name")]).await;
    let grants = bed.provider.store.list_grants(&journey.session.person, None, 10).await.expect("grants").entries;
    let live: Vec<_> = grants.iter().filter(|grant| grant.revoked.is_none()).collect();
    assert_eq!(live.len(), 1, "one live grant per person, capacity and client");
    assert_eq!(live[0].uses.len(), 3);
    assert!(live[0].expires <= first[0].expires, "the old part lasts no longer than it did");
    assert!(asked(&journey, &[("scope", "openid id-number-masked name")]).await.is_none());
}

#[tokio::test]
async fn optional_use_can_be_refused_alone_and_is_not_asked_again() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let code = code_of(&journey.agree(&handle, &[]).await.expect("agreed"));
    let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(tokens.scope, "openid name id-number-masked");
    assert!(asked(&journey, &[]).await.is_none(), "refused before, so not asked again");
    let ask = asked(&journey, &[("prompt", "consent")]).await.expect("asked on purpose");
    assert!(ask.items.iter().any(|item| item.data.claim == Claim::MobileMasked && !item.granted_before));
}

#[tokio::test]
async fn consent_given_again_can_take_an_optional_use_back() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    journey.code(&[]).await;
    let handle = journey.begin(&[("prompt", "consent")]).await;
    let code = code_of(&journey.agree(&handle, &[]).await.expect("agreed"));
    let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(tokens.scope, "openid name id-number-masked");
}

async fn newest_consent(journey: &Journey<'_>) -> yizhan_store::records::ConsentRecord {
    let page = journey.bed.provider.store.list_consents(&journey.session.person, None, 1).await;
    page.expect("consents").entries.remove(0)
}

#[tokio::test]
async fn refused_use_stays_refused_until_it_is_granted() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    journey.agree(&handle, &[]).await.expect("agreed");
    bed.clock.advance_ms(1);
    let handle = journey.begin(&[("scope", "openid name"), ("prompt", "consent")]).await;
    journey.agree(&handle, &[]).await.expect("agreed");
    let refused = newest_consent(&journey).await.refused;
    assert_eq!(refused.len(), 1, "not asked now, so still refused");
    assert_eq!(refused[0].claim, Claim::MobileMasked);
    assert!(asked(&journey, &[]).await.is_none());
    bed.clock.advance_ms(1);
    let handle = journey.begin(&[("prompt", "consent")]).await;
    journey.agree(&handle, &[("mobile-masked", "remind")]).await.expect("agreed");
    assert!(newest_consent(&journey).await.refused.is_empty());
    bed.clock.advance_ms(1);
    let handle = journey.begin(&[("prompt", "consent")]).await;
    journey.agree(&handle, &[]).await.expect("agreed");
    assert_eq!(newest_consent(&journey).await.refused.len(), 1, "once");
    bed.clock.advance_ms(1);
    let handle = journey.begin(&[("prompt", "consent")]).await;
    journey.agree(&handle, &[]).await.expect("agreed");
    assert_eq!(newest_consent(&journey).await.refused.len(), 1, "refused again is no second entry");
}

#[tokio::test]
async fn ticking_what_was_not_asked_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[("scope", "openid")]).await;
    assert_eq!(journey.agree(&handle, &[("name", "query")]).await, Err(Refusal::BadParameter));
    let handle = journey.begin(&[]).await;
    // Claim and purpose are both asked, but not this claim for this purpose.
    assert_eq!(journey.agree(&handle, &[("id-number-masked", "remind")]).await, Err(Refusal::BadParameter));
}

#[tokio::test]
async fn longer_retention_changed_purpose_and_new_unit_ask_again() {
    let changes: [fn(&mut serde_json::Value); 3] = [
        |manifest| manifest["gov_data_use"][0]["retention_days"] = 1.into(),
        |manifest| manifest["gov_data_use"][0]["purpose"] = "statistics".into(),
        |manifest| manifest["gov_owner"]["uscc"] = "11330100MB1A000043".into(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let bed = Bed::new().await;
        let journey = Journey::of(&bed, "zhang").await;
        journey.code(&[]).await;
        assert!(asked(&journey, &[]).await.is_none());
        let mut changed = manifest();
        change(&mut changed);
        bed.release(APP, changed, Vec::new()).await;
        assert!(asked(&journey, &[]).await.is_some(), "change {index}");
    }
}

#[tokio::test]
async fn version_that_asks_for_no_more_keeps_the_consent() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    journey.code(&[]).await;
    let mut changed = manifest();
    changed["gov_data_use"][3]["retention_days"] = 7.into();
    changed["gov_owner"]["unit"] = "示例市人社局".into();
    bed.release(APP, changed, Vec::new()).await;
    assert!(asked(&journey, &[]).await.is_none(), "shorter retention, same unit under a new name");
}

#[tokio::test]
async fn withdrawn_or_expired_consent_is_asked_again() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    journey.code(&[]).await;
    bed.clock.advance_ms(30 * DAY_MS);
    journey.session = bed.sign_in("zhang").await;
    assert!(asked(&journey, &[]).await.is_some(), "expired");
    journey.code(&[]).await;
    let grant =
        bed.provider.store.list_grants(&journey.session.person, None, 1).await.expect("grants").entries.remove(0);
    let person = &journey.session.person;
    let ended = yizhan_auth::flow::revoke::grant(&bed.context(), &bed.provider, person, &grant.id).await;
    assert_eq!(ended, Ok(true));
    assert!(asked(&journey, &[]).await.is_some(), "withdrawn");
}

#[tokio::test]
async fn consent_record_and_signed_receipt_hold_names_and_no_value() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    journey.agree(&handle, &[]).await.expect("agreed");
    let page = bed.provider.store.list_consents(&journey.session.person, None, 10).await.expect("consents");
    let consent = &page.entries[0];
    assert_eq!((consent.uses.len(), consent.refused.len()), (3, 1));
    assert_eq!(consent.locale, "zh-CN");
    let receipt = claims_of(&consent.receipt);
    assert_eq!(receipt["record_metadata"]["schema_version"], "ISO/IEC TS 27560:2023");
    assert_eq!(receipt["party_identification"][0]["party_id"], "11330100MB1A00002W");
    assert_eq!(receipt["pii_processing"]["granted"][0]["pii_type"], "name");
    assert_eq!(receipt["pii_processing"]["granted"][0]["pii_optional"], false);
    assert_eq!(receipt["pii_processing"]["refused"][0]["pii_optional"], true);
    assert_eq!(receipt["consent_events"][0]["event_state"], "given");
    assert_ne!(receipt["sub"], json!("zhang"), "the subject is pairwise");
    assert!(bed.audited("consent.given", "ok").await);
}

#[tokio::test]
async fn two_units_see_two_subjects() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let one = claims_of(&journey.tokens(&[]).await.id_token.expect("ID token"));
    let other = journey.with(&bed.other);
    let two = claims_of(&other.tokens(&[]).await.id_token.expect("ID token"));
    assert_ne!(one["sub"], two["sub"]);
    assert_eq!(one["sub"].as_str().map(str::len), Some(43));
}

#[tokio::test]
async fn agent_with_one_mandate_is_not_asked_and_acts_for_the_legal_person() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "sun").await;
    let ask = asked(&journey, &[]).await.expect("consent");
    assert_eq!(ask.acting_for.map(|capacity| capacity.role), Some("legal-representative".into()));
    let tokens = journey.tokens(&[]).await;
    let state = journey.introspect(&tokens.access_token).await;
    let kind = state.of.expect("active").gov_kind;
    assert_eq!(kind, yizhan_domain::person::PersonKind::LegalPerson);
}

fn whom(person: &yizhan_domain::PersonId) -> Whom<'_> {
    Whom { person, by: "test" }
}

async fn with_mandate(bed: &Bed, person: &str) -> Capacity {
    let capacity = Capacity { uscc: "91000000MA00000X1P".parse().expect("code"), role: "agent".into() };
    let mandate = yizhan_auth::people::Mandate { capacity: capacity.clone(), org_name: "示例公司".into() };
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(5);
    let person = yizhan_domain::PersonId(person.into());
    bed.provider.people.give_mandate(&bed.context(), whom(&person), mandate, &mut rng).await.expect("given");
    capacity
}

#[tokio::test]
async fn person_with_a_mandate_chooses_before_consent() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let capacity = with_mandate(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    assert!(matches!(journey.next(&handle).await, Ok(Next::ChooseCapacity(_))));
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::CapacityRequired));
    for acting in [Acting::Oneself, Acting::For(capacity.clone())] {
        let (context, provider) = (bed.context(), &bed.provider);
        authorize::choose(&context, provider, &handle, &journey.session, acting.clone()).await.expect("chosen");
        let Ok(Next::Consent(ask)) = journey.next(&handle).await else { panic!("no consent") };
        assert_eq!(ask.acting_for, if acting == Acting::Oneself { None } else { Some(capacity.clone()) });
    }
    let silent = journey.begin(&[("prompt", "none")]).await;
    let Ok(Next::Redirect(redirect)) = journey.next(&silent).await else { panic!("no redirect") };
    assert_eq!(redirect.refusal, Some(Refusal::CapacityRequired));
    journey.session = SessionRecord { acting_for: Some(capacity), ..again(&journey.session, &bed) };
    let handle = journey.begin(&[]).await;
    assert!(matches!(journey.next(&handle).await, Ok(Next::Consent(_))), "the session says for whom");
}

#[tokio::test]
async fn choosing_a_capacity_without_mandate_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let capacity = Capacity { uscc: "91000000MA00000X1P".parse().expect("code"), role: "agent".into() };
    let acting = Acting::For(capacity);
    let chosen = authorize::choose(&bed.context(), &bed.provider, &handle, &journey.session, acting).await;
    assert_eq!(chosen, Err(Refusal::MandateEnded));
}

#[tokio::test]
async fn end_of_a_mandate_ends_its_tokens_at_once() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "sun").await;
    let tokens = journey.tokens(&[]).await;
    let capacity = Capacity { uscc: "91000000MA00000X1P".parse().expect("code"), role: "legal-representative".into() };
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(5);
    let person = &journey.session.person;
    bed.provider.people.end_mandate(&bed.context(), whom(person), &capacity, &mut rng).await.expect("ended");
    let refused = journey.userinfo(&tokens.access_token, &Default::default()).await;
    assert_eq!(refused, Err(Refusal::RevokedToken));
}

#[tokio::test]
async fn mandate_that_is_gone_before_its_grant_is_ended_refuses_too() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let capacity = with_mandate(&bed, "zhang").await;
    let code = || async {
        let handle = journey.begin(&[]).await;
        let (context, provider, acting) = (bed.context(), &bed.provider, Acting::For(capacity.clone()));
        authorize::choose(&context, provider, &handle, &journey.session, acting).await.expect("chosen");
        match journey.next(&handle).await.expect("next") {
            Next::Redirect(redirect) => code_of(&redirect),
            _ => code_of(&journey.agree(&handle, &[]).await.expect("agreed")),
        }
    };
    let tokens = journey.exchange(&code().await).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    let late = code().await;
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(5);
    let person = &journey.session.person;
    // Only the data changes here; the sweep over grants has not come to it yet.
    let edit = |data: &mut yizhan_auth::people::PersonData| data.mandates.clear();
    bed.provider.people.change(&bed.context(), whom(person), edit, &mut rng).await.expect("changed");
    assert_eq!(journey.exchange(&late).await.map(|_| ()), Err(Refusal::MandateEnded));
    let sealed = journey.userinfo(&tokens.access_token, &Default::default()).await;
    assert_eq!(sealed, Err(Refusal::MandateEnded));
    assert!(!journey.introspect(&tokens.access_token).await.active);
    let refresh = tokens.refresh_token.expect("refresh token");
    assert_eq!(journey.refresh(&refresh).await.map(|_| ()), Err(Refusal::MandateEnded));
}
