//! What is shown and taken along: the signed token, opened by another library, and the calendar file, read by another one.

use super::super::*;
use super::bed::*;
use icalendar::parser::{read_calendar, unfold};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use yizhan_domain::appointment::BookingState;

/// Verifies as a hall without our code would: the published keys, and what `docs/booking-code.md` says.
fn verify_offline(keys: &JwkSet, token: &str, at_seconds: u64) -> Result<TokenClaims, String> {
    let header = decode_header(token).map_err(|error| error.to_string())?;
    if header.typ.as_deref() != Some("booking+jwt") {
        return Err("another type".to_owned());
    }
    let key = keys.find(&header.kid.ok_or("no kid")?).ok_or("unknown key")?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "exp"]);
    // The hall's clock is the test's.
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let claims = decode::<TokenClaims>(token, &key, &validation).map_err(|error| error.to_string())?.claims;
    if at_seconds < claims.exp { Ok(claims) } else { Err("expired".to_owned()) }
}

#[tokio::test]
async fn a_token_is_verified_offline_with_the_published_keys() {
    let bed = Bed::new().await;
    let mine = bed.book("a").await.expect("booked");
    let shown = show_code(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("code");
    assert_eq!(shown.number, mine.number);
    let published = bed.desk.provider.jwks(START).await.expect("keys");
    let keys: JwkSet = serde_json::from_value(published.to_value()).expect("key set");
    let now = START.0 / 1000;
    let claims = verify_offline(&keys, &shown.token, now).expect("verified");
    let expected = TokenClaims {
        iss: ISSUER.to_owned(),
        iat: now,
        exp: "09:30".parse::<yizhan_domain::appointment::DayMinute>().expect("time").on(mine.date).0 / 1000 + 12 * 3600,
        jti: mine.id.to_string(),
        hall: HALL.to_owned(),
        item: bed.item.clone(),
        date: mine.date.to_string(),
        start: "09:00".to_owned(),
        end: "09:30".to_owned(),
        number: mine.number.replace(' ', ""),
    };
    assert_eq!(claims, expected);
    assert!(verify_offline(&keys, &shown.token, claims.exp).is_err(), "long after the slot");
    let mut altered = shown.token.clone().into_bytes();
    let middle = shown.token.find('.').expect("a dot") + 40;
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    assert!(verify_offline(&keys, &String::from_utf8(altered).expect("text"), now).is_err(), "altered");
}

#[tokio::test]
async fn a_code_is_shown_for_a_live_booking_of_ones_own() {
    let bed = Bed::new().await;
    let mine = bed.book("a").await.expect("booked");
    assert_eq!(refusal(show_code(&bed.context(), &bed.desk, &booker("b"), &mine.id).await), "not-found");
    cancel(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("cancelled");
    assert_eq!(refusal(show_code(&bed.context(), &bed.desk, &booker("a"), &mine.id).await), "ended");
}

#[tokio::test]
async fn a_calendar_file_is_read_by_another_library() {
    let bed = Bed::new().await;
    let mine = bed.book("a").await.expect("booked");
    let read = async |language| calendar_file(&bed.context(), &bed.desk, &booker("a"), &mine.id, language).await;
    let file = read(Language::Chinese).await.expect("file");
    assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{file}");
    let unfolded = unfold(&file);
    let calendar = read_calendar(&unfolded).expect("a calendar");
    let event = &calendar.components[0];
    let value = |name: &str| event.find_prop(name).map(|property| property.val.to_string()).unwrap_or_default();
    assert_eq!(event.name.to_string(), "VEVENT");
    assert_eq!(value("UID"), format!("{}@hub.example.gov.cn", mine.id));
    assert_eq!((value("DTSTART"), value("DTEND")), ("20261124T010000Z".to_owned(), "20261124T013000Z".to_owned()));
    assert_eq!(value("STATUS"), "CONFIRMED");
    assert_eq!(value("SUMMARY"), format!("办事预约：{}", mine.item_name));
    assert!(value("DESCRIPTION").contains(&mine.number) && value("LOCATION").starts_with(&mine.hall_name));
    assert!(read(Language::English).await.expect("file").contains("SUMMARY:Appointment"));
    cancel(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("cancelled");
    let file = read(Language::Chinese).await.expect("file");
    assert!(file.contains("STATUS:CANCELLED\r\n") && file.contains("SEQUENCE:1\r\n"), "{file}");
    let found = find_mine(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("find").expect("mine");
    assert_eq!(found.state, BookingState::Cancelled);
}
