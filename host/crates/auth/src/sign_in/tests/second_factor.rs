//! The second factor.

use super::*;

/// Enrols a second factor; the secret and the recovery codes.
async fn enrol(hub: &Hub, session: &SessionRecord, ms: u64) -> (Vec<u8>, Vec<Zeroizing<String>>, SessionRecord) {
    let context = at(ms);
    let enrolment = begin_enrolment(&context, &hub.sign_in, session, "驿站", &mut rng_of_os()).await.expect("begun");
    assert!(enrolment.uri.starts_with("otpauth://totp/%E9"), "percent-encoded");
    let secret = secret_of(&enrolment.secret);
    let code = code_at(&secret, ms);
    let form = SecondFactorForm { pending: &enrolment.pending, code: &code };
    let confirmed = confirm_enrolment(&context, &hub.sign_in, session, form, &mut rng_of_os()).await;
    let (signed_in, codes) = confirmed.expect("confirmed");
    (secret, codes, signed_in.session)
}

fn secret_of(base32: &str) -> Vec<u8> {
    totp_rs::Secret::try_from_base32(base32).expect("base32").as_bytes().to_vec()
}

fn code_at(secret: &[u8], ms: u64) -> String {
    let totp = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_secret(totp_rs::Secret::new(secret.into()))
        .build()
        .expect("totp");
    totp.generate(at(ms).now.0 / 1000).to_string()
}

async fn enrolled(hub: &Hub) -> (PersonId, Vec<u8>, Vec<Zeroizing<String>>, SessionRecord) {
    let person = hub.person(verified("first", 1)).await;
    let session = done(hub.password(&at(0), "first", PASSWORD).await).session;
    let (secret, codes, session) = enrol(hub, &session, 0).await;
    (person, secret, codes, session)
}

async fn pending(hub: &Hub, ms: u64) -> Zeroizing<String> {
    match hub.password(&at(ms), "first", PASSWORD).await {
        Ok(SignInStep::SecondFactor(pending)) => pending,
        Ok(SignInStep::Done(_)) => panic!("signed in without the second factor"),
        Err(error) => panic!("{error}"),
    }
}

async fn prove(hub: &Hub, ms: u64, pending: &str, code: &str) -> Result<SignedIn, SignInError> {
    let form = SecondFactorForm { pending, code };
    second_factor(&at(ms), &hub.sign_in, form, &browser(), &mut rng_of_os()).await
}

const STEP: u64 = 30_000;

#[tokio::test]
async fn whoever_enrolled_is_asked_for_the_second_factor_at_every_sign_in() {
    let hub = Hub::development();
    let (_, secret, codes, session) = enrolled(&hub).await;
    assert_eq!((codes.len(), session.amr.as_slice()), (10, ["pwd".to_owned(), "otp".to_owned()].as_slice()));
    let pending = pending(&hub, STEP).await;
    let signed_in = prove(&hub, STEP, &pending, &code_at(&secret, STEP)).await.expect("proved");
    assert_eq!(signed_in.session.second_factor, Some(at(STEP).now));
    assert_eq!(signed_in.session.amr, ["pwd", "otp"]);
    assert!(signed_in.device.is_some(), "the device is known from now on");
}

#[tokio::test]
async fn each_step_of_the_clock_counts_once() {
    let hub = Hub::development();
    let (_, secret, ..) = enrolled(&hub).await;
    let used_at_enrolment = prove(&hub, 0, &pending(&hub, 0).await, &code_at(&secret, 0)).await;
    assert!(matches!(used_at_enrolment, Err(SignInError::SecondFactor)));
    let (one, two) = (pending(&hub, STEP).await, pending(&hub, STEP).await);
    let code = code_at(&secret, STEP);
    let (first, second) = tokio::join!(prove(&hub, STEP, &one, &code), prove(&hub, STEP, &two, &code));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

#[tokio::test]
async fn a_half_done_sign_in_counts_in_its_browser_for_five_minutes() {
    let hub = Hub::development();
    let (_, secret, ..) = enrolled(&hub).await;
    let half = pending(&hub, STEP).await;
    let other = Browser { transaction: SecretHash([2; 32]), ..browser() };
    let code = code_at(&secret, STEP);
    let form = SecondFactorForm { pending: &half, code: &code };
    let elsewhere = second_factor(&at(STEP), &hub.sign_in, form, &other, &mut rng()).await;
    assert!(matches!(elsewhere, Err(SignInError::Ended)));
    let late = STEP + PENDING_MS;
    assert!(matches!(prove(&hub, late, &half, &code_at(&secret, late)).await, Err(SignInError::Ended)));
    assert!(matches!(prove(&hub, STEP, "forged", &code).await, Err(SignInError::Ended)));
    prove(&hub, STEP, &half, &code).await.expect("in time, in its browser");
}

#[tokio::test]
async fn a_recovery_code_counts_once() {
    let hub = Hub::development();
    let (person, _, codes, _) = enrolled(&hub).await;
    let spelled = codes[0].to_uppercase();
    prove(&hub, 0, &pending(&hub, 0).await, &spelled).await.expect("first use");
    assert!(matches!(prove(&hub, 0, &pending(&hub, 0).await, &codes[0]).await, Err(SignInError::SecondFactor)));
    assert_eq!(credentials(&hub, &person).await.recovery.len(), 9);
}

#[tokio::test]
async fn guessing_at_the_second_factor_is_slowed_down() {
    let hub = Hub::development();
    let (_, secret, ..) = enrolled(&hub).await;
    let half = pending(&hub, STEP).await;
    let right = code_at(&secret, STEP);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert!(matches!(prove(&hub, STEP, &half, wrong).await, Err(SignInError::SecondFactor)));
    }
    assert!(matches!(prove(&hub, STEP, &half, &right).await, Err(SignInError::TooMany { .. })));
    prove(&hub, STEP + 2000, &half, &right).await.expect("after the delay");
}

