//! Exchange of codes.

use super::{
    RACERS, Store, count, race,
    sample::{LATER, NOW, client_id, code, exchange, give, grant, has_token, none, pair, token, trail},
};
use yizhan_domain::GrantId;
use yizhan_store::records::{Exchange, Rotation, TokenKind, Trails};

fn trails() -> Trails {
    Trails { done: trail("token.issued"), replayed: trail("code.replayed") }
}

pub(crate) async fn of_racing_exchanges_one_wins(store: Store) {
    assert!(give(&store, "g", "a").await);
    let answers = race(|racer| {
        let store = store.clone();
        let tokens = vec![token(TokenKind::Access, &format!("a-{racer}"), "g")];
        async move { store.exchange_code(&code("g").hash, NOW, tokens, trails()).await.expect("exchange") }
    })
    .await;
    assert_eq!(count(&answers, &Exchange::Exchanged), 1);
    assert_eq!(count(&answers, &Exchange::Replayed), RACERS - 1);
    for racer in 0..RACERS {
        assert!(!has_token(&store, &format!("a-{racer}")).await, "the replays ended the family");
    }
    let actions = store.list_audit(None, 100).await.expect("list").entries;
    assert_eq!(actions.iter().filter(|record| record.action == "token.issued").count(), 1);
    assert_eq!(actions.iter().filter(|record| record.action == "code.replayed").count(), RACERS - 1);
}

pub(crate) async fn a_replay_ends_the_whole_family(store: Store) {
    exchange(&store, "g", "a").await;
    let refresh = token(TokenKind::Refresh, "r-g", "g").hash;
    let next = vec![token(TokenKind::Access, "a2", "g"), token(TokenKind::Refresh, "r2", "g")];
    let rotated = store.rotate_refresh(&refresh, NOW, next, trails()).await.expect("rotate");
    assert_eq!(rotated, Rotation::Rotated);
    assert!(has_token(&store, "a-g").await && has_token(&store, "a2").await && has_token(&store, "r2").await);
    let replay = store.exchange_code(&code("g").hash, NOW, pair("x"), trails()).await.expect("exchange");
    assert_eq!(replay, Exchange::Replayed);
    for name in ["a-g", "r-g", "a2", "r2", "a-x", "r-x"] {
        assert!(!has_token(&store, name).await, "{name}");
    }
    let refresh = token(TokenKind::Refresh, "r2", "g").hash;
    let rotation = store.rotate_refresh(&refresh, NOW, Vec::new(), trails()).await.expect("rotate");
    assert_eq!(rotation, Rotation::Missing);
    assert!(!store.issue_token(token(TokenKind::Access, "a3", "g"), none()).await.expect("issue"));
    let grant = store.find_grant(&grant("g", "a").id).await.expect("find").expect("grant");
    assert_eq!(grant.revoked, None, "the person's grant stays");
}

pub(crate) async fn a_late_replay_is_still_known(store: Store) {
    exchange(&store, "g", "a").await;
    let late = code("g").expires.plus_ms(600_001);
    // Others' steps in between sweep what has ended.
    for index in 0..20 {
        let name = format!("other{index}");
        assert!(store.use_once("jti", super::sample::hash(&name), LATER, late, none()).await.expect("use"));
    }
    let replay = store.exchange_code(&code("g").hash, late, Vec::new(), trails()).await.expect("exchange");
    assert_eq!(replay, Exchange::Replayed);
    assert!(!has_token(&store, "a-g").await);
}

pub(crate) async fn an_expired_or_revoked_code_issues_nothing(store: Store) {
    for name in ["unknown", "expired", "revoked"] {
        if name != "unknown" {
            assert!(give(&store, name, name).await);
        }
        if name == "revoked" {
            assert!(store.revoke_grant(&grant(name, name).id, "person", NOW, none()).await.expect("revoke"));
        }
        let before = store.head().await.expect("head").sequence;
        let now = if name == "expired" { code(name).expires } else { NOW };
        let answer = store.exchange_code(&code(name).hash, now, pair(name), trails()).await.expect("exchange");
        assert_eq!(answer, Exchange::Missing, "{name}");
        assert!(!has_token(&store, &format!("a-{name}")).await);
        assert_eq!(store.head().await.expect("head").sequence, before, "{name}");
    }
}

pub(crate) async fn tokens_join_the_family_of_their_code(store: Store) {
    assert!(give(&store, "g", "a").await);
    let mut stray = token(TokenKind::Access, "stray", "elsewhere");
    (stray.client, stray.expires) = (client_id("bank"), LATER.plus_ms(1));
    let hash = stray.hash;
    store.exchange_code(&code("g").hash, NOW, vec![stray], trails()).await.expect("exchange");
    let found = store.find_token(&hash).await.expect("find").expect("token");
    let expected = (code("g").hash, GrantId("grant-g".to_owned()), client_id("shop"));
    assert_eq!((found.family, found.grant, found.client), expected);
    assert_eq!(found.expires, LATER, "no token outlives its grant");
}
