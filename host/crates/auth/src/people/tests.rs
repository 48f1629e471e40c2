//! What the directory promises.

use super::fixture::{at, directory, id_number, register, rng, somebody, verified};
use super::*;
use crate::directory::Personas;
use crate::sign_in::sessions::token_hash;
use yizhan_domain::SessionId;
use yizhan_store::records::{SessionRecord, StoreMode};

const BOTH: [StoreMode; 2] = [StoreMode::Development, StoreMode::Production];

fn by_command(person: &PersonId) -> Whom<'_> {
    Whom { person, by: "command" }
}

fn mandate(role: &str) -> Mandate {
    // 91 at the region 990000, which does not exist.
    let uscc = with_check("91990000MA00000X1");
    Mandate { capacity: Capacity { uscc, role: role.to_owned() }, org_name: "某某公司".to_owned() }
}

fn with_check(first: &str) -> yizhan_domain::code::CreditCode {
    let check = yizhan_domain::code::CreditCode::check_character(first.as_bytes());
    format!("{first}{check}").parse().expect("code")
}

async fn session(people: &People, person: &PersonId, acting_for: Option<Capacity>, name: &str) -> SessionRecord {
    let session = SessionRecord {
        hash: token_hash(name),
        id: SessionId(name.to_owned()),
        person: person.clone(),
        acting_for,
        assurance: Assurance::Basic,
        amr: Vec::new(),
        auth_time: at(0).now,
        second_factor: None,
        expires: at(1000).now,
    };
    people.store().create_session(session.clone(), Trail::default()).await.expect("session");
    session
}

async fn names_of_sessions(people: &People, person: &PersonId) -> Vec<String> {
    let live = people.store().list_sessions(person, at(0).now).await.expect("sessions");
    live.into_iter().map(|session| session.id.0).collect()
}

#[tokio::test]
async fn a_person_is_found_by_every_handle_and_opened_with_the_data() {
    let people = directory(StoreMode::Production);
    let id = register(&people, verified("first", 1)).await;
    for handle in [HandleText::Login("First"), HandleText::Mobile("10000000001"), HandleText::IdNumber(&id_number(1))] {
        assert_eq!(people.find(handle).await.expect("found"), Some(id.clone()));
    }
    assert_eq!(people.find(HandleText::Login("10000000001")).await.expect("found"), None, "kinds are kept apart");
    let person = people.open_person(&id, None).await.expect("opened").expect("known");
    assert_eq!((person.name.as_str(), person.id_number.as_str()), ("某某", id_number(1).as_str()));
}

#[tokio::test]
async fn the_store_holds_no_datum_in_clear() {
    let people = directory(StoreMode::Production);
    let id = register(&people, verified("first", 1)).await;
    let record = people.store().find_person(&id).await.expect("read").expect("kept");
    let kept = serde_json::to_string(&record).expect("json");
    for datum in ["某某", "first", "10000000001", &id_number(1), "330106000000"] {
        assert!(!kept.contains(datum), "{datum} in {kept}");
    }
    let wrapped = people.store().find_data_key(&id).await.expect("read").expect("kept");
    assert_eq!(wrapped.len(), 60);
}

#[tokio::test]
async fn data_of_one_person_does_not_open_as_anothers() {
    let people = directory(StoreMode::Production);
    let (first, second) = (register(&people, verified("first", 1)).await, register(&people, somebody("second")).await);
    let stolen = people.store().find_person(&first).await.expect("read").expect("kept").sealed;
    let mut victim = people.store().find_person(&second).await.expect("read").expect("kept");
    victim.sealed = stolen;
    victim.revision += 1;
    assert!(people.store().replace_person(victim, Trail::default()).await.expect("replaced"));
    assert!(matches!(people.open_person(&second, None).await, Err(PeopleError::Sealed)));
}

#[tokio::test]
async fn a_handle_belongs_to_one_person_only() {
    let people = directory(StoreMode::Production);
    register(&people, verified("first", 1)).await;
    let second = register(&people, somebody("second")).await;
    let mut rng = rng();
    let again = people.register(&at(0), "command", somebody("FIRST").lowered(), &mut rng).await;
    assert!(matches!(again, Err(PeopleError::Taken)));
    let taken = |data: &mut PersonData| data.mobile = Some("10000000001".to_owned());
    let changed = people.change(&at(0), by_command(&second), taken, &mut rng).await;
    assert!(matches!(changed, Err(PeopleError::Taken)));
}

