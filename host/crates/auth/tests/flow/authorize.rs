//! Step 1: every refusal that needs no person, and those that need one.

use crate::bed::{APP, Bed, HOUR_MS, Journey, code_of, manifest, query_of};
use yizhan_auth::Refusal;
use yizhan_auth::flow::RequestParameters;
use yizhan_auth::flow::authorize::{self, BeginRefusal, Next};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::Assurance;
use yizhan_domain::{ClientId, PersonId};
use yizhan_store::records::{AppState, Trail};

async fn refusal_of(bed: &Bed, parameters: &RequestParameters) -> BeginRefusal {
    match authorize::begin(&bed.context(), &bed.provider, parameters).await {
        Ok(_) => panic!("it was let in"),
        Err(refusal) => refusal,
    }
}

/// The refusal is shown on a page of the hub: nothing goes to an address that may be foreign.
async fn stays_here(changes: &[(&str, &str)], expected: Refusal) {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    assert_eq!(refusal_of(&bed, &journey.request(changes)).await, BeginRefusal::Page(expected));
}

/// The refusal goes back to the client, with state and issuer.
async fn goes_back(changes: &[(&str, &str)], expected: Refusal) {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let BeginRefusal::Redirect(redirect) = refusal_of(&bed, &journey.request(changes)).await else {
        panic!("no redirect")
    };
    assert_eq!(redirect.refusal, Some(expected));
    assert_eq!(query_of(&redirect, "error").as_deref(), Some(expected.oauth_error()));
    assert!(query_of(&redirect, "error_description").is_some_and(|text| text.starts_with(expected.code())));
    assert_eq!(query_of(&redirect, "state").as_deref(), Some("a state"));
    assert_eq!(query_of(&redirect, "iss").as_deref(), Some(crate::bed::ISSUER));
    assert!(bed.audited("authorize.begun", expected.code()).await, "the refusal is written down");
}

#[tokio::test]
async fn unknown_client_is_refused() {
    stays_here(&[("client_id", "cn.gov.nobody")], Refusal::UnknownClient).await;
    stays_here(&[("client_id", "")], Refusal::UnknownClient).await;
}

#[tokio::test]
async fn unknown_app_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    bed.set_state(AppState::Withdrawn).await;
    assert_eq!(refusal_of(&bed, &journey.request(&[])).await, BeginRefusal::Page(Refusal::UnknownApp));
}

#[tokio::test]
async fn open_app_has_no_identity_to_ask_for() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let mut open = manifest();
    open["gov_access"] = "open".into();
    bed.release(APP, open, Vec::new()).await;
    assert_eq!(refusal_of(&bed, &journey.request(&[])).await, BeginRefusal::Page(Refusal::UnknownApp));
}

#[tokio::test]
async fn suspended_app_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    bed.set_state(AppState::Suspended).await;
    assert_eq!(refusal_of(&bed, &journey.request(&[])).await, BeginRefusal::Page(Refusal::SuspendedApp));
    assert!(bed.audited("authorize.begun", "suspended-app").await);
}

#[tokio::test]
async fn app_suspended_while_the_person_decides_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    bed.set_state(AppState::Suspended).await;
    assert_eq!(journey.next(&handle).await, Err(Refusal::SuspendedApp));
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::SuspendedApp));
}

#[tokio::test]
async fn foreign_redirect_is_refused() {
    for uri in [
        "https://evil.example/.yizhan/callback",
        "https://social.apps.example/.yizhan/callback/",
        "https://social.apps.example/.yizhan/callback?x=1",
        "https://SOCIAL.apps.example/.yizhan/callback",
        "",
    ] {
        stays_here(&[("redirect_uri", uri)], Refusal::ForeignRedirect).await;
    }
}

#[tokio::test]
async fn redirect_taken_from_the_registration_meanwhile_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let mut client = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    client.redirect_uris = vec!["https://social.apps.example/other".into()];
    bed.provider.store.put_client(client, Trail::default()).await.expect("kept");
    assert_eq!(journey.next(&handle).await, Err(Refusal::ForeignRedirect));
}

#[tokio::test]
async fn duplicate_parameter_is_refused() {
    let bed = Bed::new().await;
    let mut parameters = Journey::of(&bed, "zhang").await.request(&[]);
    parameters.0.push(("scope".into(), "openid".into()));
    assert_eq!(refusal_of(&bed, &parameters).await, BeginRefusal::Page(Refusal::DuplicateParameter));
}

