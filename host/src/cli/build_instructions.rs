//! `yizhan.toml`: how the component and the browser files of an app directory are built. Never packaged. Read by `build`
//! and `dev`.

use super::failure::Failure;
use serde::Deserialize;
use std::{fs, io::ErrorKind, path::Path};

/// Name of the file.
pub const FILE: &str = "yizhan.toml";

/// Build instructions of an app directory; all empty when there is no file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildInstructions {
    /// Builds the component by other means than cargo.
    pub component: Option<BuildStep>,
    /// Builds the files for the browser; what lies in `output` becomes `public/`.
    pub assets: Option<BuildStep>,
    /// Files and folders that `dev` watches, relative to the app directory.
    #[serde(default)]
    pub watch: Vec<String>,
}

/// One command and what it makes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildStep {
    /// Program and arguments, started in the app directory; nothing is started when empty.
    #[serde(default)]
    pub command: Vec<String>,
    /// File or folder that it makes, relative to the app directory.
    pub output: String,
}

/// What `dev` watches unless `watch` says another.
pub const WATCH_DEFAULT: [&str; 6] = ["src", "public", "manifest.json", FILE, "Cargo.toml", "wit"];

impl BuildInstructions {
    /// Reads the instructions of an app directory.
    pub fn read(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            other => {
                other.map_err(|error| Failure::unreadable("cannot read the build instructions").at(&path).why(error))?
            }
        };
        let wrong = |why: String| {
            Failure::unreadable("cannot understand the build instructions").at(&path).why(why).fix(
                "[component] and [assets] have `command` (a list) and `output` (a path inside the folder); `watch` is a list",
            )
        };
        let this: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let outputs = this.component.iter().chain(&this.assets).map(|step| &step.output);
        match outputs.chain(&this.watch).find(|path| !is_inside(path)) {
            Some(outside) => Err(wrong(format!("{outside:?} leads out of the app directory"))),
            None => Ok(this),
        }
    }

    /// What `dev` watches.
    #[must_use]
    pub fn watched(&self) -> Vec<String> {
        if self.watch.is_empty() { WATCH_DEFAULT.map(str::to_owned).to_vec() } else { self.watch.clone() }
    }
}

fn is_inside(path: &str) -> bool {
    use std::path::Component;
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BuildInstructions, Failure> {
        let dir = tempfile::tempdir().expect("tempdir");
        fs::write(dir.path().join(FILE), text).expect("write");
        BuildInstructions::read(dir.path())
    }

    #[test]
    fn no_file_means_no_instructions() {
        let dir = tempfile::tempdir().expect("tempdir");
        let none = BuildInstructions::read(dir.path()).expect("fine");
        assert_eq!(none, BuildInstructions::default());
        assert_eq!(none.watched(), WATCH_DEFAULT);
    }

    #[test]
    fn commands_outputs_and_watched_paths_are_read() {
        let read = read("watch = [\"web\"]\n[assets]\ncommand = [\"npm\", \"run\", \"build\"]\noutput = \"dist\"\n")
            .expect("fine");
        assert_eq!(read.assets.expect("assets").output, "dist");
        assert_eq!(read.watch, ["web"]);
    }

    #[test]
    fn unknown_members_and_outputs_outside_are_refused() {
        for text in [
            "[asset]\noutput = \"dist\"",
            "[assets]\noutput = \"../dist\"",
            "[assets]\noutput = \"/dist\"",
            "watch = 1",
        ] {
            let failure = read(text).expect_err(text);
            assert!(failure.place.ends_with(FILE) && !failure.fix.is_empty(), "{text}: {failure:?}");
        }
    }
}
