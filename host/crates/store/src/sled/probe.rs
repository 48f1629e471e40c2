//! Looks at a database before it is opened for good. sled can hang or panic on damaged files, so the host does this in a
//! child process that it can kill (`probe_records`); without a child it happens in a thread.

use super::{
    envelope,
    open::{self, Failure},
    tally::{Applied, POSITION_KEY, TREE, Tally},
};
use ::sled::{Db, Error};
use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// What looking at a database showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// It can be opened, and everything in it is what was written.
    Sound,
    /// It is damaged: it will be set aside and built anew from the journal.
    Damaged(String),
    /// It took too long, as damaged ones do.
    TooLong,
    /// It cannot be looked at for a reason that a rebuild does not mend (rights, a full disk, another process).
    Refused(String),
}

/// Looks at the database in a directory: a child process that calls [`probe_records`] and is killed after a time.
pub type Probe = Arc<dyn Fn(&Path) -> ProbeOutcome + Send + Sync>;

/// Bytes of pages that a look keeps in memory.
const CACHE_BYTES: u64 = 16 << 20;
const CLEAN: &str = "clean";

/// How many records are read between two signs of life.
const RECORDS_PER_SIGN: usize = 10_000;

/// Looks at the database in a directory, in this thread: what a probing child process runs. After an unclean end every
/// record is read, with a sign of life (`alive`) before the first and every some thousand: who waits for it ends it when
/// none comes for a time. It may hang on damage; a panic is [`ProbeOutcome::Damaged`].
#[must_use]
pub fn probe_records(directory: &Path, alive: &mut dyn FnMut()) -> ProbeOutcome {
    if !directory.join("db").exists() {
        return ProbeOutcome::Sound;
    }
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let config = ::sled::Config::new().path(directory).cache_capacity(CACHE_BYTES);
        alive();
        let db = open::open_when_free(&config).map_err(outcome)?;
        alive();
        if ended_cleanly(directory) {
            return Ok(());
        }
        match db.tree_names().iter().any(|name| *name == TREE) {
            true => read_all(&db, alive),
            false => walk(&db, alive),
        }
    }));
    match looked {
        Ok(Ok(())) => ProbeOutcome::Sound,
        Ok(Err(outcome)) => outcome,
        Err(_) => ProbeOutcome::Damaged("the database panicked".to_owned()),
    }
}

/// The same in a thread, which may be silent for `silent_time_max`; when it hangs, it stays behind.
pub(super) fn in_thread(directory: &Path, silent_time_max: Duration) -> ProbeOutcome {
    let (sender, receiver) = channel();
    let directory: PathBuf = directory.to_owned();
    let look = move || {
        let outcome = probe_records(&directory, &mut || drop(sender.send(None)));
        sender.send(Some(outcome)).is_ok()
    };
    if let Err(error) = thread::Builder::new().name("store-probe".to_owned()).spawn(look) {
        return ProbeOutcome::Refused(error.to_string());
    }
    loop {
        match receiver.recv_timeout(silent_time_max) {
            Ok(None) => {}
            Ok(Some(outcome)) => return outcome,
            Err(RecvTimeoutError::Timeout) => return ProbeOutcome::TooLong,
            Err(RecvTimeoutError::Disconnected) => {
                return ProbeOutcome::Damaged("looking at it ended early".to_owned());
            }
        }
    }
}

/// Opens a database that was found sound.
pub(super) fn open_sound(directory: &Path, cache_bytes_max: u64, time_max: Duration) -> Result<Db, ProbeOutcome> {
    open::attempt(directory, cache_bytes_max, time_max).map_err(|failure| match failure {
        Failure::Damaged(reason) => ProbeOutcome::Damaged(reason),
        Failure::TooLong(_) => ProbeOutcome::TooLong,
        Failure::Other(reason) => ProbeOutcome::Refused(reason),
    })
}

fn outcome(error: Error) -> ProbeOutcome {
    let of_system = match &error {
        Error::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::PermissionDenied
                | io::ErrorKind::StorageFull
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::WouldBlock
                | io::ErrorKind::Other
        ),
        _ => false,
    };
    match of_system {
        true => ProbeOutcome::Refused(error.to_string()),
        false => ProbeOutcome::Damaged(error.to_string()),
    }
}

/// Every page of a database without records (the data of apps) must be readable; what is in them is checked when it is read,
/// because one damaged value must not cost the others.
fn walk(db: &Db, alive: &mut dyn FnMut()) -> Result<(), ProbeOutcome> {
    for name in db.tree_names() {
        let tree = db.open_tree(name).map_err(outcome)?;
        for (number, pair) in tree.iter().enumerate() {
            if number.is_multiple_of(RECORDS_PER_SIGN) {
                alive();
            }
            pair.map_err(outcome)?;
        }
    }
    Ok(())
}

/// Every record must be sound, and all of them together what the newest step left.
fn read_all(db: &Db, alive: &mut dyn FnMut()) -> Result<(), ProbeOutcome> {
    let damaged = |why: String| ProbeOutcome::Damaged(why);
    let tree = db.open_tree(TREE).map_err(outcome)?;
    let mut tally = Tally::default();
    for (number, pair) in tree.iter().enumerate() {
        if number.is_multiple_of(RECORDS_PER_SIGN) {
            alive();
        }
        let (key, bytes) = pair.map_err(outcome)?;
        envelope::open(&key, &bytes).map_err(|error| damaged(error.to_string()))?;
        if key != POSITION_KEY {
            tally.add(&key, &bytes);
        }
    }
    let applied = Applied::read(&tree).map_err(|error| damaged(error.to_string()))?;
    match applied.tally == tally {
        true => Ok(()),
        false => Err(damaged("records are missing, or older than the newest step".to_owned())),
    }
}

/// Says that the database was closed with nothing under way: the length of its data file.
pub(super) fn mark_clean(directory: &Path) -> io::Result<()> {
    let length = fs::metadata(directory.join("db"))?.len();
    let temporary = directory.join("clean.new");
    fs::write(&temporary, length.to_string())?;
    fs::File::open(&temporary)?.sync_all()?;
    fs::rename(&temporary, directory.join(CLEAN))?;
    fs::File::open(directory)?.sync_all()
}

/// From now on the database is in use.
pub(super) fn mark_in_use(directory: &Path) -> io::Result<()> {
    match fs::remove_file(directory.join(CLEAN)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.and_then(|()| fs::File::open(directory)?.sync_all()),
    }
}

fn ended_cleanly(directory: &Path) -> bool {
    let said = fs::read_to_string(directory.join(CLEAN)).ok().and_then(|text| text.parse().ok());
    let found = fs::metadata(directory.join("db")).ok().map(|metadata| metadata.len());
    found.is_some() && found == said
}