#[tokio::test]
async fn too_large_parameters_are_refused() {
    let long = "x".repeat(513);
    stays_here(&[("state", &long)], Refusal::TooLarge).await;
    stays_here(&[("nonce", &long)], Refusal::TooLarge).await;
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    journey.begin(&[("state", &long[..512]), ("nonce", &long[..512])]).await;
    let mut parameters = journey.request(&[]);
    parameters.0.extend((0..32).map(|number| (format!("p{number}"), String::new())));
    assert!(authorize::begin(&bed.context(), &bed.provider, &parameters).await.is_ok(), "forty");
    parameters.0.push(("p32".into(), String::new()));
    assert_eq!(refusal_of(&bed, &parameters).await, BeginRefusal::Page(Refusal::TooLarge));
}

#[tokio::test]
async fn response_type_other_than_code_is_refused() {
    goes_back(&[("response_type", "token")], Refusal::ResponseType).await;
    goes_back(&[("response_type", "code id_token")], Refusal::ResponseType).await;
    goes_back(&[("response_type", "")], Refusal::ResponseType).await;
}

#[tokio::test]
async fn response_mode_other_than_query_is_refused() {
    goes_back(&[("response_mode", "fragment")], Refusal::ResponseMode).await;
    goes_back(&[("response_mode", "form_post")], Refusal::ResponseMode).await;
}

#[tokio::test]
async fn missing_pkce_is_refused() {
    goes_back(&[("code_challenge", "")], Refusal::MissingPkce).await;
    goes_back(&[("code_challenge_method", "")], Refusal::MissingPkce).await;
    goes_back(&[("code_challenge_method", "plain")], Refusal::MissingPkce).await;
    goes_back(&[("code_challenge", "short")], Refusal::MissingPkce).await;
}

#[tokio::test]
async fn missing_openid_is_refused() {
    goes_back(&[("scope", "name")], Refusal::MissingOpenid).await;
    goes_back(&[("scope", "")], Refusal::MissingOpenid).await;
}

#[tokio::test]
async fn unreviewed_claim_is_refused() {
    goes_back(&[("scope", "openid id-number")], Refusal::UnreviewedClaim).await;
    // Has a permission, but no declared use.
    goes_back(&[("scope", "openid birth-date")], Refusal::UnreviewedClaim).await;
    goes_back(&[("claims", r#"{"userinfo":{"mobile":null}}"#)], Refusal::UnreviewedClaim).await;
    let details = r#"[{"type":"gov_userinfo","purpose":"remind","claims":["id-number-masked"]}]"#;
    goes_back(&[("authorization_details", details)], Refusal::UnreviewedClaim).await;
}

#[tokio::test]
async fn claim_dropped_by_a_new_version_meanwhile_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let mut less = manifest();
    less["gov_data_use"] = serde_json::json!([{ "claim": "name", "purpose": "query", "retention_days": 0 }]);
    bed.release(APP, less, Vec::new()).await;
    let Ok(Next::Redirect(redirect)) = journey.next(&handle).await else { panic!("no redirect") };
    assert_eq!(redirect.refusal, Some(Refusal::UnreviewedClaim));
}

#[tokio::test]
async fn malformed_authorization_details_are_refused() {
    for details in ["{}", "[{}]", r#"[{"type":"other","purpose":"query","claims":["name"]}]"#, "x"] {
        goes_back(&[("authorization_details", details)], Refusal::AuthorizationDetails).await;
    }
    let entry = r#"{"type":"gov_userinfo","purpose":"query","claims":["name"]}"#;
    let many = format!("[{}]", [entry; 17].join(","));
    goes_back(&[("authorization_details", &many)], Refusal::AuthorizationDetails).await;
    let enough = format!("[{}]", [entry; 16].join(","));
    let bed = Bed::new().await;
    Journey::of(&bed, "zhang").await.begin(&[("authorization_details", &enough)]).await;
    let empty = r#"[{"type":"gov_userinfo","purpose":"query","claims":[]}]"#;
    goes_back(&[("authorization_details", empty)], Refusal::AuthorizationDetails).await;
}

#[tokio::test]
async fn request_object_by_value_is_refused() {
    goes_back(&[("request", "e30.e30.")], Refusal::RequestObject).await;
}

#[tokio::test]
async fn foreign_request_uri_is_refused() {
    stays_here(&[("request_uri", "https://evil.example/request.jwt")], Refusal::ForeignRequestUri).await;
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    goes_back(&[("prompt", "none login")], Refusal::BadParameter).await;
    goes_back(&[("prompt", "other")], Refusal::BadParameter).await;
    for max_age in ["-1", "+1", "31536001"] {
        goes_back(&[("max_age", max_age)], Refusal::BadParameter).await;
    }
    goes_back(&[("dpop_jkt", "short")], Refusal::BadParameter).await;
    goes_back(&[("claims", "{")], Refusal::BadParameter).await;
}

#[tokio::test]
async fn high_tier_without_a_pushed_request_is_refused() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let journey = Journey::of(&bed, "zhang").await;
    let BeginRefusal::Redirect(redirect) = refusal_of(&bed, &journey.request(&[])).await else { panic!("no redirect") };
    assert_eq!(redirect.refusal, Some(Refusal::PushRequired));
}

#[tokio::test]
async fn expired_request_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    bed.clock.advance_ms(HOUR_MS / 4);
    assert_eq!(journey.next(&handle).await, Err(Refusal::ExpiredRequest));
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::ExpiredRequest));
    assert_eq!(journey.next("never was").await, Err(Refusal::ExpiredRequest));
}

