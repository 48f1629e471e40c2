//! Faults under the records: lost power, a full disk, a failing fsync. What was acknowledged is there afterwards.

use super::{RecordsSettings, SledEngine};
use crate::{
    disk::{Disk, SystemDisk, faulty::FaultyDisk},
    engine::{Engine, Step, Table},
    error::StoreError,
    journal::{self, JournalKey},
    records::{AuditRecord, StoreMode, Trail},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{fs, path::Path, sync::Arc};
use yizhan_domain::{RequestId, Timestamp};

fn settings() -> RecordsSettings {
    RecordsSettings {
        cache_bytes_max: 1 << 20,
        ..RecordsSettings::new(StoreMode::Production, JournalKey::new([9; 32]))
    }
}

fn open(root: &Path, disk: impl Disk + 'static) -> Result<SledEngine, StoreError> {
    SledEngine::open(root, &settings(), Arc::new(disk))
}

fn note(number: u64) -> Trail {
    Trail::of(AuditRecord::new(RequestId(1), Timestamp(number), "system", "test", "ok"))
}

fn key_of(number: u64) -> Vec<u8> {
    [0xd5, number as u8].repeat(30)
}

/// Grants `number`, gives its person a key; revokes the grant before it and destroys the key of its person.
fn turn(number: u64) -> impl FnOnce(&mut dyn Step) -> Result<(), StoreError> + Send + 'static {
    move |step| {
        step.put(Table::Grants, &number.to_be_bytes(), vec![number as u8; 100 + (number % 3) as usize * 5_000]);
        step.put_data_key(&number.to_string(), key_of(number));
        if let Some(before) = number.checked_sub(1) {
            step.delete(Table::Grants, &before.to_be_bytes());
            step.destroy_data_key(&before.to_string());
        }
        step.trail(note(number));
        Ok(())
    }
}

/// Which turns are the newest: the grants that live, which must be one at most, with its key.
async fn newest(engine: &SledEngine, turns: u64) -> Option<u64> {
    let live = engine.read(|tables| tables.list(Table::Grants, &[], None, 10)).await.expect("reads");
    assert!(live.len() <= 1, "a revoked grant came back");
    let newest = live.first().map(|(key, _)| u64::from_be_bytes(key.as_slice().try_into().expect("number")));
    for number in 0..turns {
        let key = engine.find_data_key(&number.to_string()).await.expect("finds");
        assert_eq!(key, (newest == Some(number)).then(|| key_of(number)), "key of {number}, newest {newest:?}");
    }
    let head = engine.head();
    assert_eq!(head.sequence, newest.map_or(0, |newest| newest + 1), "one audit entry per turn");
    newest
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    for entry in fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        match entry.file_type().expect("type").is_dir() {
            true => copy_folder(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).expect("copies")),
        }
    }
}

