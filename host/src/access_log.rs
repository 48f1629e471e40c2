//! The access log: one line of JSON per request, without queries, cookies or bodies. Lines are gathered in memory and written
//! by a thread of their own, so that no request waits for a disk.

use anyhow::Context as _;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use yizhan_domain::{Context, RequestId};

/// Lines that wait to be written, in bytes; beyond this they are counted and dropped.
const WAITING_BYTES_MAX: usize = 8 << 20;
/// How long a line may wait.
const WRITE_EVERY: Duration = Duration::from_millis(50);

/// One request.
pub(crate) struct Line<'a> {
    pub(crate) context: Context,
    /// Slug of the app; `-` for the hub's own pages.
    pub(crate) app: &'a str,
    pub(crate) method: &'a http::Method,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) micros: u64,
    pub(crate) cpu_micros: u64,
    pub(crate) memory_bytes: u64,
}

struct Shared {
    waiting: Mutex<String>,
    dropped: AtomicU64,
    done: AtomicBool,
}

/// Takes lines; the file is closed when this is dropped.
pub(crate) struct AccessLogWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl AccessLogWriter {
    /// Appends to a file, or writes to standard error for `-`.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = match path.to_str() {
            Some("-") => None,
            _ => Some(
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .with_context(|| format!("cannot write the access log {}", path.display()))?,
            ),
        };
        let shared =
            Arc::new(Shared { waiting: Mutex::default(), dropped: AtomicU64::new(0), done: AtomicBool::new(false) });
        let writer = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("access-log".into()).spawn(move || write_all(&writer, file))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Takes one line.
    pub(crate) fn write(&self, line: &Line<'_>) {
        let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() > WAITING_BYTES_MAX {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        format_line(&mut waiting, line);
    }
}

fn format_line(out: &mut String, line: &Line<'_>) {
    let Line { context, app, method, path, status, micros, cpu_micros, memory_bytes } = line;
    let (time, RequestId(id)) = (context.now.0, context.id);
    // Writing to a string cannot fail.
    let _ = write!(out, r#"{{"time":{time},"request":"{id:032x}","app":"{app}","method":"{method}","path":""#);
    for character in path.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            other => {
                let _ = write!(out, "\\u{:04x}", u32::from(other).min(0xffff));
            }
        }
    }
    let _ = writeln!(
        out,
        r#"","status":{status},"micros":{micros},"cpu_micros":{cpu_micros},"memory_bytes":{memory_bytes}}}"#
    );
}

fn write_all(shared: &Shared, mut file: Option<File>) {
    let mut batch = String::new();
    loop {
        let done = shared.done.load(Ordering::SeqCst);
        std::mem::swap(&mut batch, &mut shared.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let dropped = shared.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "access log lines were dropped: the disk is too slow");
        }
        let written = match &mut file {
            Some(file) => file.write_all(batch.as_bytes()),
            None => std::io::stderr().lock().write_all(batch.as_bytes()),
        };
        if let Err(error) = written {
            tracing::error!(%error, "the access log cannot be written");
        }
        batch.clear();
        if done {
            return;
        }
        std::thread::park_timeout(WRITE_EVERY);
    }
}

impl Drop for AccessLogWriter {
    fn drop(&mut self) {
        self.shared.done.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A writer that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::Timestamp;

    #[test]
    fn a_line_is_json_whatever_the_path_holds() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("access.log");
        let writer = AccessLogWriter::open(&path).expect("opens");
        let context = Context { id: RequestId(7), now: Timestamp(1) };
        writer.write(&Line {
            context,
            app: "leaflet",
            method: &http::Method::GET,
            path: "/a\"b\\c\u{1}社",
            status: 200,
            micros: 5,
            cpu_micros: 3,
            memory_bytes: 0,
        });
        drop(writer);
        let text = std::fs::read_to_string(&path).expect("reads");
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).expect("JSON");
        assert_eq!(line["path"], "/a\"b\\c\u{1}社");
        assert_eq!(line["request"], format!("{:032x}", 7));
    }
}
