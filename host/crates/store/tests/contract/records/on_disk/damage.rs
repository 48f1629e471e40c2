//! The matrix of damaged files. Each ends in full recovery or in a refusal that says what and where; never in a panic, a
//! hang, a wrong answer or a deleted file.

use super::*;
use std::path::PathBuf;

/// How a file is damaged, and what that is called.
type Case = (String, Box<dyn Fn(&mut Vec<u8>)>);

fn case(name: impl Into<String>, change: impl Fn(&mut Vec<u8>) + 'static) -> Case {
    (name.into(), Box::new(change))
}

/// Changes the bytes of a file.
fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    change(&mut bytes);
    fs::write(path, bytes).expect("writes");
}

fn flip(position: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[position] ^= 0x10
}

fn cut(count: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes.truncate(bytes.len() - count)
}

fn zero_end(count: usize) -> impl Fn(&mut Vec<u8>) {
    move |bytes| {
        let begin = bytes.len() - count;
        bytes[begin..].fill(0);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("below"));
        fs::create_dir_all(target.parent().expect("parent")).expect("folder");
        fs::copy(file, target).expect("copies");
    }
    fs::create_dir_all(to.join("records/blobs")).expect("folder");
}

/// A filled store, and fresh copies of it.
struct Original(tempfile::TempDir);

impl Original {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        fill(folder.path()).await;
        Self(folder)
    }

    fn copy(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("folder");
        copy_folder(self.0.path(), folder.path());
        folder
    }
}

fn unclean(root: &Path) {
    fs::remove_file(root.join("records/clean")).expect("was closed cleanly");
}

fn snapshots(root: &Path) -> Vec<PathBuf> {
    let all = files(&root.join("records")).into_iter();
    all.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap."))).collect()
}

/// After a clean end a damaged page may show only when it is read: then that is an error, and the next start recovers.
async fn assert_recovers(root: &Path, name: &str) {
    let before = files(root).len();
    let store = open(root);
    let first = check(&store).await;
    drop(store);
    if let Err(error) = first {
        assert!(matches!(error, StoreError::Damaged { .. } | StoreError::Database { .. }), "{name}: {error:?}");
    }
    assert_whole(root).await;
    assert!(files(root).len() + 2 >= before, "{name}: files are gone");
}

#[tokio::test]
async fn a_damaged_database_is_built_anew() {
    let original = Original::new().await;
    let length = fs::metadata(original.0.path().join("records/db")).expect("db").len() as usize;
    let bytes = fs::read(original.0.path().join("records/db")).expect("db");
    let used: Vec<usize> = (0..length).filter(|position| bytes[*position] != 0).collect();
    for is_clean in [true, false] {
        let mut cases: Vec<Case> = Vec::new();
        for count in [1, 4_000, length / 2, length] {
            cases.push(case(format!("cut by {count}"), cut(count)));
            cases.push(case(format!("zeroed {count}"), zero_end(count)));
        }
        for part in 0..12 {
            let position = used[used.len() * part / 12];
            cases.push(case(format!("flipped at {position}"), flip(position)));
        }
        for (name, change) in cases {
            let copy = original.copy();
            if !is_clean {
                unclean(copy.path());
            }
            damage(&copy.path().join("records/db"), change);
            assert_recovers(copy.path(), &name).await;
        }
    }
}

#[tokio::test]
async fn missing_and_damaged_parts_of_the_database_are_made_anew() {
    let original = Original::new().await;
    for is_clean in [true, false] {
        for name in ["db", "conf", "snap", "everything"] {
            let copy = original.copy();
            if !is_clean {
                unclean(copy.path());
            }
            match name {
                "everything" => fs::remove_dir_all(copy.path().join("records")).expect("removes"),
                "snap" => snapshots(copy.path()).iter().for_each(|path| fs::remove_file(path).expect("removes")),
                name => fs::remove_file(copy.path().join("records").join(name)).expect("removes"),
            }
            assert_recovers(copy.path(), &format!("without {name}")).await;
        }
        for position in [0, 9, 40] {
            let copy = original.copy();
            let path =
                snapshots(copy.path()).pop().unwrap_or_else(|| copy.path().join("records/snap.0000000000000000"));
            fs::write(&path, [position as u8; 64]).expect("writes");
            assert_recovers(copy.path(), "snap written over").await;
            let copy = original.copy();
            damage(&copy.path().join("records/conf"), flip(position));
            assert_recovers(copy.path(), &format!("conf flipped at {position}")).await;
        }
    }
}

#[tokio::test]
async fn damage_of_the_journal_is_refused_with_its_place() {
    let original = Original::new().await;
    let journal = |root: &Path| root.join("journal/00000001.log");
    let length = fs::metadata(journal(original.0.path())).expect("journal").len() as usize;
    for position in [0, 20, 64, 127, 128, 140, 300, length / 3, length / 2] {
        let copy = original.copy();
        damage(&journal(copy.path()), flip(position));
        let refusal = refusal(copy.path());
        assert!(refusal.contains("journal segment 00000001.log, byte ") && refusal.contains(", frame "), "{refusal}");
        let broken = yizhan_store::verify(copy.path(), &[]).expect("verifies").first_broken.expect("broken");
        assert!(refusal.contains(&broken.to_string()), "{refusal}");
        damage(&journal(copy.path()), flip(position));
        assert_whole(copy.path()).await;
    }
}

