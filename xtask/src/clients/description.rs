//! Holds the hub's description (`docs/openapi.json`) against the running hub: schemathesis asks every operation, with a fixed
//! seed, in the session of a test person who has agreed to something.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use super::hub::Hub;
use super::registration::REDIRECT;
use super::{PERSONA, SCOPE, library, trusting};
use crate::step;
use crate::workspace::Workspace;

/// Its name, as in `--only`.
pub(super) const NAME: &str = "schemathesis";

/// Operations that end the session they are asked in: they come last.
const ENDING: &str = r"^/me/(sign-out|erase|sessions/\{id\}/end)$";

/// Fails on any answer that is a server error or not as described.
pub(super) fn check(workspace: &Workspace, hub: &Hub, folder: &Path, client_id: &str) -> anyhow::Result<()> {
    let room = library::room(workspace, NAME)?;
    let session = sign_in(workspace, hub, client_id)?;
    let member = |name: &str| session[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
    let (cookie, csrf) = (member("cookie")?, member("csrf")?);
    let files = workspace.path("tests/clients/schemathesis");
    for (which, what) in [("--exclude-path-regex", "all operations"), ("--include-path-regex", "the end of a session")]
    {
        let mut run = Command::new(room.join("bin/st"));
        run.arg("--config-file")
            .arg(files.join("schemathesis.toml"))
            .arg("run")
            .arg(workspace.path("docs/openapi.json"));
        run.args(["--no-color", "--url", hub.origin(), which, ENDING]).current_dir(folder);
        run.env("SCHEMATHESIS_HOOKS", "hooks").env("PYTHONPATH", &files).env("PYTHONDONTWRITEBYTECODE", "1");
        run.env("YIZHAN_HTTP_ERRORS", workspace.path("docs/http-errors.md"));
        run.env("YIZHAN_CA", hub.authority()).env("YIZHAN_COOKIE", &cookie).env("YIZHAN_CSRF", &csrf);
        step::run(&format!("hold the description against the hub: {what}"), &mut run)?;
    }
    Ok(())
}

/// A session of the test person in a browser of her own, with an authorization to look at and to take back.
fn sign_in(workspace: &Workspace, hub: &Hub, client_id: &str) -> anyhow::Result<Value> {
    let query = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
        ("state", "of-schemathesis"),
        ("nonce", "of-schemathesis"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let escape = |text: &str| text.replace(' ', "%20").replace(':', "%3A").replace('/', "%2F");
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let address = format!("{}/oauth/authorize?{}", hub.origin(), query.join("&"));
    let mut citizen = Command::new("node");
    citizen.arg(workspace.path("tests/clients/citizen.mjs")).args([&address, PERSONA, "session"]);
    Ok(serde_json::from_str(&step::output(trusting(&mut citizen, hub))?)?)
}
