//! One rehearsal for each code, in one table: a refusal without a scene, or with a scene that meets another one, fails.

use super::*;
use rand::{SeedableRng as _, rngs::StdRng};

const NOW: Timestamp = Timestamp(1_795_435_200_000);

#[tokio::test]
async fn every_refusal_of_the_table_is_met_by_its_own_code() {
    let mut wrong = Vec::new();
    for (seed, part) in (1..).zip(Part::all()) {
        let played = play(part, NOW, &mut StdRng::seed_from_u64(seed)).await;
        if played.met.code() != Some(part.code()) {
            wrong.push((part.name(), played.met));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_error_of_step_five_has_a_scene() {
    // A new variant does not compile here until it is listed among the codes.
    let listed = |error: AuthError| match error {
        AuthError::NotDeclared(_)
        | AuthError::Purpose { .. }
        | AuthError::NotGranted(_)
        | AuthError::NothingGranted { .. }
        | AuthError::NoBackend
        | AuthError::SignedOut
        | AuthError::UnknownClaim(_)
        | AuthError::TooMany { .. }
        | AuthError::UnknownPersona { .. }
        | AuthError::NoDatum(_)
        | AuthError::ForeignEnvelope
        | AuthError::ReplayedEnvelope
        | AuthError::AlteredEnvelope
        | AuthError::ExpiredEnvelope
        | AuthError::Unavailable => opening::CODES.contains(&error.code()),
    };
    assert!(listed(AuthError::SignedOut));
    assert_eq!(opening::CODES.len(), 15, "as many as AuthError has variants");
}

#[tokio::test]
async fn names_lead_back_to_what_they_name_and_no_other_does() {
    for part in Part::all() {
        assert_eq!(Part::find(&part.name()), Some(part));
    }
    assert_eq!(Part::find("nothing"), None);
}

#[tokio::test]
async fn an_answer_holds_no_code_and_the_audit_no_value() {
    let played = play(Part::Hub(Refusal::AccessDenied), NOW, &mut StdRng::seed_from_u64(1)).await;
    let Met::Redirect { location, .. } = &played.met else { panic!("{:?}", played.met) };
    assert!(location.contains("error=access_denied") && !location.contains("code="), "{location}");
    let audit = played.audit.expect("a record");
    assert_eq!((audit.action.as_str(), audit.outcome.as_str()), ("consent.refused", "access-denied"));
    assert!(!format!("{audit:?}").contains("张示例"));
}
