//! Sessions.

use super::super::sessions::{choose_capacity, end, end_others, find, list};
use super::*;
use crate::people::Mandate;
use yizhan_domain::authorization::Capacity;

fn mandate(role: &str) -> Mandate {
    let uscc = "91000000MA00000X1P".parse().expect("code");
    Mandate { capacity: Capacity { uscc, role: role.to_owned() }, org_name: "示例公司".to_owned() }
}

#[tokio::test]
async fn a_session_lives_eight_hours_and_ends_when_told() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let signed_in = done(hub.password(&at(0), "first", PASSWORD).await);
    let live = |ms| find_owned(&hub, &signed_in.token, ms);
    assert!(live(SESSION_MS - 1).await);
    assert!(!live(SESSION_MS).await);
    end(&at(0), &hub.sign_in, &signed_in.session).await.expect("ended");
    assert!(!live(0).await);
}

async fn find_owned(hub: &Hub, token: &str, ms: u64) -> bool {
    find(&at(ms), &hub.sign_in, token).await.expect("read").is_some()
}

#[tokio::test]
async fn signing_in_again_changes_the_token_and_keeps_the_name_for_the_same_person() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    hub.person(verified("second", 2)).await;
    let first = done(hub.password(&at(0), "first", PASSWORD).await);
    let has = Browser { session: Some(&first.session), ..browser() };
    let again = done(hub.password_from(&at(1), "first", PASSWORD, &has).await);
    assert_eq!(again.session.id, first.session.id);
    assert_ne!(*again.token, *first.token);
    assert!(!find_owned(&hub, &first.token, 1).await, "the old token counts no more");
    let has = Browser { session: Some(&again.session), ..browser() };
    let other = done(hub.password_from(&at(2), "second", PASSWORD, &has).await);
    assert_ne!(other.session.id, first.session.id);
    assert!(!find_owned(&hub, &again.token, 2).await, "somebody else's session has ended");
}

#[tokio::test]
async fn a_session_that_was_ended_meanwhile_does_not_come_back() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let first = done(hub.password(&at(0), "first", PASSWORD).await);
    end(&at(0), &hub.sign_in, &first.session).await.expect("ended");
    let has = Browser { session: Some(&first.session), ..browser() };
    assert_eq!(refusal(hub.password_from(&at(1), "first", PASSWORD, &has).await).code(), "sign-in-ended");
}

#[tokio::test]
async fn ending_the_others_keeps_this_one() {
    let hub = Hub::development();
    hub.person(verified("first", 1)).await;
    let other = done(hub.password(&at(0), "first", PASSWORD).await);
    let mine = done(hub.password(&at(0), "first", PASSWORD).await);
    assert_eq!(list(&at(0), &hub.sign_in, &mine.session).await.expect("listed").len(), 2);
    assert_eq!(end_others(&at(0), &hub.sign_in, &mine.session).await.expect("ended"), 1);
    assert!(find_owned(&hub, &mine.token, 0).await && !find_owned(&hub, &other.token, 0).await);
}

#[tokio::test]
async fn a_person_acts_only_in_capacities_that_are_held() {
    let hub = Hub::development();
    let mut new = verified("agent", 1);
    new.data.mandates.push(mandate("agent"));
    hub.person(new).await;
    let signed_in = done(hub.password(&at(0), "agent", PASSWORD).await);
    assert_eq!(signed_in.session.acting_for, None, "there is a choice, so none is made");
    let held = mandate("agent").capacity;
    let choose = |capacity| choose_capacity_owned(&hub, &signed_in.session, capacity);
    assert!(matches!(choose(Some(mandate("legal-representative").capacity)).await, Err(SignInError::Capacity)));
    let acting = choose(Some(held.clone())).await.expect("chosen");
    assert_eq!(acting.session.acting_for, Some(held));
    assert!(!find_owned(&hub, &signed_in.token, 0).await, "a new token");
}

async fn choose_capacity_owned(
    hub: &Hub,
    session: &SessionRecord,
    capacity: Option<Capacity>,
) -> Result<SignedIn, SignInError> {
    choose_capacity(&at(0), &hub.sign_in, session, capacity, &mut rng_of_os()).await
}
