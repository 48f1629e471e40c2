//! Values of claims, read or derived from a person's data.

use crate::directory::Person;
use yizhan_domain::{Claim, Timestamp};

/// The value of a claim; none when the directory holds no such datum of this person.
#[must_use]
pub fn value(person: &Person, claim: Claim, now: Timestamp) -> Option<String> {
    Some(match claim {
        Claim::Name => held(&person.name)?.to_owned(),
        Claim::NameMasked => mask_name(held(&person.name)?),
        Claim::IdType => held(&person.id_number).map(|_| "resident-id-card".to_owned())?,
        Claim::IdNumber => held(&person.id_number)?.to_owned(),
        Claim::IdNumberMasked => mask(held(&person.id_number)?, 6, 4),
        Claim::Mobile => person.mobile.clone()?,
        Claim::MobileMasked => mask(person.mobile.as_deref()?, 3, 4),
        Claim::BirthDate => held(&person.birth_date)?.to_owned(),
        Claim::ResidenceRegion => held(&person.residence_region)?.to_owned(),
        Claim::OrgName => person.org_name.clone()?,
        Claim::Uscc => person.uscc.clone()?,
        Claim::AgentRole => person.agent_role.clone()?,
        Claim::AgeOver(years) => (age(&person.birth_date, now)? >= u32::from(years)).to_string(),
    })
}

fn held(datum: &str) -> Option<&str> {
    (!datum.is_empty()).then_some(datum)
}

/// Keeps so many characters in front and behind; the others become `*`.
fn mask(text: &str, front: usize, behind: usize) -> String {
    let count = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(index, character)| if index < front || index + behind >= count { character } else { '*' })
        .collect()
}

fn mask_name(name: &str) -> String {
    mask(name, 1, 0)
}

/// Full years on the day of `now` in China (UTC+8).
fn age(birth_date: &str, now: Timestamp) -> Option<u32> {
    let mut parts = birth_date.split('-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let (now_year, now_month, now_day) = civil_date(now);
    let had_birthday = (now_month, now_day) >= (month, day);
    now_year.checked_sub(year)?.checked_sub(u32::from(!had_birthday))
}

/// Year, month and day in UTC+8 (days to civil date, proleptic Gregorian calendar).
fn civil_date(now: Timestamp) -> (u32, u32, u32) {
    let days = (now.0 / 1000 + 8 * 3600) / 86_400 + 719_468;
    let era_day = days % 146_097;
    let era_year = (era_day - era_day / 1460 + era_day / 36_524 - era_day / 146_096) / 365;
    let year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    let shifted_month = (5 * year_day + 2) / 153;
    let day = year_day - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era_year + days / 146_097 * 400 + u64::from(month <= 2);
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    (small(year), small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Personas;

    /// 2026-11-23T12:00:00Z.
    const NOW: Timestamp = Timestamp(1_795_435_200_000);

    #[test]
    fn masks_keep_only_what_they_say() {
        assert_eq!(mask("00000019670230001X", 6, 4), "000000********001X");
        assert_eq!(mask_name("张小明"), "张**");
    }

    #[test]
    fn age_counts_full_years_on_the_day_in_china() {
        assert_eq!(civil_date(NOW), (2026, 11, 23));
        assert_eq!(civil_date(Timestamp(951_753_600_000)), (2000, 2, 29));
        assert_eq!(age("2008-11-23", NOW), Some(18));
        assert_eq!(age("2008-11-24", NOW), Some(17));
    }

    #[test]
    fn a_datum_that_is_not_held_has_no_value() {
        let person = Personas::seeded().expect("file").find_by_name("zhang").expect("zhang");
        assert_eq!(value(&person, Claim::Uscc, NOW), None);
        assert_eq!(value(&person, Claim::AgeOver(18), NOW).as_deref(), Some("true"));
    }
}