#[tokio::test]
async fn request_that_was_decided_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    journey.agree(&handle, &[]).await.expect("agreed");
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::ExpiredRequest));
    assert_eq!(journey.next(&handle).await, Err(Refusal::ExpiredRequest));
}

#[tokio::test]
async fn of_two_decisions_at_once_one_counts() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let refusing = async { authorize::refuse(&bed.context(), &bed.provider, &handle, Some(&journey.session)).await };
    let (one, two) = tokio::join!(journey.agree(&handle, &[]), refusing);
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn assurance_too_low_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhao").await;
    let handle = journey.begin(&[]).await;
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::AssuranceTooLow));
    let Ok(Next::Redirect(redirect)) = journey.next(&handle).await else { panic!("no redirect") };
    assert_eq!(redirect.refusal, Some(Refusal::AssuranceTooLow));
    assert!(bed.audited("authorize.refused", "assurance-too-low").await);
}

#[tokio::test]
async fn assurance_that_no_sign_in_of_this_hub_reaches_ends_the_request() {
    let mut bed = Bed::new().await;
    bed.provider.assurance_max = Assurance::RealName;
    let journey = Journey::of(&bed, "zhang").await;
    let surest = bed.sign_in_as(&PersonId("zhang".into()), Assurance::RealName).await;
    for session in [None, Some(&surest)] {
        let handle = journey.begin(&[("acr_values", "urn:yizhan:acr:face")]).await;
        let next = authorize::next(&bed.context(), &bed.provider, &handle, session).await;
        let Ok(Next::Redirect(redirect)) = next else { panic!("no redirect: {next:?}") };
        assert_eq!(redirect.refusal, Some(Refusal::AssuranceTooLow));
    }
}

#[tokio::test]
async fn weaker_sign_in_of_a_sure_account_is_asked_for_more() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    journey.session = bed.sign_in_as(&PersonId("zhang".into()), Assurance::Basic).await;
    let handle = journey.begin(&[]).await;
    let more = Next::SignIn { assurance: Assurance::RealName, fresh: false };
    assert_eq!(journey.next(&handle).await, Ok(more));
}

#[tokio::test]
async fn request_may_ask_for_more_assurance_and_never_for_less() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let sign_in = |handle: String| {
        let (context, provider) = (bed.context(), &bed.provider);
        async move { authorize::next(&context, provider, &handle, None).await }
    };
    for (acr, assurance) in [
        ("urn:yizhan:acr:face", Assurance::Face),
        ("urn:yizhan:acr:basic", Assurance::RealName),
        ("urn:yizhan:acr:face urn:yizhan:acr:real-name", Assurance::RealName),
        ("unknown", Assurance::RealName),
    ] {
        let next = sign_in(journey.begin(&[("acr_values", acr)]).await).await;
        assert_eq!(next, Ok(Next::SignIn { assurance, fresh: false }), "{acr}");
    }
    let claims = r#"{"id_token":{"acr":{"essential":true,"value":"urn:yizhan:acr:face"}}}"#;
    let next = sign_in(journey.begin(&[("claims", claims)]).await).await;
    assert_eq!(next, Ok(Next::SignIn { assurance: Assurance::Face, fresh: false }));
}

#[tokio::test]
async fn assurance_raised_while_the_person_decides_counts() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let mut more = manifest();
    more["gov_assurance"] = "face".into();
    bed.release(APP, more, Vec::new()).await;
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::AssuranceTooLow));
    let Ok(Next::Redirect(redirect)) = journey.next(&handle).await else { panic!("no redirect") };
    assert_eq!(redirect.refusal, Some(Refusal::AssuranceTooLow));
}

