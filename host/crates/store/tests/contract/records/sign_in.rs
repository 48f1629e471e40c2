//! Credentials, failures and one-time codes.

use super::{
    RACERS, Store, count, race,
    sample::{LATER, NOW, hash, id, none},
};
use yizhan_store::records::{Attempts, CodeTry, Credentials, SignInCode, TotpRecord};

fn credentials() -> Credentials {
    Credentials {
        person: id("a"),
        password: None,
        totp: Some(TotpRecord { sealed: "sealed".to_owned(), used_step: 10 }),
        recovery: vec![hash("one"), hash("two")],
        passkeys: Vec::new(),
        reset: None,
        revision: 0,
    }
}

fn sent(code: &str) -> SignInCode {
    SignInCode { transaction: hash("t"), person: Some(id("a")), code: hash(code), tries_left: 5, expires: LATER }
}

pub(crate) async fn credentials_are_replaced_whole(store: Store) {
    assert_eq!(store.find_credentials(&id("a")).await.expect("find"), None);
    store.put_credentials(credentials(), none()).await.expect("put");
    let changed = Credentials { password: Some("$argon2id$".to_owned()), totp: None, revision: 1, ..credentials() };
    assert!(store.put_credentials(changed.clone(), none()).await.expect("put"));
    let kept = Credentials { revision: 2, ..changed };
    assert_eq!(store.find_credentials(&id("a")).await.expect("find"), Some(kept));
    assert!(!store.use_totp_step(&id("a"), 11, none()).await.expect("no secret"));
    assert!(!store.use_totp_step(&id("b"), 11, none()).await.expect("nobody"));
}

pub(crate) async fn credentials_that_were_read_before_a_change_are_not_kept(store: Store) {
    assert!(store.put_credentials(credentials(), none()).await.expect("put"));
    assert!(!store.put_credentials(credentials(), none()).await.expect("put"), "as if there were none");
    let read = store.find_credentials(&id("a")).await.expect("find").expect("credentials");
    assert!(store.use_totp_step(&id("a"), 11, none()).await.expect("use"));
    let changed = Credentials { password: Some("$argon2id$".to_owned()), ..read };
    assert!(!store.put_credentials(changed, none()).await.expect("put"), "the used step would come back");
    assert!(!store.use_totp_step(&id("a"), 11, none()).await.expect("use"));
    let read = store.find_credentials(&id("a")).await.expect("find").expect("credentials");
    assert!(store.use_recovery_code(&id("a"), &hash("one"), none()).await.expect("use"));
    assert!(!store.put_credentials(read, none()).await.expect("put"), "the used code would come back");
    let read = store.find_credentials(&id("a")).await.expect("find").expect("credentials");
    let answers = race(|_| {
        let (store, read) = (store.clone(), read.clone());
        async move { store.put_credentials(read, none()).await.expect("put") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
}

pub(crate) async fn of_racing_uses_of_a_totp_step_one_wins(store: Store) {
    store.put_credentials(credentials(), none()).await.expect("put");
    let answers = race(|_| {
        let store = store.clone();
        async move { store.use_totp_step(&id("a"), 11, none()).await.expect("use") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    for (step, wins) in [(10, false), (11, false), (12, true), (12, false)] {
        assert_eq!(store.use_totp_step(&id("a"), step, none()).await.expect("use"), wins, "{step}");
    }
}

pub(crate) async fn of_racing_uses_of_a_recovery_code_one_wins_and_the_others_stay(store: Store) {
    store.put_credentials(credentials(), none()).await.expect("put");
    let answers = race(|_| {
        let store = store.clone();
        async move { store.use_recovery_code(&id("a"), &hash("one"), none()).await.expect("use") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    let left = store.find_credentials(&id("a")).await.expect("find").expect("credentials");
    assert_eq!(left.recovery, [hash("two")]);
}

pub(crate) async fn racing_failures_all_count_until_the_window_ends(store: Store) {
    let key = hash("account");
    assert_eq!(store.find_attempts(&key).await.expect("find"), Attempts::default());
    let answers = race(|_| {
        let store = store.clone();
        async move { store.count_failure(&key, NOW, 1_000).await.expect("count").failures }
    })
    .await;
    assert_eq!(answers.iter().max(), Some(&(RACERS as u32)));
    let last = store.count_failure(&key, NOW.plus_ms(999), 1_000).await.expect("count");
    assert_eq!((last.failures, last.first, last.last), (RACERS as u32 + 1, NOW, NOW.plus_ms(999)));
    assert_eq!(store.find_attempts(&key).await.expect("find"), last);
    let anew = store.count_failure(&key, NOW.plus_ms(1_000), 1_000).await.expect("count");
    assert_eq!((anew.failures, anew.first), (1, NOW.plus_ms(1_000)));
    store.clear_attempts(&key).await.expect("clear");
    assert_eq!(store.find_attempts(&key).await.expect("find"), Attempts::default());
}

pub(crate) async fn wrong_tries_end_a_code(store: Store) {
    let code = SignInCode { tries_left: 2, ..sent("right") };
    store.put_sign_in_code(code, none()).await.expect("put");
    let answers = [CodeTry::Wrong(1), CodeTry::Wrong(0), CodeTry::Gone];
    for expected in answers {
        let answer = store.try_sign_in_code(&hash("t"), &hash("wrong"), NOW).await.expect("try");
        assert_eq!(answer, expected);
    }
    let answer = store.try_sign_in_code(&hash("t"), &hash("right"), NOW).await.expect("try");
    assert_eq!(answer, CodeTry::Gone);
}

pub(crate) async fn of_racing_right_codes_one_signs_in(store: Store) {
    store.put_sign_in_code(sent("right"), none()).await.expect("put");
    let answers = race(|_| {
        let store = store.clone();
        async move { store.try_sign_in_code(&hash("t"), &hash("right"), NOW).await.expect("try") }
    })
    .await;
    assert_eq!(count(&answers, &CodeTry::Right(Some(id("a")))), 1);
    assert_eq!(count(&answers, &CodeTry::Gone), RACERS - 1);
}

pub(crate) async fn only_the_newest_code_of_a_transaction_counts(store: Store) {
    store.put_sign_in_code(sent("first"), none()).await.expect("put");
    store.put_sign_in_code(SignInCode { person: None, ..sent("second") }, none()).await.expect("put");
    let first = store.try_sign_in_code(&hash("t"), &hash("first"), NOW).await.expect("try");
    assert_eq!(first, CodeTry::Wrong(4));
    let foreign = store.try_sign_in_code(&hash("other"), &hash("second"), NOW).await.expect("try");
    assert_eq!(foreign, CodeTry::Gone);
    let second = store.try_sign_in_code(&hash("t"), &hash("second"), NOW).await.expect("try");
    assert_eq!(second, CodeTry::Right(None));
    store.put_sign_in_code(sent("late"), none()).await.expect("put");
    assert_eq!(store.try_sign_in_code(&hash("t"), &hash("late"), LATER).await.expect("try"), CodeTry::Gone);
}
