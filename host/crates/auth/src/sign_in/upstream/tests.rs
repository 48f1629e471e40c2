//! Sign-in elsewhere: what is sent, what is taken, and everything that is not.

use super::fixture::*;
use super::*;
use crate::jose::{JwsAlgorithm, JwsHeader};
use crate::people::fixture::{at, id_number, register, verified};
use crate::sign_in::SignInStep;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use yizhan_domain::person::Assurance;

fn person_of(finished: Result<Finished, UpstreamError>) -> (yizhan_domain::PersonId, Assurance) {
    match finished.map(|finished| finished.step) {
        Ok(SignInStep::Done(signed_in)) => {
            assert_eq!(signed_in.session.amr, ["upstream"]);
            (signed_in.session.person, signed_in.session.assurance)
        }
        Ok(SignInStep::SecondFactor(_)) => panic!("a second factor is asked for"),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn the_request_names_this_client_and_holds_no_secret_but_by_its_hash() {
    let bed = Bed::new(|_| ());
    let way = bed.begin(&at(0), true).await;
    for (name, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://hub.example/sign-in/elsewhere/province/callback"),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
        ("max_age", "0"),
    ] {
        assert_eq!(way.query[name], value, "{name}");
    }
    let mut claims = bed.claims(&at(0), &way);
    claims["auth_time"] = json!(at(0).now.0 / 1000);
    bed.answers(&claims);
    bed.finish(&at(0), &way, &way.good()).await.map(drop).expect("signed in");
    let script = bed.link.script();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(script.posted["code_verifier"].as_bytes()));
    assert_eq!(challenge, way.query["code_challenge"]);
    assert_eq!(script.posted["redirect_uri"], way.query["redirect_uri"]);
    assert!(script.authorization.as_deref().is_some_and(|text| text.starts_with("Basic ")));
    assert!(!way.query.values().any(|value| *value == script.posted["code_verifier"]));
}

#[tokio::test]
async fn an_upstream_account_signs_the_same_person_in_again_at_most_as_surely_as_configured() {
    let bed = Bed::new(|_| ());
    let (first, assurance) = person_of(bed.with_claims(&at(0), |_| ()).await);
    assert_eq!(assurance, Assurance::Basic);
    let again = bed.with_claims(&at(1000), |claims| claims["name"] = json!("另一个名字")).await;
    assert_eq!(person_of(again).0, first);
    let other = bed.with_claims(&at(2000), |claims| claims["sub"] = json!("u-2")).await;
    assert_ne!(person_of(other).0, first);
    let kept = bed.begin(&at(3000), false).await;
    bed.answers(&bed.claims(&at(3000), &kept));
    let finished = bed.finish(&at(3000), &kept, &kept.good()).await.expect("signed in");
    assert_eq!((finished.handle.as_str(), finished.to.as_str()), ("a-handle", ""), "the errand comes back");
}

#[tokio::test]
async fn a_mapped_claim_finds_an_account_and_an_unmapped_or_unverified_one_never_does() {
    let number = id_number(1);
    let real = |settings: &mut UpstreamSettings| {
        settings.creates = false;
        settings.assurance = Assurance::RealName;
        settings.handle = Some(HandleOf { claim: "id_card".to_owned(), kind: HandleKind::IdNumber });
    };
    let bed = Bed::new(real);
    let local = register(bed.people(), verified("first", 1)).await;
    assert_eq!(code_of(bed.with_claims(&at(0), |_| ()).await), "upstream-no-account", "no such claim");
    let unverified = |claims: &mut serde_json::Value| {
        claims["id_card"] = json!(id_number(1));
        claims["id_card_verified"] = json!(false);
    };
    assert_eq!(code_of(bed.with_claims(&at(0), unverified).await), "upstream-no-account");
    let found = bed.with_claims(&at(0), |claims| claims["id_card"] = json!(number)).await;
    assert_eq!(person_of(found), (local.clone(), Assurance::RealName));
    // Linked now: by subject, whatever the claim says later.
    let linked = bed.with_claims(&at(0), |claims| claims["id_card"] = json!("9")).await;
    assert_eq!(person_of(linked).0, local);

    let phone = Bed::new(|settings| {
        settings.handle = Some(HandleOf { claim: "phone_number".to_owned(), kind: HandleKind::Mobile });
        settings.creates = false;
    });
    let local = register(phone.people(), verified("first", 1)).await;
    let said = |claims: &mut serde_json::Value| claims["phone_number"] = json!("+8610000000001");
    assert_eq!(code_of(phone.with_claims(&at(0), said).await), "upstream-no-account", "nobody verified it");
    let said = |claims: &mut serde_json::Value| {
        claims["phone_number"] = json!("+8610000000001");
        claims["phone_number_verified"] = json!(true);
    };
    assert_eq!(person_of(phone.with_claims(&at(0), said).await).0, local);

    let unmapped = Bed::new(|settings| settings.assurance = Assurance::Face);
    let local = register(unmapped.people(), verified("first", 1)).await;
    let new = unmapped.with_claims(&at(0), |claims| claims["id_card"] = json!(number)).await;
    let (person, assurance) = person_of(new);
    assert_ne!(person, local);
    assert_eq!(assurance, Assurance::Basic, "a new account is not surer than the platform is of it");
}

#[tokio::test]
async fn an_id_token_for_somebody_else_or_another_time_is_not_taken() {
    type Change = fn(&mut serde_json::Value, u64);
    let bed = Bed::new(|_| ());
    let now = at(0).now.0 / 1000;
    let cases: [(&str, Change); 14] = [
        ("token iss", |claims, _| claims["iss"] = json!("https://evil.example")),
        ("token aud", |claims, _| claims["aud"] = json!("another-client")),
        ("token aud", |claims, _| claims["aud"] = json!([CLIENT, "another-client"])),
        ("token azp", |claims, _| claims["azp"] = json!("another-client")),
        ("token nonce", |claims, _| claims["nonce"] = json!("another")),
        ("token nonce", |claims, _| drop(claims.as_object_mut().expect("object").remove("nonce"))),
        ("token exp", |claims, now| claims["exp"] = json!(now)),
        ("token exp", |claims, _| drop(claims.as_object_mut().expect("object").remove("exp"))),
        ("token iat", |claims, now| claims["iat"] = json!(now + 31)),
        ("token iat", |claims, now| claims["iat"] = json!(now - 601)),
        ("token nbf", |claims, now| claims["nbf"] = json!(now + 31)),
        ("token sub", |claims, _| claims["sub"] = json!("")),
        ("token sub", |claims, _| claims["sub"] = json!("a\nb")),
        ("token sub", |claims, _| claims["sub"] = json!("s".repeat(256))),
    ];
    for (expected, change) in cases {
        let refused = bed.with_claims(&at(0), |claims| change(claims, now)).await;
        assert_eq!(code_of(refused), expected);
    }
    let several = |claims: &mut serde_json::Value| {
        claims["aud"] = json!([CLIENT, "another-client"]);
        claims["azp"] = json!(CLIENT);
    };
    assert_eq!(code_of(bed.with_claims(&at(0), several).await), "signed in", "one of several, and issued for this hub");
}

#[tokio::test]
async fn a_fresh_sign_in_needs_a_proof_of_this_moment() {
    let bed = Bed::new(|_| ());
    let now = at(0).now.0 / 1000;
    for (auth_time, expected) in
        [(None, "token auth_time"), (Some(now - 31), "token auth_time"), (Some(now), "signed in")]
    {
        let way = bed.begin(&at(0), true).await;
        let mut claims = bed.claims(&at(0), &way);
        if let Some(auth_time) = auth_time {
            claims["auth_time"] = json!(auth_time);
        }
        bed.answers(&claims);
        assert_eq!(code_of(bed.finish(&at(0), &way, &way.good()).await), expected);
    }
}

/// A token with this header and signature over good claims.
fn forged(header: &serde_json::Value, claims: &serde_json::Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn unsigned_symmetric_and_forged_tokens_are_not_taken() {
    let bed = Bed::new(|_| ());
    let kid = bed.key.kid().to_owned();
    // The public key as a secret: the classic confusion of algorithms.
    let public = bed.key.public().to_value().to_string();
    let hs256 = |message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).expect("any length");
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let way = bed.begin(&at(0), false).await;
    let claims = bed.claims(&at(0), &way);
    let mine = bed.key.sign(&JwsHeader::default(), &claims).expect("signed");
    let own_key = json!({"alg": "ES256", "jwk": key(2).public().to_value()});
    let (head, signature) = mine.rsplit_once('.').expect("three parts");
    let tokens = [
        forged(&json!({"alg": "none"}), &claims, |_| Vec::new()),
        forged(&json!({"alg": "none", "kid": kid}), &claims, |_| Vec::new()),
        forged(&json!({"alg": "HS256", "kid": kid}), &claims, hs256),
        forged(&json!({"alg": "ES256", "kid": kid}), &claims, |_| vec![0; 64]),
        forged(&own_key, &claims, |_| vec![0; 64]),
        format!("{head}."),
        format!("{}.{signature}", head.replacen('.', "..", 1)),
        String::new(),
    ];
    for token in tokens {
        let way = bed.begin(&at(0), false).await;
        bed.link.script().token = Some(token.clone());
        assert_eq!(code_of(bed.finish(&at(0), &way, &way.good()).await), "token signature", "{token}");
    }
    let narrow = Bed::new(|settings| settings.algorithms = vec![JwsAlgorithm::Ps256]);
    assert_eq!(code_of(narrow.with_claims(&at(0), |_| ()).await), "token signature", "an algorithm not configured");
}

#[tokio::test]
async fn keys_are_asked_for_once_more_when_a_token_names_a_new_one() {
    let mut bed = Bed::new(|_| ());
    assert_eq!(code_of(bed.with_claims(&at(0), |_| ()).await), "signed in");
    let keys = |bed: &Bed| bed.link.script().asked.iter().filter(|url| url.ends_with("/jwks")).count();
    let documents = |bed: &Bed| bed.link.script().asked.iter().filter(|url| url.ends_with("configuration")).count();
    assert_eq!((keys(&bed), documents(&bed)), (1, 1));
    // The provider rotates.
    bed.key = key(5);
    let published = json!({ "keys": [bed.key.public().to_value()] });
    bed.link.script().keys = published;
    assert_eq!(code_of(bed.with_claims(&at(60_000), |_| ()).await), "signed in");
    assert_eq!(keys(&bed), 2);
    // A key that is nowhere: asked for once more, and not again within ten seconds.
    bed.key = key(6);
    assert_eq!(code_of(bed.with_claims(&at(120_000), |_| ()).await), "token signature");
    assert_eq!(keys(&bed), 3);
    assert_eq!(code_of(bed.with_claims(&at(121_000), |_| ()).await), "token signature");
    assert_eq!((keys(&bed), documents(&bed)), (3, 1), "nobody makes this hub flood a provider");
}

#[tokio::test]
async fn an_answer_counts_once_in_its_own_browser_and_time() {
    let bed = Bed::new(|_| ());
    let way = bed.begin(&at(0), false).await;
    bed.answers(&bed.claims(&at(0), &way));
    let cookie = Some(way.cookie.as_str());
    let good = way.good();
    let other_browser = bed.finish_in(&at(0), &browser(2), (cookie, &good)).await;
    assert_eq!(code_of(other_browser), "upstream-ended", "another browser");
    assert_eq!(code_of(bed.finish_in(&at(0), &browser(1), (None, &good)).await), "upstream-ended", "no cookie");
    assert_eq!(code_of(bed.finish(&at(TRANSACTION_MS), &way, &good).await), "upstream-ended", "too late");
    assert_eq!(code_of(bed.finish(&at(0), &way, &good).await), "signed in");
    assert_eq!(code_of(bed.finish(&at(0), &way, &good).await), "upstream-ended", "once");
}

#[tokio::test]
async fn an_answer_of_another_state_or_issuer_or_with_a_doubled_parameter_is_foreign() {
    let bed = Bed::new(|_| ());
    let posts = |bed: &Bed| bed.link.script().asked.iter().filter(|url| url.ends_with("/token")).count();
    for query in [
        "code=c&state=another&iss=https%3A%2F%2Fup.example",
        "code=c&iss=https%3A%2F%2Fup.example",
        "code=c&state=STATE&iss=https%3A%2F%2Fevil.example",
        "code=c&state=STATE",
        "code=c&code=d&state=STATE&iss=https%3A%2F%2Fup.example",
        "state=STATE&iss=https%3A%2F%2Fup.example",
        "code=c&error=access_denied&state=STATE&iss=https%3A%2F%2Fup.example",
    ] {
        let way = bed.begin(&at(0), false).await;
        bed.answers(&bed.claims(&at(0), &way));
        let query = query.replace("STATE", &way.query["state"]);
        assert_eq!(code_of(bed.finish(&at(0), &way, &query).await), "upstream-foreign-answer", "{query}");
    }
    assert_eq!(posts(&bed), 0, "no code is sent anywhere");
}

#[tokio::test]
async fn an_answer_to_one_provider_is_none_to_another() {
    // Mix-up: the person began at one provider, the answer comes to the address of another.
    let (bed, other) = (Bed::new(|_| ()), Bed::new(|settings| settings.id = "city".to_owned()));
    let way = bed.begin(&at(0), false).await;
    let both = (&bed.sign_in, &other.upstream);
    let (query, cookie) = (way.good(), Some(way.cookie.as_str()));
    let mixed = finish(&at(0), both, Answered { query: &query, cookie }, &browser(1), &mut rng()).await;
    assert_eq!(code_of(mixed), "upstream-foreign-answer");
    assert!(!other.link.script().asked.iter().any(|url| url.ends_with("/token")), "the code went nowhere");
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_apart_and_audited_without_values() {
    let bed = Bed::new(|_| ());
    for (error, expected) in [("access_denied", "upstream-denied"), ("server_error", "upstream-refused")] {
        let way = bed.begin(&at(0), false).await;
        let query = format!("error={error}&state={}&iss=https%3A%2F%2Fup.example", way.query["state"]);
        assert_eq!(code_of(bed.finish(&at(0), &way, &query).await), expected);
    }
    let way = bed.begin(&at(0), false).await;
    assert_eq!(code_of(bed.finish(&at(0), &way, &way.good()).await), "upstream-refused", "the code is refused");
    assert_eq!(code_of(bed.with_claims(&at(0), |claims| claims["nonce"] = json!("x")).await), "token nonce");
    let audit = bed.sign_in.people().store().list_audit(None, 100).await.expect("audit").entries;
    let outcomes: Vec<&str> = audit.iter().map(|record| record.outcome.as_str()).collect();
    for expected in ["upstream-denied", "upstream-refused", "upstream-token"] {
        assert!(outcomes.contains(&expected), "{expected} in {outcomes:?}");
    }
    let text = serde_json::to_string(&audit).expect("json");
    for value in ["u-1", "王示例", way.query["state"].as_str(), "a-code"] {
        assert!(!text.contains(value), "{value}");
    }
}

#[tokio::test]
async fn a_provider_of_another_issuer_is_not_used_and_left_alone_for_ten_seconds() {
    let bed = Bed::new(|_| ());
    bed.link.script().metadata["issuer"] = json!("https://evil.example");
    let errand = Errand { handle: "", to: "/me", locale: "en", fresh: false };
    let both = (&bed.sign_in, &bed.upstream);
    for (ms, asked) in [(0, 1), (9_999, 1), (10_000, 2)] {
        let begun = begin(&at(ms), both, errand, &browser(1), &mut rng()).await;
        assert_eq!(begun.map(drop).expect_err("refused").code(), "upstream-unavailable");
        assert_eq!(bed.link.script().asked.len(), asked);
    }
}

#[tokio::test]
async fn a_client_with_a_key_signs_an_assertion_for_the_issuer_alone() {
    let bed = Bed::new(|settings| settings.proof = ClientProof::PrivateKeyJwt);
    assert_eq!(code_of(bed.with_claims(&at(0), |_| ()).await), "signed in");
    let script = bed.link.script();
    assert_eq!(script.authorization, None);
    let keys = bed.upstream.jwks(at(0).now).expect("keys");
    let expect = crate::jose::Expect { types: &["jwt"], algorithms: &[JwsAlgorithm::Es256] };
    let assertion = crate::jose::verify(&script.posted["client_assertion"], &keys, &expect).expect("signed").claims;
    assert_eq!((assertion.text("aud"), assertion.text("sub")), (Some(ISSUER), Some(CLIENT)));
    assert_eq!(assertion.seconds("exp"), Some(at(0).now.0 / 1000 + 60));
    assert!(!keys.to_value().to_string().contains("\"d\""));
}

#[tokio::test]
async fn failed_answers_count_against_the_address() {
    let bed = Bed::new(|_| ());
    for _ in 0..300 {
        let way = bed.begin(&at(0), false).await;
        let query = format!("code=c&state=another&iss={}", way.query["state"]);
        assert_eq!(code_of(bed.finish(&at(0), &way, &query).await), "upstream-foreign-answer");
    }
    assert_eq!(code_of(bed.with_claims(&at(0), |_| ()).await), "too-many-tries");
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_asked_for_it_here_in_any_case() {
    let bed = Bed::new(|_| ());
    let (person, _) = person_of(bed.with_claims(&at(0), |_| ()).await);
    let totp = yizhan_store::records::TotpRecord { sealed: "sealed".to_owned(), used_step: 0 };
    let credentials = yizhan_store::records::Credentials {
        person,
        password: None,
        totp: Some(totp),
        recovery: Vec::new(),
        passkeys: Vec::new(),
        reset: None,
        revision: 0,
    };
    let kept = bed.people().store().put_credentials(credentials, yizhan_store::records::Trail::default()).await;
    assert!(kept.expect("kept"));
    let finished = bed.with_claims(&at(1000), |_| ()).await.expect("proved");
    assert!(matches!(finished.step, SignInStep::SecondFactor(_)), "no session yet");
}