#[tokio::test]
async fn nobody_signed_in_is_asked_to_or_told_login_required() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let next = authorize::next(&bed.context(), &bed.provider, &handle, None).await;
    assert_eq!(next, Ok(Next::SignIn { assurance: Assurance::RealName, fresh: false }));
    let handle = journey.begin(&[("prompt", "none")]).await;
    let Ok(Next::Redirect(redirect)) = authorize::next(&bed.context(), &bed.provider, &handle, None).await else {
        panic!("no redirect")
    };
    assert_eq!(redirect.refusal, Some(Refusal::LoginRequired));
}

#[tokio::test]
async fn expired_session_counts_as_signed_out() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    bed.clock.advance_ms(8 * HOUR_MS);
    let handle = journey.begin(&[]).await;
    assert!(matches!(journey.next(&handle).await, Ok(Next::SignIn { .. })));
    assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::LoginRequired));
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_for_a_new_sign_in() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    bed.clock.advance_ms(60_001);
    for (name, value) in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "60")] {
        let handle = journey.begin(&[(name, value)]).await;
        let fresh = Next::SignIn { assurance: Assurance::RealName, fresh: true };
        assert_eq!(journey.next(&handle).await, Ok(fresh), "{name}={value}");
        assert_eq!(journey.agree(&handle, &[]).await, Err(Refusal::LoginRequired));
        let old = std::mem::replace(&mut journey.session, bed.sign_in("zhang").await);
        assert!(matches!(journey.next(&handle).await, Ok(Next::Consent(_))), "{name}={value}");
        journey.session = old;
    }
    bed.clock.advance_ms(939);
    let old = &journey.session;
    assert_eq!(yizhan_domain::Clock::now(&bed.clock), old.auth_time.plus_ms(60_940));
    for (max_age, counts) in [("60", false), ("61", true), ("31536000", true)] {
        let handle = journey.begin(&[("max_age", max_age)]).await;
        assert_eq!(matches!(journey.next(&handle).await, Ok(Next::Consent(_))), counts, "{max_age}");
    }
    bed.clock.advance_ms(60);
    let handle = journey.begin(&[("max_age", "61")]).await;
    assert!(matches!(journey.next(&handle).await, Ok(Next::Consent(_))), "exactly as old as allowed");
}

#[tokio::test]
async fn prompt_none_without_consent_is_told_consent_required() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[("prompt", "none")]).await;
    let Ok(Next::Redirect(redirect)) = journey.next(&handle).await else { panic!("no redirect") };
    assert_eq!(redirect.refusal, Some(Refusal::ConsentRequired));
}

#[tokio::test]
async fn refusing_is_a_normal_result() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let refused = authorize::refuse(&bed.context(), &bed.provider, &handle, Some(&journey.session)).await;
    let redirect = refused.expect("a redirect");
    assert_eq!(redirect.refusal, Some(Refusal::AccessDenied));
    assert_eq!(query_of(&redirect, "error").as_deref(), Some("access_denied"));
    assert!(bed.audited("consent.refused", "access-denied").await);
    assert_eq!(journey.next(&handle).await, Err(Refusal::ExpiredRequest));
}

#[tokio::test]
async fn page_is_told_who_asks_and_where_the_answer_goes() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[("ui_locales", "en zh-CN")]).await;
    let asker = authorize::asker(&bed.context(), &bed.provider, &handle).await.expect("asker");
    assert_eq!(asker.app_name, "社保查询");
    assert_eq!(asker.unit, "示例市人力资源和社会保障局");
    assert_eq!(asker.redirect_origin, "https://social.apps.example");
    assert_eq!(asker.ui_locales.as_deref(), Some("en zh-CN"));
}

#[tokio::test]
async fn answer_names_state_and_issuer() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let handle = journey.begin(&[]).await;
    let redirect = journey.agree(&handle, &[]).await.expect("agreed");
    assert_eq!(code_of(&redirect).len(), 43);
    assert_eq!(query_of(&redirect, "state").as_deref(), Some("a state"));
    assert_eq!(query_of(&redirect, "iss").as_deref(), Some(crate::bed::ISSUER));
    assert!(!format!("{redirect:?}").contains(&code_of(&redirect)), "a code is never printed");
}

#[tokio::test]
async fn client_of_nobody_is_unknown_even_with_a_known_app() {
    let bed = Bed::new().await;
    let id = ClientId(format!("{APP}:backend"));
    assert!(bed.provider.store.find_client(&id).await.expect("store").is_none());
    stays_here(&[("client_id", id.as_str())], Refusal::UnknownClient).await;
}
