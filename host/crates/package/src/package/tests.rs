//! Packages: the fixed bytes, the digest, and that no changed byte goes unseen.

use super::*;
use crate::{Algorithm, Fault};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const MANIFEST: &str = r#"{"app_id":"cn.gov.example.leaflet","name":"样例","icons":[{"src":"public/icon.png","sizes":"192x192"}],
"version":{"name":"1.0.0","code":1},"gov_access":"open","gov_owner":{"unit":"某市政务服务局","uscc":"12441500196720244T"}}"#;

fn sample() -> BTreeMap<String, Bytes> {
    let page = "<p>办事指南</p>\n".repeat(40);
    [(MANIFEST_PATH, MANIFEST), ("public/icon.png", "not really a picture"), ("public/index.html", page.as_str())]
        .map(|(path, content)| (path.to_owned(), Bytes::from(content.to_owned())))
        .into()
}

fn with(path: &str, content: &str) -> BTreeMap<String, Bytes> {
    let mut files = sample();
    files.insert(path.to_owned(), Bytes::from(content.to_owned()));
    files
}

fn key() -> SigningKey {
    SigningKey::from_seed(Algorithm::Ed25519, &[9; 32]).expect("key")
}

fn signed() -> Vec<u8> {
    let mut package = Package::from_files(sample()).expect("package");
    package.sign(&key()).expect("signed");
    package.write().expect("written")
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_bytes_of_a_fixed_package_never_change() {
    let package = Package::from_files(sample()).expect("package");
    assert_eq!(
        hex(&package.write().expect("written")),
        "ffc21d1742fec32631e4dacb89658f9f8160a95fac69fad2b531d1c2f8e68d72"
    );
    assert_eq!(hex(&signed()), "d7ffb15206c69acfb7af7738b4676590580748af5bb75b1b4f7f899243e6eefe");
    assert_eq!(package.digest().to_string(), "4d6b10ad9c085883dcd4a0cd93317d0bea6a0b0dfaebcca8b1ff3cf0ba02b772");
}

#[test]
fn the_listing_is_as_the_contract_says() {
    let package = Package::from_files(sample()).expect("package");
    let line = |path: &str| format!("{} {} {path}\n", hex(&sample()[path]), sample()[path].len());
    let expected = line(MANIFEST_PATH) + &line("public/icon.png") + &line("public/index.html");
    assert_eq!(package.listing(), expected);
    assert_eq!(package.digest().to_string(), hex(expected.as_bytes()));
}

#[test]
fn signing_changes_neither_digest_nor_files_and_reads_back() {
    let unsigned = Package::from_files(sample()).expect("package");
    let package = Package::read(&signed()).expect("package");
    assert_eq!(package.digest(), unsigned.digest());
    assert!(package.files().eq(unsigned.files()));
    assert_eq!(package.verify(&[key().verifying_key()]).expect("verified"), key().verifying_key().key_id());
    assert!(matches!(unsigned.verify(&[key().verifying_key()]), Err(PackageError::Seal(SealError::Unsigned))));
}

#[test]
fn a_signature_of_another_package_is_refused_and_is_replaced_by_signing() {
    let copied = Package::read(&signed()).expect("package").signature().expect("signature").to_json();
    let mut files = with("public/more.txt", "more");
    files.insert(SIGNATURE_PATH.to_owned(), copied.into());
    let mut package = Package::from_files(files).expect("package");
    assert!(matches!(package.verify(&[key().verifying_key()]), Err(PackageError::Seal(SealError::OtherListing))));
    package.sign(&key()).expect("signed");
    assert!(package.verify(&[key().verifying_key()]).is_ok());
}

#[test]
fn every_changed_byte_of_a_signed_package_is_refused() {
    let good = signed();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let verified = Package::read(&bad).and_then(|package| package.verify(&[key().verifying_key()]));
        assert!(verified.is_err(), "byte {at} of {}", good.len());
    }
}

proptest! {
    #[test]
    fn any_byte_in_the_place_of_another_is_refused(at in any::<prop::sample::Index>(), change in 1_u8..=255) {
        let mut bad = signed();
        let at = at.index(bad.len());
        bad[at] ^= change;
        let verified = Package::read(&bad).and_then(|package| package.verify(&[key().verifying_key()]));
        prop_assert!(verified.is_err());
    }

    #[test]
    fn any_cut_or_inserted_byte_is_refused(at in any::<prop::sample::Index>(), byte: u8) {
        let good = signed();
        let at = at.index(good.len());
        prop_assert!(Package::read(&good[..at]).is_err());
        let longer = [&good[..at], &[byte], &good[at..]].concat();
        prop_assert!(Package::read(&longer).is_err());
    }

    #[test]
    fn any_files_are_read_back_as_they_were(contents in prop::collection::btree_map("[a-z]{1,8}", prop::collection::vec(any::<u8>(), 0..2_000), 0..8)) {
        let mut files = sample();
        files.extend(contents.into_iter().map(|(name, content)| (format!("public/{name}.bin"), Bytes::from(content))));
        let package = Package::from_files(files.clone()).expect("package");
        let bytes = package.write().expect("written");
        let again = Package::read(&bytes).expect("read");
        prop_assert_eq!(&again.files, &files);
        prop_assert_eq!(again.digest(), package.digest());
    }
}

