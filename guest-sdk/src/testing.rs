//! A fake host for unit tests of handlers: what it does not know is empty or denied, as with the real one.
//!
//! ```
//! use yizhan_sdk::{App, Html, Request, html, testing::FakeHost, visitor};
//!
//! fn home(_: &Request) -> Html {
//!     html!("<html lang=\"{lang}\">", lang = visitor::preferences().locale)
//! }
//!
//! let _host = FakeHost::new().locale("en").install();
//! assert_eq!(App::new().get("/", home).handle(Request::get("/")).text(), "<html lang=\"en\">");
//! ```

pub(crate) mod appointment;
pub(crate) mod catalog;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod fetch;
pub(crate) mod identity;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod place;
mod samples;
pub(crate) mod visitor;

pub use identity::Persona;
pub use samples::{department, hall, item, region};

use crate::catalog::{AppSummary, Department, Item, Region};
use crate::fetch::Answer;
use crate::identity::GrantedClaim;
use crate::place::Place;
use crate::visitor::Preferences;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

thread_local! {
    static HOST: RefCell<FakeHost> = RefCell::new(FakeHost::new());
}

/// A fake host. Set it up, then [`install`](FakeHost::install) it for the current thread.
#[derive(Debug, Clone)]
pub struct FakeHost {
    preferences: Preferences,
    persona: Option<Persona>,
    granted: Vec<GrantedClaim>,
    backend: Option<BTreeSet<String>>,
    items: Vec<Item>,
    regions: Vec<Region>,
    departments: Vec<Department>,
    apps: Vec<AppSummary>,
    places: Vec<Place>,
    slots: Vec<appointment::Laid>,
    bookings: Vec<appointment::Made>,
    booking_allowed: bool,
    config: BTreeMap<String, String>,
    buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    answers: BTreeMap<String, Answer>,
    lines: Vec<String>,
    opened: Vec<String>,
    fetched: Vec<String>,
    now_ms: u64,
}

impl Default for FakeHost {
    fn default() -> Self {
        Self {
            preferences: Preferences {
                locale: "zh-CN".to_owned(),
                region: "330100000000".to_owned(),
                elder_mode: false,
            },
            persona: None,
            granted: Vec::new(),
            backend: None,
            items: Vec::new(),
            regions: Vec::new(),
            departments: Vec::new(),
            apps: Vec::new(),
            places: Vec::new(),
            slots: Vec::new(),
            bookings: Vec::new(),
            booking_allowed: false,
            config: BTreeMap::new(),
            buckets: BTreeMap::new(),
            answers: BTreeMap::new(),
            lines: Vec::new(),
            opened: Vec::new(),
            fetched: Vec::new(),
            now_ms: 1_767_574_800_000,
        }
    }
}

