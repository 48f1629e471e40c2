//! Grants, revocations, erasures and the audit chain survive kills; nothing revoked comes back.

pub(super) mod appointments;
#[path = "../contract/records/sample.rs"]
#[expect(dead_code, clippy::expect_used, reason = "shared with the contract suite, which uses all of it")]
mod sample;

use super::{RECORDS_WRITER, ROUNDS_OF_A_STORE, WRITERS, killed_after, rounds, say};
use anyhow::{Context as _, ensure};
use sample::{NOW, exchange, grant, hash, id, person, trail};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use yizhan_store::records::*;
use yizhan_store::{JournalKey, RecordsSettings, SledRecords, verify};

trait Everything: HubStore + RuntimeStore {}

impl<T: HubStore + RuntimeStore> Everything for T {}

type Store = Arc<dyn Everything>;

pub(super) fn settings() -> RecordsSettings {
    RecordsSettings::new(StoreMode::Production, JournalKey::new([1; 32]))
}

fn open(path: &Path) -> anyhow::Result<SledRecords> {
    Ok(SledRecords::open(path, &settings())?)
}

/// Some people, closed again.
pub(super) async fn fill(path: &Path) -> anyhow::Result<()> {
    let store = open(path)?;
    for number in 0..40 {
        let name = format!("filled-{number}");
        ensure!(store.create_person(person(&name), key_of(&name), trail("created")).await?, "{name} is taken");
    }
    Ok(())
}

/// Everything of [`fill`] is there.
pub(super) async fn check_filled(store: &SledRecords) -> anyhow::Result<()> {
    for number in 0..40 {
        let name = format!("filled-{number}");
        ensure!(store.find_person(&id(&name)).await? == Some(person(&name)), "{name} is lost");
    }
    ensure!(store.head().await?.sequence == 40, "the chain is another");
    Ok(())
}

fn key_of(name: &str) -> Vec<u8> {
    name.bytes().cycle().take(60).collect()
}

/// Creates people who grant and revoke and are erased, and says what was acknowledged.
pub(super) async fn write_until_killed(path: &Path, round: &str) -> anyhow::Result<()> {
    let store: Store = Arc::new(open(path)?);
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, round) = (store.clone(), round.to_owned());
        writers.spawn(async move {
            for number in 0.. {
                let name = format!("{round}-{writer}-{number}");
                ensure!(store.create_person(person(&name), key_of(&name), trail("created")).await?, "{name} is taken");
                exchange(&store, &name, &name).await;
                say(&format!("granted {name} ."))?;
                if number % 2 == 1 {
                    let ended = store.revoke_grant(&grant(&name, &name).id, "by-person", NOW, trail("revoked")).await?;
                    ensure!(ended, "{name} was not live");
                    say(&format!("revoked {name} ."))?;
                }
                if number % 3 == 2 {
                    ensure!(store.erase_person(&id(&name), NOW, trail("erased")).await?, "{name} is not there");
                    say(&format!("erased {name} ."))?;
                }
            }
            Ok(())
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    Ok(())
}

/// The newest thing that was acknowledged of a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Acknowledged {
    Granted,
    Revoked,
    Erased,
}

pub(super) async fn survives_kills() -> anyhow::Result<()> {
    let mut folder = tempfile::tempdir()?;
    let (mut acknowledged, mut heads) = (BTreeMap::new(), Vec::new());
    for round in 0..rounds()? {
        let young = round % ROUNDS_OF_A_STORE;
        if young == 0 {
            (folder, acknowledged, heads) = (tempfile::tempdir()?, BTreeMap::new(), Vec::new());
        }
        for line in killed_after(30 + 29 * young as usize, RECORDS_WRITER, folder.path(), round)? {
            // The last line may be cut by the kill: a whole one ends with a dot.
            let Some((what, name)) = line.strip_suffix(" .").and_then(|line| line.split_once(' ')) else { continue };
            let what = match what {
                "granted" => Acknowledged::Granted,
                "revoked" => Acknowledged::Revoked,
                _ => Acknowledged::Erased,
            };
            acknowledged.insert(name.to_owned(), what);
        }
        if round % 3 == 2 {
            // The journal alone must do.
            fs::remove_dir_all(folder.path().join("records"))?;
        }
        heads.push(check(folder.path(), &acknowledged).await?);
        let report = verify(folder.path(), &heads)?;
        ensure!(report.first_broken.is_none(), "the chain is broken: {report:?}");
        ensure!(report.missing_heads.is_empty() && report.unfinished_bytes == 0, "the chain was cut: {report:?}");
    }
    Ok(())
}

async fn check(path: &Path, acknowledged: &BTreeMap<String, Acknowledged>) -> anyhow::Result<AuditHead> {
    let store: Store = Arc::new(open(path)?);
    let mut entries = 0;
    for (name, what) in acknowledged {
        let found =
            store.find_person(&id(name)).await?.with_context(|| format!("{name} was acknowledged and is lost"))?;
        let given =
            store.find_grant(&grant(name, name).id).await?.with_context(|| format!("the grant of {name} is lost"))?;
        let key = store.find_data_key(&id(name)).await?;
        let token = store.find_token(&hash(&format!("token a-{name}"))).await?;
        ensure!(key.is_some() != found.erased.is_some(), "{name} has data without a key, or a key without data");
        ensure!(key.is_none_or(|key| key == key_of(name)), "{name} has another's key");
        ensure!(token.is_some() == given.revoked.is_none(), "the token of {name} disagrees with its grant");
        ensure!(*what < Acknowledged::Revoked || given.revoked.is_some(), "the grant of {name} came back");
        ensure!(*what < Acknowledged::Erased || found.erased.is_some(), "{name} was erased and came back");
        entries += 2 + u64::from(*what != Acknowledged::Granted);
    }
    let head = store.head().await?;
    ensure!(head.sequence >= entries, "{} audit entries; {entries} were acknowledged", head.sequence);
    Ok(head)
}
