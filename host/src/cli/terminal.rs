//! What the command line shows: results on standard output (text or JSON), everything else on standard error, colour and
//! progress only on a terminal. Every command gets one.

use super::{failure::Failure, finding_text};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};
use yizhan_domain::Finding;

/// Where a command writes.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    json: bool,
    colour: bool,
    quiet: bool,
}

/// Colours that mean something.
#[derive(Debug, Clone, Copy)]
pub enum Tone {
    /// Done.
    Good,
    /// Look at it.
    Warning,
    /// Refused.
    Bad,
    /// Less important.
    Dim,
}

impl Terminal {
    /// A terminal that prints JSON or text; colour if standard error is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn new(json: bool) -> Self {
        let colour =
            !json && io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|text| text.is_empty());
        Self { json, colour, quiet: false }
    }

    /// The same without progress bars, for commands that may not print yet.
    #[must_use]
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Whether a machine reads.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Whether colour and progress bars are shown.
    #[must_use]
    pub fn is_colourful(self) -> bool {
        self.colour
    }

    /// Prints the result: the JSON with `"ok":true` added, or the text.
    pub fn result(self, json: Value, text: &str) {
        if !self.json {
            return write_out(text);
        }
        let mut json = json;
        if let Some(members) = json.as_object_mut() {
            members.insert("ok".to_owned(), Value::Bool(true));
        }
        write_out(&format!("{json}\n"));
    }

    /// Prints a line for people on standard error; nothing when a machine reads.
    pub fn say(self, line: &str) {
        if !self.json {
            write_err(&format!("{line}\n"));
        }
    }

    /// Prints a failure: JSON on standard output or text on standard error.
    pub fn fail(self, failure: &Failure) {
        if self.json {
            return write_out(&format!("{}\n", failure.to_json()));
        }
        let mut text = self.findings(&failure.findings);
        text.push_str(&format!("{} {}\n", self.paint(Tone::Bad, "error:"), failure.what));
        for (name, value) in [("where", &failure.place), ("why", &failure.why), ("do", &failure.fix)] {
            if !value.is_empty() {
                text.push_str(&format!("  {} {value}\n", self.paint(Tone::Dim, &format!("{name:>5}:"))));
            }
        }
        write_err(&text);
    }

    /// Findings as text, one line each.
    #[must_use]
    pub fn findings(self, findings: &[Finding]) -> String {
        findings.iter().map(|found| finding_text::line(found, |tone, word| self.paint(tone, word)) + "\n").collect()
    }

    /// Text in a colour, if colours are shown.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => 32,
            Tone::Warning => 33,
            Tone::Bad => 31,
            Tone::Dim => 2,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A progress line for work of unknown length; hidden unless a person looks.
    #[must_use]
    pub fn progress(self, message: &str) -> ProgressBar {
        if !self.colour || self.quiet {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner().with_message(message.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner:.blue} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// A progress bar for work of so many steps; hidden unless a person looks.
    #[must_use]
    pub fn steps(self, message: &str, steps: usize) -> ProgressBar {
        let bar = self.progress(message);
        bar.set_length(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30.blue}] {pos}/{len} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar
    }
}

/// Writes to standard output; a closed pipe is nobody's fault.
fn write_out(text: &str) {
    let _closed_pipe = io::stdout().lock().write_all(text.as_bytes());
}

/// Writes to standard error.
pub fn write_err(text: &str) {
    let _closed_pipe = io::stderr().lock().write_all(text.as_bytes());
}
