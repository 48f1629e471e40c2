//! 大厅: halls and self-service terminals as a list, and one of them with its hours and the way there.

use super::Frame;
use super::moment::{day, near_day, time};
use crate::http::locale::Locale;
use askama::Template;
use yizhan_domain::{Date, Timestamp};
use yizhan_support::place::{OpenState, Place, PlaceKind, Span};

/// One place of a list.
#[derive(Debug, Clone)]
pub(crate) struct PlaceRow {
    /// Where it is shown.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: String,
    /// Street.
    pub(crate) street: String,
    /// Hall or terminal, in words.
    pub(crate) kind: &'static str,
    /// Whether it is open now; none when that is not known.
    pub(crate) is_open: Option<bool>,
    /// The same in words, with the next change.
    pub(crate) state: String,
}

impl PlaceRow {
    /// The row of a place at this moment; no state where the holidays of the year are not known.
    pub(crate) fn of(place: &Place, state: Option<&OpenState>, now: Timestamp, locale: Locale) -> Self {
        Self {
            address: format!("/places/{}", place.id),
            name: place.name.clone(),
            street: place.address.clone(),
            kind: match place.kind {
                PlaceKind::Hall => locale.pick("大厅", "Hall"),
                PlaceKind::Terminal => locale.pick("自助终端", "Terminal"),
            },
            is_open: state.map(|state| state.open),
            state: state_words(state, now, locale),
        }
    }
}

fn state_words(state: Option<&OpenState>, now: Timestamp, locale: Locale) -> String {
    let Some(state) = state else {
        return locale.pick("请电话确认开放时间", "Please ask for the hours by phone").to_owned();
    };
    let words = match (state.open, locale) {
        (true, Locale::ZhCn) => "正在开放",
        (false, Locale::ZhCn) => "现在未开放",
        (true, Locale::En) => "Open now",
        (false, Locale::En) => "Closed now",
    };
    let Some(at) = state.changes else { return words.to_owned() };
    let when = format!("{} {}", near_day(at, now, locale), time(at));
    match (state.open, locale) {
        (true, Locale::ZhCn) => format!("{words}，{} 结束", time(at)),
        (false, Locale::ZhCn) => format!("{words}，{when} 开放"),
        (true, Locale::En) => format!("{words}, until {}", time(at)),
        (false, Locale::En) => format!("{words}, opens {when}"),
    }
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "places/list.html")]
pub(crate) struct PlacesPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// `hall`, `terminal` or nothing.
    pub(crate) kind: &'a str,
    /// Whether only what is open now is shown.
    pub(crate) is_open_only: bool,
    /// The region in words.
    pub(crate) region: String,
    /// Where the region is chosen.
    pub(crate) choose: String,
    /// This page of what was found.
    pub(crate) rows: Vec<PlaceRow>,
    /// The next page.
    pub(crate) next: Option<String>,
    /// Whether the places were made up.
    pub(crate) is_sample: bool,
}

/// The hours of one date.
#[derive(Debug, Clone)]
pub(crate) struct HoursRow {
    /// The day in words.
    pub(crate) day: String,
    /// The hours, or that it is closed.
    pub(crate) hours: String,
    /// The holiday or special day that sets them; else empty.
    pub(crate) name: String,
}

impl HoursRow {
    /// The hours of a date; none when its holidays are not known.
    pub(crate) fn of(date: Date, hours: Option<(Vec<Span>, Option<String>)>, locale: Locale) -> Self {
        let (hours, name) = match hours {
            None => (locale.pick("请电话确认", "Please ask by phone").to_owned(), None),
            Some((spans, name)) if spans.is_empty() => (locale.pick("不开放", "Closed").to_owned(), name),
            Some((spans, name)) => (spans.iter().map(|span| span_words(*span)).collect::<Vec<_>>().join("  "), name),
        };
        Self { day: date_words(date, locale), hours, name: name.unwrap_or_default() }
    }
}

fn span_words(span: Span) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{}–{}", clock(span.opens), clock(span.closes))
}

/// A date with its day of the week.
fn date_words(date: Date, locale: Locale) -> String {
    let index = usize::from(date.weekday().saturating_sub(1)).min(6);
    let chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"][index];
    let english = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][index];
    match locale {
        Locale::ZhCn => format!("{}月{}日 {chinese}", date.month(), date.day()),
        Locale::En => format!("{english} {}", day(date.start_in_china(), locale)),
    }
}

/// One place.
#[derive(Debug, Template)]
#[template(path = "places/one.html")]
pub(crate) struct PlacePage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// The place, as the list shows it.
    pub(crate) row: PlaceRow,
    /// Telephone.
    pub(crate) phone: String,
    /// Whether a wheelchair can reach it.
    pub(crate) accessible: bool,
    /// Today and the six days after it.
    pub(crate) week: Vec<HoursRow>,
    /// `geo:` address (RFC 5870, WGS-84), for the phone's own map.
    pub(crate) geo: String,
    /// Address of a map service that takes GCJ-02.
    pub(crate) map: String,
    /// Whether the place was made up.
    pub(crate) is_sample: bool,
}