/// Turns until the power goes off; what the disk then holds is opened again.
async fn round(seed: u64) {
    let (folder, mut rng) = (tempfile::tempdir().expect("folder"), StdRng::seed_from_u64(seed));
    let root = folder.path().join("hub");
    let disk = FaultyDisk::default();
    let engine = open(&root, disk.clone()).expect("opens");
    let before_copy = rng.random_range(0..6);
    for number in 0..before_copy {
        engine.commit(turn(number)).await.expect("acknowledged");
    }
    copy_folder(&root.join("records"), &folder.path().join("older"));
    disk.power_off_after(rng.random_range(0..40));
    let mut number = before_copy;
    while engine.commit(turn(number)).await.is_ok() {
        number += 1;
    }
    assert!(engine.read_only().expect("read-only").contains("the power is off"));
    drop(engine);
    disk.lose_power(seed);
    match seed % 3 {
        0 => {}
        // The database as it was: power loss under sled loses at most what the journal has.
        1 => {
            fs::remove_dir_all(root.join("records")).expect("removes");
            copy_folder(&folder.path().join("older"), &root.join("records"));
        }
        _ => fs::remove_dir_all(root.join("records")).expect("removes"),
    }
    let engine = open(&root, SystemDisk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    // The turn under way may have become durable; its answer was lost with the power.
    let acknowledged = number.checked_sub(1);
    let found = newest(&engine, number + 1).await;
    assert!(found == acknowledged || found == Some(number), "seed {seed}: {found:?} after {acknowledged:?}");
    let next = found.map_or(0, |found| found + 1);
    engine.commit(turn(next)).await.expect("goes on");
    drop(engine);
    let report = journal::verify(&root, &[]).expect("verifies");
    assert_eq!((report.first_broken, report.unfinished_bytes, report.entries), (None, 0, next + 1), "seed {seed}");
    assert_eq!(newest(&open(&root, SystemDisk).expect("opens"), next + 1).await, Some(next));
}

#[tokio::test]
async fn what_was_acknowledged_survives_lost_power() {
    for seed in 0..36 {
        round(seed).await;
    }
}

#[tokio::test]
async fn power_lost_while_a_store_is_created_leaves_one_that_opens() {
    for (seed, operations) in (0..8).flat_map(|operations| (0..4).map(move |seed| (seed, operations))) {
        let folder = tempfile::tempdir().expect("folder");
        let disk = FaultyDisk::default();
        disk.power_off_after(operations);
        let opened = open(folder.path(), disk.clone());
        drop(opened);
        disk.lose_power(seed);
        let engine = open(folder.path(), SystemDisk).expect("opens");
        engine.commit(turn(0)).await.expect("goes on");
        assert_eq!(newest(&engine, 1).await, Some(0));
    }
}

#[tokio::test]
async fn a_failed_fsync_turns_the_records_read_only_and_is_never_retried() {
    let folder = tempfile::tempdir().expect("folder");
    let disk = FaultyDisk::default();
    let engine = open(folder.path(), disk.clone()).expect("opens");
    engine.commit(turn(0)).await.expect("acknowledged");
    disk.fail_sync();
    let before = disk.syncs();
    for _ in 0..3 {
        let error = engine.commit(turn(1)).await.expect_err("the disk is gone");
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        assert!(error.to_string().contains("the disk is gone"), "{error}");
    }
    assert_eq!(disk.syncs(), before + 1, "an fsync is never tried again");
    assert!(engine.read_only().expect("says so").contains("the disk is gone"));
    assert_eq!(newest(&engine, 2).await, Some(0), "what was acknowledged is read");
    drop(engine);
    let engine = open(folder.path(), SystemDisk).expect("opens");
    assert!(newest(&engine, 2).await.is_some());
    assert_eq!(engine.read_only(), None);
}

#[tokio::test]
async fn a_full_disk_turns_the_records_read_only_and_loses_nothing() {
    for space in [0, 10, 500, 1_000, 3_000] {
        let folder = tempfile::tempdir().expect("folder");
        let disk = FaultyDisk::default();
        let engine = open(folder.path(), disk.clone()).expect("opens");
        engine.commit(turn(0)).await.expect("acknowledged");
        disk.fill_up(space);
        let mut number = 1;
        while engine.commit(turn(number)).await.is_ok() {
            number += 1;
        }
        assert!(engine.read_only().is_some());
        assert_eq!(newest(&engine, number).await, Some(number - 1));
        drop(engine);
        let engine = open(folder.path(), SystemDisk).expect("opens");
        assert_eq!(newest(&engine, number).await, Some(number - 1), "{space} bytes");
        engine.commit(turn(number)).await.expect("goes on");
        let kept = fs::read_dir(folder.path().join("set-aside")).map_or(0, Iterator::count);
        assert!(kept <= 1, "a torn tail is kept once");
    }
}

#[tokio::test]
async fn a_step_that_fails_or_panics_leaves_nothing_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("folder");
    let engine = open(folder.path(), SystemDisk).expect("opens");
    let refused = engine.commit(|step| {
        turn(7)(step)?;
        Err::<(), _>(StoreError::Closed)
    });
    let panicked = engine.commit::<()>(|step| {
        turn(8)(step)?;
        panic!("in a step")
    });
    let too_long = engine.commit(|step| {
        step.put(Table::Grants, &[1; 2_000], Vec::new());
        turn(9)(step)
    });
    let (refused, panicked, too_long, done) = tokio::join!(refused, panicked, too_long, engine.commit(turn(0)));
    assert!(matches!(refused, Err(StoreError::Closed)));
    assert!(matches!(panicked, Err(StoreError::Damaged { .. })));
    assert!(matches!(too_long, Err(StoreError::Size { .. })));
    done.expect("acknowledged");
    assert_eq!(newest(&engine, 10).await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn steps_of_many_writers_share_an_fsync() {
    const WRITERS: u64 = 32;
    let folder = tempfile::tempdir().expect("folder");
    let disk = FaultyDisk::default();
    let engine = Arc::new(open(folder.path(), disk.clone()).expect("opens"));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let engine = engine.clone();
        writers.spawn(async move {
            for number in 0..20_u64 {
                let key = [writer.to_be_bytes(), number.to_be_bytes()].concat();
                let step = move |step: &mut dyn Step| {
                    step.put(Table::Tokens, &key, vec![1]);
                    step.trail(note(number));
                    Ok(())
                };
                engine.commit(step).await.expect("acknowledged");
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.expect("writes");
    }
    assert_eq!(engine.head().sequence, WRITERS * 20);
    assert!(disk.syncs() < WRITERS as usize * 20 / 2, "{} fsyncs for {} steps", disk.syncs(), WRITERS * 20);
    drop(engine);
    assert_eq!(journal::verify(folder.path(), &[]).expect("verifies").entries, WRITERS * 20);
}

#[tokio::test]
async fn a_step_sees_what_the_steps_before_it_wrote() {
    let folder = tempfile::tempdir().expect("folder");
    let engine = open(folder.path(), SystemDisk).expect("opens");
    let count = || {
        engine.commit(|step| {
            let all = step.list(Table::OneTime, &[5], None, 100)?;
            let large = vec![all.len() as u8; 4_000 * all.len()];
            step.put(Table::OneTime, &[5, all.len() as u8], large);
            step.put(Table::OneTime, &[6], vec![]);
            if all.len() == 3 {
                step.delete(Table::OneTime, &[5, 1]);
            }
            step.list(Table::OneTime, &[5], Some(&[5, 0]), 100).map(|all| all.len())
        })
    };
    let (a, b, c, d) = tokio::join!(count(), count(), count(), count());
    let counts: Vec<_> = [a, b, c, d].into_iter().map(|count| count.expect("done")).collect();
    assert_eq!(counts, [0, 1, 2, 2]);
    let all = engine.read(|tables| tables.list(Table::OneTime, &[5], None, 100)).await.expect("reads");
    assert_eq!(
        all.iter().map(|(key, value)| (key[1], value.len())).collect::<Vec<_>>(),
        [(0, 0), (2, 8_000), (3, 12_000)]
    );
}

#[tokio::test]
async fn a_store_keeps_its_mode_its_key_and_its_one_process() {
    let folder = tempfile::tempdir().expect("folder");
    let engine = open(folder.path(), SystemDisk).expect("opens");
    let error = open(folder.path(), SystemDisk).expect_err("twice");
    assert!(error.to_string().ends_with("another process has it open"), "{error}");
    drop(engine);
    for (other, why) in [
        (RecordsSettings { mode: StoreMode::Development, ..settings() }, "it was created for Production and stays so"),
        (RecordsSettings { journal_key: JournalKey::new([8; 32]), ..settings() }, "sealed with another key"),
    ] {
        let error = SledEngine::open(folder.path(), &other, Arc::new(SystemDisk)).expect_err("refused");
        assert!(matches!(error, StoreError::Open { .. }) && error.to_string().contains(why), "{error}");
    }
    assert_eq!(open(folder.path(), SystemDisk).expect("opens").mode(), StoreMode::Production);
}

#[tokio::test]
async fn a_read_never_waits_on_the_callers_thread_for_a_group_on_its_way_to_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path(), SystemDisk).expect("opens");
    let gate = engine.shared.gate.clone();
    let mut read = engine.read(|tables| tables.get(Table::Meta, b"nothing"));
    {
        let _under_way = gate.write().expect("the gate");
        // This test has one thread: a read that waited on it for the gate would never come back.
        let polled = read.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(polled.is_pending(), "answered while the group was on its way");
    }
    assert_eq!(read.await.expect("reads"), None);
}

#[tokio::test]
async fn a_read_without_a_group_under_way_is_answered_at_once_and_its_panic_is_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path(), SystemDisk).expect("opens");
    let thread = std::thread::current().id();
    let read = engine.read(move |_| Ok(std::thread::current().id() == thread));
    assert!(read.await.expect("reads"), "a thread was woken for nothing");
    let broken = engine.read::<()>(|_| panic!("the database is damaged")).await;
    assert!(matches!(broken, Err(StoreError::Damaged { .. })), "{broken:?}");
}