impl NewPerson {
    fn lowered(mut self) -> Self {
        self.data.login = self.data.login.take().map(|login| login.to_lowercase());
        self
    }
}

#[tokio::test]
async fn a_change_moves_the_handles() {
    let people = directory(StoreMode::Production);
    let id = register(&people, verified("first", 1)).await;
    let edit = |data: &mut PersonData| data.mobile = Some("10000000009".to_owned());
    people.change(&at(1), by_command(&id), edit, &mut rng()).await.expect("changed");
    assert_eq!(people.find(HandleText::Mobile("10000000009")).await.expect("found"), Some(id.clone()));
    assert_eq!(people.find(HandleText::Mobile("10000000001")).await.expect("found"), None);
    assert_eq!(people.find_record(&id).await.expect("read").expect("kept").revision, 1);
}

#[tokio::test]
async fn an_erased_person_is_found_by_nothing_and_opens_no_more() {
    let people = directory(StoreMode::Production);
    let id = register(&people, verified("first", 1)).await;
    people.erase(&at(1), by_command(&id)).await.expect("erased");
    assert_eq!(people.find(HandleText::Login("first")).await.expect("found"), None);
    assert!(people.open_person(&id, None).await.expect("opened").is_none());
    assert!(people.find_record(&id).await.expect("read").is_none());
    assert!(people.store().find_data_key(&id).await.expect("read").is_none());
    assert!(matches!(people.erase(&at(2), by_command(&PersonId("x".into()))).await, Err(PeopleError::Unknown)));
}

#[tokio::test]
async fn data_outside_its_rules_is_refused_with_the_rule() {
    type Edit = fn(&mut PersonData);
    let wrong: [(Edit, &str); 8] = [
        (|data| data.login = Some("1st".into()), "login"),
        (|data| data.login = Some("A b".into()), "login"),
        (|data| data.name = "a\nb".into(), "name"),
        (|data| data.mobile = Some("12345".into()), "mobile"),
        (|data| data.birth_date = Some("1990-13-01".into()), "birth-date"),
        (|data| data.birth_date = Some("1990-01-02".into()), "birth-date"),
        (|data| data.id_number = Some("990000199001010001".into()), "id-number"),
        (|data| data.residence_region = Some("1".into()), "residence-region"),
    ];
    for mode in BOTH {
        for (edit, what) in wrong {
            let mut new = verified("first", 1);
            edit(&mut new.data);
            let refused = directory(mode).register(&at(0), "command", new, &mut rng()).await;
            assert!(matches!(refused, Err(PeopleError::Invalid { what: found, .. }) if found == what), "{what}");
        }
    }
}

#[tokio::test]
async fn assurance_above_basic_needs_the_identity_number() {
    let people = directory(StoreMode::Production);
    let id = register(&people, somebody("first")).await;
    let raised = people.set_assurance(&at(0), by_command(&id), Assurance::RealName).await;
    assert!(matches!(raised, Err(PeopleError::Invalid { what: "assurance", .. })));
}

#[tokio::test]
async fn less_assurance_ends_the_sessions_and_more_does_not() {
    let people = directory(StoreMode::Production);
    let id = register(&people, verified("first", 1)).await;
    session(&people, &id, None, "a").await;
    people.set_assurance(&at(0), by_command(&id), Assurance::Face).await.expect("set");
    assert_eq!(names_of_sessions(&people, &id).await, ["a"]);
    people.set_assurance(&at(0), by_command(&id), Assurance::Basic).await.expect("set");
    assert!(names_of_sessions(&people, &id).await.is_empty());
}

#[tokio::test]
async fn an_agent_is_opened_in_the_capacity_and_never_in_another() {
    let people = directory(StoreMode::Production);
    let mut new = verified("agent", 1);
    new.data.mandates.push(mandate("agent"));
    let id = register(&people, new).await;
    let held = mandate("agent").capacity;
    let acting = people.open_person(&id, Some(&held)).await.expect("opened").expect("held");
    assert_eq!((acting.kind, acting.uscc.as_deref()), (PersonKind::LegalPerson, Some(held.uscc.as_str())));
    let alone = people.open_person(&id, None).await.expect("opened").expect("known");
    assert_eq!((alone.kind, alone.uscc.as_deref()), (PersonKind::NaturalPerson, None));
    let other = mandate("legal-representative").capacity;
    assert!(people.open_person(&id, Some(&other)).await.expect("opened").is_none());
}

