//! Guests that spin, allocate, never answer, trap or flood get the stated answer, and a neighbour's answers are unharmed.

use crate::serving::{Answer, App, Serving};
use serde_json::json;

/// Asks a guest while a neighbour is asked too; answers what the guest got, and who serves.
fn beside_a_neighbour(app: App, slug: &str, path: &str) -> (Answer, Serving) {
    let serving = Serving::demo(&[app, App::open("hello")]);
    assert_eq!(serving.get("hello", "/").text(), "Hello, world!\n");
    let answer = std::thread::scope(|scope| {
        let asked = scope.spawn(|| serving.get(slug, path));
        for _ in 0..20 {
            let neighbour = serving.get("hello", "/");
            assert_eq!((neighbour.status, neighbour.text().as_str()), (200, "Hello, world!\n"));
        }
        asked.join().expect("an answer")
    });
    assert_eq!(serving.get("hello", "/").text(), "Hello, world!\n");
    (answer, serving)
}

fn is_told(answer: &Answer, status: u16, code: &str, limit: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["limit"].as_str(), limit, "{problem}");
    assert_eq!(problem["request_id"], answer.header("x-request-id")[0], "{problem}");
}

#[test]
fn a_spinning_guest_ends_at_its_cpu_limit() {
    let (answer, mut serving) = beside_a_neighbour(App::open("spin"), "spin", "/");
    is_told(&answer, 503, "limit-exceeded", Some("cpu_ms_max"));
    serving.wait_for("limit_exceeded");
}

#[test]
fn an_allocating_guest_ends_at_its_memory_limit_and_not_as_a_trap() {
    let app = App::open("allocate").with("gov_limits", json!({"memory_mib": 16}));
    let (answer, _) = beside_a_neighbour(app, "allocate", "/");
    is_told(&answer, 503, "limit-exceeded", Some("memory_bytes_max"));
}

#[test]
fn a_guest_that_never_answers_ends_at_its_time_limit() {
    let app = App::open("never-answers").with("gov_limits", json!({"request_ms": 300}));
    let (answer, _) = beside_a_neighbour(app, "never-answers", "/");
    is_told(&answer, 504, "app-too-slow", None);
}

#[test]
fn a_trap_is_contained() {
    let (answer, mut serving) = beside_a_neighbour(App::open("trap"), "trap", "/");
    is_told(&answer, 502, "app-failed", None);
    assert!(!answer.text().contains("unreachable"), "inside told outside: {}", answer.text());
    serving.wait_for("trapped");
}

#[test]
fn a_guest_without_an_answer_is_told_as_such() {
    let (answer, _) = beside_a_neighbour(App::open("no-response"), "no-response", "/");
    is_told(&answer, 502, "app-no-answer", None);
}

#[test]
fn a_flood_of_log_lines_is_cut_and_the_answer_arrives() {
    let (answer, mut serving) = beside_a_neighbour(App::open("flood-log"), "flood-log", "/");
    assert_eq!(answer.status, 200, "{}", answer.text());
    serving.wait_for("log_bytes_max");
    let bytes = serving.log().len();
    assert!(bytes < 200_000, "{bytes} bytes of log");
}

#[test]
fn a_flood_of_headers_ends_at_its_limit() {
    let (answer, _) = beside_a_neighbour(App::open("flood-headers"), "flood-headers", "/");
    is_told(&answer, 503, "limit-exceeded", Some("field_bytes_max"));
}

#[test]
fn an_endless_body_is_cut_off_and_not_ended_well() {
    let app = App::open("flood-body").with("gov_limits", json!({"request_ms": 1000}));
    let (answer, _) = beside_a_neighbour(app, "flood-body", "/");
    assert_eq!((answer.status, answer.header("transfer-encoding")), (200, vec!["chunked"]));
    assert!((1..=32 << 20).contains(&answer.body.len()), "{} bytes", answer.body.len());
    assert!(!answer.is_whole, "the client takes {} bytes for the whole", answer.body.len());
}

#[test]
fn a_flood_of_resources_ends_at_a_limit() {
    let (answer, _) = beside_a_neighbour(App::open("flood-resources"), "flood-resources", "/");
    assert_eq!(answer.status, 503, "{}", answer.text());
    let limit = answer.json()["limit"].as_str().unwrap_or_default().to_owned();
    assert!(["resources_max", "handles_max", "memory_bytes_max", "cpu_ms_max"].contains(&limit.as_str()), "{limit}");
}

#[test]
fn too_many_at_once_wait_and_then_are_told_when_to_come_back() {
    let limits = json!({"concurrency": 1, "request_ms": 100});
    let serving = Serving::demo(&[App::open("never-answers").with("gov_limits", limits), App::open("hello")]);
    let statuses: Vec<Answer> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..140).map(|_| scope.spawn(|| serving.get("never-answers", "/"))).collect();
        asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    });
    let refused: Vec<&Answer> = statuses.iter().filter(|answer| answer.status == 429).collect();
    assert!(refused.len() >= 140 - 129 - 2, "{} were refused", refused.len());
    assert_eq!(refused[0].header("retry-after"), ["1"]);
    assert_eq!(serving.get("hello", "/").status, 200);
}
