//! The desk: who may, what they do, and what is written down of refusals.

use super::super::desk::{self, DeskPermit};
use super::super::*;
use super::bed::*;
use yizhan_domain::appointment::{BookingState, HallCalendar, ItemPlan, SlotPlan};
use yizhan_domain::authorization::Role;

async fn enter(bed: &Bed, session: &SessionRecord) -> Result<DeskPermit, AppointmentError> {
    desk::enter(&bed.context(), &bed.desk, session, HALL).await
}

async fn staff(bed: &Bed) -> DeskPermit {
    bed.employ("staff", &unit(), Role::DeskStaff).await;
    enter(bed, &session("staff")).await.expect("staff")
}

fn with_second_factor(person: &str) -> SessionRecord {
    SessionRecord { second_factor: Some(START), ..session(person) }
}

#[tokio::test]
async fn only_staff_of_the_halls_unit_and_operators_enter_and_refusals_are_audited() {
    let bed = Bed::new().await;
    bed.employ("staff", &unit(), Role::DeskStaff).await;
    bed.employ("author", &unit(), Role::Author).await;
    bed.employ("elsewhere", &other_unit(), Role::DeskStaff).await;
    bed.employ("operator", &other_unit(), Role::Operator).await;
    assert!(!enter(&bed, &session("staff")).await.expect("staff").is_operator());
    assert!(enter(&bed, &with_second_factor("operator")).await.expect("operator").is_operator());
    let ended = SessionRecord { expires: START, ..session("staff") };
    let refused = [
        (session("citizen"), "not-allowed"),
        (session("author"), "not-allowed"),
        (session("elsewhere"), "not-allowed"),
        (session("operator"), "second-factor-needed"),
        (ended, "not-allowed"),
    ];
    for (session, code) in refused {
        assert_eq!(refusal(enter(&bed, &session).await), code, "{}", session.person);
        assert_eq!(bed.audit().await.last(), Some(&("desk.entered".to_owned(), code.to_owned())));
    }
    let nowhere = desk::enter(&bed.context(), &bed.desk, &session("staff"), "nowhere").await;
    assert_eq!(refusal(nowhere), "unknown-hall");
    let without = desk::enter(&bed.context(), &bed.desk, &session("staff"), "ningbo-hall").await;
    assert_eq!(refusal(without), "not-allowed", "a hall without a calendar is an operator's");
    let halls = async |session: SessionRecord| {
        let halls = desk::list_halls(&bed.context(), &bed.desk, &session).await.expect("halls");
        halls.into_iter().map(|hall| hall.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(halls(session("staff")).await, [HALL]);
    assert_eq!(halls(with_second_factor("operator")).await, [HALL]);
    assert!(halls(session("elsewhere")).await.is_empty() && halls(session("operator")).await.is_empty());
}

#[tokio::test]
async fn a_code_is_checked_in_once_on_its_day_at_its_hall() {
    let bed = Bed::new().await;
    let permit = staff(&bed).await;
    let mine = bed.book("a").await.expect("booked");
    let token = show_code(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("code").token;
    let check_in = async |code: &str| desk::check_in(&bed.context(), &bed.desk, &permit, code).await;
    assert_eq!(refusal(check_in(&token).await), "not-today");
    assert_eq!(refusal(check_in(&mine.number).await), "not-found", "nobody has this number today");
    bed.clock.advance_ms(DAY_MS);
    let last = mine.number.chars().last().expect("digit");
    let wrong = format!("{}{}", &mine.number[..8], if last == '0' { '1' } else { '0' });
    assert_eq!(refusal(check_in(&wrong).await), "wrong-code");
    assert_eq!(refusal(check_in("a.b.c").await), "wrong-code");
    let found = desk::find(&bed.context(), &bed.desk, &permit, &mine.number).await.expect("found");
    assert_eq!((found.id.clone(), found.state, found.can_miss), (mine.id.clone(), BookingState::Booked, false));
    let done = check_in(&format!(" {} ", mine.number)).await.expect("checked in");
    assert_eq!((done.id, done.state), (mine.id.clone(), BookingState::CheckedIn));
    assert_eq!(refusal(check_in(&token).await), "ended");
    let outcomes: Vec<_> =
        bed.audit().await.into_iter().filter(|(action, _)| action == "booking.checked-in").map(|note| note.1).collect();
    assert_eq!(outcomes, ["not-today", "not-found", "wrong-code", "wrong-code", "ok", "ended"]);
}

#[tokio::test]
async fn another_halls_code_and_another_hubs_token_are_refused() {
    let bed = Bed::new().await;
    let mine = bed.book("a").await.expect("booked");
    let shown = show_code(&bed.context(), &bed.desk, &booker("a"), &mine.id).await.expect("code");
    let elsewhere = HallCalendar {
        hall: yizhan_domain::appointment::HallId::new("ningbo-hall").expect("hall"),
        unit: other_unit(),
        ..calendar()
    };
    bed.desk.store().put_calendar(elsewhere, Trail::default()).await.expect("calendar");
    bed.employ("elsewhere", &other_unit(), Role::DeskStaff).await;
    let permit = desk::enter(&bed.context(), &bed.desk, &session("elsewhere"), "ningbo-hall").await.expect("staff");
    bed.clock.advance_ms(DAY_MS);
    for code in [&shown.number, &shown.token] {
        assert_eq!(refusal(desk::check_in(&bed.context(), &bed.desk, &permit, code).await), "not-found");
    }
    let missed = desk::no_show(&bed.context(), &bed.desk, &permit, &mine.id).await;
    assert_eq!(refusal(missed), "not-found");
    let mut provider = (*bed.desk.provider).clone();
    provider.issuer = "https://other.example.gov.cn".to_owned();
    let other = Appointments { provider: Arc::new(provider), ..bed.desk.clone() };
    let foreign = show_code(&bed.context(), &other, &booker("a"), &mine.id).await.expect("code").token;
    let own = staff(&bed).await;
    assert_eq!(refusal(desk::check_in(&bed.context(), &bed.desk, &own, &foreign).await), "wrong-code");
}

#[tokio::test]
async fn missing_counts_after_the_slot_and_pauses_the_person_at_this_hall() {
    let bed = Bed::new().await;
    let permit = staff(&bed).await;
    for round in 0..2 {
        let form = BookForm { key: format!("key-number-{round}"), ..bed.form("a") };
        let mine = book(&bed.context(), &bed.desk, &booker("a"), &form).await.expect("booked").booking;
        bed.clock.advance_ms(DAY_MS);
        let no_show = async || desk::no_show(&bed.context(), &bed.desk, &permit, &mine.id).await;
        assert_eq!(refusal(no_show().await), "not-over");
        bed.clock.advance_ms(2 * 3_600_000);
        assert_eq!(no_show().await.expect("missed").state, BookingState::NoShow);
        assert_eq!(refusal(no_show().await), "ended");
        bed.clock.advance_ms(DAY_MS - 2 * 3_600_000);
    }
    // It is Friday: Monday can be booked by others.
    let form = BookForm { date: bed.today().plus_days(3), ..bed.form("next") };
    let paused = book(&bed.context(), &bed.desk, &booker("a"), &form).await.expect_err("paused");
    assert!(matches!(paused, AppointmentError::Paused { until } if until > bed.context().now));
    assert_eq!(bed.audit().await.last(), Some(&("booking.made".to_owned(), "paused".to_owned())));
    book(&bed.context(), &bed.desk, &booker("b"), &form).await.expect("another person");
}

#[tokio::test]
async fn the_day_is_listed_without_names() {
    let bed = Bed::new().await;
    let permit = staff(&bed).await;
    for person in ["a", "b"] {
        bed.book(person).await.expect("booked");
    }
    let tomorrow = bed.today().plus_days(1);
    let page = desk::list_day(&bed.context(), &bed.desk, &permit, tomorrow, (None, 1)).await.expect("page");
    assert_eq!(page.entries.len(), 1);
    let next = page.next.expect("another page");
    let page = desk::list_day(&bed.context(), &bed.desk, &permit, tomorrow, (Some(&next), 10)).await.expect("page");
    assert_eq!((page.entries.len(), page.next.is_none()), (1, true));
    assert!(!page.entries[0].item_name.is_empty() && page.entries[0].number.len() == 9);
}

#[tokio::test]
async fn staff_sets_the_calendar_and_only_an_operator_gives_the_hall_away() {
    let bed = Bed::new().await;
    let permit = staff(&bed).await;
    let put =
        async |permit: &DeskPermit, calendar| desk::put_calendar(&bed.context(), &bed.desk, permit, calendar).await;
    let kept = desk::find_calendar(&bed.context(), &bed.desk, &permit).await.expect("find").expect("calendar");
    put(&permit, HallCalendar { days_ahead: 3, ..kept.clone() }).await.expect("set");
    assert_eq!(refusal(put(&permit, kept.clone()).await), "calendar-changed", "an old revision");
    assert_eq!(refusal(put(&permit, HallCalendar { days_ahead: 91, ..kept.clone() }).await), "bad-calendar");
    let given = HallCalendar { unit: other_unit(), revision: 2, ..kept };
    assert_eq!(refusal(put(&permit, given.clone()).await), "not-allowed");
    assert_eq!(bed.audit().await.last(), Some(&("hall.calendar-set".to_owned(), "not-allowed".to_owned())));
    bed.employ("operator", &other_unit(), Role::Operator).await;
    let operator = enter(&bed, &with_second_factor("operator")).await.expect("operator");
    put(&operator, given).await.expect("given");
    assert_eq!(refusal(enter(&bed, &session("staff")).await), "not-allowed", "it is another unit's now");
}

#[tokio::test]
async fn items_get_slots_of_their_own_and_lose_them() {
    let bed = Bed::new().await;
    let permit = staff(&bed).await;
    let item = |code: &str| ItemPlan {
        hall: calendar().hall,
        item: code.parse().expect("code"),
        plan: SlotPlan::default(),
        revision: 0,
    };
    let put = async |plan| desk::put_item_plan(&bed.context(), &bed.desk, &permit, plan).await;
    assert_eq!(refusal(put(item(&bed.unbookable)).await), "not-bookable");
    put(item(&bed.item)).await.expect("set");
    assert_eq!(refusal(put(item(&bed.item)).await), "calendar-changed");
    assert_eq!(desk::list_item_plans(&bed.context(), &bed.desk, &permit).await.expect("list").len(), 1);
    assert_eq!(refusal(bed.book("a").await), "closed-day", "its own plan has no slots");
    let code = bed.item.parse().expect("code");
    assert!(desk::remove_item_plan(&bed.context(), &bed.desk, &permit, &code).await.expect("removed"));
    assert!(!desk::remove_item_plan(&bed.context(), &bed.desk, &permit, &code).await.expect("gone"));
    bed.book("a").await.expect("booked from the hall's slots");
}