#[tokio::test]
async fn a_journal_that_lost_acknowledged_steps_is_refused_and_left_alone() {
    let original = Original::new().await;
    let journal = |root: &Path| root.join("journal/00000001.log");
    let sound = fs::read(journal(original.0.path())).expect("journal");
    let cases = [
        case("cut by a byte", cut(1)),
        case("cut by a frame and more", cut(2_000)),
        case("zeroed", zero_end(10)),
        case("zeroed further", zero_end(2_000)),
        case("flipped in the newest frame", flip(sound.len() - 9)),
        case("empty", Vec::clear),
    ];
    for (name, change) in cases {
        let copy = original.copy();
        damage(&journal(copy.path()), change);
        let damaged = fs::read(journal(copy.path())).expect("journal");
        let refusal = refusal(copy.path());
        assert!(
            refusal.contains("the journal ends with frame ") && refusal.contains("the database has "),
            "{name}: {refusal}"
        );
        assert_eq!(fs::read(journal(copy.path())).expect("journal"), damaged, "{name}: nothing is touched");
        fs::write(journal(copy.path()), &sound).expect("writes");
        assert_whole(copy.path()).await;
    }
    let copy = original.copy();
    fs::remove_dir_all(copy.path().join("journal")).expect("removes");
    assert!(refusal(copy.path()).contains("the journal ends with frame 0"));
    fs::remove_dir_all(copy.path().join("records")).expect("removes");
    assert!(refusal(copy.path()).contains("belongs to a newer journal"), "and the data keys are not destroyed");
    assert_eq!(holds(copy.path(), &KEPT_KEY).len(), 1);
}

#[tokio::test]
async fn what_a_crash_left_behind_the_journal_is_set_aside() {
    let original = Original::new().await;
    for garbage in [&[0_u8; 5_000][..], b"YZJF", b"YZJF and more that is no frame"] {
        let copy = original.copy();
        damage(&copy.path().join("journal/00000001.log"), |bytes| bytes.extend_from_slice(garbage));
        assert_whole(copy.path()).await;
        let kept = files(&copy.path().join("set-aside"));
        assert_eq!(kept.iter().map(|path| fs::read(path).expect("reads")).collect::<Vec<_>>(), [garbage]);
    }
    let copy = original.copy();
    fs::write(copy.path().join("journal/00000002.log"), [7; 60]).expect("writes");
    assert_whole(copy.path()).await;
    assert_eq!(files(&copy.path().join("set-aside")).len(), 1, "a segment whose header was torn");
}

#[tokio::test]
async fn records_that_silently_vanished_or_went_back_are_noticed() {
    let original = Original::new().await;
    for goes_back in [true, false] {
        let copy = original.copy();
        {
            let db = sled::open(copy.path().join("records")).expect("opens");
            let tree = db.open_tree("records").expect("tree");
            let pairs: Vec<_> = tree.iter().map(|pair| pair.expect("pair")).collect();
            let grant = |name: &str| pairs.iter().find(|(key, _)| key.ends_with(name.as_bytes())).expect("a grant");
            match goes_back {
                true => drop(tree.insert(&grant("grant-gone").0, &grant("grant-live").1).expect("inserts")),
                false => drop(tree.remove(&grant("grant-gone").0).expect("removes")),
            }
            db.flush().expect("flushes");
        }
        unclean(copy.path());
        assert_whole(copy.path()).await;
        assert!(copy.path().join("set-aside/records").exists(), "built anew");
    }
}

#[tokio::test]
async fn a_database_of_another_journal_is_refused() {
    let (original, other) = (Original::new().await, Original::new().await);
    let copy = original.copy();
    fs::remove_dir_all(copy.path().join("records")).expect("removes");
    copy_folder(&other.0.path().join("records"), &copy.path().join("records"));
    assert!(refusal(copy.path()).ends_with("its database was written with another journal"));
    fs::remove_dir_all(copy.path().join("records")).expect("removes");
    assert_whole(copy.path()).await;
}

#[tokio::test]
async fn damage_of_the_data_keys_never_makes_a_person_look_erased() {
    let original = Original::new().await;
    let keys = |root: &Path| root.join("data-keys");
    let length = fs::metadata(keys(original.0.path())).expect("keys").len() as usize;
    let kept =
        fs::read(keys(original.0.path())).expect("keys").windows(60).position(|part| part == KEPT_KEY).expect("key");
    let copy = original.copy();
    damage(&keys(copy.path()), flip(kept + 3));
    let store = open(copy.path());
    let error = store.find_data_key(&id("kept")).await.expect_err("damaged");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(store.find_person(&id("kept")).await.expect("the rest is read"), Some(person("kept")));
    drop(store);
    let cases = [
        case("header flipped", flip(1)),
        case("cut to its header", cut(length - 512)),
        case("cut inside its header", cut(length - 100)),
        case("zeroed behind its header", zero_end(length - 512)),
        case("zeroed", zero_end(length)),
        case("empty", Vec::clear),
    ];
    for (name, change) in cases {
        let copy = original.copy();
        damage(&keys(copy.path()), change);
        let refusal = refusal(copy.path());
        assert!(refusal.contains("data key") || refusal.contains("data-keys"), "{name}: {refusal}");
        fs::copy(keys(original.0.path()), keys(copy.path())).expect("put back");
        assert_whole(copy.path()).await;
    }
    let copy = original.copy();
    fs::remove_file(keys(copy.path())).expect("removes");
    assert!(refusal(copy.path()).contains("1 people have a data key, 0 keys are there"));
}
