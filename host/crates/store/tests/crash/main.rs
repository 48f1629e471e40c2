//! A process that writes is killed (SIGKILL) again and again; whatever it acknowledged must be there afterwards. Run without
//! a test harness, because the test starts itself as the writer.

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use yizhan_domain::AppId;
use yizhan_store::{KvStore, SledSettings, SledStore, Tenant};

const ROUNDS: u64 = 6;
const WRITERS: u64 = 4;
const WRITER: &str = "--writer";

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let arguments: Vec<String> = env::args().collect();
    match arguments.as_slice() {
        [_, flag, path, round] if flag == WRITER => runtime.block_on(write_until_killed(Path::new(path), round)),
        [_, flag, ..] if flag == "--list" => Ok(()),
        _ => runtime.block_on(survives_kills()),
    }
}

fn tenant() -> anyhow::Result<Tenant> {
    Ok(Tenant::new(&AppId::new("cn.gov.example.crash")?, "records")?)
}

fn open(path: &Path) -> anyhow::Result<SledStore> {
    Ok(SledStore::open(path, &SledSettings::default())?)
}

/// Values of several chunks and of one, so that a torn batch would show.
fn value(key: &str, number: u64) -> Bytes {
    let length = if number.is_multiple_of(7) { 9_000 } else { 50 };
    key.bytes().cycle().take(length).collect()
}

/// Writes and says on standard output what was acknowledged.
async fn write_until_killed(path: &Path, round: &str) -> anyhow::Result<()> {
    let store = Arc::new(open(path)?);
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, round) = (store.clone(), round.to_owned());
        writers.spawn(async move {
            let tenant = tenant()?;
            for number in 0.. {
                let key = format!("{round}-{writer}-{number}");
                store.set(&tenant, &key, value(&key, number)).await?;
                writeln!(std::io::stdout().lock(), "{key} {number}")?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    Ok(())
}

async fn survives_kills() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(env::current_exe()?)
            .args([WRITER, &folder.path().to_string_lossy(), &round.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().context("stdout")?).lines();
        let wanted = 40 + 37 * round as usize;
        let mut seen = 0;
        for line in lines {
            // The last line may be cut by the kill.
            let line = line?;
            let Some((key, number)) = line.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            acknowledged.push((key.to_owned(), number));
            seen += 1;
            if seen == wanted {
                child.kill()?;
            }
        }
        child.wait()?;
        ensure!(seen >= wanted, "the writer ended after {seen} records of round {round}");
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
