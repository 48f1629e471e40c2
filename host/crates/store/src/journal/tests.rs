//! The journal alone: what is appended is read back, every changed byte is noticed and named, a torn tail is told from damage.

use super::*;
use crate::disk::{SystemDisk, faulty::FaultyDisk};
use std::{collections::BTreeSet, fs};
use tempfile::TempDir;

fn place(root: &Path, disk: impl Disk + 'static) -> Place {
    let (key, mode) = (JournalKey::new([3; 32]), StoreMode::Production);
    Place { disk: Arc::new(disk), root: root.to_owned(), key, mode, segment_bytes_max: 2_000 }
}

fn change(number: u64) -> Change {
    let writes = vec![(number.to_be_bytes().to_vec(), Some(vec![0x5e; 100])), (vec![9], None)];
    Change { writes, ended: Vec::new(), entries: number, data_keys: number / 2 }
}

fn read(root: &Path) -> Scan {
    scan(&folder(root), &mut |_| {}).expect("reads")
}

fn open(root: &Path) -> Writer {
    let scan = read(root);
    Writer::open(place(root, SystemDisk), &scan, scan.head.sequence).expect("opens")
}

/// A journal of frames 1 to `frames`, two in each append.
fn filled(frames: u64) -> TempDir {
    let root = tempfile::tempdir().expect("folder");
    let mut writer = open(root.path());
    for number in (1..=frames).step_by(2) {
        writer.append(&[change(number), change(number + 1)]).expect("appends");
    }
    root
}

fn replayed(root: &Path, after: Position) -> Result<Vec<Change>, crate::StoreError> {
    let mut changes = Vec::new();
    read(root).replay(&place(root, SystemDisk).key, after, &mut |_, change| {
        changes.push(change);
        Ok(())
    })?;
    Ok(changes)
}

#[test]
fn what_was_appended_is_read_back_over_segments_and_restarts() {
    let root = filled(20);
    for number in 21..=30 {
        open(root.path()).append(&[change(number)]).expect("appends");
    }
    let scan = read(root.path());
    assert!(scan.segments.len() > 3 && scan.broken.is_none() && scan.torn.is_none());
    assert_eq!((scan.head.sequence, scan.head.audit.sequence, scan.head.data_keys), (30, 30, 15));
    assert_eq!(
        replayed(root.path(), Head::START.position()).expect("replays"),
        (1..=30).map(change).collect::<Vec<_>>()
    );
    let mut middle = Head::START.position();
    scan_to(root.path(), 17, &mut middle);
    for position in [Head::START.position(), middle, scan.head.position()] {
        assert!(scan.holds(position).expect("reads"), "{position:?}");
    }
    assert_eq!(replayed(root.path(), middle).expect("replays"), (18..=30).map(change).collect::<Vec<_>>());
    middle.hash[0] ^= 1;
    assert!(!read(root.path()).holds(middle).expect("reads"), "a database of another journal");
}

fn scan_to(root: &Path, sequence: u64, position: &mut Position) {
    let mut each = |head: &Head| {
        if head.sequence == sequence {
            *position = head.position();
        }
    };
    scan(&folder(root), &mut each).expect("reads");
}

#[test]
fn nothing_written_is_readable_without_the_key() {
    let root = filled(2);
    let bytes = fs::read(segment_path(&folder(root.path()), 1)).expect("reads");
    assert!(!bytes.windows(8).any(|window| window == [0x5e; 8]));
    let scan = read(root.path());
    let other = JournalKey::new([4; 32]);
    assert!(!scan.segments[0].header.is_of(&other));
    assert!(scan.replay(&other, Head::START.position(), &mut |_, _| Ok(())).is_err());
}

#[test]
fn equal_steps_never_give_equal_bytes() {
    let (one, other) = (filled(2), filled(2));
    let body = |root: &TempDir| fs::read(segment_path(&folder(root.path()), 1)).expect("reads")[250..].to_vec();
    assert_ne!(body(&one), body(&other), "each segment has a key of its own");
}

#[test]
fn verify_names_the_first_broken_record_wherever_a_bit_is_flipped() {
    let root = filled(30);
    let whole = verify(root.path(), &[]).expect("verifies");
    assert_eq!((whole.frames, whole.entries, &whole.first_broken), (30, 30, &None));
    let path = segment_path(&folder(root.path()), 2);
    let sound = fs::read(&path).expect("reads");
    let first = read(root.path()).segments[1].header.first;
    let mut named = BTreeSet::new();
    for position in (0..sound.len()).step_by(7) {
        let mut flipped = sound.clone();
        flipped[position] ^= 1 << (position % 8);
        fs::write(&path, flipped).expect("writes");
        let report = verify(root.path(), &[]).expect("verifies");
        let broken = report.first_broken.unwrap_or_else(|| panic!("byte {position}"));
        assert!(broken.segment == 2 && broken.offset as usize <= position, "{broken} for byte {position}");
        assert_eq!((broken.sequence, report.frames), (report.frames + 1, report.entries), "{broken}");
        named.insert(broken.sequence);
    }
    assert!(named.contains(&first) && named.len() > 5, "{named:?}");
}

