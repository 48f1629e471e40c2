//! The development page: who one is, what time it is, and the table of refusals.

mod words;

use super::{Frame, PersonaChoice};
use crate::http::locale::Locale;
use askama::Template;
use serde_json::{Value, json};
use yizhan_auth::Person;
use yizhan_auth::rehearsal::Part;

/// The page. Posts `amount` and `unit` to `dev/clock`, `persona` to `dev/persona`, `refusal` to `dev/rehearse`.
#[derive(Debug, Template)]
#[template(path = "dev.html")]
pub(crate) struct DevPage<'a> {
    /// Frame with settings strip.
    pub(crate) frame: Frame<'a>,
    /// The moment that this node goes by.
    pub(crate) now: String,
    /// How far that is ahead of the machine's clock, minutes.
    pub(crate) shift_minutes: u64,
    /// The app of this origin; none on the hub's.
    pub(crate) app_name: Option<&'a str>,
    /// Test persons to be; none where nobody signs in, or the hub is elsewhere.
    pub(crate) personas: Option<Vec<PersonaChoice>>,
    /// The page on the hub's origin.
    pub(crate) hub_page: String,
    /// On the hub's origin: every app with the address of its page.
    pub(crate) apps: Vec<(String, String)>,
    /// The table.
    pub(crate) groups: Vec<RefusalGroup>,
    /// What was just rehearsed.
    pub(crate) played: Option<Rehearsal>,
}

/// Refusals of one step.
#[derive(Debug)]
pub(crate) struct RefusalGroup {
    title: &'static str,
    rows: Vec<RefusalRow>,
}

/// One refusal.
#[derive(Debug)]
struct RefusalRow {
    name: String,
    code: &'static str,
    meaning: String,
    mender: &'static str,
}

/// A rehearsal that was played.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    /// Which.
    pub(crate) name: String,
    /// Stable code that was met.
    pub(crate) code: &'static str,
    /// Where: `page`, `redirect`, `back-channel`, `userinfo`, `registration`, `guest`; `broken` when the rehearsal failed.
    pub(crate) door: &'static str,
    /// The answer, line by line.
    pub(crate) answer: Vec<String>,
    /// The audit's record of it.
    pub(crate) audit: Option<String>,
}

impl Rehearsal {
    /// For automated tests.
    pub(crate) fn to_json(&self) -> Value {
        let Self { name, code, door, answer, audit } = self;
        json!({ "refusal": name, "code": code, "met_at": door, "answer": answer, "audit": audit })
    }

    fn door_label(&self, frame: &Frame<'_>) -> &'static str {
        match self.door {
            "page" => frame.t("浏览器看到平台的页面", "The browser sees a page of the hub"),
            "redirect" => frame.t("浏览器带着错误回到应用", "The browser goes back to the app with an error"),
            "back-channel" => frame.t("客户端收到", "The client gets"),
            "userinfo" => frame.t("客户端在用户信息接口收到", "The client gets at UserInfo"),
            "registration" => frame.t("登记时被告知", "Told at registration"),
            "guest" => frame.t("应用组件收到（WIT 错误）", "The guest gets (WIT error)"),
            _ => frame.t("演练没有成功", "The rehearsal failed"),
        }
    }
}

/// Test persons to choose from.
pub(crate) fn personas_of(personas: &[Person]) -> Vec<PersonaChoice> {
    let choice = |person: &Person| PersonaChoice {
        id: person.id.as_str().to_owned(),
        name: person.name.clone(),
        about: person.about.clone(),
        kind: person.kind,
    };
    personas.iter().map(choice).collect()
}

/// The table of refusals, in the order of the steps.
pub(crate) fn refusal_groups(locale: Locale) -> Vec<RefusalGroup> {
    let mut groups: Vec<RefusalGroup> = Vec::new();
    for part in Part::all() {
        if let Some(title) = words::group_begins(&part, locale) {
            groups.push(RefusalGroup { title, rows: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            let (meaning, mender) = words::of(&part, locale);
            group.rows.push(RefusalRow { name: part.name(), code: part.code(), meaning, mender });
        }
    }
    groups
}
