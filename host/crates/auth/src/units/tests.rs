//! Who may change whom, and the first administrator.

use super::*;
use crate::people::People;
use crate::people::fixture::{at, directory, register, rng, somebody};
use crate::sign_in::sessions::token_hash;
use crate::sign_in::{
    Browser, PasswordForm, SecondFactorForm, SignIn, SignInSettings, SignInStep, begin_enrolment, confirm_enrolment,
    with_password,
};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use yizhan_domain::code::CreditCode;
use yizhan_domain::person::Assurance;
use yizhan_domain::{SecretHash, SessionId};
use yizhan_store::records::{MemberRecord, SessionRecord, StoreMode, Trail, UnitRecord};

fn unit(letter: char) -> CreditCode {
    let first = format!("11990000MA00000{letter}1");
    let check = CreditCode::check_character(first.as_bytes());
    format!("{first}{check}").parse().expect("code")
}

/// A directory with unit X: an operator, an owner admin, an author; and unit Y without anybody.
async fn hall() -> People {
    let people = directory(StoreMode::Production);
    for letter in ['X', 'Y'] {
        let record = UnitRecord { uscc: unit(letter), name: letter.to_string(), at: at(0).now };
        people.store().put_unit(record, Trail::default()).await.expect("unit");
    }
    for (login, role) in [("operator", Role::Operator), ("admin", Role::OwnerAdmin), ("author", Role::Author)] {
        let person = register(&people, somebody(login)).await;
        let member = MemberRecord { unit: unit('X'), person, roles: vec![role], at: at(0).now };
        assert!(people.store().put_member(member, Trail::default()).await.expect("member"));
    }
    register(&people, somebody("newcomer")).await;
    people
}

async fn id(people: &People, login: &str) -> PersonId {
    people.find(crate::people::HandleText::Login(login)).await.expect("found").expect("registered")
}

async fn session(people: &People, login: &str) -> SessionRecord {
    SessionRecord {
        hash: token_hash(login),
        id: SessionId(login.to_owned()),
        person: id(people, login).await,
        acting_for: None,
        assurance: Assurance::Basic,
        amr: Vec::new(),
        auth_time: at(0).now,
        second_factor: Some(at(0).now),
        expires: at(3_600_000).now,
    }
}

async fn permit(people: &People, login: &str, letter: char) -> Result<ManagePermit, UnitError> {
    manage(&at(0), &**people.store(), &session(people, login).await, &unit(letter)).await
}

#[tokio::test]
async fn only_owner_admins_of_the_unit_and_operators_of_the_hub_manage_members() {
    let people = hall().await;
    permit(&people, "admin", 'X').await.expect("owner admin");
    permit(&people, "operator", 'Y').await.expect("operator, any unit");
    for (login, letter) in [("admin", 'Y'), ("author", 'X'), ("newcomer", 'X')] {
        assert!(matches!(permit(&people, login, letter).await, Err(UnitError::NotAllowed)), "{login} {letter}");
    }
    assert!(matches!(
        operate(&at(0), &**people.store(), &session(&people, "admin").await).await,
        Err(UnitError::NotAllowed)
    ));
    operate(&at(0), &**people.store(), &session(&people, "operator").await).await.expect("operator");
}

#[tokio::test]
async fn managing_needs_a_fresh_second_factor_and_a_live_session() {
    let people = hall().await;
    let store = &**people.store();
    let fresh = session(&people, "operator").await;
    let late = at(300_001);
    assert!(matches!(manage(&late, store, &fresh, &unit('X')).await, Err(UnitError::NotFresh)));
    assert!(matches!(operate(&late, store, &fresh).await, Err(UnitError::NotFresh)));
    let without = SessionRecord { second_factor: None, ..fresh.clone() };
    assert!(matches!(manage(&at(0), store, &without, &unit('X')).await, Err(UnitError::NotFresh)));
    assert!(matches!(hold(&at(0), store, &without, &unit('X'), Role::Operator).await, Err(UnitError::NotFresh)));
    let ended = at(3_600_000);
    assert!(matches!(hold(&ended, store, &fresh, &unit('X'), Role::Operator).await, Err(UnitError::NotAllowed)));
}

