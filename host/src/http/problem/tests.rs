//! What people and scripts are told.

use super::*;
use crate::http::{
    locale::{Locale, Preferences},
    security_headers::HubHeaders,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeSet;
use yizhan_domain::RequestId;

fn answered(problem: Problem, locale: Locale, html: bool) -> (http::response::Parts, String) {
    let preferences = Preferences { locale, region: None, elder_mode: false };
    let view = ProblemView {
        request_id: RequestId(0xabc),
        preferences: &preferences,
        html,
        portal_origin: "http://localhost:8080",
        brand: "掌上通办",
        retry_path: Some("/a?b=\"><script>"),
    };
    let (parts, body) = problem.answer(&view, &HubHeaders::new()).into_parts();
    (parts, crate::http::pages::whole_text(body))
}

#[test]
fn scripts_get_problem_json_with_code_and_request_id() {
    for problem in Problem::ALL {
        let (parts, body) = answered(problem, Locale::En, false);
        assert_eq!(parts.headers["content-type"], "application/problem+json");
        let json: serde_json::Value = serde_json::from_str(&body).expect("json");
        assert_eq!(json["status"], parts.status.as_u16());
        assert_eq!(json["code"], problem.code());
        assert_eq!(json["request_id"], "00000000000000000000000000000abc");
        assert!(json["title"].is_string() && json["detail"].is_string() && json["type"].is_string());
    }
}

#[test]
fn people_get_a_page_with_what_to_do_the_way_back_and_the_request_id() {
    for problem in Problem::ALL {
        for locale in [Locale::ZhCn, Locale::En] {
            let (parts, body) = answered(problem, locale, true);
            let text = problem.text(locale);
            assert_eq!(parts.status, problem.status());
            assert_eq!(parts.headers["content-type"], "text/html; charset=utf-8");
            for part in ["00000000000000000000000000000abc", "href=\"http://localhost:8080/\"", problem.code()] {
                assert!(body.contains(part), "{problem:?} lacks {part}");
            }
            // Apostrophes stand escaped in the page.
            assert!(
                body.contains(&text.title.replace('\'', "&#39;")) && body.contains(&text.advice.replace('\'', "&#39;"))
            );
            assert!(body.contains(&format!("<html lang=\"{}\"", locale.tag())));
            assert!(!body.contains("<script>"), "an address is never markup");
        }
    }
}

#[test]
fn limits_and_waiting_times_are_told() {
    let (_, body) = answered(Problem::LimitExceeded { limit: "memory_bytes_max" }, Locale::En, false);
    assert!(body.contains("\"limit\":\"memory_bytes_max\""));
    let (parts, _) = answered(Problem::TooMany { retry_after_seconds: 7 }, Locale::En, false);
    assert_eq!(parts.headers["retry-after"], "7");
    let (parts, _) = answered(Problem::MethodNotAllowed { allow: "POST" }, Locale::En, true);
    assert_eq!(parts.headers["allow"], "POST");
}

#[test]
fn answers_about_problems_are_never_stored_nor_framed() {
    let (parts, _) = answered(Problem::Trap, Locale::ZhCn, true);
    assert_eq!(parts.headers["cache-control"], "no-store");
    assert!(parts.headers["content-security-policy"].to_str().expect("text").contains("frame-ancestors 'none'"));
}

#[test]
fn codes_are_unique_and_documented() {
    let codes: BTreeSet<&str> = Problem::ALL.iter().map(|problem| problem.code()).collect();
    assert_eq!(codes.len(), Problem::ALL.len());
    let document = include_str!("../../../../docs/http-errors.md");
    for problem in Problem::ALL {
        let row = format!("| `{}` | {} |", problem.code(), problem.status().as_u16());
        assert!(document.contains(&row), "docs/http-errors.md lacks {row}");
    }
}

#[test]
fn a_navigation_wants_a_page_and_a_fetch_does_not() {
    let wants = |name: &'static str, value: &'static str| {
        wants_html(&HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]))
    };
    assert!(wants("sec-fetch-mode", "navigate"));
    assert!(!wants("sec-fetch-mode", "cors"));
    assert!(wants("accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
    assert!(!wants("accept", "*/*"));
    assert!(!wants_html(&HeaderMap::new()));
}
