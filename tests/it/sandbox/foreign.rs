//! Components made without any of our glue run unchanged.

use crate::serving::{Serving, component};

fn runs(guest: &str, words: &str) -> Serving {
    let serving = Serving::run(&[component(guest).to_str().expect("a path")]);
    let answer = serving.get(guest, "/");
    assert_eq!(answer.status, 200, "{}\n{}", answer.text(), serving.log());
    assert!(answer.text().contains(words), "{}", answer.text());
    serving
}

#[test]
fn a_bare_component_answers() {
    runs("hello", "Hello, world!");
}

#[test]
fn a_wstd_component_answers() {
    runs("hello-wstd", "Hello");
}

#[test]
fn a_component_with_a_large_data_segment_answers() {
    runs("big-data", "Hello");
}

#[test]
fn a_wasip3_component_answers() {
    runs("hello-p3", "Hello");
}

#[test]
fn a_component_that_uses_the_standard_library_sees_only_what_it_was_given() {
    let path = component("std-http");
    let serving = Serving::run(&["--env", "GREETING=hi", path.to_str().expect("a path")]);
    let answer = serving.get("std-http", "/");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("GREETING") && answer.text().contains("hi"), "{}", answer.text());
    assert!(!answer.text().contains("PATH="), "the host's environment leaks: {}", answer.text());
}

#[test]
fn an_answer_that_is_written_slowly_arrives_whole() {
    let path = component("slow-body");
    let serving = Serving::run(&[path.to_str().expect("a path")]);
    let answer = serving.get("slow-body", "/");
    assert_eq!(answer.status, 200);
    assert!(answer.text().lines().count() > 1, "{}", answer.text());
    assert!(answer.is_whole);
}
