//! Building, updating and mending the index.

use super::*;
use crate::{
    PageRequest,
    catalog::{Catalog, Loaded, Query, data},
    data_set::DataFolder,
};
use std::fs;
use yizhan_domain::{Context, RequestId, Timestamp};

fn loaded() -> Loaded {
    data::open(&DataFolder::nowhere()).expect("sample data")
}

fn up(keeper: &Keeper, entries: &[Entry], regions: &Regions) -> (Snapshot, IndexReport) {
    let snapshot = keeper.bring_up(entries, regions, &mut |_, _| {}).expect("index");
    (snapshot, keeper.report())
}

fn keeper(directory: &Path) -> Keeper {
    let keeper = Keeper::default();
    keeper.settle(directory);
    keeper
}

fn names(snapshot: &Snapshot, entries: &[Entry], text: &str) -> Vec<String> {
    let query = Query { text: text.to_owned(), ..Query::default() };
    let page = crate::catalog::search::search(snapshot, entries, &query, &PageRequest::first(100)).expect("page");
    page.items.into_iter().map(|item| format!("{} {}", item.code, item.name)).collect()
}

#[test]
fn only_items_that_changed_are_indexed_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut data = loaded();
    let (_, report) = up(&keeper(folder.path()), &data.entries[..20], &data.regions);
    assert_eq!((report.on_disk, report.notice, report.changed, report.items), (true, None, 20, 20));
    let again = keeper(folder.path());
    assert_eq!(up(&again, &data.entries[..20], &data.regions).1.changed, 0, "opened as it was");
    assert_eq!(up(&again, &data.entries[1..22], &data.regions).1.changed, 3, "one gone, two new");
    data.entries[5].name = "极光观测许可".to_owned();
    let (snapshot, report) = up(&again, &data.entries[1..22], &data.regions);
    assert_eq!(report.changed, 1);
    assert_eq!(names(&snapshot, &data.entries[1..22], "极光观测").len(), 1);
}

#[test]
fn the_order_is_the_same_on_disk_in_memory_and_after_updates() {
    let folder = tempfile::tempdir().expect("folder");
    let data = loaded();
    let on_disk = keeper(folder.path());
    for from in [200, 100, 0] {
        up(&on_disk, &data.entries[from..], &data.regions);
    }
    let (one, _) = up(&on_disk, &data.entries, &data.regions);
    let (other, report) = up(&Keeper::default(), &data.entries, &data.regions);
    assert!(!report.on_disk);
    for text in ["社保", "证明", "gjj", "居往证", "老人补贴", ""] {
        assert_eq!(names(&one, &data.entries, text), names(&other, &data.entries, text), "{text}");
    }
}

#[test]
fn a_damaged_index_is_set_aside_and_built_anew_whatever_file_is_damaged() {
    let folder = tempfile::tempdir().expect("folder");
    let data = loaded();
    let entries = &data.entries[..40];
    let directory = folder.path().join("search");
    let (snapshot, _) = up(&keeper(&directory), entries, &data.regions);
    let sound = names(&snapshot, entries, "社保");
    let files: Vec<_> = fs::read_dir(&directory).expect("list").map(|file| file.expect("file").file_name()).collect();
    let has_bytes = |file: &std::ffi::OsString| fs::metadata(directory.join(file)).expect("size").len() > 0;
    let kinds: Vec<_> =
        files.into_iter().filter(has_bytes).filter_map(|file| Some(file.to_str()?.to_owned())).collect();
    for kind in kinds.iter().map(|file| file.rsplit('.').next().expect("end")) {
        let cut: fn(&mut Vec<u8>) = |bytes| bytes.truncate(bytes.len() / 2);
        let flip: fn(&mut Vec<u8>) = |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x55;
        };
        for damage in [cut, flip] {
            let file = fs::read_dir(&directory).expect("list").map(|file| file.expect("file").path());
            let Some(file) = file.into_iter().find(|file| file.to_string_lossy().ends_with(kind)) else { continue };
            let mut bytes = fs::read(&file).expect("bytes");
            damage(&mut bytes);
            fs::write(&file, bytes).expect("damage");
            let (snapshot, report) = up(&keeper(&directory), entries, &data.regions);
            assert_eq!(names(&snapshot, entries, "社保"), sound, "{}: {report:?}", file.display());
            assert!(report.on_disk, "{report:?}");
        }
    }
    fs::write(directory.join("meta.json"), "{}").expect("damage");
    let (_, report) = up(&keeper(&directory), entries, &data.regions);
    assert_eq!(report.changed, 40);
    assert!(report.notice.expect("notice").starts_with("the search index was built anew: "));
}

#[test]
fn a_foreign_directory_is_set_aside_with_everything_in_it() {
    let folder = tempfile::tempdir().expect("folder");
    let directory = folder.path().join("search");
    fs::create_dir(&directory).expect("folder");
    fs::write(directory.join("letter.txt"), "mine").expect("file");
    let data = loaded();
    let (_, report) = up(&keeper(&directory), &data.entries[..3], &data.regions);
    assert!(report.on_disk && report.notice.is_some(), "{report:?}");
    let kept = fs::read_to_string(folder.path().join("search.set-aside/letter.txt")).expect("kept");
    assert_eq!(kept, "mine");
}

#[test]
fn where_no_index_can_be_written_the_catalog_searches_in_memory_and_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("file"), "").expect("file");
    let catalog = Catalog::sample().expect("sample");
    let mut steps = Vec::new();
    let report = catalog
        .keep_index(&folder.path().join("file/search"), &mut |done, all| steps.push((done, all)))
        .expect("in memory");
    assert!(!report.on_disk);
    assert!(report.notice.expect("notice").starts_with("the search index is kept in memory: "));
    assert_eq!((steps.first(), steps.last()), (Some(&(0, report.items)), Some(&(report.items, report.items))));
    let query = Query { text: "社保".to_owned(), ..Query::default() };
    let context = Context { id: RequestId(1), now: Timestamp(0) };
    assert!(catalog.search(&context, &query, &PageRequest::first(1)).expect("page").total > 0);
}

#[test]
fn two_hubs_do_not_write_one_index_the_second_searches_in_memory() {
    let folder = tempfile::tempdir().expect("folder");
    let data = loaded();
    let first = keeper(folder.path());
    let held: IndexWriter =
        first.lock().index.as_ref().expect("index").writer_with_num_threads(1, SMALL_WRITER_BYTES).expect("writer");
    let (snapshot, report) = up(&keeper(folder.path()), &data.entries[..10], &data.regions);
    assert!(!report.on_disk && report.notice.is_some(), "{report:?}");
    assert!(!names(&snapshot, &data.entries[..10], "社保").is_empty());
    drop(held);
}
