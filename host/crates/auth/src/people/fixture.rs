//! People for tests: an empty directory, and somebody in it. No number here can be anybody's.

use super::{NewPerson, People, PeopleKeys, PersonData};
use crate::keys::RootKey;
use rand::{SeedableRng as _, rngs::StdRng};
use std::sync::Arc;
use yizhan_domain::code::IdentityNumber;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Context, PersonId, RequestId, Timestamp};
use yizhan_store::MemoryRecords;
use yizhan_store::records::StoreMode;
use zeroize::Zeroizing;

/// 2026-11-23T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_435_200_000);

pub(crate) fn at(ms: u64) -> Context {
    Context { id: RequestId(1), now: NOW.plus_ms(ms) }
}

pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

pub(crate) fn directory(mode: StoreMode) -> People {
    let keys = PeopleKeys::of(&RootKey::of(Zeroizing::new([7; 32])));
    People::new(Arc::new(MemoryRecords::new(mode)), keys)
}

/// A number of a region that does not exist.
pub(crate) fn id_number(sequence: u32) -> String {
    let first = format!("99000019900101{sequence:03}");
    let check = IdentityNumber::check_character(first.as_bytes());
    format!("{first}{check}")
}

pub(crate) fn somebody(login: &str) -> NewPerson {
    let mut data = PersonData::default();
    data.login = Some(login.to_owned());
    data.name = "某某".to_owned();
    NewPerson { kind: PersonKind::NaturalPerson, assurance: Assurance::Basic, data }
}

pub(crate) fn verified(login: &str, sequence: u32) -> NewPerson {
    let mut new = somebody(login);
    new.assurance = Assurance::Face;
    new.data.id_number = Some(id_number(sequence));
    new.data.mobile = Some(format!("10000000{sequence:03}"));
    new.data.birth_date = Some("1990-01-01".to_owned());
    new.data.residence_region = Some("330106000000".to_owned());
    new
}

pub(crate) async fn register(people: &People, new: NewPerson) -> PersonId {
    let mut rng = StdRng::from_os_rng();
    people.register(&at(0), "command", new, &mut rng).await.expect("registered")
}
