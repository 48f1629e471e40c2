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
const EXPORT: &str = "export";
const DATA_SETS: &str = "data-sets";
const OK: &str = "ok";
/// Longest line that is read, bytes.
const LINE_BYTES_MAX: u64 = 4096;
/// How long `install` waits for the serving process.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// How long a backup waits for the next bytes: an app's data are gathered before they are sent.
const EXPORT_WAIT: Duration = Duration::from_secs(60);
/// How long an import waits for the serving process: it reads all data sets again.
const DATA_SETS_WAIT: Duration = Duration::from_secs(300);
/// Pause after a refused accept (open-file limit), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long the serving process waits for a line.
const LINE_WAIT: Duration = Duration::from_secs(2);

/// The serving process's end. While it lives, no other process can serve the same data directory.
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    export: Option<Export>,
    data_sets: Option<ReloadDataSets>,
    _serving: Lock,
}

/// Writes the data of apps as they are now, for a backup; blocks. Knows nothing of the socket.
pub type Export = Arc<dyn Fn(&mut dyn Write) -> io::Result<()> + Send + Sync>;

/// Reads the imported data sets again and says why if that failed; blocks.
pub type ReloadDataSets = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What is answered in a thread of its own, because it takes long.
enum Long {
    Export,
    DataSets,
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
        Ok(Self { listener, path, export: None, data_sets: None, _serving: serving })
    }

    /// Also answers a backup that asks for the data of apps.
    #[must_use]
    pub fn with_export(mut self, export: Export) -> Self {
        self.export = Some(export);
        self
    }

    /// Also takes imported data sets over when it is told.
    #[must_use]
    pub fn with_data_sets(mut self, reload: ReloadDataSets) -> Self {
        self.data_sets = Some(reload);
        self
    }

    /// Answers until dropped; `after_reload` is called with the new snapshot before the asker hears `ok`.
    pub async fn run(self, shelf: Arc<Shelf>, after_reload: impl Fn(&Snapshot)) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let answered = tokio::time::timeout(LINE_WAIT, answer(stream, &shelf, &after_reload)).await;
            match (answered, self.export.clone(), self.data_sets.clone()) {
                (Ok(Ok(Some((asking, Long::Export)))), Some(export), _) => {
                    drop(tokio::task::spawn_blocking(move || send(asking, &export)))
                }
                (Ok(Ok(Some((asking, Long::DataSets)))), _, Some(reload)) => {
                    drop(tokio::task::spawn_blocking(move || take_over(asking, &reload)))
                }
                (Ok(Ok(None)), ..) => {}
                _ => tracing::debug!("a control connection ended early"),
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

/// Answers a request, or gives the stream back if the answer takes long.
async fn answer(
    mut stream: UnixStream,
    shelf: &Arc<Shelf>,
    after_reload: &impl Fn(&Snapshot),
) -> io::Result<Option<(UnixStream, Long)>> {
    let mut line = String::new();
    tokio::io::BufReader::new((&mut stream).take(LINE_BYTES_MAX)).read_line(&mut line).await?;
    match line.trim_end() {
        EXPORT => return Ok(Some((stream, Long::Export))),
        DATA_SETS => return Ok(Some((stream, Long::DataSets))),
        RELOAD => {}
        _ => {
            stream.write_all(b"error: the only requests are reload, data-sets and export\n").await?;
            return Ok(None);
        }
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
    stream.write_all(reply.as_bytes()).await?;
    Ok(None)
}

/// Sends the data of apps. What fails on the way ends the stream early, which the reader notices by its end mark.
fn send(stream: UnixStream, export: &Export) {
    let send = || -> io::Result<()> {
        let stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(ANSWER_WAIT))?;
        let mut writer = io::BufWriter::new(stream);
        writer.write_all(format!("{OK}\n").as_bytes())?;
        export(&mut writer)?;
        writer.flush()
    };
    if let Err(error) = send() {
        tracing::error!(%error, "the data of apps were not handed to a backup");
    }
}

/// Has the data sets read again and answers whether that went well.
fn take_over(stream: UnixStream, reload: &ReloadDataSets) {
    let reply = match reload() {
        Ok(()) => format!("{OK}\n"),
        Err(why) => format!("error: {}\n", why.replace('\n', " ")),
    };
    let answer = || -> io::Result<()> {
        let mut stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(ANSWER_WAIT))?;
        stream.write_all(reply.as_bytes())
    };
    if let Err(error) = answer() {
        tracing::debug!(%error, "who imported did not wait for the answer");
    }
}

/// Copies the data of apps out of the process that serves a data directory; false when nobody serves it. Whether they are
/// whole is to be checked.
pub fn export_data(dir: &Path, to: &mut dyn Write) -> Result<bool, HubError> {
    let path = dir.join(SOCKET);
    let fail = |error| HubError::io("ask the hub through", &path)(error);
    let Some(mut stream) = connect(dir).map_err(fail)? else { return Ok(false) };
    let ask = || -> io::Result<()> {
        stream.set_read_timeout(Some(EXPORT_WAIT))?;
        stream.write_all(format!("{EXPORT}\n").as_bytes())?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        (&mut reader).take(LINE_BYTES_MAX).read_line(&mut line)?;
        if line.trim_end() != OK {
            return Err(io::Error::other(if line.is_empty() { "it gave no answer".to_owned() } else { line }));
        }
        io::copy(&mut reader, to).map(drop)
    };
    ask().map_err(fail)?;
    Ok(true)
}

/// Connects; none when nobody serves.
fn connect(dir: &Path) -> io::Result<Option<std::os::unix::net::UnixStream>> {
    let (_open, short) = short_path(dir)?;
    match std::os::unix::net::UnixStream::connect(short) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells the process that serves a data directory to take the files over, and waits until it has.
pub fn notify_reload(dir: &Path) -> Result<Notified, HubError> {
    notify(dir, RELOAD, ANSWER_WAIT)
}

/// Tells the process that serves a data directory to read the imported data sets again, and waits until it has.
pub fn notify_data_sets(dir: &Path) -> Result<Notified, HubError> {
    notify(dir, DATA_SETS, DATA_SETS_WAIT)
}

fn notify(dir: &Path, request: &str, wait: Duration) -> Result<Notified, HubError> {
    let path = dir.join(SOCKET);
    let fail = |error| HubError::io("notify the hub through", &path)(error);
    let Some(stream) = connect(dir).map_err(fail)? else { return Ok(Notified::NotRunning) };
    let reply = ask(&stream, request, wait).map_err(fail)?;
    match reply.trim_end() {
        OK => Ok(Notified::Reloaded),
        other => Err(fail(io::Error::other(other.to_owned()))),
    }
}

fn ask(mut stream: &std::os::unix::net::UnixStream, request: &str, wait: Duration) -> io::Result<String> {
    stream.set_read_timeout(Some(wait))?;
    stream.set_write_timeout(Some(ANSWER_WAIT))?;
    stream.write_all(format!("{request}\n").as_bytes())?;
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
