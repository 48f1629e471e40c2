//! The hub under test: `yizhan demo` over TLS on a port that the system chooses.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, ensure};

use super::authority::{AUTHORITY, CERTIFICATE, KEY};
use crate::step;
use crate::workspace::Workspace;

/// The package whose clients are registered, as `guests::pack` leaves it.
const PACKAGE: &str = "social-security.ma";

/// One line of JSON for each request; complete when the hub has stopped.
pub(super) const ACCESS_LOG: &str = "access.jsonl";

/// A running hub; dropping it ends it.
pub(super) struct Hub {
    child: Child,
    origin: String,
    authority: PathBuf,
}

impl Hub {
    /// Starts it with the app's package installed, and waits until it serves.
    pub(super) fn start(workspace: &Workspace, folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(workspace.binary());
        command.args(["demo", "--addr", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        command.arg("--tls-cert").arg(folder.join(CERTIFICATE)).arg("--tls-key").arg(folder.join(KEY));
        command.arg("--access-log").arg(folder.join(ACCESS_LOG));
        command.arg("--package").arg(workspace.guests().join("packages").join(PACKAGE));
        let mut child = command.stderr(Stdio::piped()).spawn().context("cannot start the hub")?;
        let mut lines = BufReader::new(child.stderr.take().context("standard error")?).lines();
        let first = lines.next().context("the hub ended before it served")??;
        let port = first.rsplit(':').next().filter(|_| first.starts_with("https://"));
        let port = port.with_context(|| format!("the hub said {first:?}"))?;
        let origin = format!("https://localhost:{port}");
        // What it says afterwards is shown, so that the pipe never fills.
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("hub: {line}")));
        Ok(Self { child, origin, authority: folder.join(AUTHORITY) })
    }

    /// Its origin: the issuer.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Certificate of the authority that clients trust.
    pub(super) fn authority(&self) -> &Path {
        &self.authority
    }

    /// Ends it as an operator would.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        step::output(Command::new("kill").args(["-INT", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the hub ended with {status}");
        Ok(())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
