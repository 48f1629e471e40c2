//! A process that writes is killed (SIGKILL) again and again; whatever it acknowledged must be there afterwards. Run without
//! a test harness, because the test starts itself as the writer.

mod kv;
mod probe;
mod records;

use anyhow::{Context as _, ensure};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

/// Rounds of each kind unless `YIZHAN_CRASH_ROUNDS` says otherwise, which `cargo xtask soak` does.
const ROUNDS: u64 = 10;
const WRITERS: u64 = 4;
const KV_WRITER: &str = "--kv-writer";
const RECORDS_WRITER: &str = "--records-writer";
const APPOINTMENTS_WRITER: &str = "--appointments-writer";
const PROBE: &str = "--probe";
const HANGING_PROBE: &str = "--hanging-probe";

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let arguments: Vec<String> = env::args().collect();
    match arguments.as_slice() {
        [_, flag, path, round] if flag == KV_WRITER => runtime.block_on(kv::write_until_killed(Path::new(path), round)),
        [_, flag, path, round] if flag == RECORDS_WRITER => {
            runtime.block_on(records::write_until_killed(Path::new(path), round))
        }
        [_, flag, path, round] if flag == APPOINTMENTS_WRITER => {
            runtime.block_on(records::appointments::write_until_killed(Path::new(path), round))
        }
        [_, flag, directory] if flag == PROBE => {
            Ok(yizhan_store::run_probe(Path::new(directory), &mut std::io::stdout().lock())?)
        }
        [_, flag, how] if flag == HANGING_PROBE => {
            probe::misbehave(how);
            Ok(())
        }
        [_, flag, ..] if flag == "--list" => Ok(()),
        _ => {
            runtime.block_on(probe::damage_ends_in_recovery_or_refusal())?;
            runtime.block_on(kv::survives_kills())?;
            runtime.block_on(records::survives_kills())?;
            runtime.block_on(records::appointments::survives_kills())
        }
    }
}

/// After so many rounds a store is left and a new one begun: what is checked after each round stays small.
const ROUNDS_OF_A_STORE: u64 = 10;

/// How often a writer is killed.
fn rounds() -> anyhow::Result<u64> {
    match env::var("YIZHAN_CRASH_ROUNDS") {
        Ok(text) => text.parse().with_context(|| format!("YIZHAN_CRASH_ROUNDS is {text:?}; a number is allowed")),
        Err(_) => Ok(ROUNDS),
    }
}

/// Says on standard output what was acknowledged.
fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// Starts a writer, kills it once it has said so many lines, and returns all that it said.
fn killed_after(wanted: usize, flag: &str, path: &Path, round: u64) -> anyhow::Result<Vec<String>> {
    let mut child = Command::new(env::current_exe()?)
        .args([flag, &path.to_string_lossy(), &round.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().context("stdout")?).lines() {
        said.push(line?);
        if said.len() == wanted {
            child.kill()?;
        }
    }
    child.wait()?;
    ensure!(said.len() >= wanted, "the writer ended after {} lines of round {round}", said.len());
    Ok(said)
}
