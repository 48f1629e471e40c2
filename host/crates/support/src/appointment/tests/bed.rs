//! A hub in memory over the sample catalog and places, with one hall that takes bookings, and a clock moved by hand.

use super::super::*;
use crate::PageRequest;
use crate::app::NoApps;
use crate::catalog::Query;
use rand::{SeedableRng as _, rngs::StdRng};
use std::cell::Cell;
use tempfile::TempDir;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyOwner, KeySlot, KeyStore as _, RootKey, SoftwareKeyStore};
use yizhan_auth::people::{People, PeopleKeys};
use yizhan_auth::provider::ProviderKeys;
use yizhan_domain::appointment::{DaySpan, HallCalendar, HallId, NoShowRule, SlotPlan};
use yizhan_domain::authorization::{Role, Suite};
use yizhan_domain::code::CreditCode;
use yizhan_domain::{Clock as _, Date, RequestId, SecretHash, SessionId, TestClock, Timestamp};
use yizhan_store::MemoryRecords;
use yizhan_store::records::{MemberRecord, StoreMode, UnitRecord};
use zeroize::Zeroizing;

pub(super) const ISSUER: &str = "https://hub.example.gov.cn";
/// A Monday, eight in the morning in China.
pub(super) const START: Timestamp = Timestamp(1_795_392_000_000);
pub(super) const HALL: &str = "hangzhou-hall";
pub(super) const DAY_MS: u64 = 24 * 3_600_000;

pub(super) struct Bed {
    pub(super) desk: Appointments,
    pub(super) clock: TestClock,
    /// An item that is booked, and handled at the hall.
    pub(super) item: String,
    /// One that is not done by appointment, handled there too.
    pub(super) unbookable: String,
    requests: Cell<u128>,
    _keys: TempDir,
}

impl Bed {
    /// The hall has slots at nine and half past nine with two places, on working days, a week ahead.
    pub(super) async fn new() -> Self {
        let bed = Self::empty(StoreMode::Development);
        bed.desk.store().put_calendar(calendar(), Trail::default()).await.expect("calendar");
        bed
    }

    pub(super) fn empty(mode: StoreMode) -> Self {
        let keys = tempfile::tempdir().expect("folder");
        let root = RootKey::of(Zeroizing::new([7; 32]));
        let rng = Box::new(StdRng::seed_from_u64(1));
        let store = SoftwareKeyStore::create(&keys.path().join("keys"), &root, rng).expect("key store");
        let slot = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
        store.create(&KeyOwner::Hub, slot, START).expect("hub key");
        let hub: Arc<dyn HubStore> = Arc::new(MemoryRecords::new(mode));
        let provider = Provider {
            people: Arc::new(People::new(Arc::clone(&hub), PeopleKeys::of(&root))),
            store: hub,
            keys: Arc::new(store),
            secrets: Arc::new(ProviderKeys::derived(&root, 1)),
            issuer: ISSUER.to_owned(),
            assurance_max: yizhan_domain::person::Assurance::Face,
            reviewed: Arc::default(),
        };
        let catalog = Arc::new(Catalog::sample().expect("catalog"));
        let places = Arc::new(Places::sample().expect("places"));
        let (item, unbookable) = (handled(&catalog, &places, true), handled(&catalog, &places, false));
        let desk = Appointments::new(Arc::new(provider), catalog, places);
        Self { desk, clock: TestClock::at(START), item, unbookable, requests: Cell::new(1), _keys: keys }
    }

    pub(super) fn context(&self) -> Context {
        self.requests.set(self.requests.get() + 1);
        Context { id: RequestId(self.requests.get()), now: self.clock.now() }
    }

    pub(super) fn today(&self) -> Date {
        Date::in_china(self.clock.now())
    }

    /// What to book tomorrow at nine; the name gives the key.
    pub(super) fn form(&self, name: &str) -> BookForm {
        BookForm {
            hall: HALL.to_owned(),
            item: self.item.clone(),
            date: self.today().plus_days(1),
            start: "09:00".parse().expect("time"),
            key: format!("key-of-{name}"),
        }
    }

