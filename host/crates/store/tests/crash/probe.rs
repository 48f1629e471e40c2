//! Databases that are damaged, or hang, or abort, are looked at by a child process: what follows is recovery or a clear refusal,
//! never a start that hangs.

use super::{HANGING_PROBE, PROBE, kv, records};
use anyhow::{Context as _, ensure};
use std::{
    env, fs,
    path::Path,
    time::{Duration, Instant},
};
use yizhan_store::{Probe, ProbeOutcome, SledRecords, SledStore, StoreError, probe_in_child};

fn child(flag: &str, silent_ms: u64) -> anyhow::Result<Probe> {
    Ok(probe_in_child(env::current_exe()?, vec![flag.into()], Duration::from_millis(silent_ms)))
}

pub(super) async fn damage_ends_in_recovery_or_refusal() -> anyhow::Result<()> {
    a_child_that_hangs_aborts_or_says_nothing()?;
    let folder = tempfile::tempdir()?;
    let (records_at, kv_at) = (folder.path().join("records"), folder.path().join("kv"));
    records::fill(&records_at).await?;
    kv::fill(&kv_at).await?;
    for (number, damage) in damages(&records_at.join("records"))?.into_iter().enumerate() {
        let copy = folder.path().join(format!("records-{number}"));
        copy_folder(&records_at, &copy)?;
        damage.apply(&copy.join("records"))?;
        let settings = yizhan_store::RecordsSettings { probe: Some(child(PROBE, 20_000)?), ..records::settings() };
        let store = SledRecords::open(&copy, &settings).with_context(|| format!("{damage:?}"))?;
        records::check_filled(&store).await.with_context(|| format!("{damage:?}"))?;
    }
    for (number, damage) in damages(&kv_at)?.into_iter().enumerate() {
        let copy = folder.path().join(format!("kv-{number}"));
        copy_folder(&kv_at, &copy)?;
        damage.apply(&copy)?;
        let settings = yizhan_store::SledSettings { probe: Some(child(PROBE, 20_000)?), ..kv::settings() };
        match SledStore::open(&copy, &settings) {
            Ok(store) => kv::check_nothing_wrong(&store).await.with_context(|| format!("{damage:?}"))?,
            Err(error) => ensure!(
                matches!(error, StoreError::Open { .. } | StoreError::Damaged { .. } | StoreError::Database { .. }),
                "{damage:?}: {error:?}"
            ),
        }
    }
    Ok(())
}

fn a_child_that_hangs_aborts_or_says_nothing() -> anyhow::Result<()> {
    let begun = Instant::now();
    let outcome = child(HANGING_PROBE, 200)?(Path::new("hang"));
    ensure!(outcome == ProbeOutcome::TooLong && begun.elapsed() < Duration::from_secs(10), "{outcome:?}");
    let outcome = child(HANGING_PROBE, 10_000)?(Path::new("abort"));
    ensure!(matches!(&outcome, ProbeOutcome::Damaged(why) if why.contains("signal 6")), "{outcome:?}");
    let outcome = child(HANGING_PROBE, 10_000)?(Path::new("nothing"));
    ensure!(matches!(&outcome, ProbeOutcome::Refused(why) if why.contains("said nothing")), "{outcome:?}");
    let missing = probe_in_child("/no/such/program".into(), Vec::new(), Duration::from_secs(1));
    ensure!(matches!(missing(Path::new("x")), ProbeOutcome::Refused(_)), "a child that does not start");
    Ok(())
}

/// The child of [`a_child_that_hangs_aborts_or_says_nothing`].
pub(super) fn misbehave(how: &str) {
    match how {
        "hang" => loop {
            std::thread::park();
        },
        "abort" => std::process::abort(),
        _ => {}
    }
}

/// One damage of the data file: a cut, zeros at the end, or a flipped bit. All of them unclean.
#[derive(Debug)]
enum Damage {
    Cut(usize),
    Zero(usize),
    Flip(usize),
}

fn damages(database: &Path) -> anyhow::Result<Vec<Damage>> {
    let bytes = fs::read(database.join("db"))?;
    let used: Vec<usize> = (0..bytes.len()).filter(|position| bytes[*position] != 0).collect();
    let mut found = vec![Damage::Cut(1), Damage::Cut(bytes.len() / 2), Damage::Cut(bytes.len())];
    found.extend([Damage::Zero(4_000), Damage::Zero(bytes.len() / 2), Damage::Zero(bytes.len())]);
    found.extend((0..8).map(|part| Damage::Flip(used[used.len() * part / 8])));
    Ok(found)
}

impl Damage {
    fn apply(&self, database: &Path) -> anyhow::Result<()> {
        let path = database.join("db");
        let mut bytes = fs::read(&path)?;
        let end = bytes.len();
        match self {
            Self::Cut(count) => bytes.truncate(end - count),
            Self::Zero(count) => bytes[end - count..].fill(0),
            Self::Flip(position) => bytes[*position] ^= 0x10,
        }
        fs::write(path, bytes)?;
        Ok(fs::remove_file(database.join("clean"))?)
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
