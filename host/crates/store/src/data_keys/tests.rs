//! The file of data keys alone: keys are found until they are destroyed, and what was destroyed is nowhere.

use super::*;
use crate::disk::SystemDisk;

const WRAPPED: [u8; 60] = [0xa7; 60];

fn open(root: &Path, head: u64) -> DataKeys {
    DataKeys::open(&SystemDisk, root, Some(head)).expect("opens")
}

fn put(keys: &DataKeys, person: &str, sequence: u64) {
    let new = [NewKey { name: KeyName::of(person), sequence, key: WRAPPED.to_vec() }];
    let numbers = keys.write(&new).expect("writes");
    keys.show(&new, &numbers);
}

fn find(keys: &DataKeys, person: &str) -> Option<Vec<u8>> {
    keys.find(KeyName::of(person)).expect("finds")
}

fn file(root: &Path) -> Vec<u8> {
    fs::read(root.join(FILE)).expect("reads")
}

#[test]
fn keys_are_found_until_they_are_destroyed_and_then_nowhere() {
    let root = tempfile::tempdir().expect("folder");
    let keys = open(root.path(), 0);
    for number in 1..=23 {
        put(&keys, &number.to_string(), number);
    }
    drop(keys);
    let keys = open(root.path(), 23);
    assert_eq!(keys.count(), (23, 0));
    assert_eq!(find(&keys, "7").as_deref(), Some(&WRAPPED[..]));
    let all: Vec<_> = (1..=23).map(|number: u64| (KeyName::of(&number.to_string()), 24)).collect();
    keys.destroy(&all).expect("destroys");
    assert_eq!((keys.count(), find(&keys, "7")), ((0, 0), None));
    assert!(!file(root.path()).windows(4).any(|window| window == [0xa7; 4]), "no byte of a key is left");
    let length = file(root.path()).len();
    put(&keys, "again", 30);
    assert_eq!(file(root.path()).len(), length, "free slots are used again");
}

#[test]
fn a_new_key_of_a_person_counts_and_the_old_one_is_destroyed_with_its_step() {
    let root = tempfile::tempdir().expect("folder");
    let keys = open(root.path(), 0);
    put(&keys, "p", 1);
    let new = [NewKey { name: KeyName::of("p"), sequence: 2, key: vec![5; 9] }];
    let numbers = keys.write(&new).expect("writes");
    assert_eq!(find(&keys, "p").as_deref(), Some(&WRAPPED[..]), "not before it is shown");
    keys.show(&new, &numbers);
    keys.destroy(&[(KeyName::of("p"), 2)]).expect("destroys");
    assert_eq!(find(&open(root.path(), 2), "p").as_deref(), Some(&[5; 9][..]));
    assert_eq!(keys.count(), (1, 0));
}

#[test]
fn a_key_of_a_step_that_never_became_durable_is_destroyed() {
    let root = tempfile::tempdir().expect("folder");
    let keys = open(root.path(), 0);
    put(&keys, "old", 1);
    put(&keys, "never", 2);
    drop(keys);
    let keys = open(root.path(), 1);
    assert_eq!((find(&keys, "old").is_some(), find(&keys, "never"), keys.count()), (true, None, (1, 0)));
    put(&keys, "far", 1 + GROUP_STEPS_MAX as u64 + 1);
    drop(keys);
    let error = DataKeys::open(&SystemDisk, root.path(), Some(1)).err().expect("another journal");
    assert!(error.to_string().contains("belongs to a newer journal"), "{error}");
    assert!(find(&open(root.path(), 500), "far").is_some(), "and nothing was destroyed");
    assert!(DataKeys::open(&SystemDisk, root.path(), None).is_err(), "keys without any journal");
}

#[test]
fn a_copy_holds_the_keys_up_to_its_head_and_no_other() {
    let root = tempfile::tempdir().expect("folder");
    let keys = open(root.path(), 0);
    for number in 1..=700 {
        put(&keys, &number.to_string(), number);
    }
    let (mut copy, mut whole) = (Vec::new(), Vec::new());
    super::copy(&root.path().join(FILE), &mut copy, 350).expect("copies");
    super::copy(&root.path().join(FILE), &mut whole, 700).expect("copies");
    assert!(whole == file(root.path()) && copy.len() == whole.len());
    let other = tempfile::tempdir().expect("folder");
    fs::write(other.path().join(FILE), copy).expect("writes");
    let copied = open(other.path(), 350);
    assert_eq!(copied.count(), (350, 0));
    assert!(find(&copied, "350").is_some() && find(&copied, "351").is_none());
}

#[test]
fn every_damage_is_an_error_and_never_looks_like_an_erased_person() {
    let root = tempfile::tempdir().expect("folder");
    let keys = open(root.path(), 0);
    put(&keys, "a", 1);
    put(&keys, "b", 2);
    drop(keys);
    let sound = file(root.path());
    for bit in 0..sound.len() * 8 {
        let mut flipped = sound.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(root.path().join(FILE), flipped).expect("writes");
        let Ok(keys) = DataKeys::open(&SystemDisk, root.path(), Some(2)) else { continue };
        for person in ["a", "b"] {
            let found = keys.find(KeyName::of(person));
            assert!(found.map_or(true, |key| key.as_deref() == Some(&WRAPPED[..])), "{person} after bit {bit}");
        }
    }
    for length in 0..sound.len() {
        fs::write(root.path().join(FILE), &sound[..length]).expect("writes");
        let Ok(keys) = DataKeys::open(&SystemDisk, root.path(), Some(2)) else { continue };
        let (found, damaged) = keys.count();
        assert!(found == 2 || damaged > 0 || length <= 512 + SLOT_BYTES, "a count of {found} at {length} bytes");
    }
}