    pub(super) async fn book(&self, person: &str) -> Result<Booking, AppointmentError> {
        let form = self.form(person);
        book(&self.context(), &self.desk, &booker(person), &form).await.map(|booked| booked.booking)
    }

    /// Makes the person a member of the hall's unit, or of another one.
    pub(super) async fn employ(&self, person: &str, unit: &CreditCode, role: Role) {
        let store = self.desk.store();
        let record = UnitRecord { uscc: unit.clone(), name: "某局".to_owned(), at: START };
        store.put_unit(record, Trail::default()).await.expect("unit");
        let member =
            MemberRecord { unit: unit.clone(), person: PersonId(person.to_owned()), roles: vec![role], at: START };
        assert!(store.put_member(member, Trail::default()).await.expect("member"));
    }

    /// Actions of the audit with their outcomes, oldest first.
    pub(super) async fn audit(&self) -> Vec<(String, String)> {
        let page = self.desk.store().list_audit(None, 100).await.expect("audit");
        page.entries.into_iter().rev().map(|record| (record.action, record.outcome)).collect()
    }
}

/// An item of the region that is handled at the hall, and is or is not done by appointment.
fn handled(catalog: &Catalog, places: &Places, bookable: bool) -> String {
    let context = Context { id: RequestId(0), now: START };
    let query = Query { region: Some("330102000000".to_owned()), ..Query::default() };
    let found = catalog.search(&context, &query, &PageRequest::first(100)).expect("search").items;
    let codes = found.into_iter().map(|item| item.code.to_string());
    let fits = |code: &String| {
        let item = catalog.find_item(&context, code, &NoApps).expect("find").expect("item");
        let halls = places.for_item(&context, code, yizhan_domain::geo::Datum::Wgs84, &PageRequest::first(100));
        let halls = halls.expect("places").places;
        let handles = |hall: &str| halls.iter().any(|place| place.id == hall);
        // The second one takes no bookings.
        item.bookable == bookable && handles(HALL) && handles("hangzhou-west-hall")
    };
    codes.into_iter().find(fits).expect("the samples have such an item")
}

pub(super) fn unit() -> CreditCode {
    "91350100M000100Y43".parse().expect("code")
}

pub(super) fn other_unit() -> CreditCode {
    "91110000600037341L".parse().expect("code")
}

pub(super) fn calendar() -> HallCalendar {
    let span = DaySpan {
        opens: "09:00".parse().expect("time"),
        closes: "10:00".parse().expect("time"),
        slot_minutes: 30,
        capacity: 2,
    };
    HallCalendar {
        hall: HallId::new(HALL).expect("hall"),
        unit: unit(),
        plan: SlotPlan {
            weekly: std::array::from_fn(|day| if day < 5 { vec![span] } else { vec![] }),
            special: vec![],
        },
        days_ahead: 7,
        cancel_minutes: 60,
        no_show: NoShowRule { count: 2, window_days: 30, pause_days: 7 },
        sample: false,
        revision: 0,
    }
}

pub(super) fn booker(person: &str) -> Booker {
    Booker { person: PersonId(person.to_owned()), acting_for: None, assurance: Assurance::RealName, app: None }
}

pub(super) fn session(person: &str) -> SessionRecord {
    SessionRecord {
        hash: SecretHash([1; 32]),
        id: SessionId(person.to_owned()),
        person: PersonId(person.to_owned()),
        acting_for: None,
        assurance: Assurance::RealName,
        amr: vec!["pwd".to_owned()],
        auth_time: START,
        second_factor: None,
        expires: START.plus_ms(30 * DAY_MS),
    }
}

/// The code of the refusal.
pub(super) fn refusal<T: std::fmt::Debug>(answer: Result<T, AppointmentError>) -> &'static str {
    answer.expect_err("refused").code()
}