#[tokio::test]
async fn a_role_is_held_in_its_unit_only() {
    let people = hall().await;
    let store = &**people.store();
    let author = SessionRecord { second_factor: None, ..session(&people, "author").await };
    let held = hold(&at(0), store, &author, &unit('X'), Role::Author).await.expect("authors need no second factor");
    assert_eq!((held.unit(), held.role()), (&unit('X'), Role::Author));
    for (letter, role) in [('Y', Role::Author), ('X', Role::Reviewer)] {
        assert!(matches!(hold(&at(0), store, &author, &unit(letter), role).await, Err(UnitError::NotAllowed)));
    }
}

#[tokio::test]
async fn nobody_gives_themselves_a_role_but_may_lay_one_down() {
    let people = hall().await;
    let (admin, operator) = (id(&people, "admin").await, id(&people, "operator").await);
    let own = permit(&people, "admin", 'X').await.expect("permit");
    let more = set_roles(&at(0), &people, &own, &admin, vec![Role::OwnerAdmin, Role::Reviewer]).await;
    assert!(matches!(more, Err(UnitError::SelfRaise)));
    let hub = permit(&people, "operator", 'Y').await.expect("permit");
    let elsewhere = set_roles(&at(0), &people, &hub, &operator, vec![Role::OwnerAdmin]).await;
    assert!(matches!(elsewhere, Err(UnitError::SelfRaise)), "not in another unit either");
    let hub = permit(&people, "operator", 'X').await.expect("permit");
    set_roles(&at(0), &people, &hub, &operator, Vec::new()).await.expect("laid down");
    assert!(matches!(permit(&people, "operator", 'X').await, Err(UnitError::NotAllowed)), "at once");
}

#[tokio::test]
async fn roles_of_the_hub_are_an_operators_to_give_and_take() {
    let people = hall().await;
    let (operator, newcomer) = (id(&people, "operator").await, id(&people, "newcomer").await);
    let own = permit(&people, "admin", 'X').await.expect("permit");
    for role in [Role::Operator, Role::Auditor] {
        let given = set_roles(&at(0), &people, &own, &newcomer, vec![role]).await;
        assert!(matches!(given, Err(UnitError::NotAllowed)), "{role:?}");
    }
    let taken = set_roles(&at(0), &people, &own, &operator, Vec::new()).await;
    assert!(matches!(taken, Err(UnitError::NotAllowed)));
    set_roles(&at(0), &people, &own, &newcomer, vec![Role::Author, Role::Author]).await.expect("a role of the unit");
    let hub = permit(&people, "operator", 'X').await.expect("permit");
    set_roles(&at(0), &people, &hub, &newcomer, vec![Role::Auditor]).await.expect("by the operator");
    let members = list_members(&people, &hub).await.expect("members");
    let member = members.into_iter().find(|member| member.person == newcomer).expect("member");
    assert_eq!(member.roles, [Role::Auditor]);
}

#[tokio::test]
async fn a_unit_keeps_an_owner_admin_and_members_are_people() {
    let people = hall().await;
    let hub = permit(&people, "operator", 'X').await.expect("permit");
    let last = set_roles(&at(0), &people, &hub, &id(&people, "admin").await, Vec::new()).await;
    assert!(matches!(last, Err(UnitError::LastAdmin)));
    let nobody = set_roles(&at(0), &people, &hub, &PersonId("nobody".into()), vec![Role::Author]).await;
    assert!(matches!(nobody, Err(UnitError::People(_))));
    let nowhere = permit(&people, "operator", 'W').await.expect("an operator's permit names any code");
    let unknown = set_roles(&at(0), &people, &nowhere, &id(&people, "newcomer").await, vec![Role::Author]).await;
    assert!(matches!(unknown, Err(UnitError::UnknownUnit)));
}

#[test]
fn whoever_made_something_does_not_approve_it() {
    let (one, two) = (PersonId("one".into()), PersonId("two".into()));
    assert!(matches!(four_eyes(&one, &one), Err(UnitError::SamePerson)));
    four_eyes(&one, &two).expect("two people");
}

fn sign_in() -> SignIn {
    let settings = SignInSettings { hashing_slots: 1, sender: None, codes_per_day_max: 1 };
    SignIn::new(Arc::new(directory(StoreMode::Production)), settings).expect("sign-in")
}