#[test]
fn left_out_exchanged_and_missing_files_are_named() {
    let root = filled(30);
    let path = |number| segment_path(&folder(root.path()), number);
    let broken =
        || verify(root.path(), &[]).expect("verifies").first_broken.map(|broken| (broken.segment, broken.offset));
    let aside = root.path().join("aside");
    fs::rename(path(2), &aside).expect("moves");
    assert_eq!(broken(), Some((2, 0)));
    fs::copy(path(3), path(2)).expect("copies");
    assert_eq!(broken(), Some((2, 0)));
    fs::rename(&aside, path(2)).expect("moves");
    assert_eq!(broken(), None);
}

#[test]
fn a_chain_that_was_cut_or_written_anew_does_not_hold_exported_heads() {
    let (root, other) = (filled(30), filled(30));
    let head = verify(root.path(), &[]).expect("verifies").head;
    assert_eq!(verify(root.path(), std::slice::from_ref(&head)).expect("verifies").missing_heads, []);
    assert_eq!(
        verify(other.path(), std::slice::from_ref(&head)).expect("verifies").missing_heads,
        std::slice::from_ref(&head)
    );
    let last = read(root.path()).segments.pop().expect("segment").path;
    fs::remove_file(last).expect("removes");
    let report = verify(root.path(), std::slice::from_ref(&head)).expect("verifies");
    assert_eq!((report.first_broken, report.missing_heads), (None, vec![head]));
}

#[test]
fn a_torn_tail_is_cut_kept_and_never_sealed_with_the_same_nonce() {
    let root = filled(2);
    let path = segment_path(&folder(root.path()), 1);
    let sound = fs::read(&path).expect("reads");
    open(root.path()).append(&[change(3)]).expect("appends");
    let longer = fs::read(&path).expect("reads");
    for length in sound.len() + 1..longer.len() {
        fs::write(&path, &longer[..length]).expect("writes");
        let scan = read(root.path());
        let torn = scan.torn.as_ref().expect("torn");
        assert_eq!((torn.offset, torn.bytes), (sound.len() as u64, (length - sound.len()) as u64));
        if length % 50 == 0 {
            let mut writer = Writer::open(place(root.path(), SystemDisk), &scan, 2).expect("opens");
            writer.append(&[change(3)]).expect("appends");
            assert_eq!(fs::read(&path).expect("reads"), sound);
            let next = segment_path(&folder(root.path()), 2);
            assert_eq!(verify(root.path(), &[]).expect("verifies").frames, 3, "in a segment with a key of its own");
            fs::remove_file(next).expect("removes");
        }
    }
    let kept: BTreeSet<_> = fs::read_dir(root.path().join("set-aside"))
        .expect("kept")
        .map(|entry| fs::read(entry.expect("entry").path()).expect("reads"))
        .collect();
    assert!(kept.len() > 2 && kept.iter().all(|kept| longer[sound.len()..].starts_with(kept)));
}

#[test]
fn a_hole_in_one_group_is_torn_and_before_a_later_group_damage() {
    let root = filled(4);
    let path = segment_path(&folder(root.path()), 1);
    let sound = fs::read(&path).expect("reads");
    let offsets = read(root.path()).offsets;
    let with_hole = |offset: u64| {
        let mut bytes = sound.clone();
        bytes[offset as usize..offset as usize + 100].fill(0);
        fs::write(&path, bytes).expect("writes");
        let scan = read(root.path());
        (scan.torn.is_some(), scan.broken.map(|broken| broken.sequence))
    };
    assert_eq!(with_hole(offsets[3]), (true, None), "the newest frame");
    assert_eq!(with_hole(offsets[2]), (true, None), "its neighbour in the group reached the disk first");
    assert_eq!(with_hole(offsets[1]), (false, Some(2)), "frame 3 says that 2 was durable");
}

#[test]
fn a_step_beyond_the_bound_of_a_frame_is_refused() {
    let large = Change { writes: vec![(vec![1], Some(vec![0; 16 << 20]))], ..Change::default() };
    assert!(large.check().is_err());
    let fitting = Change { writes: vec![(vec![1], Some(vec![0; (16 << 20) - 1_000]))], ..Change::default() };
    fitting.check().expect("fits");
    let root = tempfile::tempdir().expect("folder");
    open(root.path()).append(&[fitting]).expect("appends");
    assert_eq!(read(root.path()).head.sequence, 1);
}

#[test]
fn frames_that_were_not_applied_are_written_and_synced_once_more() {
    let root = filled(4);
    let disk = FaultyDisk::default();
    let scan = read(root.path());
    Writer::open(place(root.path(), disk.clone()), &scan, 4).expect("opens");
    assert_eq!(disk.syncs(), 0);
    Writer::open(place(root.path(), disk.clone()), &scan, 2).expect("opens");
    assert_eq!(disk.syncs(), 1);
    assert_eq!(replayed(root.path(), Head::START.position()).expect("replays").len(), 4);
}
