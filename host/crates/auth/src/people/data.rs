//! The data of one person as it is sealed, with its rules. Leaves this room only as [`Person`](crate::Person).

use super::{HandleText, PeopleError};
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::Capacity;
use yizhan_domain::code::{IdentityNumber, RegionCode};
use yizhan_store::records::StoreMode;
use zeroize::Zeroize;

/// Most mandates of one person.
pub const MANDATES_MAX: usize = 16;
/// Most upstream accounts of one person.
pub const UPSTREAM_MAX: usize = 8;

/// For whom a person may act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// The legal person and the role.
    pub capacity: Capacity,
    /// Name of the legal person, 1 to 100 characters.
    pub org_name: String,
}

/// An account of an upstream OpenID provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamAccount {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
}

/// The data of one person. Wiped from memory when dropped; it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonData {
    /// What a test person is there for; empty for everybody else.
    #[serde(default)]
    pub about: String,
    /// Login name: 2 to 64 of `a-z`, `0-9`, `.`, `_`, `-`, `@`, beginning with a letter.
    pub login: Option<String>,
    /// Name, at most 64 characters; empty when none is known.
    pub name: String,
    /// Citizen identity number (GB 11643).
    pub id_number: Option<String>,
    /// Mobile number, 11 digits.
    pub mobile: Option<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Region of residence, 12 digits.
    pub residence_region: Option<String>,
    /// For whom the person may act, at most [`MANDATES_MAX`].
    pub mandates: Vec<Mandate>,
    /// Upstream accounts that sign this person in, at most [`UPSTREAM_MAX`].
    pub upstream: Vec<UpstreamAccount>,
}

impl Drop for PersonData {
    fn drop(&mut self) {
        self.name.zeroize();
        for text in
            [&mut self.login, &mut self.id_number, &mut self.mobile, &mut self.birth_date, &mut self.residence_region]
        {
            text.zeroize();
        }
        for mandate in &mut self.mandates {
            mandate.org_name.zeroize();
        }
    }
}

impl PersonData {
    /// What the person is found by.
    pub(super) fn handles(&self) -> Vec<HandleText<'_>> {
        let mut handles = Vec::new();
        handles.extend(self.login.as_deref().map(HandleText::Login));
        handles.extend(self.mobile.as_deref().map(HandleText::Mobile));
        handles.extend(self.id_number.as_deref().map(HandleText::IdNumber));
        handles.extend(
            self.upstream
                .iter()
                .map(|account| HandleText::Upstream { issuer: &account.issuer, subject: &account.subject }),
        );
        handles
    }

    /// Checks every datum.
    ///
    /// # Errors
    /// [`PeopleError::Invalid`] with the rule, [`PeopleError::TestNumber`] in a production store.
    pub(super) fn check(&self, mode: StoreMode) -> Result<(), PeopleError> {
        rule(
            self.name.is_empty() || text_of(&self.name, 64),
            "name",
            "has at most 64 characters and no control characters",
        )?;
        rule(self.about.chars().count() <= 64, "about", "has at most 64 characters")?;
        rule(
            self.login.as_deref().is_none_or(is_login),
            "login",
            "is 2 to 64 of a-z, 0-9, '.', '_', '-', '@', beginning with a letter",
        )?;
        self.check_numbers(mode)?;
        rule(
            self.residence_region.as_deref().is_none_or(|code| code.parse::<RegionCode>().is_ok()),
            "residence-region",
            "is a region code of 12 digits",
        )?;
        rule(self.mandates.len() <= MANDATES_MAX, "mandates", "are at most 16")?;
        rule(self.upstream.len() <= UPSTREAM_MAX, "upstream accounts", "are at most 8")?;
        for account in &self.upstream {
            rule(
                text_of(&account.issuer, 255) && text_of(&account.subject, 255),
                "upstream account",
                "has an issuer and a subject of 1 to 255 characters",
            )?;
        }
        self.mandates.iter().try_for_each(|mandate| check_mandate(mandate, mode))
    }

    fn check_numbers(&self, mode: StoreMode) -> Result<(), PeopleError> {
        let production = mode == StoreMode::Production;
        if let Some(mobile) = &self.mobile {
            test_number(production && mobile.starts_with('0'), "mobile")?;
            let digits = mobile.len() == 11 && mobile.bytes().all(|byte| byte.is_ascii_digit());
            rule(digits && mobile.starts_with(['0', '1']), "mobile", "is 11 digits beginning with 1")?;
        }
        if let Some(birth_date) = &self.birth_date {
            rule(is_date(birth_date), "birth-date", "is a date, YYYY-MM-DD")?;
        }
        let Some(number) = &self.id_number else { return Ok(()) };
        test_number(production && number.starts_with('0'), "id-number")?;
        if number.starts_with('0') {
            return rule(is_test_number(number), "id-number", "has 17 digits and a check character");
        }
        let number: IdentityNumber =
            number.parse().map_err(|_| PeopleError::Invalid { what: "id-number", rule: "obeys GB 11643" })?;
        rule(
            self.birth_date.as_deref().is_none_or(|date| date == number.birth_date()),
            "birth-date",
            "is the one in the identity number",
        )
    }
}

fn check_mandate(mandate: &Mandate, mode: StoreMode) -> Result<(), PeopleError> {
    // Characters 3 to 8 are the region of registration; test persons' units name region 000000.
    let test_unit = mandate.capacity.uscc.as_str().get(2..8) == Some("000000");
    test_number(mode == StoreMode::Production && test_unit, "uscc")?;
    rule(text_of(&mandate.org_name, 100), "org-name", "has 1 to 100 characters")?;
    rule(
        matches!(mandate.capacity.role.as_str(), "legal-representative" | "agent"),
        "agent-role",
        "is legal-representative or agent",
    )
}

fn rule(holds: bool, what: &'static str, rule: &'static str) -> Result<(), PeopleError> {
    if holds { Ok(()) } else { Err(PeopleError::Invalid { what, rule }) }
}

fn test_number(is_test: bool, what: &'static str) -> Result<(), PeopleError> {
    if is_test { Err(PeopleError::TestNumber(what)) } else { Ok(()) }
}

fn text_of(text: &str, characters_max: usize) -> bool {
    let count = text.chars().count();
    (1..=characters_max).contains(&count) && !text.chars().any(char::is_control)
}

fn is_login(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte))
}

fn is_date(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(
            |(index, byte)| {
                if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
            },
        );
    shape && ("01"..="12").contains(&&text[5..7]) && ("01"..="31").contains(&&text[8..])
}

fn is_test_number(number: &str) -> bool {
    let bytes = number.as_bytes();
    bytes.len() == 18
        && bytes[..17].iter().all(u8::is_ascii_digit)
        && char::from(bytes[17]) == IdentityNumber::check_character(&bytes[..17])
}
