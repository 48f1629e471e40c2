//! Every refusal of an opening, each with its code, and what the audit holds afterwards.

use super::*;
use crate::check;
use crate::flow::distribute::SealedFor;
use crate::runtime::link::{EnvelopeAsk, HubLink as _};
use crate::runtime::login::LoginAsk;
use crate::runtime::prover::Prover;
use crate::runtime::tests::{APP, Bed, OTHER, PURPOSE, policy};
use std::sync::atomic::Ordering;
use yizhan_domain::{Access, AppId, PersonId};
use yizhan_store::records::{AccessOutcome, AuditStore as _, GrantStore as _};

const GRANTED: &[Claim] = &[Claim::Name, Claim::IdNumberMasked];

async fn run(bed: &Bed, permit: &InvokePermit, purpose: &str, names: &[&str]) -> Result<Opened, AuthError> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    open(&bed.context(), &bed.runtime, permit, purpose, &names).await
}

async fn refused(bed: &Bed, permit: &InvokePermit, purpose: &str, names: &[&str]) -> AuthError {
    run(bed, permit, purpose, names).await.expect_err("refused")
}

/// Code of the newest opening in the audit.
async fn newest(bed: &Bed) -> String {
    bed.audit("userinfo.opened").await.first().expect("a record").outcome.clone()
}

#[tokio::test]
async fn granted_claims_are_opened_in_the_order_asked_and_audited_by_name() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let values = run(&bed, &bed.permit(&token).await, PURPOSE, &["id-number-masked", "name"]).await.expect("opened");
    assert_eq!(values[0].0, Claim::IdNumberMasked);
    assert!(values[0].1.contains("********"));
    assert_eq!(values[1].0, Claim::Name);
    let audit = bed.audit("userinfo.opened").await;
    assert_eq!((audit[0].outcome.as_str(), audit[0].details["claims"].as_str()), ("ok", "id-number-masked name"));
    let rows = bed.records.list_access(&PersonId("zhang".into()), bed.context().now, None, 10).await.expect("rows");
    assert_eq!(rows.entries[0].outcome, AccessOutcome::Opened);
    let whole = format!("{:?}{:?}", bed.records.list_audit(None, 100).await.expect("audit"), rows);
    assert!(!whole.contains(values[1].1.as_str()), "a value stands in audit or access log");
}

#[tokio::test]
async fn a_claim_that_was_not_granted_is_refused_and_nothing_is_opened() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    let error = refused(&bed, &permit, PURPOSE, &["name", "mobile-masked"]).await;
    assert_eq!((error.clone(), error.code()), (AuthError::NotGranted(Claim::MobileMasked), "claim-not-granted"));
    assert_eq!(newest(&bed).await, "claim-not-granted");
}

/// The newest row of the person's access log: claims and outcome.
async fn newest_row(bed: &Bed) -> Option<(String, AccessOutcome)> {
    let rows = bed.records.list_access(&PersonId("zhang".into()), bed.context().now, None, 10).await.expect("rows");
    rows.entries.first().map(|row| (row.claims.join(" "), row.outcome.clone()))
}

#[tokio::test]
async fn a_claim_that_was_not_granted_is_in_the_persons_access_log_as_refused() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    refused(&bed, &permit, PURPOSE, &["name", "mobile-masked"]).await;
    let outcome = AccessOutcome::Refused("claim-not-granted".into());
    assert_eq!(newest_row(&bed).await, Some(("name mobile-masked".into(), outcome)));
    for _ in 0..OPENS_PER_MINUTE {
        refused(&bed, &permit, PURPOSE, &["mobile-masked"]).await;
    }
    let rows = bed.records.list_access(&PersonId("zhang".into()), bed.context().now, None, 100).await.expect("rows");
    assert_eq!(rows.entries.len() as u64, OPENS_PER_MINUTE, "no app can fill the log");
}

#[tokio::test]
async fn an_opening_after_the_grant_was_taken_back_is_in_the_persons_access_log_as_refused() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    let person = PersonId("zhang".into());
    let grants = bed.records.list_grants(&person, None, 10).await.expect("grants");
    let (context, grant) = (bed.context(), &grants.entries[0].id);
    crate::flow::revoke::grant(&context, &bed.provider, &person, grant).await.expect("withdrawn");
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await, AuthError::SignedOut);
    assert_eq!(newest_row(&bed).await, Some(("name".into(), AccessOutcome::Refused("revoked-token".into()))));
}

