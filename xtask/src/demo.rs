//! `cargo xtask demo`: builds the product and all examples, packs them and serves them with `yizhan demo`.

use std::process::Command;

use crate::workspace::Workspace;
use crate::{guests, step, tools};

/// Runs until it is interrupted. `rest` is handed to `yizhan demo` and comes last, so that it wins.
pub(crate) fn run(workspace: &Workspace, rest: &[String]) -> anyhow::Result<()> {
    tools::ensure(&[tools::WASM_TARGET, tools::NODE])?;
    let mut demo = Command::new(workspace.binary());
    demo.arg("demo");
    for package in guests::pack(workspace)? {
        demo.arg("--package").arg(package);
    }
    if !rest.iter().any(|argument| argument == "--data" || argument.starts_with("--data=")) {
        demo.arg("--data").arg(workspace.target().join("demo"));
    }
    step::run("serve the examples", demo.args(rest))
}
