//! `yizhan admin reset-second-factor`: two operators side by side at the stopped hub, each with a code that is used up.

use crate::{program, serving::Serving};
use rand::{SeedableRng as _, rngs::StdRng};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use yizhan_auth::keys::{Purpose, RootKey};
use yizhan_auth::people::{HandleText, NewPerson, People, PeopleKeys, PersonData};
use yizhan_auth::sign_in::{SecondFactorForm, SignIn, SignInSettings, begin_enrolment, confirm_enrolment, sessions};
use yizhan_domain::authorization::Role;
use yizhan_domain::code::CreditCode;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Clock as _, Context, RequestId, SessionId, SystemClock, Timestamp};
use yizhan_store::records::{MemberRecord, SessionRecord, StoreMode, Trail, UnitRecord};
use yizhan_store::{JournalKey, RecordsSettings, SledRecords};

/// Life of a code of the second factor, ms (RFC 6238, section 4).
const STEP_MS: u64 = 30_000;

fn code(secret: &str, at: Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base32");
    let totp = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_secret(secret).build();
    totp.expect("totp").generate(at.0 / 1000).to_string()
}

/// Two operators and somebody else with a second factor each, in a stopped hub's directory; answers the secrets by login name.
async fn people_of(data: &Path) -> BTreeMap<&'static str, String> {
    let root = RootKey::open_file(&data.join("keys/root.key")).expect("a root key");
    let settings = RecordsSettings::new(StoreMode::Development, JournalKey::new(*root.derive(Purpose::Journal)));
    let store = SledRecords::open(&data.join("records"), &settings).expect("records");
    let people = Arc::new(People::new(Arc::new(store), PeopleKeys::of(&root)));
    let settings = SignInSettings { hashing_slots: 1, sender: None, codes_per_day_max: 0 };
    let sign_in = SignIn::new(Arc::clone(&people), settings).expect("sign-in");
    // The codes of now are left for the command.
    let at = Timestamp(SystemClock.now().0 - STEP_MS);
    let context = Context { id: RequestId(1), now: at };
    let mut rng = StdRng::seed_from_u64(5);
    let first = "11990000MA00000X1";
    let unit: CreditCode =
        format!("{first}{}", CreditCode::check_character(first.as_bytes())).parse().expect("a code of nobody");
    let registered = UnitRecord { uscc: unit.clone(), name: "示例平台".to_owned(), at };
    people.store().put_unit(registered, Trail::default()).await.expect("unit");
    let mut secrets = BTreeMap::new();
    for login in ["one", "two", "lost"] {
        let mut data = PersonData::default();
        data.login = Some(login.to_owned());
        data.name = "某某".to_owned();
        let new = NewPerson { kind: PersonKind::NaturalPerson, assurance: Assurance::Basic, data };
        let person = people.register(&context, "command", new, &mut rng).await.expect("registered");
        if login != "lost" {
            let member = MemberRecord { unit: unit.clone(), person: person.clone(), roles: vec![Role::Operator], at };
            assert!(people.store().put_member(member, Trail::default()).await.expect("member"));
        }
        let session = SessionRecord {
            hash: sessions::token_hash(login),
            id: SessionId(login.to_owned()),
            person,
            acting_for: None,
            assurance: Assurance::Basic,
            amr: Vec::new(),
            auth_time: at,
            second_factor: Some(at),
            expires: at.plus_ms(3_600_000),
        };
        people.store().create_session(session.clone(), Trail::default()).await.expect("session");
        let begun = begin_enrolment(&context, &sign_in, &session, "x", &mut rng).await.expect("begun");
        let code = code(&begun.secret, at);
        let form = SecondFactorForm { pending: &begun.pending, code: &code };
        confirm_enrolment(&context, &sign_in, &session, form, &mut rng).await.expect("confirmed");
        secrets.insert(login, begun.secret.to_string());
    }
    assert!(people.find(HandleText::Login("lost")).await.expect("read").is_some());
    secrets
}

#[test]
fn two_operators_reset_a_lost_second_factor_at_the_stopped_hub() {
    let dir = tempfile::tempdir().expect("a folder");
    let serving = Serving::within(dir.path(), "demo --addr 127.0.0.1:0 --data hub");
    assert_eq!(serving.stop("TERM"), Some(0));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let secrets = runtime.block_on(people_of(&dir.path().join("hub")));
    drop(runtime);
    let now = SystemClock.now();
    let line = |account: &str, (by, by_code): (&str, &str), (other, other_code): (&str, &str)| {
        format!(
            "admin reset-second-factor {account} --operator {by} --operator-code {by_code} --approved-by {other} \
             --approver-code {other_code} --data hub"
        )
    };
    let (one, two) = (code(&secrets["one"], now), code(&secrets["two"], now));
    let (one, two) = (("one", one.as_str()), ("two", two.as_str()));
    for (account, by, approver) in [
        ("lost", one, one),
        ("one", one, two),
        ("nobody", one, two),
        ("lost", ("one", "abcdef"), two),
        ("lost", ("lost", "000000"), two),
    ] {
        let json = program::refused(dir.path(), &line(account, by, approver), 1);
        assert!(json["fix"].as_str().is_some_and(|fix| fix.contains("two operators")), "{json}");
    }
    let done = program::json(dir.path(), &line("lost", one, two));
    assert!(done["person"].as_str().is_some_and(|person| !person.is_empty()), "{done}");
    let audit = program::json(dir.path(), "audit list --data hub --limit 4");
    let records = audit["records"].as_array().expect("records");
    assert!(records.iter().any(|record| record["action"] == "credentials.second-factor-reset"), "{audit}");
    program::refused(dir.path(), &line("lost", one, two), 1);
}
