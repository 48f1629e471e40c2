//! `cargo xtask test`: everything that must be built, then every test there is; the first failing step ends it.

use std::path::Path;
use std::process::{self, Command};
use std::{env, fs};

use anyhow::Context;

use crate::workspace::Workspace;
use crate::{clients, guests, step, tools};

/// The tools that building and testing need.
const TOOLS: [tools::Tool; 5] = [tools::WASM_TARGET, tools::NODE, tools::BROWSER, tools::FONTS, tools::OPENSSL];

/// The client library of another's that every test run lets through; `cargo xtask clients` has them all.
const CLIENT: &str = "openid-client";

/// The templates of `yizhan new`.
const TEMPLATES: [&str; 3] = ["open", "identity", "static"];

/// Builds guests, product and packages, then runs the tests of the examples, the templates and the workspace.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure(&TOOLS)?;
    guests::build(workspace)?;
    guests::pack(workspace)?;
    let mut examples = workspace.guest_cargo("examples", ["test", "--locked", "--workspace"]);
    step::run("test the examples' handlers", &mut examples)?;
    test_templates(workspace)?;
    let mut tests = workspace.cargo(["test", "--locked", "--workspace"]);
    step::run("test the workspace", tests.env("YIZHAN_GUESTS", workspace.guests()))?;
    clients::go(workspace, &clients::Settings { only: Some(CLIENT.to_owned()) })
}

/// Makes an app from each template outside the checkout, as an author would, and runs its tests and `yizhan pack` there.
fn test_templates(workspace: &Workspace) -> anyhow::Result<()> {
    let folder = env::temp_dir().join(format!("yizhan-templates-{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let result = TEMPLATES.iter().try_for_each(|template| test_template(workspace, &folder, template));
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    result
}

fn test_template(workspace: &Workspace, folder: &Path, template: &str) -> anyhow::Result<()> {
    let name = format!("from-{template}");
    let mut make = Command::new(workspace.binary());
    make.args(["new", &name, "--template", template]).current_dir(folder);
    step::run(&format!("make an app from the template {template}"), &mut make)?;
    let app = folder.join(&name);
    if app.join("Cargo.toml").is_file() {
        let mut test = workspace.guest_cargo(".", ["test"]);
        step::run(&format!("test the template {template}"), test.current_dir(&app))?;
    }
    let mut pack = Command::new(workspace.binary());
    pack.args(["pack", ".", "--output", "app.ma"]).current_dir(&app).env("CARGO_TARGET_DIR", workspace.guests());
    step::run(&format!("pack the template {template}"), &mut pack)
}
