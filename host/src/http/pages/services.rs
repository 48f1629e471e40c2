//! 办事: what was found, and one service with all that an applicant needs to know.

use super::{Frame, PlaceRow};
use crate::http::locale::Locale;
use askama::Template;
use yizhan_support::catalog::{Audience, Item, OnlineDepth};

/// One service of a list.
#[derive(Debug, Clone)]
pub(crate) struct ServiceRow {
    /// Where it is shown.
    pub(crate) address: String,
    /// Name.
    pub(crate) name: String,
    /// The unit that carries it out.
    pub(crate) unit: String,
    /// Its region in words.
    pub(crate) region: String,
    /// How far it goes online, in words.
    pub(crate) online: &'static str,
}

/// What was found.
#[derive(Debug, Template)]
#[template(path = "services/list.html")]
pub(crate) struct ServicesPage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// The words asked for.
    pub(crate) text: &'a str,
    /// `natural-person`, `legal-person` or nothing.
    pub(crate) audience: &'a str,
    /// Whether the whole country was asked for, whatever the visitor's region.
    pub(crate) is_wide: bool,
    /// The region in words.
    pub(crate) region: String,
    /// Where the region is chosen.
    pub(crate) choose: String,
    /// The same question without region and audience; none when it has neither.
    pub(crate) wider: Option<String>,
    /// This page of what was found.
    pub(crate) rows: Vec<ServiceRow>,
    /// How many there are in all.
    pub(crate) total: u32,
    /// The next page.
    pub(crate) next: Option<String>,
}

/// An app that handles the service.
#[derive(Debug, Clone)]
pub(crate) struct HandlingApp {
    /// Name.
    pub(crate) name: String,
    /// Where it opens.
    pub(crate) address: String,
}

/// One service.
#[derive(Debug, Template)]
#[template(path = "services/one.html")]
pub(crate) struct ServicePage<'a> {
    /// Frame with tabs.
    pub(crate) frame: Frame<'a>,
    /// The service.
    pub(crate) item: Item,
    /// Region of its unit in words.
    pub(crate) region: String,
    /// Who does it where the visitor lives, when that is somebody else.
    pub(crate) local: Vec<ServiceRow>,
    /// The visitor's region in words, when nobody does it there.
    pub(crate) nobody_in: Option<String>,
    /// Where the region is chosen.
    pub(crate) choose: String,
    /// Apps that handle it.
    pub(crate) apps: Vec<HandlingApp>,
    /// Halls and terminals that handle it.
    pub(crate) places: Vec<PlaceRow>,
    /// Whether the item was made up.
    pub(crate) is_sample: bool,
}

impl ServicePage<'_> {
    fn audience(&self) -> &'static str {
        audience_label(self.item.summary.audience, self.frame.locale)
    }

    fn online(&self) -> &'static str {
        online_label(self.item.summary.online, self.frame.locale)
    }

    fn promised(&self) -> String {
        match (self.item.promised_days, self.frame.locale) {
            (0, locale) => locale.pick("当场办结", "While you wait").to_owned(),
            (days, locale) => working_days(days, locale),
        }
    }

    fn legal(&self) -> String {
        match self.item.legal_days {
            None => self.frame.t("法律法规未规定", "Not set by law").to_owned(),
            Some(days) => working_days(days, self.frame.locale),
        }
    }
}

fn working_days(days: u32, locale: Locale) -> String {
    match (days, locale) {
        (days, Locale::ZhCn) => format!("{days} 个工作日内"),
        (1, Locale::En) => "within 1 working day".to_owned(),
        (days, Locale::En) => format!("within {days} working days"),
    }
}

/// Whom a service is for.
fn audience_label(audience: Audience, locale: Locale) -> &'static str {
    match audience {
        Audience::NaturalPerson => locale.pick("个人", "People"),
        Audience::LegalPerson => locale.pick("企业和单位", "Companies and organisations"),
        Audience::All => locale.pick("个人、企业和单位", "People, companies and organisations"),
    }
}

/// How far a service goes online.
pub(crate) fn online_label(online: OnlineDepth, locale: Locale) -> &'static str {
    match online {
        OnlineDepth::Information => locale.pick("到现场办理", "At a hall"),
        OnlineDepth::Partial => locale.pick("网上申请，现场办结", "Apply online, finish at a hall"),
        OnlineDepth::Complete => locale.pick("全程网上办", "All online"),
    }
}
