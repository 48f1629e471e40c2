//! Tokens and their families.

use super::{
    RACERS, Store, count, race,
    sample::{LATER, NOW, exchange, grant, has_token, hash, none, token, trail},
};
use yizhan_store::records::{Rotation, TokenKind, TokenRecord, Trails};

fn trails() -> Trails {
    Trails { done: trail("token.rotated"), replayed: trail("token.replayed") }
}

fn successors(name: &str) -> Vec<TokenRecord> {
    vec![token(TokenKind::Access, &format!("a-{name}"), "g"), token(TokenKind::Refresh, &format!("r-{name}"), "g")]
}

async fn rotate(store: &Store, refresh: &str, new: &str) -> Rotation {
    let hash = hash(&format!("token {refresh}"));
    store.rotate_refresh(&hash, NOW, successors(new), trails()).await.expect("rotate")
}

pub(crate) async fn of_racing_rotations_one_wins(store: Store) {
    exchange(&store, "g", "a").await;
    let answers = race(|racer| {
        let store = store.clone();
        async move { rotate(&store, "r-g", &format!("n{racer}")).await }
    })
    .await;
    assert_eq!(count(&answers, &Rotation::Rotated), 1);
    assert_eq!(count(&answers, &Rotation::Replayed), RACERS - 1);
    for racer in 0..RACERS {
        assert!(!has_token(&store, &format!("r-n{racer}")).await);
    }
}

pub(crate) async fn a_replayed_rotation_ends_the_whole_family(store: Store) {
    exchange(&store, "g", "a").await;
    exchange(&store, "other", "b").await;
    assert_eq!(rotate(&store, "r-g", "one").await, Rotation::Rotated);
    assert_eq!(rotate(&store, "r-one", "two").await, Rotation::Rotated);
    assert!(has_token(&store, "r-g").await, "a spent token is found, so that its replay can be told");
    assert_eq!(rotate(&store, "r-g", "stolen").await, Rotation::Replayed);
    for name in ["a-g", "r-g", "a-one", "r-one", "a-two", "r-two", "a-stolen", "r-stolen"] {
        assert!(!has_token(&store, name).await, "{name}");
    }
    assert_eq!(rotate(&store, "r-two", "three").await, Rotation::Missing);
    assert!(has_token(&store, "a-other").await, "another family stays");
}

pub(crate) async fn tokens_count_while_family_and_grant_live(store: Store) {
    exchange(&store, "g", "a").await;
    let found = store.find_token(&hash("token a-g")).await.expect("find");
    assert_eq!(found, Some(token(TokenKind::Access, "a-g", "g")));
    assert!(store.revoke_token(&hash("token r-g"), NOW, trail("token.revoked")).await.expect("revoke"));
    assert!(!store.revoke_token(&hash("token r-g"), NOW, trail("token.revoked")).await.expect("revoke"));
    assert!(!has_token(&store, "a-g").await && !has_token(&store, "r-g").await);
    let ended = store.find_ended_token(&hash("token a-g")).await.expect("find");
    assert_eq!(ended, Some(token(TokenKind::Access, "a-g", "g")), "for the log of refusals");
    assert_eq!(store.find_ended_token(&hash("unknown")).await.expect("find"), None);
    let grant = store.find_grant(&grant("g", "a").id).await.expect("find").expect("grant");
    assert_eq!(grant.revoked, None);
}

pub(crate) async fn revoking_an_access_token_leaves_its_family(store: Store) {
    exchange(&store, "g", "a").await;
    assert!(store.revoke_token(&hash("token a-g"), NOW, none()).await.expect("revoke"));
    assert!(!store.revoke_token(&hash("token a-g"), NOW, none()).await.expect("revoke"));
    assert!(!has_token(&store, "a-g").await && has_token(&store, "r-g").await);
    assert!(!store.revoke_token(&hash("unknown"), NOW, none()).await.expect("revoke"));
}

pub(crate) async fn a_token_is_issued_for_a_live_grant_only(store: Store) {
    exchange(&store, "g", "a").await;
    let issue = async |token| store.issue_token(token, none()).await.expect("issue");
    assert!(issue(token(TokenKind::Access, "more", "g")).await);
    assert!(has_token(&store, "more").await);
    assert!(!issue(token(TokenKind::Access, "more", "g")).await, "a token in use");
    assert!(!issue(token(TokenKind::Access, "foreign", "unknown")).await);
    let mut late = token(TokenKind::Access, "late", "g");
    late.at = LATER;
    assert!(!issue(late).await, "the grant has ended");
    let mut stolen = token(TokenKind::Access, "stolen", "g");
    stolen.client = super::sample::client_id("bank");
    assert!(!issue(stolen).await, "another client's grant");
    store.revoke_grant(&grant("g", "a").id, "person", NOW, none()).await.expect("revoke");
    assert!(!issue(token(TokenKind::Access, "after", "g")).await);
}

pub(crate) async fn nothing_revoked_is_rotated(store: Store) {
    exchange(&store, "g", "a").await;
    assert_eq!(rotate(&store, "a-g", "x").await, Rotation::Missing, "an access token is none");
    assert_eq!(rotate(&store, "unknown", "x").await, Rotation::Missing);
    let late = store.rotate_refresh(&hash("token r-g"), LATER, successors("x"), trails()).await;
    assert_eq!(late.expect("rotate"), Rotation::Missing);
    store.revoke_grant(&grant("g", "a").id, "person", NOW, none()).await.expect("revoke");
    assert_eq!(rotate(&store, "r-g", "x").await, Rotation::Missing);
    assert!(!has_token(&store, "a-x").await);
}

pub(crate) async fn the_standing_revision_moves_with_what_bears_on_it_and_with_nothing_else(store: Store) {
    let mut seen = store.standing_revision();
    let mut moved =
        |store: &Store| std::mem::replace(&mut seen, store.standing_revision()) != store.standing_revision();
    exchange(&store, "g", "a").await;
    assert!(moved(&store), "a grant and its tokens");
    assert_eq!(rotate(&store, "r-g", "one").await, Rotation::Rotated);
    assert!(moved(&store), "a rotation ends tokens");
    store.append(trail("opened")).await.expect("appended");
    assert!(!moved(&store), "an opening is audited and ends nothing");
    assert!(store.revoke_token(&hash("token a-one"), NOW, none()).await.expect("revoke"));
    assert!(moved(&store), "a token");
    assert!(!store.revoke_token(&hash("unknown"), NOW, none()).await.expect("revoke"));
    assert!(!moved(&store), "nothing was done");
    store.revoke_grant(&grant("g", "a").id, "person", NOW, none()).await.expect("revoke");
    assert!(moved(&store), "a grant");
}
