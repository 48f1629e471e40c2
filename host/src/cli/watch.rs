//! Watches an app directory for `dev`: many events of one save become one change, and what building writes is no change.

use super::{build_instructions::BuildInstructions, failure::Failure};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::Duration,
};

/// A change is over when nothing happened for so long.
const QUIET: Duration = Duration::from_millis(80);

/// A watched app directory.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
    changes: Receiver<()>,
}

/// Which paths of an app directory are watched, relative to it.
#[derive(Debug, Clone)]
struct Scope {
    dir: PathBuf,
    watched: Vec<PathBuf>,
    built: Vec<PathBuf>,
}

impl Watch {
    /// Begins to watch.
    pub fn start(dir: &Path, instructions: &BuildInstructions) -> Result<Self, Failure> {
        let what = "cannot watch the folder";
        let failed = |error: &dyn std::fmt::Display| {
            let fix = "see that it exists; on Linux raise fs.inotify.max_user_watches if it says so";
            Failure::unreadable(what).at(dir).why(error).fix(fix)
        };
        let scope = Scope::new(&dir.canonicalize().map_err(|error| failed(&error))?, instructions);
        let (sender, changes) = mpsc::channel();
        let filter = scope.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| filter.is_change(&event)) {
                // The receiver is gone when the command ends.
                let _sent = sender.send(());
            }
        })
        .map_err(|error| failed(&error))?;
        // Files are watched through their folder, because editors replace them.
        watcher.watch(&scope.dir, RecursiveMode::NonRecursive).map_err(|error| failed(&error))?;
        for path in scope.watched.iter().map(|path| scope.dir.join(path)).filter(|path| path.is_dir()) {
            watcher.watch(&path, RecursiveMode::Recursive).map_err(|error| failed(&error))?;
        }
        Ok(Self { _watcher: watcher, changes })
    }

    /// Waits for a change and until it is over; `false` when nothing can be watched any longer.
    pub fn next_change(&mut self) -> bool {
        next_change(&self.changes, QUIET)
    }
}

fn next_change(changes: &Receiver<()>, quiet: Duration) -> bool {
    if changes.recv().is_err() {
        return false;
    }
    loop {
        match changes.recv_timeout(quiet) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return true,
        }
    }
}

impl Scope {
    fn new(dir: &Path, instructions: &BuildInstructions) -> Self {
        let steps = instructions.component.iter().chain(&instructions.assets);
        Self {
            dir: dir.to_owned(),
            watched: instructions.watched().into_iter().map(PathBuf::from).collect(),
            built: steps.filter(|step| !step.command.is_empty()).map(|step| PathBuf::from(&step.output)).collect(),
        }
    }

    /// Whether something was written that the app is made of.
    fn is_change(&self, event: &Event) -> bool {
        !event.kind.is_access() && event.paths.iter().any(|path| self.is_source(path))
    }

    fn is_source(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.dir) else { return false };
        let within = |folders: &[PathBuf]| folders.iter().any(|folder| inside.starts_with(folder));
        within(&self.watched) && !within(&self.built)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_events_are_one_change() {
        let (sender, changes) = mpsc::channel();
        (0..50).for_each(|_| sender.send(()).expect("open"));
        drop(sender);
        assert!(next_change(&changes, QUIET));
        assert!(!next_change(&changes, QUIET), "nobody watches any longer");
    }

    #[test]
    fn sources_count_and_what_building_writes_does_not() {
        let step = super::super::build_instructions::BuildStep {
            command: vec!["npm".to_owned()],
            output: "public/dist".to_owned(),
        };
        let scope = Scope::new(Path::new("/app"), &BuildInstructions { assets: Some(step), ..Default::default() });
        for path in ["/app/src/lib.rs", "/app/public/index.html", "/app/manifest.json", "/app/Cargo.toml"] {
            assert!(scope.is_source(Path::new(path)), "{path}");
        }
        for path in ["/app/target/x", "/app/public/dist/app.js", "/app/Cargo.lock", "/elsewhere/src/lib.rs"] {
            assert!(!scope.is_source(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_saved_file_is_a_change() {
        let dir = tempfile::tempdir().expect("tempdir");
        std::fs::create_dir(dir.path().join("public")).expect("creates");
        let mut watch = Watch::start(dir.path(), &BuildInstructions::default()).expect("watches");
        std::fs::write(dir.path().join("public/index.html"), "new").expect("writes");
        assert!(watch.next_change());
    }
}
