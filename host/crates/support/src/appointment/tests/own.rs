//! A person's own bookings: keys, cancelling, pages, what an app sees.

use super::super::*;
use super::bed::*;
use yizhan_domain::appointment::BookingState;

#[tokio::test]
async fn the_same_key_books_once() {
    let bed = Bed::new().await;
    let first = book(&bed.context(), &bed.desk, &booker("a"), &bed.form("a")).await.expect("booked");
    let again = book(&bed.context(), &bed.desk, &booker("a"), &bed.form("a")).await.expect("booked");
    assert!(!first.again && again.again);
    assert_eq!(first.booking, again.booking);
    let other = BookForm { start: "09:30".parse().expect("time"), ..bed.form("a") };
    assert_eq!(refusal(book(&bed.context(), &bed.desk, &booker("a"), &other).await), "key-reused");
    let second = BookForm { key: "another-key".to_owned(), ..other };
    let refused = book(&bed.context(), &bed.desk, &booker("a"), &second).await.expect_err("one live booking a day");
    assert!(matches!(refused, AppointmentError::BookedAlready { booking } if booking == first.booking.id));
}

#[tokio::test]
async fn a_booking_is_cancelled_until_its_limit_and_frees_its_place() {
    let bed = Bed::new().await;
    let mine = bed.book("a").await.expect("booked");
    bed.book("b").await.expect("booked");
    assert_eq!(refusal(bed.book("c").await), "slot-full");
    assert_eq!(refusal(cancel(&bed.context(), &bed.desk, &booker("b"), &mine.id).await), "not-found");
    assert!(mine.can_cancel);
    let cancelled = cancel(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("cancelled");
    assert_eq!((cancelled.state, cancelled.can_cancel), (BookingState::Cancelled, false));
    assert_eq!(refusal(cancel(&bed.context(), &bed.desk, &booker("a"), &mine.id).await), "ended");
    let third = bed.book("c").await.expect("the place is free");
    bed.clock.advance_ms(third.cancel_until.0 - START.0);
    assert_eq!(refusal(cancel(&bed.context(), &bed.desk, &booker("c"), &third.id).await), "too-late-to-cancel");
    let actions: Vec<_> = bed.audit().await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["booking.made", "booking.made", "booking.cancelled", "booking.made"]);
}

#[tokio::test]
async fn an_app_sees_and_cancels_what_was_made_with_it_alone() {
    let bed = Bed::new().await;
    let app =
        |name: &str| Booker { app: Some(AppId::new(format!("cn.gov.example.{name}")).expect("app")), ..booker("a") };
    let portal = bed.book("a").await.expect("booked");
    let form = BookForm { date: bed.today().plus_days(2), ..bed.form("a") };
    let own = book(&bed.context(), &bed.desk, &app("one"), &form).await.expect("another app's key is another one");
    assert!(!own.again);
    let seen = async |who: Booker| {
        let page = list_mine(&bed.context(), &bed.desk, &who, None, 10).await.expect("list");
        page.entries.into_iter().map(|booking| booking.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(booker("a")).await, [own.booking.id.clone(), portal.id.clone()]);
    assert_eq!(seen(app("one")).await, std::slice::from_ref(&own.booking.id));
    assert!(seen(app("two")).await.is_empty() && seen(booker("b")).await.is_empty());
    assert_eq!(refusal(cancel(&bed.context(), &bed.desk, &app("one"), &portal.id).await), "not-found");
    assert_eq!(find_mine(&bed.context(), &bed.desk, &app("two"), &own.booking.id).await.expect("find"), None);
    cancel(&bed.context(), &bed.desk, &booker("a"), &own.booking.id).await.expect("the portal cancels all");
}

#[tokio::test]
async fn pages_show_every_booking_once_and_foreign_cursors_are_refused() {
    let bed = Bed::new().await;
    for days in 1..=4 {
        let form = BookForm { date: bed.today().plus_days(days), key: format!("key-number-{days}"), ..bed.form("a") };
        book(&bed.context(), &bed.desk, &booker("a"), &form).await.expect("booked");
    }
    let (mut dates, mut cursor) = (Vec::new(), None);
    loop {
        let page = list_mine(&bed.context(), &bed.desk, &booker("a"), cursor.as_deref(), 3).await.expect("page");
        dates.extend(page.entries.into_iter().map(|booking| booking.date));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(dates, [4, 3, 2, 1].map(|days| bed.today().plus_days(days)));
    for (cursor, limit) in [(Some("x"), 3), (None, 0), (None, 101)] {
        assert_eq!(refusal(list_mine(&bed.context(), &bed.desk, &booker("a"), cursor, limit).await), "bad-page");
    }
}