#[tokio::test]
async fn a_second_factor_is_fresh_for_five_minutes_and_proved_again_under_a_new_token() {
    let hub = Hub::development();
    let (_, secret, _, session) = enrolled(&hub).await;
    require_fresh(&session, at(FRESH_MS).now).expect("fresh");
    assert!(matches!(require_fresh(&session, at(FRESH_MS + 1).now), Err(SignInError::NotFresh)));
    let ms = FRESH_MS + 1;
    let code = code_at(&secret, ms);
    let again = step_up(&at(ms), &hub.sign_in, &session, &code, &mut rng_of_os()).await.expect("proved");
    require_fresh(&again.session, at(ms).now).expect("fresh");
    assert_eq!(again.session.id, session.id);
    assert_ne!(again.session.hash, session.hash);
    let none = SessionRecord { second_factor: None, ..session };
    assert!(matches!(require_fresh(&none, at(0).now), Err(SignInError::NotFresh)));
}

#[tokio::test]
async fn a_new_second_factor_needs_the_old_one_afresh() {
    let hub = Hub::development();
    let (_, _, _, session) = enrolled(&hub).await;
    let late = at(FRESH_MS + 1);
    let begun = begin_enrolment(&late, &hub.sign_in, &session, "x", &mut rng()).await;
    assert!(matches!(begun, Err(SignInError::NotFresh)));
    begin_enrolment(&at(FRESH_MS), &hub.sign_in, &session, "x", &mut rng()).await.expect("fresh");
}

#[tokio::test]
async fn an_enrolment_belongs_to_its_session_and_needs_a_right_code() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let mine = done(hub.password(&at(0), "first", PASSWORD).await).session;
    let other = done(hub.password(&at(0), "first", PASSWORD).await).session;
    let begun = begin_enrolment(&at(0), &hub.sign_in, &mine, "x", &mut rng()).await.expect("begun");
    let code = code_at(&secret_of(&begun.secret), 0);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let confirm = |session, ms, code| {
        let (sign_in, form) = (&hub.sign_in, SecondFactorForm { pending: &begun.pending, code });
        async move { confirm_enrolment(&at(ms), sign_in, session, form, &mut rng_of_os()).await.map(|_| ()) }
    };
    assert!(matches!(confirm(&other, 0, &code).await, Err(SignInError::Ended)));
    assert!(matches!(confirm(&mine, 0, wrong).await, Err(SignInError::SecondFactor)));
    assert!(matches!(confirm(&mine, PENDING_MS, &code).await, Err(SignInError::Ended)));
    confirm(&mine, 0, &code).await.expect("confirmed");
}

#[tokio::test]
async fn the_secret_is_sealed_and_recovery_codes_are_hashed() {
    let hub = Hub::development();
    let (person, secret, codes, _) = enrolled(&hub).await;
    let mut kept = credentials(&hub, &person).await;
    let text = serde_json::to_string(&kept).expect("json");
    let base32 = totp_rs::Secret::new(secret.into()).to_base32();
    assert!(!text.contains(&base32) && codes.iter().all(|code| !text.contains(code.as_str())));
    // Sealed for another person it does not open.
    let other = hub.person(verified("second", 2)).await;
    kept.person = other.clone();
    kept.revision = credentials(&hub, &other).await.revision;
    put(&hub, kept).await;
    let half = match hub.password(&at(STEP), "second", PASSWORD).await {
        Ok(SignInStep::SecondFactor(half)) => half,
        _ => panic!("asked for the second factor"),
    };
    let refused = prove(&hub, STEP, &half, "123456").await.err().expect("refused");
    assert_eq!(refused.code(), "person-data-unreadable");
}

#[tokio::test]
async fn a_password_that_is_set_beside_a_proof_gives_no_used_step_back() {
    let hub = Hub::development();
    let (person, secret, ..) = enrolled(&hub).await;
    let before = credentials(&hub, &person).await;
    let code = code_at(&secret, STEP);
    prove(&hub, STEP, &pending(&hub, STEP).await, &code).await.expect("proved");
    let stale = hub.sign_in.store().put_credentials(before, Trail::default()).await.expect("answer");
    assert!(!stale, "what was read before the proof is not written after it");
    set_password(&at(STEP), &hub.sign_in, Whom { person: &person, by: "command" }, PASSWORD, &mut rng_of_os())
        .await
        .expect("set over what is there now");
    let replay = prove(&hub, STEP, &pending(&hub, STEP).await, &code).await;
    assert!(matches!(replay, Err(SignInError::SecondFactor)));
}
