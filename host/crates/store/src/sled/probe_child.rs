//! The probing child process: the host starts its own binary again, the child looks and says a line now and then, and the
//! parent ends it when it falls silent. sled hangs or aborts in a process that nobody misses.
//!
//! The child says `alive` while it looks, then `sound`, or `damaged` or `refused` with the reason.

use super::probe::{Probe, ProbeOutcome, probe_records};
use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

const ALIVE: &str = "alive";
const SOUND: &str = "sound";
const DAMAGED: &str = "damaged ";
const REFUSED: &str = "refused ";

/// A look by a child process: `program` with `arguments`, then the directory. It is ended when it says nothing for
/// `silent_time_max`. What ends by a signal (sled aborts on some damage) is [`ProbeOutcome::Damaged`].
#[must_use]
pub fn probe_in_child(program: PathBuf, arguments: Vec<OsString>, silent_time_max: Duration) -> Probe {
    Arc::new(move |directory| {
        look(&program, &arguments, directory, silent_time_max)
            .unwrap_or_else(|error| ProbeOutcome::Refused(format!("cannot look at it in a child process: {error}")))
    })
}

/// What the child runs: looks at the database in a directory and says so on `output`, its standard output.
///
/// # Errors
/// When nobody listens any more.
pub fn run_probe(directory: &Path, output: &mut dyn Write) -> io::Result<()> {
    let outcome = probe_records(directory, &mut || {
        // Whoever does not listen any more has ended, or ends this process.
        let _ = writeln!(output, "{ALIVE}").and_then(|()| output.flush());
    });
    let line = match outcome {
        ProbeOutcome::Sound => SOUND.to_owned(),
        ProbeOutcome::Damaged(reason) => format!("{DAMAGED}{}", one_line(&reason)),
        ProbeOutcome::TooLong => format!("{DAMAGED}it took too long"),
        ProbeOutcome::Refused(reason) => format!("{REFUSED}{}", one_line(&reason)),
    };
    writeln!(output, "{line}")?;
    output.flush()
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn look(
    program: &Path,
    arguments: &[OsString],
    directory: &Path,
    silent_time_max: Duration,
) -> io::Result<ProbeOutcome> {
    let mut child = Command::new(program)
        .args(arguments)
        .arg(directory)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (sender, lines) = channel();
    let read = move || {
        // A line that cannot be read ends the listening, as the end of the child does.
        BufReader::new(output).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
    };
    let listener = thread::Builder::new().name("store-probe".to_owned()).spawn(read);
    let said = listener.map(|_| listen(&lines, silent_time_max));
    finish(child, said?)
}

/// What the child said last; none when it ended without a word.
fn listen(lines: &Receiver<String>, silent_time_max: Duration) -> Option<ProbeOutcome> {
    loop {
        match lines.recv_timeout(silent_time_max) {
            Ok(line) if line == SOUND => return Some(ProbeOutcome::Sound),
            Ok(line) => {
                if let Some(reason) = line.strip_prefix(DAMAGED) {
                    return Some(ProbeOutcome::Damaged(reason.to_owned()));
                }
                if let Some(reason) = line.strip_prefix(REFUSED) {
                    return Some(ProbeOutcome::Refused(reason.to_owned()));
                }
            }
            Err(RecvTimeoutError::Timeout) => return Some(ProbeOutcome::TooLong),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

/// Ends the child. Its end alone tells how it was when it said nothing; after `sound` it still lets go of the lock.
fn finish(mut child: Child, said: Option<ProbeOutcome>) -> io::Result<ProbeOutcome> {
    if !matches!(said, None | Some(ProbeOutcome::Sound)) {
        child.kill()?;
    }
    let status = child.wait()?;
    Ok(match (said, status.signal()) {
        (Some(outcome), _) => outcome,
        (None, Some(signal)) => {
            ProbeOutcome::Damaged(format!("the process that looked at it ended by signal {signal}"))
        }
        (None, None) => {
            ProbeOutcome::Refused(format!("the process that looked at it said nothing and ended: {status}"))
        }
    })
}
