//! One-time codes.

use super::*;
use yizhan_domain::person::Assurance;

const NUMBER: &str = "10000000001";

async fn ask(hub: &Hub, ms: u64, number: &str, browser: &Browser<'_>) -> Result<(), SignInError> {
    let form = CodeForm { number, locale: "zh-CN" };
    let asked = send_code(&at(ms), &hub.sign_in, form, browser, &mut rng_of_os()).await;
    // Codes are handed over beside the answer.
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
    asked
}

async fn try_code(hub: &Hub, ms: u64, code: &str, browser: &Browser<'_>) -> Result<SignInStep, SignInError> {
    with_code(&at(ms), &hub.sign_in, code, browser, &mut rng_of_os()).await
}

fn newest(hub: &Hub) -> String {
    hub.sender.newest().first().expect("a code was sent").code.clone()
}

/// A code that was certainly not sent.
fn wrong(hub: &Hub) -> &'static str {
    if hub.sender.newest().first().is_some_and(|sent| sent.code == "000000") { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_code_signs_in_once_and_gives_basic_only() {
    let hub = Hub::development();
    let person = hub.person(verified("first", 1)).await;
    ask(&hub, 0, NUMBER, &browser()).await.expect("sent");
    let code = newest(&hub);
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let signed_in = done(try_code(&hub, 1, &code, &browser()).await);
    assert_eq!((signed_in.session.person, signed_in.session.assurance), (person, Assurance::Basic));
    assert!(signed_in.device.is_none());
    assert_eq!(refusal(try_code(&hub, 2, &code, &browser()).await).code(), "sign-in-ended");
}

#[tokio::test]
async fn a_code_counts_in_the_browser_that_asked_for_it_only() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    ask(&hub, 0, NUMBER, &browser()).await.expect("sent");
    let other = Browser { transaction: SecretHash([2; 32]), ..browser() };
    assert_eq!(refusal(try_code(&hub, 1, &newest(&hub), &other).await).code(), "sign-in-ended");
    done(try_code(&hub, 1, &newest(&hub), &browser()).await);
}

#[tokio::test]
async fn a_code_ends_after_five_minutes_or_five_tries() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    ask(&hub, 0, NUMBER, &browser()).await.expect("sent");
    assert_eq!(refusal(try_code(&hub, CODE_MS, &newest(&hub), &browser()).await).code(), "sign-in-ended");
    ask(&hub, CODE_MS, NUMBER, &browser()).await.expect("sent");
    for left in (0..5).rev() {
        let refused = refusal(try_code(&hub, CODE_MS + 1, wrong(&hub), &browser()).await);
        assert!(matches!(refused, SignInError::Code { tries_left } if tries_left == left), "{refused:?}");
    }
    assert_eq!(refusal(try_code(&hub, CODE_MS + 1, &newest(&hub), &browser()).await).code(), "sign-in-ended");
}

#[tokio::test]
async fn only_the_newest_code_counts() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    ask(&hub, 0, NUMBER, &browser()).await.expect("sent");
    let old = newest(&hub);
    ask(&hub, 60_000, NUMBER, &browser()).await.expect("sent");
    let new = newest(&hub);
    if old != new {
        assert_eq!(refusal(try_code(&hub, 60_001, &old, &browser()).await).code(), "wrong-code");
    }
    done(try_code(&hub, 60_001, &new, &browser()).await);
}

#[tokio::test]
async fn no_answer_tells_whether_a_number_belongs_to_somebody_and_nobody_is_sent_a_code() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let (known, unknown) = (browser(), Browser { transaction: SecretHash([2; 32]), ..browser() });
    for minute in 0..12 {
        let ms = minute * 60_000;
        let seen_ask = |asked: Result<(), SignInError>| asked.map_err(|error| (error.to_string(), error.code()));
        let first = seen_ask(ask(&hub, ms, NUMBER, &known).await);
        assert_eq!(first, seen_ask(ask(&hub, ms, "10000000099", &unknown).await), "minute {minute}");
        let tried = seen(try_code(&hub, ms + 1, "x", &known).await);
        assert_eq!(tried, seen(try_code(&hub, ms + 1, "x", &unknown).await), "minute {minute}");
    }
    assert!(hub.sender.newest().iter().all(|sent| sent.number == NUMBER));
}

#[tokio::test]
async fn codes_are_capped_per_minute_hour_and_day_of_a_number() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    ask(&hub, 0, NUMBER, &browser()).await.expect("sent");
    assert!(matches!(ask(&hub, 59_999, NUMBER, &browser()).await, Err(SignInError::TooMany { retry_ms: 1 })));
    let mut sent = 1;
    for minute in 1..(24 * 60) {
        sent += usize::from(ask(&hub, minute * 60_000, NUMBER, &browser()).await.is_ok());
    }
    assert_eq!(sent, 10);
}

#[tokio::test]
async fn codes_are_capped_per_address_and_for_the_whole_hub() {
    let hub = Hub::development();
    let mut sent = 0;
    for number in 0..60 {
        sent += usize::from(ask(&hub, 0, &format!("10000001{number:03}"), &browser()).await.is_ok());
    }
    assert_eq!(sent, 50, "codes_per_day_max of the test's hub");
    for number in 0..200 {
        let asked = ask(&hub, 0, &format!("10000002{number:03}"), &browser()).await;
        assert!(matches!(asked, Err(SignInError::TooMany { .. })));
    }
    let key = hub.sign_in.people.keys().handle_hash("codes-hub-day", &[]);
    hub.sign_in.store().clear_attempts(&key).await.expect("cleared");
    let over = ask(&hub, 0, "10000003000", &browser()).await;
    assert!(
        matches!(over, Err(SignInError::TooMany { retry_ms: 3_600_000 })),
        "the address is over its hour: {over:?}"
    );
    let elsewhere = Browser { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), ..browser() };
    ask(&hub, 0, "10000003000", &elsewhere).await.expect("another address");
}

#[tokio::test]
async fn without_a_sender_codes_are_refused_with_their_own_code() {
    let hub = Hub::of(StoreMode::Production);
    assert!(!hub.sign_in.sends_codes());
    let refused = ask(&hub, 0, NUMBER, &browser()).await.expect_err("refused");
    assert_eq!(refused.code(), "code-sender-not-configured");
}

#[tokio::test]
async fn what_is_no_mobile_number_is_refused() {
    let hub = Hub::development();
    for number in ["", "1", "1000000000a", "100000000011"] {
        assert!(matches!(ask(&hub, 0, number, &browser()).await, Err(SignInError::Number)), "{number}");
    }
}
