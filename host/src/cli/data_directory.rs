//! How commands open a data directory and tell the process that serves it. Used by `install`, `remove` and `demo`.

use super::failure::Failure;
use std::path::Path;
use yizhan_domain::{Clock, Context, RequestId, SystemClock};
use yizhan_hub::{
    DataMode, HubError, Shelf,
    control::{Notified, notify_reload},
};

/// Opens a data directory of any mode; a missing or empty folder becomes a development store, and the answer says so.
pub fn open_or_create(dir: &Path, what: &str) -> Result<(Shelf, bool), Failure> {
    match Shelf::open(dir) {
        Ok(shelf) => Ok((shelf, false)),
        Err(HubError::NotADataDirectory { .. }) => create(dir, what).map(|shelf| (shelf, true)),
        Err(error) => Err(Failure::hub(what, dir, error)),
    }
}

/// Opens a data directory of any mode; none for a missing or empty folder.
pub fn open_or_none(dir: &Path, what: &str) -> Result<Option<Shelf>, Failure> {
    match Shelf::open(dir) {
        Ok(shelf) => Ok(Some(shelf)),
        Err(HubError::NotADataDirectory { .. }) => Ok(None),
        Err(error) => Err(Failure::hub(what, dir, error)),
    }
}

/// Opens or creates a development store; a production store is refused.
pub fn create(dir: &Path, what: &str) -> Result<Shelf, Failure> {
    create_in(dir, DataMode::Development, what)
}

/// Makes a store of either mode in an empty folder.
pub fn create_in(dir: &Path, mode: DataMode, what: &str) -> Result<Shelf, Failure> {
    Shelf::open_or_create(dir, mode, random()?).map_err(|error| Failure::hub(what, dir, error))
}

/// Tells the serving process, if there is one; answers a sentence about it.
pub fn notify(dir: &Path, what: &str) -> Result<&'static str, Failure> {
    match notify_reload(dir) {
        Ok(Notified::Reloaded) => Ok("the running hub has taken it over"),
        Ok(Notified::NotRunning) => Ok("no hub is running there"),
        Err(error) => {
            Err(Failure::hub(what, dir, error).fix("the files are changed; restart the hub that serves this folder"))
        }
    }
}

/// Refuses a data directory that another process serves.
pub fn refuse_if_served(dir: &Path, what: &str) -> Result<(), Failure> {
    match notify_reload(dir) {
        Ok(Notified::NotRunning) => Ok(()),
        Ok(Notified::Reloaded) => Err(Failure::hub(what, dir, HubError::AlreadyServed { dir: dir.to_owned() })),
        Err(error) => Err(Failure::hub(what, dir, error)),
    }
}

/// The context of one command.
pub fn context() -> Result<Context, Failure> {
    Ok(Context { id: RequestId(u128::from_be_bytes(random()?)), now: SystemClock.now() })
}

/// Random bytes of the operating system.
fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::unreadable("the system gives no random bytes").why(error))?;
    Ok(bytes)
}
