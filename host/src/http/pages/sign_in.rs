//! Sign-in of local development at an app's `/.yizhan/login`: choose a test person, see what the app asks and why, agree or
//! refuse. Posts `persona`, `grant` (repeated, only optional claims), `decision` (`agree` or `refuse`), `purpose`, `csrf` and
//! `return` to the same address.

use super::{Frame, words};
use crate::http::{locale::Locale, return_path::ReturnPath};
use askama::Template;
use yizhan_domain::person::PersonKind;
use yizhan_package::{Manifest, manifest::parts::DataUse};

/// The page.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage<'a> {
    /// Frame; its settings strip is hidden here, because a half-filled form would be lost.
    pub(crate) frame: Frame<'a>,
    /// Who asks.
    pub(crate) app: AskingApp<'a>,
    /// Test persons to choose from.
    pub(crate) personas: Vec<PersonaChoice>,
    /// What is asked; see [`ClaimAsk::list`].
    pub(crate) claims: Vec<ClaimAsk>,
    /// Hidden fields.
    pub(crate) form: SignInForm<'a>,
}

/// The app that asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskingApp<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its owner unit.
    pub(crate) owner_unit: &'a str,
    /// Path of its icon on its own origin, as in `/icon.png`.
    pub(crate) icon: Option<&'a str>,
}

/// Hidden fields of the form.
#[derive(Debug, Clone)]
pub(crate) struct SignInForm<'a> {
    /// Token bound to the sign-in transaction's cookie.
    pub(crate) csrf: &'a str,
    /// Purpose asked for; none asks for all that the manifest declares.
    pub(crate) purpose: Option<&'a str>,
    /// Claims asked for, separated by commas; empty asks for all of the purpose.
    pub(crate) claims: &'a str,
    /// Where the app goes on.
    pub(crate) return_path: ReturnPath,
    /// What was wrong with the last try, in the page's language.
    pub(crate) complaint: Option<&'a str>,
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
    /// Whether it is chosen when the page opens.
    pub(crate) chosen: bool,
}

impl PersonaChoice {
    fn kind_label(&self, frame: &Frame<'_>) -> &'static str {
        match self.kind {
            PersonKind::NaturalPerson => frame.t("自然人", "natural person"),
            PersonKind::LegalPerson => frame.t("法人", "legal person"),
        }
    }
}

/// One claim that is asked for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimAsk {
    /// Value of the field `grant` when it is optional: the claim's name.
    pub(crate) value: String,
    /// What it is, in words.
    pub(crate) label: String,
    /// The manifest's reason.
    pub(crate) reason: String,
    /// How long the app keeps it, in words.
    pub(crate) kept: String,
    /// Law or rule that the use rests on.
    pub(crate) legal_basis: Option<String>,
    /// How long the consent lasts.
    pub(crate) grant_days: u32,
    /// Whether the app works without it.
    pub(crate) optional: bool,
}

impl ClaimAsk {
    /// What an app asks for under a purpose (all purposes when none is given), required claims first. A claim that serves
    /// several purposes is shown once, with the longest keeping; it is required if one of them requires it.
    pub(crate) fn list(manifest: &Manifest, purpose: Option<&str>, locale: Locale) -> Vec<Self> {
        let uses = || manifest.gov_data_use.iter().filter(|one| purpose.is_none_or(|purpose| one.purpose == purpose));
        let mut asks: Vec<Self> = Vec::new();
        for claim in uses().map(|one| one.claim) {
            if asks.iter().any(|ask| ask.value == claim.to_string()) {
                continue;
            }
            let same: Vec<&DataUse> = uses().filter(|one| one.claim == claim).collect();
            let days = |read: fn(&DataUse) -> u32| same.iter().map(|one| read(one)).max().unwrap_or_default();
            asks.push(Self {
                value: claim.to_string(),
                label: words::claim_label(claim, locale),
                reason: manifest.reason(claim).unwrap_or_default().to_owned(),
                kept: words::kept(days(|one| one.retention_days), locale),
                legal_basis: same.iter().find_map(|one| one.legal_basis.clone()),
                grant_days: days(|one| one.grant_days),
                optional: same.iter().all(|one| one.optional),
            });
        }
        asks.sort_by_key(|ask| ask.optional);
        asks
    }
}

impl SignInPage<'_> {
    /// How long the consent lasts, in words; none when nothing is asked.
    fn lasts(&self) -> Option<String> {
        self.claims.iter().map(|ask| ask.grant_days).max().map(|days| words::days(days, self.frame.locale))
    }

    fn any_optional(&self) -> bool {
        self.claims.iter().any(|ask| ask.optional)
    }
}