#[tokio::test]
async fn what_the_hub_would_hand_out_is_not_asked_for_in_vain() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let mut longer = policy(APP);
    longer.uses.iter_mut().for_each(|data_use| data_use.retention_days = 30);
    let permit = check::invoke(&bed.context(), &bed.runtime, &Arc::new(longer), Some(&token)).await;
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await.code(), "claim-not-granted");
    assert_eq!(newest_row(&bed).await, None, "nothing was opened, and the log says nothing else");
}

#[tokio::test]
async fn an_undeclared_purpose_or_claim_is_refused_and_audited() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    let error = refused(&bed, &permit, "advertising", &["name"]).await;
    assert_eq!(error, AuthError::Purpose { claim: Claim::Name, purpose: "advertising".into() });
    assert_eq!(newest(&bed).await, "purpose-not-declared");
    let error = refused(&bed, &permit, PURPOSE, &["id-number"]).await;
    assert_eq!(error, AuthError::NotDeclared(Permission::Identity(Claim::IdNumber)));
    assert_eq!(newest(&bed).await, "claim-not-declared");
    assert_eq!(refused(&bed, &permit, PURPOSE, &["salary"]).await.code(), "unknown-claim");
}

#[tokio::test]
async fn a_grant_that_has_ended_opens_nothing() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    bed.clock.advance_ms(crate::runtime::callback::SESSION_MS);
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await, AuthError::SignedOut);
}

#[tokio::test]
async fn seventeen_claims_at_once_and_sixty_one_openings_a_minute_are_too_many() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    let names = vec!["name"; 17];
    assert!(matches!(refused(&bed, &permit, PURPOSE, &names).await, AuthError::TooMany { max: 16, .. }));
    for _ in 0..OPENS_PER_MINUTE {
        run(&bed, &permit, PURPOSE, &["name"]).await.expect("within the quota");
    }
    assert!(matches!(refused(&bed, &permit, PURPOSE, &["name"]).await, AuthError::TooMany { max: 60, .. }));
    assert_eq!(newest(&bed).await, "too-many");
    bed.clock.advance_ms(60_000);
    run(&bed, &permit, PURPOSE, &["name"]).await.expect("a minute later");
}

#[tokio::test]
async fn an_open_app_never_gets_a_session() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let open = Arc::new(crate::AppPolicy { access: Access::Open, ..policy(APP) });
    let permit = check::invoke(&bed.context(), &bed.runtime, &open, Some(&token)).await;
    assert!(!permit.signed_in());
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await, AuthError::SignedOut);
}

#[tokio::test]
async fn a_session_of_another_app_counts_as_signed_out() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let other = Arc::new(policy(OTHER));
    assert!(!check::invoke(&bed.context(), &bed.runtime, &other, Some(&token)).await.signed_in());
}

#[tokio::test]
async fn a_version_that_declares_less_opens_less_than_was_granted() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let mut less = policy(APP);
    less.uses.retain(|data_use| data_use.claim != Claim::Name);
    let permit = check::invoke(&bed.context(), &bed.runtime, &Arc::new(less), Some(&token)).await;
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await.code(), "claim-not-declared");
    let mut longer = policy(APP);
    longer.uses.iter_mut().for_each(|data_use| data_use.retention_days = 30);
    let permit = check::invoke(&bed.context(), &bed.runtime, &Arc::new(longer), Some(&token)).await;
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await.code(), "claim-not-granted");
}

/// An envelope as the hub hands it to this session.
async fn envelope(bed: &Bed, token: &str) -> String {
    let permit = bed.permit(token).await;
    let session = permit.session.as_ref().expect("signed in");
    let ask = EnvelopeAsk { purpose: PURPOSE, claims: &[Claim::Name], sealed_for: SealedFor::Holder };
    let prover = Prover::of(&bed.runtime, &session.client);
    bed.link.envelope(bed.context(), prover, &session.tokens.access, ask).await.expect("an envelope")
}

#[tokio::test]
async fn an_envelope_opens_once() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let kept = envelope(&bed, &token).await;
    *bed.link.envelope.lock().expect("link") = Some(kept);
    let permit = bed.permit(&token).await;
    run(&bed, &permit, PURPOSE, &["name"]).await.expect("the first time");
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await, AuthError::ReplayedEnvelope);
    assert_eq!(newest(&bed).await, "envelope-replayed");
}

