//! Sign-in at the hub: password, one-time code, test persons in development, second factor, the set-up link.

use super::{Asker, Frame, Message};
use askama::Template;
use yizhan_domain::person::PersonKind;

/// Hidden fields of every form of a sign-in or consent that is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlowForm<'a> {
    /// Token bound to this browser's transaction or session, and to the handle.
    pub(crate) csrf: &'a str,
    /// Handle of the pending request; empty when the person signs in for the account pages.
    pub(crate) handle: &'a str,
    /// Path of the account pages to go on to without a pending request.
    pub(crate) to: &'a str,
}

/// Ways to sign in that the page offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Login name and password.
    Password,
    /// A one-time code to a mobile number; the first step asks for the number.
    CodeNumber,
    /// The second step asks for the code.
    CodeEnter,
}

/// Sign-in. Posts `csrf`, `handle` and `login`, `password` to `/sign-in`; `number` to `/sign-in/code`; `code` to
/// `/sign-in/code/check`; `persona` to `/sign-in/persona`.
#[derive(Debug, Template)]
#[template(path = "sign_in/start.html")]
pub(crate) struct SignInPage<'a> {
    /// Frame with settings strip.
    pub(crate) frame: Frame<'a>,
    /// Who sent the person here; none for the account pages.
    pub(crate) asker: Option<Asker>,
    /// Hidden fields.
    pub(crate) form: FlowForm<'a>,
    /// Login name that the form begins with; empty for none.
    pub(crate) login: &'a str,
    /// Which form stands open.
    pub(crate) way: Way,
    /// What there is to say about the last try.
    pub(crate) message: Option<Message>,
    /// Why more than an account is needed, in words.
    pub(crate) needs: Option<&'static str>,
    /// Test persons; development only.
    pub(crate) personas: Vec<PersonaChoice>,
    /// Whether one-time codes can be asked for.
    pub(crate) sends_codes: bool,
    /// The code that a development run kept instead of sending it.
    pub(crate) kept_code: Option<String>,
    /// Sign-in elsewhere (OpenID Connect): address here and name.
    pub(crate) upstream: Vec<(String, String)>,
}

/// A test person to choose.
#[derive(Debug, Clone)]
pub(crate) struct PersonaChoice {
    /// Value of the field `persona`.
    pub(crate) id: String,
    /// Name shown.
    pub(crate) name: String,
    /// What the persona is there for.
    pub(crate) about: String,
    /// Natural or legal person.
    pub(crate) kind: PersonKind,
}

impl PersonaChoice {
    fn kind_label(&self, frame: &Frame<'_>) -> &'static str {
        match self.kind {
            PersonKind::NaturalPerson => frame.t("自然人", "natural person"),
            PersonKind::LegalPerson => frame.t("法人", "legal person"),
        }
    }
}

/// The second factor after a password. Posts `csrf`, `handle` and `code` to `/sign-in/second-factor`.
#[derive(Debug, Template)]
#[template(path = "sign_in/second_factor.html")]
pub(crate) struct SecondFactorPage<'a> {
    /// Frame with settings strip.
    pub(crate) frame: Frame<'a>,
    /// Hidden fields.
    pub(crate) form: FlowForm<'a>,
    /// What there is to say about the last try.
    pub(crate) message: Option<Message>,
}

/// The one-time set-up link: the first administrator. Posts `csrf`, `key`, `unit`, `uscc`, `login`, `name`,
/// `password` and `repeated` to `/set-up`.
#[derive(Debug, Template)]
#[template(path = "sign_in/set_up.html")]
pub(crate) struct SetUpPage<'a> {
    /// Frame with settings strip.
    pub(crate) frame: Frame<'a>,
    /// Form token.
    pub(crate) csrf: &'a str,
    /// Secret of the link.
    pub(crate) key: &'a str,
    /// Login name that was typed before.
    pub(crate) login: &'a str,
    /// Display name that was typed before.
    pub(crate) name: &'a str,
    /// Name of the platform's own unit that was typed before.
    pub(crate) unit: &'a str,
    /// Its unified social credit code that was typed before.
    pub(crate) uscc: &'a str,
    /// What there is to say about the last try.
    pub(crate) message: Option<Message>,
}

impl SignInPage<'_> {
    /// Address of another way, with where to go on.
    fn way_address(&self, way: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("way", way);
        if self.form.handle.is_empty() {
            query.append_pair("to", self.form.to);
        }
        format!("/sign-in?{}", query.finish())
    }
}
