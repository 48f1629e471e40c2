//! How a command fails: an exit code, and what, where, why and what to do, as text or as JSON. Every command answers with it.

use std::path::Path;
use yizhan_domain::Finding;
use yizhan_hub::{HubError, PublisherRefusal};
use yizhan_package::PackageError;

/// What a command answers.
pub type Outcome = Result<(), Failure>;

/// Exit codes of the command line; documented in `--help` and in `docs/how-to/command-line.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The app has errors, or a rule refuses it.
    Refused = 1,
    /// Wrong usage, or a file that cannot be read or written.
    Unreadable = 2,
    /// The server could not start or ended with an error.
    NotServed = 3,
    /// A build command failed or is missing.
    NotBuilt = 4,
}

/// Why a command failed, so that a person knows what to do next.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What could not be done, as in `cannot install leaflet.ma`.
    pub what: String,
    /// Where the reason lies: a file, an address; may be empty.
    pub place: String,
    /// The reason.
    pub why: String,
    /// What to do; may be empty.
    pub fix: String,
    /// Findings that belong to it.
    pub findings: Box<[Finding]>,
}

impl Failure {
    /// A failure of some kind.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            place: String::new(),
            why: String::new(),
            fix: String::new(),
            findings: Box::default(),
        }
    }

    /// A rule refuses it.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::new(Exit::Refused, what)
    }

    /// Wrong usage, or a file cannot be read or written.
    pub fn unreadable(what: impl Into<String>) -> Self {
        Self::new(Exit::Unreadable, what)
    }

    /// Sets where the reason lies.
    #[must_use]
    pub fn at(mut self, place: impl AsRef<Path>) -> Self {
        self.place = place.as_ref().display().to_string();
        self
    }

    /// Sets the reason.
    #[must_use]
    pub fn why(mut self, why: impl ToString) -> Self {
        self.why = why.to_string();
        self
    }

    /// Sets what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// Adds findings.
    #[must_use]
    pub fn with(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings.into_boxed_slice();
        self
    }

    /// A package or app directory that is not as packages are.
    pub fn package(what: impl Into<String>, place: impl AsRef<Path>, error: &PackageError) -> Self {
        let failure = match error {
            PackageError::Unreadable { source, .. } => Self::unreadable(what).why(format!("{error}: {source}")),
            _ => Self::refused(what).why(error),
        };
        failure.at(place).fix("mend the findings").with(error.findings())
    }

    /// What the hub refused.
    pub fn hub(what: impl Into<String>, place: impl AsRef<Path>, error: HubError) -> Self {
        let exit = match &error {
            HubError::NotADataDirectory { .. } | HubError::Io { .. } | HubError::Unreadable { .. } => Exit::Unreadable,
            HubError::AlreadyServed { .. } => Exit::NotServed,
            _ => Exit::Refused,
        };
        let why = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let failure = Self::new(exit, what).at(place).why(why).fix(hub_fix(&error));
        match error {
            HubError::Findings { findings } => failure.with(findings),
            HubError::Unreadable { source, .. } => failure.with(source.findings()),
            _ => failure,
        }
    }

    /// The failure as JSON: `{"ok":false,"exit":…,"what":…,"where":…,"why":…,"fix":…,"findings":[…]}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "ok": false, "exit": self.exit as u8, "what": self.what, "where": self.place, "why": self.why,
            "fix": self.fix, "findings": self.findings,
        })
    }
}

fn hub_fix(error: &HubError) -> String {
    match error {
        HubError::NotADataDirectory { .. } => {
            "name the folder that `yizhan demo --data DIR` uses, or an empty one that becomes a development store"
                .into()
        }
        HubError::WrongMode { .. } => "use another --data folder; the mode of a store never changes".into(),
        HubError::Io { .. } => "see that the folder exists, is yours, and has room".into(),
        HubError::Damaged { .. } => "install the package again from the file that was signed".into(),
        HubError::Unreadable { .. } | HubError::Findings { .. } => "mend the findings, then pack and sign again".into(),
        HubError::Unsigned { .. } => {
            "sign it: `yizhan sign --new-key KEY.pem`, then `yizhan sign X.ma --key KEY.pem`, and install it with \
             `--publisher KEY.pub.pem`"
                .into()
        }
        HubError::Publisher { refusal } => publisher_fix(refusal).into(),
        HubError::NoSlug { .. } => "choose one with --slug, or change the last label of app_id".into(),
        HubError::SlugTaken { slug, .. } => {
            format!("remove that app (`yizhan remove {slug}`) or choose another with --slug")
        }
        HubError::Downgrade { .. } => "raise version.code in manifest.json, or say --allow-downgrade".into(),
        HubError::NotInstalled { .. } => "the portal and `yizhan install --json` list the slugs".into(),
        HubError::AlreadyServed { .. } => "stop that process, or use another --data folder".into(),
        _ => String::new(),
    }
}

fn publisher_fix(refusal: &PublisherRefusal) -> &'static str {
    match refusal {
        PublisherRefusal::Unknown => {
            "register the publisher's key with `--publisher KEY.pub.pem`, and see that the package was not changed after signing"
        }
        PublisherRefusal::Retired { .. } => "sign with the publisher's new key",
        PublisherRefusal::Compromised { .. } => "sign again with a new key, and find out what the old one signed",
        PublisherRefusal::OtherUnit { .. } => "remove the installed app first if it really changes hands",
        _ => "use another key for the other unit",
    }
}