impl FakeHost {
    /// A host with an empty catalog, nobody signed in, locale `zh-CN`, region `330100000000` and a clock that stands on
    /// Monday, 5 January 2026, 9:00 in China.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the clock, in milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn now_ms(mut self, now_ms: u64) -> Self {
        self.now_ms = now_ms;
        self
    }

    /// Sets the visitor's language: `zh-CN` or `en`.
    #[must_use]
    pub fn locale(mut self, locale: &str) -> Self {
        self.preferences.locale = locale.to_owned();
        self
    }

    /// Sets the visitor's region, 12 digits.
    #[must_use]
    pub fn visitor_region(mut self, region: &str) -> Self {
        self.preferences.region = region.to_owned();
        self
    }

    /// Sets whether the visitor wishes for large text.
    #[must_use]
    pub fn elder_mode(mut self, wished: bool) -> Self {
        self.preferences.elder_mode = wished;
        self
    }

    /// Signs someone in.
    #[must_use]
    pub fn persona(mut self, persona: Persona) -> Self {
        self.persona = Some(persona);
        self
    }

    /// Grants claims for a purpose.
    #[must_use]
    pub fn grant(mut self, purpose: &str, claims: &[&str]) -> Self {
        let granted = |claim: &&str| GrantedClaim { claim: (*claim).to_owned(), purpose: purpose.to_owned() };
        self.granted.extend(claims.iter().map(granted));
        self
    }

    /// Registers a back end, to which the person granted what these purposes need; without it no envelope is provided.
    #[must_use]
    pub fn backend(mut self, purposes: &[&str]) -> Self {
        self.backend = Some(purposes.iter().map(|purpose| (*purpose).to_owned()).collect());
        self
    }

    /// Adds an item; [`item`] makes one.
    #[must_use]
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Adds a region; [`region`] makes one.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.regions.push(region);
        self
    }

    /// Adds a department; [`department`] makes one.
    #[must_use]
    pub fn department(mut self, department: Department) -> Self {
        self.departments.push(department);
        self
    }

    /// Adds an app of the hub.
    #[must_use]
    pub fn app(mut self, app: AppSummary) -> Self {
        self.apps.push(app);
        self
    }

    /// Adds a hall or terminal; [`hall`] makes one. It handles every item.
    #[must_use]
    pub fn place(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }

    /// Lets a hall, named by its id, take bookings for every item on a day (`YYYY-MM-DD`) at a time (`HH:MM`).
    #[must_use]
    pub fn slot(mut self, hall: &str, date: &str, start: &str, capacity: u32) -> Self {
        let (hall, date, start) = (hall.to_owned(), date.to_owned(), start.to_owned());
        self.slots.push(appointment::Laid { hall, date, start, capacity });
        self
    }

    /// The person who is signed in agreed to `appointment:book`.
    #[must_use]
    pub fn allow_booking(mut self) -> Self {
        self.booking_allowed = true;
        self
    }

    /// Sets a setting of the app.
    #[must_use]
    pub fn config(mut self, key: &str, value: &str) -> Self {
        self.config.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Writes a value into a bucket.
    #[must_use]
    pub fn kv(mut self, bucket: &str, key: &str, value: impl AsRef<[u8]>) -> Self {
        self.buckets.entry(bucket.to_owned()).or_default().insert(key.to_owned(), value.as_ref().to_vec());
        self
    }

    /// Lists an address in `gov_egress` and says what it answers; every other address is denied.
    #[must_use]
    pub fn answer(mut self, url: &str, status: u16, body: impl AsRef<[u8]>) -> Self {
        let answer = Answer { status, headers: Vec::new(), body: body.as_ref().to_vec() };
        self.answers.insert(url.to_owned(), answer);
        self
    }

    /// Makes it the host of the current thread until the returned value is dropped.
    #[must_use = "the host is taken away when this is dropped"]
    pub fn install(self) -> Installed {
        Installed(HOST.with(|host| host.replace(self)))
    }
}

/// An installed fake host; shows what the app did. When dropped, the host before it is back.
#[derive(Debug)]
pub struct Installed(FakeHost);

impl Installed {
    /// Log lines so far, as in `info: text` or `info context: text`.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        with(|host| host.lines.clone())
    }

    /// Claims opened so far, as in `query-insurance: name, mobile`.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        with(|host| host.opened.clone())
    }

    /// Requests to other systems so far, refused ones too, as in `GET https://api.example.gov.cn/`.
    #[must_use]
    pub fn fetched(&self) -> Vec<String> {
        with(|host| host.fetched.clone())
    }

    /// The value of a key, or none.
    #[must_use]
    pub fn kv(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        with(|host| host.buckets.get(bucket)?.get(key).cloned())
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let before = std::mem::take(&mut self.0);
        HOST.with(|host| host.replace(before));
    }
}

/// Calls with the host of this thread.
pub(crate) fn with<T>(call: impl FnOnce(&mut FakeHost) -> T) -> T {
    HOST.with(|host| call(&mut host.borrow_mut()))
}

/// A line for the operator from the SDK itself.
pub(crate) fn report(line: &str) {
    log::write(crate::log::Level::Error, "", line);
}

#[cfg(test)]
mod tests;