#[tokio::test]
async fn the_end_of_a_mandate_takes_effect_at_once() {
    let people = directory(StoreMode::Production);
    let mut new = verified("agent", 1);
    new.data.mandates.push(mandate("agent"));
    let id = register(&people, new).await;
    let held = mandate("agent").capacity;
    session(&people, &id, Some(held.clone()), "acting").await;
    session(&people, &id, None, "alone").await;
    people.end_mandate(&at(1), by_command(&id), &held, &mut rng()).await.expect("ended");
    assert!(people.open_person(&id, Some(&held)).await.expect("opened").is_none());
    assert_eq!(names_of_sessions(&people, &id).await, ["alone"]);
}

#[tokio::test]
async fn whoever_loses_the_last_mandate_keeps_an_account_of_their_own() {
    let people = directory(StoreMode::Production);
    let mut new = verified("agent", 1);
    new.kind = PersonKind::LegalPerson;
    new.data.mandates.push(mandate("agent"));
    let id = register(&people, new).await;
    let held = mandate("agent").capacity;
    let before = people.capacities(&id).await.expect("read").expect("known");
    assert_eq!(before.only(), Some(Some(held.clone())));
    assert!(!before.allow(None), "acts for legal persons only");
    people.end_mandate(&at(1), by_command(&id), &held, &mut rng()).await.expect("ended");
    assert_eq!(people.capacities(&id).await.expect("read").expect("known").only(), Some(None));
}

#[tokio::test]
async fn test_persons_are_seeded_once_and_into_development_stores_only() {
    let personas = Personas::seeded().expect("file");
    let people = directory(StoreMode::Development);
    assert_eq!(seed(&people, &at(0), &personas, &mut rng()).await.expect("seeded"), personas.all().len());
    assert_eq!(seed(&people, &at(0), &personas, &mut rng()).await.expect("seeded"), 0);
    for person in personas.all() {
        let only = people.capacities(&person.id).await.expect("read").expect("known").only().expect("one capacity");
        let opened = people.open_person(&person.id, only.as_ref()).await.expect("opened").expect("known");
        assert!(opened == *person, "{person:?} comes back as it was");
    }
    let production = directory(StoreMode::Production);
    assert!(matches!(seed(&production, &at(0), &personas, &mut rng()).await, Err(PeopleError::Personas)));
}

#[tokio::test]
async fn production_refuses_numbers_of_test_persons() {
    type Edit = fn(&mut PersonData);
    let numbers: [Edit; 3] = [
        |data| data.mobile = Some("01988776651".into()),
        |data| {
            data.id_number = Some("000000198802303318".into());
            data.birth_date = None;
        },
        |data| {
            let mut test = mandate("agent");
            test.capacity.uscc = "91000000MA00000X1P".parse().expect("code");
            data.mandates.push(test);
        },
    ];
    for edit in numbers {
        let mut new = verified("first", 1);
        edit(&mut new.data);
        let refused = directory(StoreMode::Production).register(&at(0), "command", new, &mut rng()).await;
        assert!(matches!(refused, Err(PeopleError::TestNumber(_))));
        let mut new = verified("first", 1);
        edit(&mut new.data);
        register(&directory(StoreMode::Development), new).await;
    }
}

#[tokio::test]
async fn a_store_that_holds_a_test_person_is_known_and_a_production_store_takes_none() {
    let people = directory(StoreMode::Production);
    register(&people, verified("first", 1)).await;
    refuse_personas(&**people.store()).await.expect("none");
    let entry = Entry { id: PersonId("planted".into()), actor: "command", persona: true };
    let kept = people.keep(&at(0), &entry, somebody("planted"), &mut rng()).await;
    assert!(matches!(kept, Err(PeopleError::Store(_))), "the store itself refuses it");

    let development = directory(StoreMode::Development);
    for sequence in 0..150 {
        register(&development, somebody(&format!("person{sequence}"))).await;
    }
    assert!(!personas::holds_persona(&**development.store()).await.expect("read"));
    let entry = Entry { id: PersonId("zhang".into()), actor: "command", persona: true };
    development.keep(&at(0), &entry, somebody("zhang"), &mut rng()).await.expect("kept");
    assert!(personas::holds_persona(&**development.store()).await.expect("read"), "on the second page");
    refuse_personas(&**development.store()).await.expect("test persons belong there");
}
