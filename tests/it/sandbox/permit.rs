//! No permit, no call: a permit is for one version, and an open app's linker has no identity.

use super::node::{Node, few_guests, permit};
use crate::serving::component;
use yizhan_domain::limits::AppLimits;
use yizhan_domain::{Access, VersionDigest};
use yizhan_sandbox::SandboxError;

#[tokio::test]
async fn a_permit_for_another_version_is_refused() {
    let node = Node::new(few_guests());
    let ready = node.guest("hello", AppLimits::default()).await;
    assert_eq!(node.get(&ready, "/").await.expect("an answer").status, 200);
    let other = VersionDigest([0xff; 32]);
    let error = node.get_with(&ready, "/", permit(other)).await.expect_err("another version");
    assert!(matches!(error, SandboxError::Permit { permitted, .. } if permitted == other), "{error:?}");
}

#[tokio::test]
async fn a_component_that_imports_identity_loads_only_where_identity_is_required() {
    let node = Node::new(few_guests());
    let wasm = std::fs::read(component("steal")).expect("reads");
    match node.load(&wasm, Access::Open, AppLimits::default()).await {
        Err(SandboxError::Load(text)) => assert!(text.contains("yizhan:app/identity"), "{text}"),
        other => panic!("{:?}", other.map(drop)),
    }
    node.load(&wasm, Access::IdentityRequired, AppLimits::default()).await.map(drop).expect("loads");
}
