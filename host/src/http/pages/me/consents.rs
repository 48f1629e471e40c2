//! My authorizations: the list, one in full, taking it back.

use crate::http::locale::Locale;
use crate::http::pages::{ActingFor, Frame, moment, words};
use askama::Template;
use yizhan_auth::account::{ConsentStanding, ConsentView};
use yizhan_domain::Permission;
use yizhan_domain::authorization::GrantedUse;
use yizhan_store::records::{ConsentRecord, Recipient};

/// One consent, in words.
#[derive(Debug, Clone)]
pub(crate) struct ConsentCard {
    /// Its id, in addresses.
    pub(crate) id: String,
    /// Name of the app.
    pub(crate) app: String,
    /// Owner unit, as shown when it was given.
    pub(crate) unit: String,
    /// Whether it holds.
    pub(crate) standing: ConsentStanding,
    /// Day it was given.
    pub(crate) given: String,
    /// Day it ends or ended, or was taken back.
    pub(crate) until: String,
    /// What was agreed to.
    pub(crate) uses: Vec<UseLine>,
    /// What the app may do for the person.
    pub(crate) acts: Vec<&'static str>,
    /// Optional uses that were refused.
    pub(crate) refused: Vec<UseLine>,
    /// Who receives.
    pub(crate) recipient: Recipient,
    /// For whom the person acted.
    pub(crate) acting_for: Option<ActingFor>,
}

/// One use in words.
#[derive(Debug, Clone)]
pub(crate) struct UseLine {
    /// The claim.
    pub(crate) label: String,
    /// The purpose as the manifest names it.
    pub(crate) purpose: String,
    /// How long it is kept.
    pub(crate) kept: String,
}

impl UseLine {
    fn of(granted: &GrantedUse, locale: Locale) -> Self {
        Self {
            label: words::claim_label(granted.claim, locale),
            purpose: granted.purpose.clone(),
            kept: words::kept(granted.retention_days, locale),
        }
    }
}

impl ConsentCard {
    /// A consent as it stands now.
    pub(crate) fn of(view: &ConsentView, locale: Locale) -> Self {
        let lines = |uses: &[GrantedUse]| uses.iter().map(|one| UseLine::of(one, locale)).collect();
        let consent = &view.record;
        let end = consent.withdrawn.unwrap_or(consent.expires);
        Self {
            id: consent.id.to_string(),
            app: view.app_name.clone(),
            unit: consent.unit.clone(),
            standing: view.standing,
            given: moment::day(consent.at, locale),
            until: moment::day(end, locale),
            uses: lines(&consent.uses),
            acts: view
                .acts()
                .iter()
                .filter(|act| **act == Permission::Book)
                .map(|_| words::booking_label(locale))
                .collect(),
            refused: lines(&consent.refused),
            recipient: recipient(consent),
            acting_for: consent
                .acting_for
                .as_ref()
                .map(|capacity| ActingFor { organisation: capacity.uscc.to_string(), role: capacity.role.clone() }),
        }
    }

    fn standing_label(&self, frame: &Frame<'_>) -> &'static str {
        match self.standing {
            ConsentStanding::Live => frame.t("有效", "In force"),
            ConsentStanding::Withdrawn => frame.t("已撤回", "Withdrawn"),
            ConsentStanding::Replaced => frame.t("已更新", "Replaced"),
            ConsentStanding::Ended => frame.t("已到期", "Ended"),
        }
    }

    fn until_label(&self, frame: &Frame<'_>) -> &'static str {
        match self.standing {
            ConsentStanding::Live => frame.t("有效期至", "Valid until"),
            ConsentStanding::Withdrawn => frame.t("撤回于", "Withdrawn on"),
            ConsentStanding::Replaced => frame.t("更新于", "Replaced on"),
            ConsentStanding::Ended => frame.t("到期于", "Ended on"),
        }
    }

    fn is_live(&self) -> bool {
        self.standing == ConsentStanding::Live
    }

    fn claims(&self, frame: &Frame<'_>) -> String {
        let mut labels: Vec<&str> = Vec::new();
        for one in &self.uses {
            if !labels.contains(&one.label.as_str()) {
                labels.push(&one.label);
            }
        }
        if labels.is_empty() {
            return frame.t("只有登录，没有个人信息", "Sign-in only, none of my data").to_owned();
        }
        labels.join(frame.t("、", ", "))
    }

    fn to_backend(&self) -> bool {
        self.recipient == Recipient::Backend
    }
}

/// The client of an owner's back end is named after the app.
fn recipient(consent: &ConsentRecord) -> Recipient {
    if consent.client.as_str() == consent.app.as_str() { Recipient::Sandbox } else { Recipient::Backend }
}

/// The list, newest first.
#[derive(Debug, Template)]
#[template(path = "me/consents.html")]
pub(crate) struct ConsentsPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// One page of it.
    pub(crate) cards: Vec<ConsentCard>,
    /// Address of the next page.
    pub(crate) older: Option<String>,
}

/// One consent in full.
#[derive(Debug, Template)]
#[template(path = "me/consent.html")]
pub(crate) struct ConsentDetailPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// The consent.
    pub(crate) card: ConsentCard,
    /// The version that was shown, in short.
    pub(crate) version: String,
    /// Language of the page that was shown.
    pub(crate) language: String,
}

/// Asks before taking back. Posts `csrf` to the same address.
#[derive(Debug, Template)]
#[template(path = "me/withdraw.html")]
pub(crate) struct WithdrawPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// Form token of the session.
    pub(crate) csrf: &'a str,
    /// The consent.
    pub(crate) card: ConsentCard,
}
