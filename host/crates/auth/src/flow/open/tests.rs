//! Every refusal of an opening, and what the access log holds afterwards.

use super::*;
use crate::{AppPolicy, DataUse, Grant, MemoryAccessLog, Personas, Session, check};
use std::sync::Arc;
use yizhan_domain::{Access, AppId, RequestId, Timestamp, VersionDigest};

type Opened = Result<Vec<(Claim, String)>, AuthError>;

const NOW: Context = Context { id: RequestId(1), now: Timestamp(1_790_000_000_000) };

fn policy(access: Access) -> Arc<AppPolicy> {
    let uses = ["name", "id-number-masked", "mobile"].map(|claim| DataUse {
        claim: claim.parse().expect("claim"),
        purpose: "query-insurance".into(),
        optional: false,
        reason: "核对".into(),
    });
    Arc::new(AppPolicy {
        app: AppId::new("cn.gov.example.social-security").expect("id"),
        digest: VersionDigest([7; 32]),
        access,
        owner: "91350100M000100Y43".parse().expect("code"),
        uses: uses.to_vec(),
    })
}

fn session(policy: &AppPolicy, granted: &[Claim]) -> Arc<Session> {
    let personas = Personas::seeded().expect("personas");
    let person = personas.find_by_name("zhang").expect("zhang");
    let claims = granted.iter().map(|claim| (*claim, "query-insurance".to_owned())).collect();
    let grant = Grant { claims, expires: NOW.now.plus_ms(60_000) };
    Arc::new(Session::local(policy, &person, Some(grant), NOW.now))
}

fn run(permit: &InvokePermit, purpose: &str, names: &[&str]) -> (Opened, Vec<Opening>) {
    let personas = Personas::seeded().expect("personas");
    let log = MemoryAccessLog::new(10);
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let result = open(&NOW, permit, Sources { directory: &personas, log: &log }, purpose, &names);
    (result, log.newest(10))
}

fn permit(granted: &[Claim]) -> InvokePermit {
    let policy = policy(Access::IdentityRequired);
    let session = session(&policy, granted);
    check::invoke(&NOW, &policy, Some(session))
}

#[test]
fn granted_claims_are_opened_in_the_order_asked_and_logged_by_name() {
    let (result, log) =
        run(&permit(&[Claim::Name, Claim::IdNumberMasked]), "query-insurance", &["id-number-masked", "name"]);
    let values = result.expect("opened");
    assert_eq!(values[0].0, Claim::IdNumberMasked);
    assert!(values[0].1.contains("********"));
    assert_eq!(values[1].0, Claim::Name);
    assert_eq!(log[0].claims, ["id-number-masked", "name"]);
    assert_eq!(log[0].outcome, Outcome::Opened);
    assert!(!format!("{log:?}").contains(&values[1].1), "a value stands in the log");
}

#[test]
fn a_claim_that_was_not_granted_is_refused_and_nothing_is_opened() {
    let (result, log) = run(&permit(&[Claim::Name]), "query-insurance", &["name", "mobile"]);
    assert_eq!(result, Err(AuthError::NotGranted(Claim::Mobile)));
    assert!(matches!(log[0].outcome, Outcome::Refused(_)));
}

#[test]
fn an_undeclared_purpose_is_refused_even_for_a_granted_claim() {
    let (result, _) = run(&permit(&[Claim::Name]), "advertising", &["name"]);
    assert_eq!(result, Err(AuthError::Purpose { claim: Claim::Name, purpose: "advertising".into() }));
}

#[test]
fn a_claim_outside_the_manifest_is_refused() {
    let (result, _) = run(&permit(&[Claim::Name, Claim::IdNumber]), "query-insurance", &["id-number"]);
    assert_eq!(result, Err(AuthError::NotDeclared(Permission::Identity(Claim::IdNumber))));
}

#[test]
fn an_expired_grant_opens_nothing() {
    let permit = permit(&[Claim::Name]);
    let later = Context { now: NOW.now.plus_ms(60_000), ..NOW };
    assert_eq!(check(&later, &permit, "query-insurance", &["name".into()]), Err(AuthError::Expired));
    assert_eq!(permit.authorization(later.now), None);
}

#[test]
fn seventeen_claims_at_once_are_too_many() {
    let names = vec!["name"; 17];
    assert!(matches!(run(&permit(&[Claim::Name]), "query-insurance", &names).0, Err(AuthError::TooMany { .. })));
}

#[test]
fn an_open_app_never_gets_a_session() {
    let policy = policy(Access::Open);
    let session = session(&policy, &[Claim::Name]);
    let permit = check::invoke(&NOW, &policy, Some(session));
    assert!(!permit.signed_in());
    assert_eq!(run(&permit, "query-insurance", &["name"]).0, Err(AuthError::SignedOut));
}

#[test]
fn a_session_of_another_app_counts_as_signed_out() {
    let policy = policy(Access::IdentityRequired);
    let other = AppPolicy { app: AppId::new("cn.gov.example.other").expect("id"), ..(*policy).clone() };
    let permit = check::invoke(&NOW, &policy, Some(session(&other, &[Claim::Name])));
    assert!(!permit.signed_in());
}

#[test]
fn nothing_is_handed_over_when_the_log_cannot_be_written() {
    struct Broken;
    impl AccessLog for Broken {
        fn append(&self, _: Opening) -> Result<(), crate::access_log::LogError> {
            Err(crate::access_log::LogError)
        }
    }
    let personas = Personas::seeded().expect("personas");
    let result = open(
        &NOW,
        &permit(&[Claim::Name]),
        Sources { directory: &personas, log: &Broken },
        "query-insurance",
        &["name".into()],
    );
    assert_eq!(result, Err(AuthError::AccessLog));
}
