//! Cards of halls and terminals: distance, whether open now, weekly hours in words.

use crate::view::View;
use yizhan_sdk::place::{Kind, Opening, Place};
use yizhan_sdk::{Html, clock, html, place};

const DAYS: [(&str, &str); 7] = [
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
];

/// Cards of places, each with a heading of the level that its page needs: `h2` or `h3`.
pub(crate) fn cards(view: &View, places: &[Place], heading: &str) -> Html {
    if places.is_empty() {
        let none = view.say("这里暂时没有大厅信息。", "No halls known here.");
        return html!("<div class=\"card empty\"><p>{none}</p></div>", none);
    }
    let cards: Html = places.iter().map(|place| card(view, place, heading)).collect();
    html!("<ul class=\"cards\">{cards}</ul>", cards)
}

fn card(view: &View, place: &Place, heading: &str) -> Html {
    let kind = match place.kind {
        Kind::Hall => view.say("大厅", "Hall"),
        Kind::Terminal => view.say("自助终端", "Terminal"),
    };
    // A place whose hours cannot be read now is shown without a state.
    let open = place::open_at(&place.id, clock::now_ms()).ok().map(|open| match open {
        true => html!("<span class=\"tag on\">{text}</span>", text = view.say("营业中", "Open")),
        false => html!("<span class=\"tag\">{text}</span>", text = view.say("已休息", "Closed")),
    });
    let accessible =
        place.accessible.then(|| html!("<span class=\"tag\">{text}</span>", text = view.say("无障碍", "Step-free")));
    html!(
        "<li class=\"card place\"><{heading}>{name}</{heading}>\
         <p class=\"tags\">{open}<span class=\"tag\">{kind}</span>{accessible}<span class=\"far\">{far}</span></p>\
         <p>{address}</p><p class=\"card-note\">{hours}</p>\
         <p><a class=\"phone\" href=\"tel:{phone}\">{phone}</a></p></li>",
        heading,
        name = place.name,
        open,
        kind,
        accessible,
        far = place.distance.map(distance),
        address = place.address,
        hours = hours(view, &place.hours),
        phone = place.phone,
    )
}

/// As in `350 m` or `1.2 km`.
fn distance(metres: u32) -> String {
    if metres < 1000 { format!("{metres} m") } else { format!("{}.{} km", metres / 1000, metres % 1000 / 100) }
}

/// As in `周一至周五 9:00–17:00`: days that follow each other with the same spans become one.
pub(crate) fn hours(view: &View, hours: &[Opening]) -> String {
    let spans = |weekday: u8| -> Vec<String> {
        let time = |minutes: u16| format!("{}:{:02}", minutes / 60, minutes % 60);
        let today = hours.iter().filter(|opening| opening.weekday == weekday);
        today.map(|opening| format!("{}–{}", time(opening.opens), time(opening.closes))).collect()
    };
    let mut groups: Vec<(usize, usize, Vec<String>)> = Vec::new();
    for day in 0..DAYS.len() {
        let today = spans(day as u8 + 1);
        match groups.last_mut() {
            Some((_, last, known)) if *last + 1 == day && *known == today => *last = day,
            _ => groups.push((day, day, today)),
        }
    }
    groups.retain(|(_, _, spans)| !spans.is_empty());
    let name = |day: usize| view.say(DAYS[day].0, DAYS[day].1);
    let group = |(first, last, spans): &(usize, usize, Vec<String>)| {
        let days = match first == last {
            true => name(*first).to_owned(),
            false => format!("{}{}{}", name(*first), view.say("至", "–"), name(*last)),
        };
        format!("{days} {}", spans.join(view.say("、", ", ")))
    };
    groups.iter().map(group).collect::<Vec<_>>().join(view.say("；", "; "))
}
