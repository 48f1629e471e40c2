//! The description is true: current, and every operation exists.

use super::*;
use crate::http::routes::tests::bed::TestHub;
use std::collections::BTreeSet;

#[test]
fn the_committed_description_is_current() {
    let committed: Value = serde_json::from_str(include_str!("../../../../docs/openapi.json")).expect("JSON");
    let text = serde_json::to_string_pretty(&document()).expect("JSON");
    if committed != document() {
        let path = std::env::temp_dir().join("openapi.json");
        std::fs::write(&path, text + "\n").expect("writes");
        panic!("docs/openapi.json is old; the current one is at {}", path.display());
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let ids: BTreeSet<String> = OPERATIONS.iter().map(operation_id).collect();
    assert_eq!(ids.len(), OPERATIONS.len());
}

#[tokio::test]
async fn every_described_operation_exists() {
    let hub = TestHub::new().await;
    for operation in OPERATIONS {
        let path = operation.path.replace("{id}", "0").replace("{provider}", "province");
        let request = http::Request::builder().method(operation.method.to_ascii_uppercase().as_str()).uri(&path);
        let answer = hub.send(request.body(axum::body::Body::empty()).expect("request")).await;
        assert!(![404, 405].contains(&answer.status), "{} {}: {}", operation.method, operation.path, answer.status);
    }
}