#[test]
fn another_deflate_of_the_same_contents_is_refused() {
    // The same files stored instead of deflated: an ordinary ZIP reader sees no difference.
    let good = Package::from_files(sample()).expect("package").write().expect("written");
    let files = archive::read(&good).expect("files");
    let page = &files["public/index.html"];
    let deflated = miniz_oxide::deflate::compress_to_vec(page, 6);
    let at = good.windows(deflated.len()).position(|window| window == deflated).expect("deflated page");
    let other = miniz_oxide::deflate::compress_to_vec(page, 1);
    assert_ne!(other, deflated);
    let mut bad = good.clone();
    bad.splice(at..at + deflated.len(), other.iter().copied());
    let grown = other.len() as u32;
    let local = at - "public/index.html".len() - 30;
    bad[local + 18..local + 22].copy_from_slice(&grown.to_le_bytes());
    let central = bad.len() - 22 - 46 - "public/index.html".len();
    bad[central + 20..central + 24].copy_from_slice(&grown.to_le_bytes());
    let end = bad.len() - 6;
    let start = u32::from_le_bytes(bad[end..end + 4].try_into().expect("4 bytes")) + grown - deflated.len() as u32;
    bad[end..end + 4].copy_from_slice(&start.to_le_bytes());
    assert!(archive::read(&bad).is_ok(), "every other rule is kept");
    assert!(matches!(Package::read(&bad), Err(PackageError::NotCanonical { .. })));
}

#[test]
fn files_without_a_place_are_refused() {
    for path in ["readme.txt", "component.wasm", "META/more.json", "src/lib.rs", "publicity/a"] {
        let refused = Package::from_files(with(path, "x"));
        assert!(matches!(&refused, Err(PackageError::NotAllowed { path: found }) if found == path), "{refused:?}");
    }
    assert!(Package::from_files(with(SBOM_PATH, "{}")).is_ok());
}

#[test]
fn paths_that_are_one_on_some_machines_are_refused() {
    for path in ["public/INDEX.html", "public/Icon.png", "Public/other", "public/icon.png/inner", "manifest.JSON"] {
        assert!(matches!(Package::from_files(with(path, "x")), Err(PackageError::Collision { .. })), "{path}");
    }
}

#[test]
fn files_that_the_manifest_names_must_be_there() {
    let mut files = sample();
    files.remove("public/icon.png");
    files.remove("public/index.html");
    let Err(PackageError::Manifest { findings }) = Package::from_files(files) else { panic!("not refused") };
    let told: Vec<_> = findings.iter().map(|finding| (finding.code.as_str(), finding.pointer.as_str())).collect();
    assert_eq!(told, [("manifest.file-missing", "/icons/0/src"), ("manifest.start-page-missing", "")]);
}

#[test]
fn a_component_is_found_by_the_path_of_the_manifest() {
    let manifest = MANIFEST.replace("\"gov_access\"", "\"gov_component\":{\"path\":\"app.wasm\"},\"gov_access\"");
    let mut files = with("app.wasm", "\0asm");
    files.insert(MANIFEST_PATH.to_owned(), manifest.into());
    let package = Package::from_files(files).expect("package");
    assert_eq!(package.component().expect("component").as_ref(), b"\0asm");
    assert_eq!(Package::from_files(sample()).expect("package").component(), None);
}

#[test]
fn errors_become_findings_that_say_where_and_what_to_do() {
    let missing = Package::from_files(BTreeMap::new()).expect_err("empty");
    assert_eq!(missing.finding().code, "package.file-missing");
    let broken = Package::from_files(BTreeMap::from([(MANIFEST_PATH.to_owned(), Bytes::from("{}"))]))
        .expect_err("empty manifest");
    assert!(
        broken.findings().len() >= 5
            && broken.findings().iter().all(|finding| finding.code == "manifest.member-missing")
    );
    let link = PackageError::Entry { path: "public/a".to_owned(), fault: Fault::Link }.finding();
    assert_eq!((link.code.as_str(), link.path.as_str()), ("package.entry-link", "public/a"));
    for finding in [missing.finding(), link] {
        assert!(!finding.why.is_empty() && !finding.fix.is_empty());
    }
}
