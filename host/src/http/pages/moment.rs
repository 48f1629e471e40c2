//! Moments in words that people use, in the time of Beijing (UTC+8, without summer time).

use crate::http::locale::Locale;
use yizhan_domain::Timestamp;

const DAY_MS: u64 = 86_400_000;
const BEIJING_MS: u64 = 8 * 3_600_000;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The day, as in `2026年11月23日` or `23 Nov 2026`.
pub(crate) fn day(at: Timestamp, locale: Locale) -> String {
    let (year, month, day) = civil(at);
    match locale {
        Locale::ZhCn => format!("{year}年{month}月{day}日"),
        Locale::En => format!("{day} {} {year}", MONTHS[month as usize - 1]),
    }
}

/// The day, or 今天 (today), 昨天 (yesterday) and 明天 (tomorrow).
pub(crate) fn near_day(at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let (today, that) = (day_number(now), day_number(at));
    if that == today {
        locale.pick("今天", "Today").to_owned()
    } else if that + 1 == today {
        locale.pick("昨天", "Yesterday").to_owned()
    } else if that == today + 1 {
        locale.pick("明天", "Tomorrow").to_owned()
    } else {
        day(at, locale)
    }
}

/// The time of the day, `19:21`.
pub(crate) fn time(at: Timestamp) -> String {
    let minutes = (at.0.saturating_add(BEIJING_MS) % DAY_MS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Day and time.
pub(crate) fn moment(at: Timestamp, locale: Locale) -> String {
    format!("{} {}", day(at, locale), time(at))
}

/// Day and time after RFC 3339 in UTC, for machines: `2026-11-23T11:21:05.123Z`.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let (year, month, day) = civil_of(at.0 / DAY_MS);
    let ms = at.0 % DAY_MS;
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", ms % 1000)
}

fn day_number(at: Timestamp) -> u64 {
    at.0.saturating_add(BEIJING_MS) / DAY_MS
}

fn civil(at: Timestamp) -> (u64, u64, u64) {
    civil_of(day_number(at))
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar).
fn civil_of(number: u64) -> (u64, u64, u64) {
    let days = number + 719_468;
    let era_day = days % 146_097;
    let era_year = (era_day - era_day / 1460 + era_day / 36_524 - era_day / 146_096) / 365;
    let year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    let shifted_month = (5 * year_day + 2) / 153;
    let day = year_day - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era_year + days / 146_097 * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T19:30:00Z, which is the next day in Beijing.
    const LATE: Timestamp = Timestamp(1_795_462_200_000);

    #[test]
    fn moments_are_told_in_the_time_of_beijing() {
        assert_eq!(moment(LATE, Locale::ZhCn), "2026年11月24日 03:30");
        assert_eq!(moment(LATE, Locale::En), "24 Nov 2026 03:30");
        assert_eq!(rfc3339(LATE), "2026-11-23T19:30:00.000Z");
    }

    #[test]
    fn today_and_yesterday_are_said_as_people_say_them() {
        let ago = |ms| near_day(Timestamp(LATE.0 - ms), LATE, Locale::ZhCn);
        assert_eq!([ago(0), ago(DAY_MS), ago(2 * DAY_MS)], ["今天", "昨天", "2026年11月22日"]);
        assert_eq!(day(Timestamp(0), Locale::En), "1 Jan 1970");
    }
}