fn first(login: &str) -> FirstAdministrator<'_> {
    let form = UnitForm { uscc: unit('X'), name: "平台".to_owned() };
    FirstAdministrator { login, name: "某某", password: "correct horse", unit: form }
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_that_counts_once_and_must_enrol() {
    let sign_in = sign_in();
    let mut rng = rng();
    let token = create_setup_link(&at(0), sign_in.people(), &mut rng).await.expect("link");
    let wrong = use_setup_link(&at(0), &sign_in, "guessed", first("root"), &mut rng).await;
    assert!(matches!(wrong, Err(UnitError::SetupLink)));
    let person = use_setup_link(&at(0), &sign_in, &token, first("root"), &mut rng).await.expect("set up");
    let again = use_setup_link(&at(0), &sign_in, &token, first("other"), &mut rng).await;
    assert!(matches!(again, Err(UnitError::SetUpAlready)));
    let another = create_setup_link(&at(0), sign_in.people(), &mut rng).await;
    assert!(matches!(another, Err(UnitError::SetUpAlready)));

    let browser = Browser {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        transaction: SecretHash([1; 32]),
        device: None,
        session: None,
    };
    let form = PasswordForm { account: "root", password: "correct horse" };
    let Ok(SignInStep::Done(signed_in)) = with_password(&at(0), &sign_in, form, &browser, &mut rng).await else {
        panic!("signed in");
    };
    assert!(signed_in.must_enrol && signed_in.session.person == person);
    let store = &**sign_in.people().store();
    assert!(matches!(operate(&at(0), store, &signed_in.session).await, Err(UnitError::NotFresh)));

    let begun = begin_enrolment(&at(0), &sign_in, &signed_in.session, "x", &mut rng).await.expect("begun");
    let secret = totp_rs::Secret::try_from_base32(&*begun.secret).expect("base32");
    let totp = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_secret(secret).build();
    let code = totp.expect("totp").generate(at(0).now.0 / 1000).to_string();
    let form = SecondFactorForm { pending: &begun.pending, code: &code };
    let confirmed = confirm_enrolment(&at(0), &sign_in, &signed_in.session, form, &mut rng).await;
    let Ok((signed_in, _)) = confirmed else { panic!("confirmed") };
    operate(&at(0), store, &signed_in.session).await.expect("an operator");
}

#[tokio::test]
async fn a_set_up_link_ends_and_a_newer_one_replaces_it() {
    let sign_in = sign_in();
    let mut rng = rng();
    let old = create_setup_link(&at(0), sign_in.people(), &mut rng).await.expect("link");
    let new = create_setup_link(&at(0), sign_in.people(), &mut rng).await.expect("link");
    let replaced = use_setup_link(&at(0), &sign_in, &old, first("root"), &mut rng).await;
    assert!(matches!(replaced, Err(UnitError::SetupLink)));
    let late = use_setup_link(&at(SETUP_MS), &sign_in, &new, first("root"), &mut rng).await;
    assert!(matches!(late, Err(UnitError::SetupLink)));
}

#[tokio::test]
async fn a_wrong_form_does_not_use_the_set_up_link_up() {
    let sign_in = sign_in();
    let mut rng = rng();
    let token = create_setup_link(&at(0), sign_in.people(), &mut rng).await.expect("link");
    let short = FirstAdministrator { password: "short", ..first("root") };
    let unnamed = FirstAdministrator { unit: UnitForm { uscc: unit('X'), name: " ".to_owned() }, ..first("root") };
    let login = first("1");
    for (form, code) in [(short, "password-rule"), (unnamed, "invalid-unit-name"), (login, "invalid-person-data")] {
        let refused = use_setup_link(&at(0), &sign_in, &token, form, &mut rng).await.expect_err("refused");
        assert_eq!(refused.code(), code);
    }
    use_setup_link(&at(0), &sign_in, &token, first("root"), &mut rng).await.expect("still counts");
}

/// Gives a person a second factor; answers a code for the next step.
async fn enrolled(sign_in: &SignIn, login: &str) -> String {
    let session = session(sign_in.people(), login).await;
    sign_in.people().store().create_session(session.clone(), Trail::default()).await.expect("session");
    let begun = begin_enrolment(&at(0), sign_in, &session, "x", &mut rng()).await.expect("begun");
    let code = |ms: u64| {
        let secret = totp_rs::Secret::try_from_base32(&*begun.secret).expect("base32");
        let totp = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_secret(secret).build();
        totp.expect("totp").generate(at(ms).now.0 / 1000).to_string()
    };
    let (first, next) = (code(0), code(30_000));
    let form = SecondFactorForm { pending: &begun.pending, code: &first };
    confirm_enrolment(&at(0), sign_in, &session, form, &mut rng()).await.expect("confirmed");
    next
}

