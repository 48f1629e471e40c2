//! Archives that are wrong in one way each, made by a small writer of our own that can write them.

use super::*;
use crate::PackageError;
use bytes::Bytes;
use std::collections::BTreeMap;

/// An entry with every field open; `Default` gives what packages hold.
struct Raw {
    name: &'static [u8],
    data: Vec<u8>,
    flags: u16,
    method: u16,
    crc: Option<u32>,
    unpacked: Option<u32>,
    extra: &'static [u8],
    comment: &'static [u8],
    made_by: u16,
    attributes: u32,
}

fn raw(name: &'static str, data: &[u8]) -> Raw {
    Raw {
        name: name.as_bytes(),
        data: data.to_vec(),
        flags: 0x0800,
        method: 0,
        crc: None,
        unpacked: None,
        extra: b"",
        comment: b"",
        made_by: 20,
        attributes: 0,
    }
}

fn zip(entries: &[Raw]) -> Vec<u8> {
    let (mut archive, mut central) = (Vec::new(), Vec::new());
    for raw in entries {
        let offset = archive.len() as u32;
        let mut shared = Vec::new();
        for number in [20, raw.flags, raw.method, 0, 0x21] {
            shared.extend_from_slice(&number.to_le_bytes());
        }
        let packed = raw.data.len() as u32;
        for number in [raw.crc.unwrap_or_else(|| crc32fast::hash(&raw.data)), packed, raw.unpacked.unwrap_or(packed)] {
            shared.extend_from_slice(&number.to_le_bytes());
        }
        for number in [raw.name.len() as u16, raw.extra.len() as u16] {
            shared.extend_from_slice(&number.to_le_bytes());
        }
        archive.extend([b"PK\x03\x04", &shared[..], raw.name, raw.extra, &raw.data].concat());
        central.extend([b"PK\x01\x02", &raw.made_by.to_le_bytes()[..], &shared].concat());
        central.extend([&(raw.comment.len() as u16).to_le_bytes()[..], &[0; 4]].concat());
        central.extend([raw.attributes.to_le_bytes(), offset.to_le_bytes()].concat());
        central.extend([raw.name, raw.extra, raw.comment].concat());
    }
    let (count, start) = (entries.len() as u16, archive.len() as u32);
    archive.extend_from_slice(&central);
    archive.extend([b"PK\x05\x06", &[0; 4][..], &count.to_le_bytes(), &count.to_le_bytes()].concat());
    archive.extend([(central.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    archive.extend([0; 2]);
    archive
}

fn fault(entry: Raw) -> Fault {
    match read(&zip(&[entry])) {
        Err(PackageError::Entry { fault, .. }) => fault,
        other => panic!("not refused for its entry: {other:?}"),
    }
}

fn problem(archive: &[u8]) -> &'static str {
    match read(archive) {
        Err(PackageError::Archive { problem, .. }) => problem,
        other => panic!("not refused as an archive: {other:?}"),
    }
}

fn files(list: &[(&str, &[u8])]) -> BTreeMap<String, Bytes> {
    list.iter().map(|(path, content)| ((*path).to_owned(), Bytes::copy_from_slice(content))).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let text = b"one and one and one and one and one and one".as_slice();
    let written = files(&[("a", b""), ("b/图", text), ("c", b"x")]);
    assert_eq!(read(&write(&written).expect("written")).expect("read"), written);
}

#[test]
fn the_writer_agrees_with_the_one_of_the_tests() {
    let written = write(&files(&[("a", b"stored"), ("b", b"")])).expect("written");
    assert_eq!(written, zip(&[raw("a", b"stored"), raw("b", b"")]));
}

#[test]
fn data_over_the_ratio_cap_is_stored_by_the_writer_and_refused_by_the_reader() {
    let zeros = vec![0; 1 << 20];
    let written = files(&[("a", &zeros)]);
    let archive = write(&written).expect("written");
    assert!(archive.len() > zeros.len());
    assert_eq!(read(&archive).expect("read"), written);
    let deflated = miniz_oxide::deflate::compress_to_vec(&zeros, 6);
    let bomb = Raw { method: 8, unpacked: Some(1 << 20), crc: Some(crc32fast::hash(&zeros)), ..raw("a", &deflated) };
    assert_eq!(fault(bomb), Fault::Ratio);
}

#[test]
fn each_wrong_entry_is_refused_with_its_own_fault() {
    assert_eq!(fault(Raw { flags: 0x0801, ..raw("a", b"x") }), Fault::Encrypted);
    assert_eq!(fault(Raw { flags: 0x0808, ..raw("a", b"x") }), Fault::DataDescriptor);
    assert_eq!(fault(Raw { flags: 0, ..raw("a", b"x") }), Fault::Flags(0));
    assert_eq!(fault(Raw { method: 12, ..raw("a", b"x") }), Fault::Method(12));
    assert_eq!(fault(Raw { extra: b"\x01\x00\x00\x00", ..raw("a", b"x") }), Fault::ExtraField);
    assert_eq!(fault(Raw { comment: b"hello", ..raw("a", b"x") }), Fault::Comment);
    assert_eq!(fault(raw("a/", b"")), Fault::Directory);
    assert_eq!(fault(Raw { made_by: 0x0314, attributes: 0o120_777 << 16, ..raw("a", b"/etc/passwd") }), Fault::Link);
    assert_eq!(fault(Raw { made_by: 0x0314, attributes: 0o040_755 << 16, ..raw("a", b"") }), Fault::Directory);
    assert_eq!(fault(Raw { crc: Some(1), ..raw("a", b"x") }), Fault::Checksum);
    assert_eq!(fault(Raw { unpacked: Some(2), ..raw("a", b"x") }), Fault::Data);
}

#[test]
fn deflated_data_that_gives_another_size_is_refused() {
    let deflated = miniz_oxide::deflate::compress_to_vec(b"hello hello hello", 6);
    let entry = |unpacked| Raw {
        method: 8,
        unpacked: Some(unpacked),
        crc: Some(crc32fast::hash(b"hello hello hello")),
        ..raw("a", &deflated)
    };
    assert!(read(&zip(&[entry(17)])).is_ok());
    assert_eq!(fault(entry(16)), Fault::Data);
    assert_eq!(fault(entry(18)), Fault::Data);
    assert_eq!(fault(Raw { method: 8, ..raw("a", b"\xff\xff") }), Fault::Data);
}

#[test]
fn paths_that_packages_cannot_have_are_refused() {
    for name in ["/a", "../a", "a/../b", "a\\b", "a//b", "C:/a"] {
        assert!(matches!(read(&zip(&[raw(name, b"x")])), Err(PackageError::Path { .. })), "{name}");
    }
    let not_utf8 = Raw { name: b"\xff", ..raw("a", b"x") };
    assert!(matches!(read(&zip(&[not_utf8])), Err(PackageError::Path { problem: "is not UTF-8", .. })));
}

#[test]
fn a_path_that_stands_twice_and_a_wrong_order_are_refused() {
    let twice = zip(&[raw("a", b"x"), raw("a", b"y")]);
    assert!(matches!(read(&twice), Err(PackageError::Collision { .. })));
    assert!(problem(&zip(&[raw("b", b"x"), raw("a", b"y")])).contains("order"));
}

#[test]
fn a_local_header_that_differs_is_refused_wherever_it_differs() {
    let good = zip(&[raw("name", b"content")]);
    for at in 0..34 {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let refused = read(&bad).expect_err("changed local header");
        let told = matches!(refused, PackageError::Entry { fault: Fault::HeadersDiffer, .. });
        assert!(told || at < 4, "byte {at}: {refused}");
    }
}

#[test]
fn bytes_before_between_and_after_are_refused() {
    let good = zip(&[raw("a", b"x"), raw("b", b"y")]);
    assert!(read(&good).is_ok());
    assert!(problem(&[&b"#!/bin/sh\n"[..], &good].concat()).contains("begin"));
    assert!(problem(&[&good[..], b"\n"].concat()).contains("after it"));
    assert!(problem(&good[..good.len() - 1]).contains("cut off"));
    assert!(problem(b"PK\x03\x04").contains("short"));
    let mut between = good.clone();
    between.splice(32..32, *b"gap");
    assert!(matches!(read(&between), Err(PackageError::Archive { .. })));
}

#[test]
fn an_offset_that_leaves_a_gap_or_an_overlap_is_refused() {
    let mut overlap = zip(&[raw("a", b"x"), raw("b", b"y")]);
    let second_central = overlap.len() - 22 - 47;
    overlap[second_central + 42..second_central + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert!(problem(&overlap).contains("overlap"));
}

#[test]
fn limits_are_checked_before_anything_is_inflated() {
    let huge = Raw { method: 8, unpacked: Some(65 << 20), ..raw("a", &vec![0; 1 << 20]) };
    assert!(matches!(read(&zip(&[huge])), Err(PackageError::TooLarge { unit: "unpacked bytes", .. })));
    let many: Vec<Raw> = (0..4_097).map(|_| raw("a", b"")).collect();
    assert!(matches!(read(&zip(&many)), Err(PackageError::TooLarge { unit: "files", found: 4_097, .. })));
    assert!(matches!(read(&vec![0; (20 << 20) + 1]), Err(PackageError::TooLarge { unit: "bytes", .. })));
}

#[test]
fn a_package_that_cannot_be_packed_small_enough_is_refused_when_written() {
    let mut state = 1_u32;
    let mut noise = vec![0; 21 << 20];
    for byte in &mut noise {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    assert!(matches!(write(&files(&[("a", &noise)])), Err(PackageError::TooLarge { unit: "bytes", .. })));
}

#[test]
fn an_ordinary_zip_with_a_comment_or_several_disks_is_refused() {
    let mut archive = zip(&[raw("a", b"x")]);
    let end = archive.len() - 22;
    archive[end + 20] = 1;
    assert!(problem(&archive).contains("comment"));
    archive[end + 20] = 0;
    archive[end + 4] = 1;
    assert!(problem(&archive).contains("disks"));
}
