//! The table of operations: every route of sign-in, consent and account.

use super::super::routes::appointment::view::{
    AskedSlot, Bookings, Code, DayView, HallView, Made, OneBooking, SlotView,
};
use super::super::routes::me::api::view::{AccessPage, Consent, Consents, Me, OneSession};
use schemars::{Schema, SchemaGenerator};

/// One operation.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// Names and meanings of query parameters.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// Names of form fields.
    pub(super) form: &'static [&'static str],
    /// Schema of a JSON body.
    pub(super) body: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// Whether it is for whoever is signed in.
    pub(super) session: bool,
    /// Whether the form token comes in a header.
    pub(super) csrf_header: bool,
    pub(super) answers: &'static [(u16, Body)],
}

/// What an answer holds.
pub(super) enum Body {
    None(&'static str),
    Page(&'static str),
    /// Meaning and content type.
    Text(&'static str, &'static str),
    Json(&'static str, fn(&mut SchemaGenerator) -> Schema),
    /// 303.
    Onward,
}

const CURSOR: (&str, &str) = ("cursor", "`next` of the page before");
const TO: (&str, &str) = ("to", "path of the account pages to go on to");
const ITEM: (&str, &str) = ("item", "implementing code, 31 characters");
const HALL: (&str, &str) = ("hall", "the hall");
const OTHER_FACTOR: Body = Body::Page("the form again, with what was wrong");

const fn page(path: &'static str, summary: &'static str) -> Operation {
    const ANSWERS: &[(u16, Body)] = &[(200, Body::Page("the page")), (303, Body::Onward)];
    Operation {
        method: "get",
        path,
        summary,
        query: &[],
        form: &[],
        body: None,
        session: false,
        csrf_header: false,
        answers: ANSWERS,
    }
}

const fn mine(path: &'static str, summary: &'static str) -> Operation {
    Operation { session: true, ..page(path, summary) }
}

const fn post(path: &'static str, summary: &'static str, form: &'static [&'static str]) -> Operation {
    const ANSWERS: &[(u16, Body)] = &[
        (200, Body::Text("for `flow.js`: where to go on", "application/json")),
        (303, Body::Onward),
        (422, OTHER_FACTOR),
        (429, Body::Page("too many tries; `retry-after` says when")),
    ];
    Operation { method: "post", form, answers: ANSWERS, ..page(path, summary) }
}

const fn my_post(path: &'static str, summary: &'static str, form: &'static [&'static str]) -> Operation {
    Operation { session: true, ..post(path, summary, form) }
}

const fn json(path: &'static str, summary: &'static str, answers: &'static [(u16, Body)]) -> Operation {
    Operation { answers, ..mine(path, summary) }
}

pub(super) const OPERATIONS: &[Operation] = &[
    Operation { query: &[("way", "`password`, `code` or `enter`"), TO], ..page("/sign-in", "Sign-in page") },
    post("/sign-in", "Sign in with a password", &["csrf", "handle", "to", "login", "password"]),
    post("/sign-in/code", "Send a one-time code", &["csrf", "handle", "to", "number"]),
    post("/sign-in/code/check", "Sign in with a one-time code", &["csrf", "handle", "to", "code"]),
    post("/sign-in/persona", "Sign in as a test person; development only", &["csrf", "handle", "to", "persona"]),
    Operation { query: &[TO], ..page("/sign-in/second-factor", "Second factor of a sign-in") },
    post("/sign-in/second-factor", "Prove the second factor", &["csrf", "handle", "to", "code"]),
    Operation { query: &[TO], ..page("/sign-in/elsewhere/{provider}", "Go to an upstream provider to sign in") },
    Operation {
        query: &[
            ("code", "of the provider"),
            ("state", "of this browser's transaction"),
            ("iss", "the provider (RFC 9207)"),
            ("error", "why there is no code"),
        ],
        ..page("/sign-in/elsewhere/{provider}/callback", "Come back from an upstream provider")
    },
    Operation {
        answers: &[(200, Body::Text("the key set", "application/jwk-set+json"))],
        ..page("/sign-in/elsewhere/{provider}/jwks", "Public keys of this hub as the provider's client")
    },
    Operation { query: &[("key", "secret of the link")], ..page("/set-up", "First set-up") },
    post(
        "/set-up",
        "Make the first administrator",
        &["csrf", "key", "unit", "uscc", "login", "name", "password", "repeated"],
    ),
    page("/signed-out", "After a sign-out"),
    page("/consent", "The open question of the request that waits: for whom, or agree and refuse"),
    post("/consent", "Agree or refuse", &["csrf", "handle", "decision", "grant"]),
    post("/consent/capacity", "Choose for whom to act", &["csrf", "handle", "capacity"]),
    mine("/me", "Overview of my account"),
    my_post("/me/sign-out", "Sign out", &["csrf"]),
    Operation { query: &[CURSOR], ..mine("/me/consents", "My authorizations") },
    mine("/me/consents/{id}", "One authorization"),
    Operation {
        answers: &[(200, Body::Text("the signed receipt", "application/jwt")), (303, Body::Onward)],
        ..mine("/me/consents/{id}/receipt", "Receipt of an authorization")
    },
    mine("/me/consents/{id}/withdraw", "Asks before taking back"),
    my_post("/me/consents/{id}/withdraw", "Take an authorization back", &["csrf"]),
    Operation { query: &[CURSOR], ..mine("/me/access-log", "My access log") },
    Operation {
        query: &[("format", "`csv` or `json`"), CURSOR],
        answers: &[
            (200, Body::Text("at most 10 000 rows; `link` names the next ones", "text/csv")),
            (303, Body::Onward),
        ],
        ..mine("/me/access-log/export", "Export of my access log")
    },
    Operation {
        query: &[("row", "moment and request of the row"), CURSOR],
        ..mine("/me/access-log/complain", "How to complain about one access")
    },
    mine("/me/sessions", "Where I am signed in"),
    my_post("/me/sessions/{id}/end", "End a session", &["csrf"]),
    mine("/me/password", "Change my password"),
    my_post("/me/password", "Change my password", &["csrf", "present", "password", "repeated"]),
    page("/me/password/changed", "After the change"),
    mine("/me/second-factor", "Set up the second factor"),
    my_post("/me/second-factor", "Prove the new second factor", &["csrf", "enrolment", "code"]),
    my_post("/me/second-factor/prove", "Prove the second factor afresh", &["csrf", "code"]),
    mine("/me/erase", "Asks before erasing my account"),
    my_post("/me/erase", "Erase my account", &["csrf", "sure"]),
    page("/account-erased", "After erasing"),
    json(
        "/api/me",
        "The session of this browser",
        &[(200, Body::Json("the session", SchemaGenerator::subschema_for::<Me>))],
    ),
    Operation {
        query: &[CURSOR],
        ..json(
            "/api/me/consents",
            "My authorizations, newest first",
            &[(200, Body::Json("one page", SchemaGenerator::subschema_for::<Consents>))],
        )
    },
    json(
        "/api/me/consents/{id}",
        "One authorization",
        &[(200, Body::Json("the authorization", SchemaGenerator::subschema_for::<Consent>))],
    ),
    Operation {
        method: "post",
        csrf_header: true,
        ..json(
            "/api/me/consents/{id}/withdraw",
            "Take an authorization back",
            &[(200, Body::Json("as it stands now", SchemaGenerator::subschema_for::<Consent>))],
        )
    },
    Operation {
        query: &[CURSOR],
        ..json(
            "/api/me/access-log",
            "My access log, newest first",
            &[(200, Body::Json("one page", SchemaGenerator::subschema_for::<AccessPage>))],
        )
    },
    json(
        "/api/me/sessions",
        "Where I am signed in",
        &[(200, Body::Json("the sessions", SchemaGenerator::subschema_for::<Vec<OneSession>>))],
    ),
    Operation {
        method: "delete",
        csrf_header: true,
        ..json("/api/me/sessions/{id}", "End another session", &[(204, Body::None("it has ended"))])
    },
    Operation {
        session: false,
        query: &[ITEM],
        ..json(
            "/api/appointments/halls",
            "Halls where an item can be booked, by name",
            &[(200, Body::Json("the halls", SchemaGenerator::subschema_for::<Vec<HallView>>))],
        )
    },
    Operation {
        session: false,
        query: &[HALL, ITEM],
        ..json(
            "/api/appointments/days",
            "Days that can be booked for an item at a hall, from today",
            &[(200, Body::Json("the days", SchemaGenerator::subschema_for::<Vec<DayView>>))],
        )
    },
    Operation {
        session: false,
        query: &[HALL, ITEM, ("date", "`YYYY-MM-DD`")],
        ..json(
            "/api/appointments/slots",
            "Slots of a day that have not begun, by time",
            &[(200, Body::Json("the slots", SchemaGenerator::subschema_for::<Vec<SlotView>>))],
        )
    },
    Operation {
        query: &[CURSOR],
        ..json(
            "/api/me/appointments",
            "My bookings, latest slot first",
            &[(200, Body::Json("one page", SchemaGenerator::subschema_for::<Bookings>))],
        )
    },
    Operation {
        method: "post",
        csrf_header: true,
        body: Some(SchemaGenerator::subschema_for::<AskedSlot>),
        ..json(
            "/api/me/appointments",
            "Book a slot; the same key books once",
            &[(200, Body::Json("the booking", SchemaGenerator::subschema_for::<Made>))],
        )
    },
    json(
        "/api/me/appointments/{id}",
        "One booking",
        &[(200, Body::Json("the booking", SchemaGenerator::subschema_for::<OneBooking>))],
    ),
    Operation {
        method: "post",
        csrf_header: true,
        ..json(
            "/api/me/appointments/{id}/cancel",
            "Cancel a booking in time",
            &[(200, Body::Json("as it stands now", SchemaGenerator::subschema_for::<OneBooking>))],
        )
    },
    json(
        "/api/me/appointments/{id}/code",
        "What to show at the hall",
        &[(200, Body::Json("number and signed token", SchemaGenerator::subschema_for::<Code>))],
    ),
    json(
        "/api/me/appointments/{id}/calendar.ics",
        "A booking as a calendar file (RFC 5545)",
        &[(200, Body::Text("the calendar", "text/calendar"))],
    ),
    Operation {
        session: false,
        ..json("/api/openapi.json", "This document", &[(200, Body::Text("the document", "application/json"))])
    },
];
