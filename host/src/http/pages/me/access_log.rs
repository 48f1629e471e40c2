//! My access log: who used which of my data when, for what. Each row can be complained about.

use crate::http::locale::Locale;
use crate::http::pages::{Frame, moment, words};
use askama::Template;
use yizhan_domain::{Claim, Timestamp};
use yizhan_store::records::{AccessOutcome, AccessRecord, Recipient};

/// One access, in words.
#[derive(Debug, Clone)]
pub(crate) struct AccessRow {
    /// 今天, 昨天 or the day.
    pub(crate) day: String,
    /// Whether the row before is of another day.
    pub(crate) begins_day: bool,
    /// Time of the day.
    pub(crate) time: String,
    /// Day and time for machines.
    pub(crate) datetime: String,
    /// Name of the app.
    pub(crate) app: String,
    /// Owner unit.
    pub(crate) unit: String,
    /// Version in short; none when no version asked.
    pub(crate) version: Option<String>,
    /// The claims, in words.
    pub(crate) claims: String,
    /// The purpose as the manifest names it.
    pub(crate) purpose: String,
    /// Request id.
    pub(crate) request: String,
    /// Address of the complaint page.
    pub(crate) complain: String,
    recipient: Recipient,
    outcome: AccessOutcome,
}

impl AccessRow {
    /// A row in words; `cursor` is that of the page it stands on.
    pub(crate) fn of(record: &AccessRecord, cursor: Option<&str>, now: Timestamp, locale: Locale) -> Self {
        let claims = record.claims.iter().map(|name| claim_words(name, locale)).collect::<Vec<_>>();
        Self {
            day: moment::near_day(record.at, now, locale),
            begins_day: true,
            time: moment::time(record.at),
            datetime: moment::rfc3339(record.at),
            app: record.app_name.clone(),
            unit: record.unit.clone(),
            version: record.version.as_ref().map(|digest| digest.to_string().chars().take(8).collect()),
            claims: claims.join(locale.pick("、", ", ")),
            purpose: record.purpose.clone(),
            request: record.request.clone(),
            complain: complain_address(record, cursor),
            recipient: record.recipient,
            outcome: record.outcome.clone(),
        }
    }

    /// Rows of one page; a day is told once.
    pub(crate) fn list(records: &[AccessRecord], cursor: Option<&str>, now: Timestamp, locale: Locale) -> Vec<Self> {
        let mut rows: Vec<Self> = records.iter().map(|record| Self::of(record, cursor, now, locale)).collect();
        for index in 1..rows.len() {
            rows[index].begins_day = rows[index].day != rows[index - 1].day;
        }
        rows
    }

    fn outcome_label(&self, frame: &Frame<'_>) -> &'static str {
        match &self.outcome {
            AccessOutcome::Opened => frame.t("已使用", "Used"),
            AccessOutcome::Delivered => frame.t("已送达单位系统", "Delivered to the unit"),
            AccessOutcome::Refused(_) => frame.t("已拒绝", "Refused"),
        }
    }

    fn refusal(&self) -> Option<&str> {
        match &self.outcome {
            AccessOutcome::Refused(code) => Some(code),
            _ => None,
        }
    }

    fn to_backend(&self) -> bool {
        self.recipient == Recipient::Backend
    }
}

/// A claim's name in words; one that is no longer known as it was written.
fn claim_words(name: &str, locale: Locale) -> String {
    name.parse::<Claim>().map_or_else(|_| name.to_owned(), |claim| words::claim_label(claim, locale))
}

/// The row is found again by its request and moment, on the page that it stood on.
fn complain_address(record: &AccessRecord, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("row", &format!("{}-{}", record.at.0, record.request));
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    format!("/me/access-log/complain?{}", query.finish())
}

/// The log, newest first.
#[derive(Debug, Template)]
#[template(path = "me/access_log.html")]
pub(crate) struct AccessLogPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// One page of it.
    pub(crate) rows: Vec<AccessRow>,
    /// Address of the next page.
    pub(crate) older: Option<String>,
    /// Whether this is a later page.
    pub(crate) is_later: bool,
}

/// How to complain about one row.
#[derive(Debug, Template)]
#[template(path = "me/complain.html")]
pub(crate) struct ComplainPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// The row.
    pub(crate) row: AccessRow,
    /// Its day and time, in full.
    pub(crate) moment: String,
}
