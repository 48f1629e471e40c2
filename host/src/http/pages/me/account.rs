//! Sessions, password and erasure of my account.

use crate::http::locale::Locale;
use crate::http::pages::{Frame, Message, moment, words};
use askama::Template;
use yizhan_domain::Timestamp;
use yizhan_store::records::SessionRecord;

/// One browser that is signed in.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    /// Public name of the session, in addresses.
    pub(crate) id: String,
    /// When the person signed in.
    pub(crate) since: String,
    /// When it ends.
    pub(crate) until: String,
    /// How, in words.
    pub(crate) methods: String,
    /// Whether it is the browser that shows this page.
    pub(crate) is_current: bool,
}

impl SessionRow {
    /// A session in words.
    pub(crate) fn of(session: &SessionRecord, is_current: bool, now: Timestamp, locale: Locale) -> Self {
        let at = |moment: Timestamp| format!("{} {}", moment::near_day(moment, now, locale), moment::time(moment));
        let methods: Vec<&str> = session.amr.iter().map(|method| words::method_label(method, locale)).collect();
        Self {
            id: session.id.to_string(),
            since: at(session.auth_time),
            until: at(session.expires),
            methods: methods.join(locale.pick("、", ", ")),
            is_current,
        }
    }
}

/// Where I am signed in. Posts `csrf` to `/me/sessions/{id}/end`.
#[derive(Debug, Template)]
#[template(path = "me/sessions.html")]
pub(crate) struct SessionsPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// Form token of the session.
    pub(crate) csrf: &'a str,
    /// Live sessions, this one first.
    pub(crate) rows: Vec<SessionRow>,
}

/// A new password. Posts `csrf`, `present`, `password` and `repeated` to `/me/password`.
#[derive(Debug, Template)]
#[template(path = "me/password.html")]
pub(crate) struct PasswordPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// Form token of the session.
    pub(crate) csrf: &'a str,
    /// What there is to say about the last try.
    pub(crate) message: Option<Message>,
}

/// Asks before the account is erased. Posts `csrf` and `sure` to `/me/erase`.
#[derive(Debug, Template)]
#[template(path = "me/erase.html")]
pub(crate) struct ErasePage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// Form token of the session.
    pub(crate) csrf: &'a str,
    /// Whether the box was left empty in the last try.
    pub(crate) unsure: bool,
}
