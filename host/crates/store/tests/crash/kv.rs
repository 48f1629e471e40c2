//! Values of apps survive kills.

use super::{KV_WRITER, ROUNDS_OF_A_STORE, WRITERS, killed_after, rounds, say};
use anyhow::{Context as _, ensure};
use bytes::Bytes;
use std::{path::Path, sync::Arc};
use yizhan_domain::AppId;
use yizhan_store::{KvKey, KvStore, SledSettings, SledStore, Tenant};

fn tenant() -> anyhow::Result<Tenant> {
    Ok(Tenant::new(&AppId::new("cn.gov.example.crash")?, "records")?)
}

pub(super) fn settings() -> SledSettings {
    SledSettings::new(KvKey::new([9; 32]))
}

fn open(path: &Path) -> anyhow::Result<SledStore> {
    Ok(SledStore::open(path, &settings())?)
}

/// Some values, closed again.
pub(super) async fn fill(path: &Path) -> anyhow::Result<()> {
    let (store, tenant) = (open(path)?, tenant()?);
    for number in 0..60 {
        let key = format!("filled-{number}");
        store.set(&tenant, &key, value(&key, number)).await?;
    }
    Ok(())
}

/// A value of [`fill`] is there as it was, or it is an error, or it is gone with what was damaged: never another.
pub(super) async fn check_nothing_wrong(store: &SledStore) -> anyhow::Result<()> {
    for number in 0..60 {
        let key = format!("filled-{number}");
        if let Ok(Some(found)) = store.get(&tenant()?, &key).await {
            ensure!(found == value(&key, number), "{key} has a value that nobody set");
        }
    }
    Ok(())
}

/// Values of several chunks and of one, so that a torn batch would show.
fn value(key: &str, number: u64) -> Bytes {
    let length = if number.is_multiple_of(7) { 9_000 } else { 50 };
    key.bytes().cycle().take(length).collect()
}

/// Writes and says on standard output what was acknowledged.
pub(super) async fn write_until_killed(path: &Path, round: &str) -> anyhow::Result<()> {
    let store = Arc::new(open(path)?);
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, round) = (store.clone(), round.to_owned());
        writers.spawn(async move {
            let tenant = tenant()?;
            for number in 0.. {
                let key = format!("{round}-{writer}-{number}");
                store.set(&tenant, &key, value(&key, number)).await?;
                say(&format!("{key} {number}"))?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    Ok(())
}

pub(super) async fn survives_kills() -> anyhow::Result<()> {
    let mut folder = tempfile::tempdir()?;
    let mut acknowledged = Vec::new();
    for round in 0..rounds()? {
        let young = round % ROUNDS_OF_A_STORE;
        if young == 0 {
            (folder, acknowledged) = (tempfile::tempdir()?, Vec::new());
        }
        for line in killed_after(40 + 37 * young as usize, KV_WRITER, folder.path(), round)? {
            // The last line may be cut by the kill.
            let Some((key, number)) = line.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            acknowledged.push((key.to_owned(), number));
        }
        check(folder.path(), &acknowledged).await?;
    }
    Ok(())
}

async fn check(path: &Path, acknowledged: &[(String, u64)]) -> anyhow::Result<()> {
    let (store, tenant) = (open(path)?, tenant()?);
    for (key, number) in acknowledged {
        let found = store.get(&tenant, key).await?;
        ensure!(found == Some(value(key, *number)), "{key} was acknowledged and is lost or torn");
    }
    let (mut used, mut cursor) = (0, None);
    loop {
        let page = store.list_keys(&tenant, cursor.as_deref(), 1_000).await?;
        for key in &page.keys {
            used += (key.len() + store.get(&tenant, key).await?.context("listed")?.len()) as u64;
        }
        let Some(next) = page.next else { break };
        cursor = Some(next);
    }
    ensure!(store.used_bytes(tenant.app()).await? == used, "the count of used bytes disagrees with the values");
    Ok(())
}
