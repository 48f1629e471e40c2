//! Short pages that tell how something ended, with the next steps: signed out, expired, refused, withdrawn, erased.

use super::Frame;
use askama::Template;
use yizhan_domain::RequestId;

/// The page.
#[derive(Debug, Template)]
#[template(path = "outcome.html")]
pub(crate) struct OutcomePage<'a> {
    /// Frame.
    pub(crate) frame: Frame<'a>,
    /// What happened, in a few words.
    pub(crate) title: String,
    /// What happened and what it means, one paragraph each.
    pub(crate) paragraphs: Vec<String>,
    /// Where to go on; the first is the main one.
    pub(crate) links: Vec<Link>,
    /// Stable code and request of a refusal.
    pub(crate) refusal: Option<(&'static str, RequestId)>,
}

/// A link to the next step.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Where.
    pub(crate) address: String,
    /// What it says.
    pub(crate) text: String,
}

/// Asks before a sign-out that an app began. Posts `csrf` and the request's own fields to `/oauth/end_session/confirm`.
#[derive(Debug, Template)]
#[template(path = "sign_in/sign_out.html")]
pub(crate) struct SignOutPage<'a> {
    /// Frame.
    pub(crate) frame: Frame<'a>,
    /// Form token of the session.
    pub(crate) csrf: &'a str,
    /// Names and values of the request.
    pub(crate) fields: Vec<(&'static str, String)>,
}