#[tokio::test]
async fn a_lost_second_factor_is_reset_by_two_operators_and_enrolled_again_at_the_next_sign_in() {
    let sign_in = sign_in();
    let people = sign_in.people();
    let registered = UnitRecord { uscc: unit('X'), name: "平台".to_owned(), at: at(0).now };
    people.store().put_unit(registered, Trail::default()).await.expect("unit");
    for login in ["one", "two", "lost", "author"] {
        let person = register(people, somebody(login)).await;
        let whom = crate::people::Whom { person: &person, by: "command" };
        crate::sign_in::set_password(&at(0), &sign_in, whom, "correct horse", &mut rng()).await.expect("password");
        let role = if login == "author" { Role::Author } else { Role::Operator };
        let member = MemberRecord { unit: unit('X'), person, roles: vec![role], at: at(0).now };
        assert!(people.store().put_member(member, Trail::default()).await.expect("member"));
    }
    let (one, two) = (enrolled(&sign_in, "one").await, enrolled(&sign_in, "two").await);
    let author = enrolled(&sign_in, "author").await;
    fn proof<'a>(login: &'a str, code: &'a str) -> OperatorProof<'a> {
        OperatorProof { login, code }
    }
    let reset = async |account, by, approved_by| {
        reset_second_factor(&at(30_000), &sign_in, LostFactor { account, by, approved_by }).await
    };
    let none = reset("lost", proof("one", &one), proof("two", &two)).await;
    assert!(matches!(none, Err(UnitError::NoFactor)));
    enrolled(&sign_in, "lost").await;
    let alone = reset("lost", proof("one", &one), proof("one", &one)).await;
    assert!(matches!(alone, Err(UnitError::SamePerson)));
    let own = reset("lost", proof("lost", "000000"), proof("two", &two)).await;
    assert!(matches!(own, Err(UnitError::SamePerson)));
    let without_role = reset("lost", proof("one", &one), proof("author", &author)).await;
    assert!(matches!(without_role, Err(UnitError::NotAllowed)));
    let unknown = reset("nobody", proof("one", &one), proof("two", &two)).await;
    assert!(matches!(unknown, Err(UnitError::People(_))));
    let person = reset("lost", proof("one", &one), proof("two", &two)).await.expect("reset");

    let sessions = people.store().list_sessions(&person, at(30_000).now).await.expect("sessions");
    assert!(sessions.is_empty(), "their sessions ended");
    let audit = people.store().list_audit(None, 100).await.expect("audit").entries;
    let record = audit.iter().find(|record| record.action == "credentials.second-factor-reset").expect("audited");
    assert_eq!(record.actor, format!("person:{}", id(people, "one").await));
    assert_eq!(record.details["approved-by"], id(people, "two").await.to_string());
    let browser = Browser {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        transaction: SecretHash([1; 32]),
        device: None,
        session: None,
    };
    let form = PasswordForm { account: "lost", password: "correct horse" };
    let Ok(SignInStep::Done(signed_in)) = with_password(&at(60_000), &sign_in, form, &browser, &mut rng()).await else {
        panic!("signed in");
    };
    assert!(signed_in.must_enrol, "a new one is asked for");
    let store = &**people.store();
    assert!(matches!(operate(&at(60_000), store, &signed_in.session).await, Err(UnitError::NotFresh)), "until then");
}

#[tokio::test]
async fn a_wrong_code_of_an_operator_resets_nothing() {
    let sign_in = sign_in();
    let people = sign_in.people();
    let registered = UnitRecord { uscc: unit('X'), name: "平台".to_owned(), at: at(0).now };
    people.store().put_unit(registered, Trail::default()).await.expect("unit");
    for login in ["one", "two", "lost"] {
        let person = register(people, somebody(login)).await;
        let member = MemberRecord { unit: unit('X'), person, roles: vec![Role::Operator], at: at(0).now };
        assert!(people.store().put_member(member, Trail::default()).await.expect("member"));
        enrolled(&sign_in, login).await;
    }
    let wrong = OperatorProof { login: "one", code: "not-a-code" };
    let lost = LostFactor { account: "lost", by: wrong, approved_by: OperatorProof { login: "two", code: "" } };
    let refused = reset_second_factor(&at(30_000), &sign_in, lost).await;
    assert!(matches!(refused, Err(UnitError::SignIn(crate::sign_in::SignInError::SecondFactor))));
    let kept = people.store().find_credentials(&id(people, "lost").await).await.expect("read").expect("credentials");
    assert!(kept.totp.is_some() && kept.reset.is_none());
}
