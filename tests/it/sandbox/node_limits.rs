//! Limits of a node: what all guests share, and what a component may ask for.

use super::node::{Node, few_guests};
use crate::serving::component;
use yizhan_domain::Access;
use yizhan_domain::limits::{AppLimits, NodeLimits};
use yizhan_sandbox::SandboxError;

/// A component whose handler runs this code on this module, beside more instances.
fn handler(module: &str, code: &str, more: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
             (import "wasi:http/types@0.2.3" (instance $types
               (export "incoming-request" (type (sub resource)))
               (export "response-outparam" (type (sub resource)))))
             (alias export $types "incoming-request" (type $request))
             (alias export $types "response-outparam" (type $out))
             (core module $m {module} (func (export "handle") (param i32 i32) {code}))
             (core instance $i (instantiate $m))
             {more}
             (func $handle (param "request" (own $request)) (param "response-out" (own $out))
               (canon lift (core func $i "handle")))
             (instance $h (export "handle" (func $handle)))
             (export "wasi:http/incoming-handler@0.2.3" (instance $h)))"#
    );
    wat::parse_str(text).expect("a component")
}

async fn load(limits: NodeLimits, wasm: &[u8]) -> Result<(), SandboxError> {
    Node::new(limits).load(wasm, Access::Open, AppLimits::default()).await.map(drop)
}

/// Loads with this much, and not with more; the refusal names what is too much.
async fn holds(limits: NodeLimits, fits: &[u8], too_much: &[u8], words: &str) {
    load(limits, fits).await.expect("what is allowed");
    match load(limits, too_much).await {
        Err(SandboxError::Load(text)) => assert!(text.contains(words), "{text}"),
        other => panic!("{words}: {other:?}"),
    }
}

#[tokio::test]
async fn a_component_with_too_many_memories_tables_or_instances_is_not_loaded() {
    let again = "(core instance (instantiate $m))";
    let limits = NodeLimits { memories_max: 2, tables_max: 2, ..few_guests() };
    for (item, words) in [("(memory 1)", "memories"), ("(table 1 funcref)", "tables")] {
        let in_one = |count| handler(&item.repeat(count), "", "");
        holds(limits, &in_one(2), &in_one(3), words).await;
        let spread = |count: usize| handler(item, "", &again.repeat(count - 1));
        holds(limits, &spread(2), &spread(3), words).await;
    }
    let limits = NodeLimits { core_instances_max: 2, ..few_guests() };
    let instances = |count: usize| handler("", "", &again.repeat(count - 1));
    holds(limits, &instances(2), &instances(3), "core module instances").await;
}

#[tokio::test]
async fn a_table_is_neither_made_nor_grown_beyond_its_elements() {
    let limits = NodeLimits { table_elements_max: 10, ..few_guests() };
    let of = |size: u32| handler(&format!("(table {size} funcref)"), "", "");
    holds(limits, &of(10), &of(11), "table").await;
    let grows =
        handler("(table $t 1 funcref)", "(drop (table.grow $t (ref.null func) (i32.const 10))) unreachable", "");
    let node = Node::new(limits);
    let ready = node.load(&grows, Access::Open, AppLimits::default()).await.expect("loads");
    let error = node.get(&ready, "/").await.expect_err("too large");
    assert!(matches!(error, SandboxError::LimitExceeded { limit: "table_elements_max" }), "{error:?}");
}

#[tokio::test]
async fn memories_of_one_instance_are_summed() {
    let node = Node::new(few_guests());
    let limits = AppLimits { memory_bytes_max: 1 << 20, ..AppLimits::default() };
    let two = handler("(memory 8) (memory 9)", "unreachable", "");
    let ready = node.load(&two, Access::Open, limits).await.expect("loads");
    let error = node.get(&ready, "/").await.expect_err("17 pages");
    assert!(matches!(error, SandboxError::LimitExceeded { limit: "memory_bytes_max" }), "{error:?}");
}

#[tokio::test]
async fn guests_together_hold_no_more_than_the_node_has() {
    let node = Node::new(NodeLimits { guest_bytes_max: 8 << 20, ..few_guests() });
    let ready = node.guest("allocate", AppLimits::default()).await;
    assert_eq!(node.get(&ready, "/?mib=2").await.expect("an answer").status, 200);
    let error = node.get(&ready, "/?mib=16").await.expect_err("16 MiB");
    assert!(matches!(error, SandboxError::Busy { limit: "guest_bytes_max" }), "{error:?}");
    assert_eq!(node.sandbox.gauges().memory_bytes, 0, "given back");
}

#[tokio::test]
async fn the_version_that_was_not_used_for_longest_leaves_first() {
    let node = Node::new(NodeLimits { versions_max: 2, ..few_guests() });
    let [first, second] =
        [node.guest("hello", AppLimits::default()).await, node.guest("hello", AppLimits::default()).await];
    let wasm = wat::parse_str("(component)").expect("a component");
    node.load(&wasm, Access::Open, AppLimits::default()).await.err().expect("no handler");
    assert!(node.sandbox.find(&second.digest).is_some(), "what cannot be loaded takes no place");
    assert!(node.sandbox.find(&first.digest).is_some(), "and is used now");
    let third = node.guest("hello", AppLimits::default()).await;
    let kept = [&first, &second, &third].map(|ready| node.sandbox.find(&ready.digest).is_some());
    assert_eq!((kept, node.sandbox.gauges().versions), ([true, false, true], 2));
    assert_eq!(node.get(&second, "/").await.expect("an answer").status, 200, "who has it finishes on it");
}

#[tokio::test]
async fn versions_leave_when_their_code_is_too_much() {
    let folder = tempfile::tempdir().expect("a folder");
    let hello = Node::compiling_to(folder.path(), few_guests());
    hello.guest("hello", AppLimits::default()).await;
    let bytes = std::fs::read_dir(folder.path())
        .expect("reads")
        .map(|file| file.expect("reads").metadata().expect("reads").len())
        .sum::<u64>();
    let node = Node::compiling_to(folder.path(), NodeLimits { code_bytes_max: bytes * 2, ..few_guests() });
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(node.guest("hello", AppLimits::default()).await);
    }
    let kept: Vec<bool> = all.iter().map(|ready| node.sandbox.find(&ready.digest).is_some()).collect();
    assert_eq!(kept, [false, true, true]);
}

#[tokio::test]
async fn a_component_above_its_size_is_not_compiled() {
    let folder = tempfile::tempdir().expect("a folder");
    let wasm = std::fs::read(component("hello")).expect("reads");
    let node = Node::compiling_to(folder.path(), NodeLimits { component_bytes_max: 100, ..few_guests() });
    match node.load(&wasm, Access::Open, AppLimits::default()).await {
        Err(SandboxError::Load(text)) => assert!(text.contains("larger than 100 bytes"), "{text}"),
        other => panic!("{:?}", other.map(drop)),
    }
}
