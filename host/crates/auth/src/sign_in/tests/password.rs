//! Passwords: what is answered, and how guessing is slowed down.

use super::*;
use yizhan_domain::person::Assurance;

#[tokio::test]
async fn a_password_signs_in_by_each_handle_as_real_name_at_most() {
    let hub = Hub::development();
    let person = hub.person(verified("first", 1)).await;
    for account in ["first", " FIRST ", "10000000001"] {
        let signed_in = done(hub.password(&at(0), account, PASSWORD).await);
        assert_eq!(signed_in.session.person, person);
        assert_eq!((signed_in.session.amr.as_slice(), signed_in.token.len()), (["pwd".to_owned()].as_slice(), 43));
        assert_eq!(signed_in.session.assurance, Assurance::RealName, "the face was not checked now");
    }
}

#[tokio::test]
async fn no_refused_sign_in_tells_whether_the_account_exists() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let mut without = verified("second", 2);
    without.data.mobile = None;
    register(&hub.sign_in.people, without).await;
    let guesses = ["a wrong one", "", "x", &"x".repeat(300), "another"];
    let mut ms = 0;
    for round in 0..30 {
        let context = at(ms);
        let guess = guesses[round % guesses.len()];
        let known = seen(hub.password(&context, "first", guess).await);
        let unknown = seen(hub.password(&context, "nobody-here", guess).await);
        let no_password = seen(hub.password(&context, "second", guess).await);
        assert_eq!(known, unknown, "round {round}");
        assert_eq!(known, no_password, "round {round}");
        ms += 700 * u64::try_from(round).expect("small");
    }
}

#[tokio::test]
async fn the_delay_grows_holds_for_the_right_password_too_and_ends() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    for _ in 0..4 {
        assert!(matches!(refusal(hub.password(&at(0), "first", "a wrong one").await), SignInError::Refused));
    }
    let early = refusal(hub.password(&at(1999), "first", PASSWORD).await);
    assert!(matches!(early, SignInError::TooMany { retry_ms: 1 }), "{early:?}");
    done(hub.password(&at(2000), "first", PASSWORD).await);
    assert!(matches!(refusal(hub.password(&at(2000), "first", "a wrong one").await), SignInError::Refused), "cleared");
}

#[tokio::test]
async fn refused_tries_do_not_make_the_delay_longer() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    for _ in 0..4 {
        refusal(hub.password(&at(0), "first", "a wrong one").await);
    }
    for ms in 1..50 {
        refusal(hub.password(&at(ms), "first", "a wrong one").await);
    }
    done(hub.password(&at(2000), "first", PASSWORD).await);
}

#[tokio::test]
async fn of_guesses_that_race_only_the_free_ones_are_let_in() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let account = hub.sign_in.people.handle_hash(crate::people::HandleText::Login("first"));
    let (context, browser) = (at(0), browser());
    for _ in 0..4 {
        assert!(throttle::enter(&context, &hub.sign_in, &account, &browser).await.is_ok(), "free");
    }
    let context = at(2000);
    let enter = || throttle::enter(&context, &hub.sign_in, &account, &browser);
    let (a, b, c) = tokio::join!(enter(), enter(), enter());
    assert_eq!([a.is_ok(), b.is_ok(), c.is_ok()].iter().filter(|let_in| **let_in).count(), 1);
}

#[tokio::test]
async fn a_known_device_is_not_slowed_down_by_strangers() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let device = done(hub.password(&at(0), "first", PASSWORD).await).device.expect("device cookie");
    for _ in 0..4 {
        refusal(hub.password(&at(0), "first", "a wrong one").await);
    }
    assert!(matches!(refusal(hub.password(&at(0), "first", PASSWORD).await), SignInError::TooMany { .. }));
    let known = Browser { device: Some(&device), ..browser() };
    done(hub.password_from(&at(0), "first", PASSWORD, &known).await);
}

#[tokio::test]
async fn a_known_device_that_guesses_is_slowed_down_itself() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let device = done(hub.password(&at(0), "first", PASSWORD).await).device.expect("device cookie");
    let known = Browser { device: Some(&device), ..browser() };
    let mut let_in = 0;
    for _ in 0..20 {
        let refused = refusal(hub.password_from(&at(0), "first", "a wrong one", &known).await);
        let_in += usize::from(matches!(refused, SignInError::Refused));
    }
    assert_eq!(let_in, 8, "four as a known device, then four as a stranger");
}

#[tokio::test]
async fn an_address_with_very_many_failures_waits_and_others_do_not() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let key = throttle::address_key(&hub.sign_in, browser().address);
    for _ in 0..299 {
        throttle::count_address(hub.sign_in.store(), &key, at(0).now).await.expect("counted");
    }
    refusal(hub.password(&at(0), "nobody-here", "a wrong one").await);
    let refused = refusal(hub.password(&at(1), "first", PASSWORD).await);
    assert!(matches!(refused, SignInError::TooMany { retry_ms: 599_999 }), "{refused:?}");
    let elsewhere = Browser { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), ..browser() };
    done(hub.password_from(&at(1), "first", PASSWORD, &elsewhere).await);
    done(hub.password(&at(600_000), "first", PASSWORD).await);
}

#[test]
fn an_ipv6_network_of_64_bits_counts_as_one_address() {
    let hub = Hub::development();
    let key = |text: &str| throttle::address_key(&hub.sign_in, text.parse().expect("address"));
    assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
    assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
    assert_eq!(key("::ffff:127.0.0.1"), key("127.0.0.1"));
}

#[tokio::test]
async fn when_all_slots_and_places_are_taken_sign_in_says_busy_and_counts_nothing() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let held: Vec<_> = (0..=QUEUE_MAX).map(|_| hub.sign_in.hashing.place().expect("place")).collect();
    for _ in 0..9 {
        assert_eq!(refusal(hub.password(&at(0), "first", PASSWORD).await).code(), "sign-in-busy");
    }
    drop(held);
    done(hub.password(&at(0), "first", PASSWORD).await);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let other = done(hub.password(&at(0), "first", PASSWORD).await);
    let mine = done(hub.password(&at(0), "first", PASSWORD).await);
    let change = |old, new| {
        let (sign_in, session) = (&hub.sign_in, &mine.session);
        async move { change_password(&at(0), sign_in, session, PasswordChange { old, new }, &mut rng_of_os()).await }
    };
    assert!(matches!(change("a wrong one", "battery staple").await, Err(SignInError::Refused)));
    assert!(matches!(change(PASSWORD, "short").await, Err(SignInError::PasswordRule)));
    change(PASSWORD, "battery staple").await.expect("changed");
    assert!(super::super::sessions::find(&at(0), &hub.sign_in, &other.token).await.expect("read").is_none());
    assert!(super::super::sessions::find(&at(0), &hub.sign_in, &mine.token).await.expect("read").is_some());
    assert!(matches!(refusal(hub.password(&at(0), "first", PASSWORD).await), SignInError::Refused));
    done(hub.password(&at(0), "first", "battery staple").await);
}
