//! The control socket of a data directory: `install` and `remove` change the files, then tell the serving process to take
//! them over and wait until it has, so that the next request uses the new version.

use crate::{
    HubError, Shelf, Snapshot,
    shelf::{Lock, remove_if_there},
};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    os::{fd::AsRawFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

const SOCKET: &str = "control.sock";
const SERVING: &str = "serving.lock";
const RELOAD: &str = "reload";
const OK: &str = "ok";
/// Longest line that is read, bytes.
const LINE_BYTES_MAX: u64 = 4096;
/// How long `install` waits for the serving process.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Pause after a refused accept (open-file limit), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long the serving process waits for a line.
const LINE_WAIT: Duration = Duration::from_secs(2);

/// The serving process's end. While it lives, no other process can serve the same data directory.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    _serving: Lock,
}

/// Whether a serving process was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notified {
    /// It has taken the files over.
    Reloaded,
    /// Nobody serves this data directory.
    NotRunning,
}

impl ControlSocket {
    /// Listens in a data directory, mode 0600; a socket that a crash left is replaced. Must be called inside a tokio
    /// runtime.
    pub fn bind(dir: &Path) -> Result<Self, HubError> {
        let Some(serving) = Lock::try_now(&dir.join(SERVING))? else {
            return Err(HubError::AlreadyServed { dir: dir.to_owned() });
        };
        let path = dir.join(SOCKET);
        remove_if_there(&path)?;
        let listener = short_path(dir)
            .and_then(|(_open, short)| UnixListener::bind(short))
            .map_err(HubError::io("listen on", &path))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(HubError::io("protect", &path))?;
        Ok(Self { listener, path, _serving: serving })
    }

    /// Answers until dropped; `after_reload` is called with the new snapshot before the asker hears `ok`.
    pub async fn run(self, shelf: Arc<Shelf>, after_reload: impl Fn(&Snapshot)) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let answered = tokio::time::timeout(LINE_WAIT, answer(stream, &shelf, &after_reload)).await;
            if !matches!(answered, Ok(Ok(()))) {
                tracing::debug!("a control connection ended early");
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if let Err(error) = remove_if_there(&self.path) {
            tracing::debug!(%error, "the control socket stays behind");
        }
    }
}

async fn answer(stream: UnixStream, shelf: &Arc<Shelf>, after_reload: &impl Fn(&Snapshot)) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(reader.take(LINE_BYTES_MAX)).read_line(&mut line).await?;
    if line.trim_end() != RELOAD {
        return writer.write_all(b"error: the only request is reload\n").await;
    }
    let shelf = Arc::clone(shelf);
    let reloaded = tokio::task::spawn_blocking(move || shelf.reload()).await.map_err(io::Error::other)?;
    let reply = match reloaded {
        Ok(snapshot) => {
            after_reload(&snapshot);
            format!("{OK}\n")
        }
        Err(error) => format!("error: {error}\n"),
    };
    writer.write_all(reply.as_bytes()).await
}

/// Tells the process that serves a data directory to take the files over, and waits until it has.
pub fn notify_reload(dir: &Path) -> Result<Notified, HubError> {
    let path = dir.join(SOCKET);
    let fail = |error| HubError::io("notify the hub through", &path)(error);
    let (_open, short) = short_path(dir).map_err(fail)?;
    let stream = match std::os::unix::net::UnixStream::connect(short) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(Notified::NotRunning);
        }
        Err(error) => return Err(fail(error)),
    };
    let reply = ask(&stream).map_err(fail)?;
    match reply.trim_end() {
        OK => Ok(Notified::Reloaded),
        other => Err(fail(io::Error::other(other.to_owned()))),
    }
}

fn ask(mut stream: &std::os::unix::net::UnixStream) -> io::Result<String> {
    stream.set_read_timeout(Some(ANSWER_WAIT))?;
    stream.set_write_timeout(Some(ANSWER_WAIT))?;
    stream.write_all(format!("{RELOAD}\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(LINE_BYTES_MAX)).read_line(&mut line)?;
    Ok(line)
}

/// A path of the socket that fits into the 108 bytes of a socket address however deep the data directory lies.
fn short_path(dir: &Path) -> io::Result<(File, PathBuf)> {
    let open = File::open(dir)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", open.as_raw_fd()));
    Ok((open, path))
}

#[cfg(test)]
mod tests;
