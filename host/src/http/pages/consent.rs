//! The consent page of the hub (step 1): who asks, what exactly, why, how long, how to take it back. One screen on a phone.
//! Posts `csrf`, `handle`, `grant` (repeated, only optional uses) and `decision` (`agree` or `refuse`) to `/consent`.

use super::{FlowForm, Frame, words};
use crate::http::locale::Locale;
use askama::Template;
use yizhan_domain::Claim;
use yizhan_domain::authorization::GrantedUse;
use yizhan_store::records::Recipient;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asker {
    /// Name of the app.
    pub(crate) name: String,
    /// Its owner unit (主办单位).
    pub(crate) owner_unit: String,
    /// Filing number (备案号), when there is one.
    pub(crate) filing: Option<String>,
    /// Address of its icon on the hub's own origin.
    pub(crate) icon: Option<String>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "consent/ask.html")]
pub(crate) struct ConsentPage<'a> {
    /// Frame with settings strip.
    pub(crate) frame: Frame<'a>,
    /// Who asks.
    pub(crate) asker: Asker,
    /// Hidden fields.
    pub(crate) form: FlowForm<'a>,
    /// For whom the person acts; none for themselves.
    pub(crate) acting_for: Option<ActingFor>,
    /// What is asked, required uses first.
    pub(crate) uses: Vec<UseAsk>,
    /// What the app may do for the person: the manifest's reason of each.
    pub(crate) acts: Vec<ActAsk>,
    /// What was granted before and stays granted.
    pub(crate) kept: Vec<GrantedUse>,
    /// How many days the consent lasts.
    pub(crate) lasts_days: u32,
    /// Who receives the data.
    pub(crate) recipient: Recipient,
    /// Whether the client keeps access while the person is away (reviewed offline access).
    pub(crate) offline: bool,
    /// Whether the owner unit has other apps, which see the same subject.
    pub(crate) joins: bool,
}

/// For whom a person acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActingFor {
    /// Name of the organisation, else its code.
    pub(crate) organisation: String,
    /// `legal-representative` or `agent`.
    pub(crate) role: String,
}

impl ActingFor {
    /// The role in words.
    pub(crate) fn role_label(&self, frame: &Frame<'_>) -> String {
        words::role_label(&self.role, frame.locale)
    }
}

/// Something that the app may do for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActAsk {
    /// What it is, in words.
    pub(crate) label: String,
    /// The manifest's reason.
    pub(crate) reason: String,
}

/// One claim for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UseAsk {
    /// Value of the field `grant`: see [`use_value`].
    pub(crate) value: String,
    /// What it is, in words.
    pub(crate) label: String,
    /// The manifest's reason.
    pub(crate) reason: String,
    /// The purpose as the manifest names it.
    pub(crate) purpose: String,
    /// How long the recipient keeps it, in words.
    pub(crate) kept: String,
    /// Law or rule that the use rests on.
    pub(crate) legal_basis: Option<String>,
    /// Whether the app works without it.
    pub(crate) optional: bool,
    /// Ticked by the person a moment ago, before the request expired; else never.
    pub(crate) ticked: bool,
}

/// One use in a form field: `purpose/claim`.
pub(crate) fn use_value(granted: &GrantedUse) -> String {
    format!("{}/{}", granted.purpose, granted.claim)
}

/// Claim and purpose of a form field; none when it is not one that [`use_value`] makes.
pub(crate) fn use_of_value(value: &str) -> Option<(Claim, String)> {
    let (purpose, claim) = value.rsplit_once('/')?;
    Some((claim.parse().ok()?, purpose.to_owned()))
}

impl UseAsk {
    /// A use as it is asked, unticked.
    pub(crate) fn of(asked: &GrantedUse, reason: &str, optional: bool, locale: Locale) -> Self {
        Self {
            value: use_value(asked),
            label: words::claim_label(asked.claim, locale),
            reason: reason.to_owned(),
            purpose: asked.purpose.clone(),
            kept: words::kept(asked.retention_days, locale),
            legal_basis: None,
            optional,
            ticked: false,
        }
    }
}

impl ConsentPage<'_> {
    fn any_optional(&self) -> bool {
        self.uses.iter().any(|one| one.optional)
    }

    fn lasts(&self) -> String {
        words::days(self.lasts_days, self.frame.locale)
    }

    fn kept_before(&self) -> Option<String> {
        let labels: Vec<String> =
            self.kept.iter().map(|one| words::claim_label(one.claim, self.frame.locale)).collect();
        (!labels.is_empty()).then(|| labels.join(self.frame.t("、", ", ")))
    }

    fn to_backend(&self) -> bool {
        self.recipient == Recipient::Backend
    }
}

/// An agent chooses for whom to act. Posts `csrf`, `handle` and `capacity` to `/consent/capacity`.
#[derive(Debug, Template)]
#[template(path = "consent/capacity.html")]
pub(crate) struct CapacityPage<'a> {
    /// Frame with settings strip.
    pub(crate) frame: Frame<'a>,
    /// Who asks.
    pub(crate) asker: Option<Asker>,
    /// Hidden fields.
    pub(crate) form: FlowForm<'a>,
    /// What can be chosen: the value of the field, and for whom; none means for oneself.
    pub(crate) choices: Vec<(String, Option<ActingFor>)>,
}