#[tokio::test]
async fn of_two_openings_of_one_envelope_exactly_one_wins() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let kept = envelope(&bed, &token).await;
    *bed.link.envelope.lock().expect("link") = Some(kept);
    let permit = bed.permit(&token).await;
    let (one, two) = tokio::join!(run(&bed, &permit, PURPOSE, &["name"]), run(&bed, &permit, PURPOSE, &["name"]));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

#[tokio::test]
async fn an_altered_envelope_is_refused() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let mut altered = envelope(&bed, &token).await;
    let last = if altered.ends_with('A') { 'B' } else { 'A' };
    altered.pop();
    altered.insert(altered.len() - 4, last);
    *bed.link.envelope.lock().expect("link") = Some(altered);
    assert_eq!(refused(&bed, &bed.permit(&token).await, PURPOSE, &["name"]).await, AuthError::AlteredEnvelope);
    assert_eq!(newest(&bed).await, "envelope-altered");
}

#[tokio::test]
async fn an_expired_envelope_is_refused() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let kept = envelope(&bed, &token).await;
    *bed.link.envelope.lock().expect("link") = Some(kept);
    bed.clock.advance_ms(crate::provider::ENVELOPE_MS);
    assert_eq!(refused(&bed, &bed.permit(&token).await, PURPOSE, &["name"]).await, AuthError::ExpiredEnvelope);
    assert_eq!(newest(&bed).await, "envelope-expired");
}

#[tokio::test]
async fn an_envelope_for_another_app_or_about_another_person_is_refused() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", GRANTED).await;
    let other = bed.signed_in("li", GRANTED).await;
    let about_li = envelope(&bed, &other).await;
    *bed.link.envelope.lock().expect("link") = Some(about_li);
    assert_eq!(refused(&bed, &bed.permit(&token).await, PURPOSE, &["name"]).await, AuthError::ForeignEnvelope);
    assert_eq!(newest(&bed).await, "foreign-envelope");
    *bed.link.envelope.lock().expect("link") = None;
    bed.release(OTHER, 1).await;
    let kept = envelope(&bed, &bed.signed_in("zhang", GRANTED).await).await;
    let permit = InvokePermit { policy: Arc::new(policy(OTHER)), session: None };
    let session = other_apps_session(&bed).await;
    let names = ["name".to_owned()];
    let asking = trail::Asking { context: &bed.context(), permit: &permit, purpose: PURPOSE, names: &names };
    let opened = envelope::unseal(&asking, &bed.runtime, &session, (&[Claim::Name], &kept)).await;
    assert_eq!(opened.err(), Some(AuthError::ForeignEnvelope), "another app's key");
}

/// A session that differs from one of this app in its client alone.
async fn other_apps_session(bed: &Bed) -> Session {
    let token = bed.signed_in("zhang", GRANTED).await;
    let permit = bed.permit(&token).await;
    let record = permit.session.as_ref().expect("signed in").record.clone();
    let mut session = Session::of(&bed.runtime, record).expect("opens");
    session.client = crate::runtime::AppClient::of(&AppId::new(OTHER).expect("id"), session.client.tier);
    session
}

#[tokio::test]
async fn nothing_is_handed_over_when_the_hub_is_not_reached() {
    let bed = Bed::new().await;
    let permit = bed.permit(&bed.signed_in("zhang", GRANTED).await).await;
    bed.link.is_cut.store(true, Ordering::SeqCst);
    assert_eq!(refused(&bed, &permit, PURPOSE, &["name"]).await, AuthError::Unavailable);
}

#[tokio::test]
async fn a_claim_that_the_manifest_does_not_declare_cannot_even_be_asked_for() {
    let bed = Bed::new().await;
    let ask = LoginAsk { claims: Some(&[Claim::IdNumber]), ..bed.ask(&[]) };
    let begun = crate::runtime::login::begin(&bed.context(), &bed.runtime, ask).await.expect("begun");
    let query = begun.location.split_once('?').expect("a query").1;
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let refused =
        crate::flow::authorize::begin(&bed.context(), &bed.provider, &crate::flow::RequestParameters(pairs)).await;
    assert!(matches!(
        refused.err(),
        Some(crate::flow::authorize::BeginRefusal::Redirect(redirect)) if redirect.refusal == Some(crate::Refusal::UnreviewedClaim)
    ));
}
