//! 我的: the account pages. Overview, authorizations, access log, sessions, password, erasure.

mod access_log;
mod account;
mod consents;

pub(crate) use access_log::{AccessLogPage, AccessRow, ComplainPage};
pub(crate) use account::{ErasePage, PasswordPage, SessionRow, SessionsPage};
pub(crate) use consents::{ConsentCard, ConsentDetailPage, ConsentsPage, WithdrawPage};

use super::Frame;
use askama::Template;

/// Overview. Posts `csrf` to `/me/sign-out`.
#[derive(Debug, Template)]
#[template(path = "me/home.html")]
pub(crate) struct MePage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// Form token of the session.
    pub(crate) csrf: &'a str,
    /// How sure the platform is of the person, in words.
    pub(crate) assurance: &'static str,
    /// For whom the person acts in this session.
    pub(crate) acting_for: Option<super::ActingFor>,
    /// Authorizations that hold now, as far as the first page counts.
    pub(crate) live_consents: usize,
    /// Browsers that are signed in.
    pub(crate) sessions: usize,
    /// Whether the person has a password to change.
    pub(crate) has_password: bool,
    /// Whether a second factor is set up.
    pub(crate) has_second_factor: bool,
}
