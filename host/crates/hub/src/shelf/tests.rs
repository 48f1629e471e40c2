//! The shelf in a data directory from install to load: what is refused, what survives a crash, and that no changed byte runs.

use crate::{
    DataMode, HubError, InstallRequest, PublisherRefusal, PublisherStatus, Shelf, Trust, install_package, list_apps,
    list_publishers, open_version, register_publisher, remove_app, set_publisher_status,
};
use bytes::Bytes;
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use yizhan_domain::{Context, RequestId, Slug, Timestamp};
use yizhan_package::{Algorithm, Package, SigningKey};

const NOW: Context = Context { id: RequestId(1), now: Timestamp(1_700_000_000_000) };

fn package(app_id: &str, code: u32, page: &str) -> Package {
    let manifest = serde_json::json!({
        "app_id": app_id, "name": "便民手册", "description": "开放应用", "version": {"name": format!("1.0.{code}"), "code": code},
        "lang": "zh-CN", "icons": [{"src": "public/icon.svg", "sizes": "any"}], "gov_access": "open",
        "gov_owner": {"unit": "某市民政局", "uscc": "91350100M000100Y43"},
    });
    let icon = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>"#;
    let page =
        format!("<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{page}</title><p>{page}</p>");
    let files =
        [("manifest.json", manifest.to_string()), ("public/icon.svg", icon.to_owned()), ("public/index.html", page)];
    let files: BTreeMap<_, _> = files.into_iter().map(|(path, text)| (path.to_owned(), Bytes::from(text))).collect();
    Package::from_files(files).expect("a package")
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(Algorithm::Es256, &[seed; 32]).expect("a key")
}

fn signed(app_id: &str, code: u32, page: &str, by: &SigningKey) -> Vec<u8> {
    let mut package = package(app_id, code, page);
    package.sign(by).expect("signs");
    package.write().expect("writes")
}

fn shelf_in(dir: &Path) -> Shelf {
    let shelf = Shelf::open_or_create(dir, DataMode::Development, [7; 32]).expect("opens");
    register_publisher(&NOW, &shelf, &key(1).verifying_key(), "某市民政局").expect("registers");
    shelf
}

fn install(shelf: &Shelf, bytes: &[u8]) -> Result<Arc<crate::Installed>, HubError> {
    let request = InstallRequest { name: "x.ma", bytes, slug: None, tier: None, allow_downgrade: false };
    install_package(&NOW, shelf, &request)
}

const LEAFLET: &str = "cn.gov.example.leaflet";

#[test]
fn a_signed_package_is_installed_listed_opened_and_removed() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    let bytes = signed(LEAFLET, 1, "first", &key(1));
    let app = install(&shelf, &bytes).expect("installs");
    assert_eq!(app.slug.as_str(), "leaflet");
    assert_eq!(app.trust, Trust::Publisher(key(1).verifying_key().key_id()));
    assert!(dir.path().join(format!("packages/{}.ma", app.digest)).exists());
    let other = Shelf::open(dir.path()).expect("opens");
    let listed = list_apps(&other).expect("lists");
    assert_eq!(listed.len(), 1);
    let opened = open_version(&other, &listed[0]).expect("opens");
    assert_eq!(opened.digest(), package(LEAFLET, 1, "first").digest());
    remove_app(&NOW, &shelf, LEAFLET).expect("removes");
    assert!(other.reload().expect("reloads").is_empty());
    assert_eq!(fs::read_dir(dir.path().join("packages")).expect("lists").count(), 0);
    assert!(matches!(remove_app(&NOW, &shelf, "leaflet"), Err(HubError::NotInstalled { .. })));
}

#[test]
fn unsigned_unknown_and_retired_publishers_are_refused() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    let unsigned = package(LEAFLET, 1, "a").write().expect("writes");
    assert!(matches!(install(&shelf, &unsigned), Err(HubError::Unsigned { .. })));
    let stranger = install(&shelf, &signed(LEAFLET, 1, "a", &key(2)));
    assert!(matches!(stranger, Err(HubError::Publisher { refusal: PublisherRefusal::Unknown })));
    let mine = key(1).verifying_key().key_id();
    set_publisher_status(&NOW, &shelf, mine, PublisherStatus::Retired).expect("retires");
    let retired = install(&shelf, &signed(LEAFLET, 1, "a", &key(1)));
    assert!(matches!(retired, Err(HubError::Publisher { refusal: PublisherRefusal::Retired { .. } })));
    assert!(list_apps(&shelf).expect("lists").is_empty());
}

#[test]
fn a_package_with_errors_is_refused_with_its_findings() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    match install(&shelf, b"no package at all") {
        Err(HubError::Findings { findings }) => assert!(!findings.is_empty()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_slug_of_another_app_is_refused_unless_another_is_chosen() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    install(&shelf, &signed(LEAFLET, 1, "a", &key(1))).expect("installs");
    let bytes = signed("cn.gov.other.leaflet", 1, "b", &key(1));
    assert!(matches!(install(&shelf, &bytes), Err(HubError::SlugTaken { .. })));
    let slug = Some(Slug::new("other-leaflet").expect("valid"));
    let request = InstallRequest { name: "x.ma", bytes: &bytes, slug, tier: None, allow_downgrade: false };
    install_package(&NOW, &shelf, &request).expect("installs");
    let again = install(&shelf, &signed("cn.gov.other.leaflet", 2, "b", &key(1))).expect("keeps its slug");
    assert_eq!(again.slug.as_str(), "other-leaflet");
    assert_eq!(shelf.snapshot().len(), 2);
}

#[test]
fn an_older_version_is_refused_unless_allowed() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    install(&shelf, &signed(LEAFLET, 5, "five", &key(1))).expect("installs");
    let bytes = signed(LEAFLET, 4, "four", &key(1));
    assert!(matches!(install(&shelf, &bytes), Err(HubError::Downgrade { installed: 5, offered: 4 })));
    let request = InstallRequest { name: "x.ma", bytes: &bytes, slug: None, tier: None, allow_downgrade: true };
    assert_eq!(install_package(&NOW, &shelf, &request).expect("installs").version_code, 4);
}

#[test]
fn another_unit_cannot_take_an_app_over() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    install(&shelf, &signed(LEAFLET, 1, "a", &key(1))).expect("installs");
    register_publisher(&NOW, &shelf, &key(2).verifying_key(), "另一单位").expect("registers");
    let taken = install(&shelf, &signed(LEAFLET, 2, "b", &key(2)));
    assert!(matches!(taken, Err(HubError::Publisher { refusal: PublisherRefusal::OtherUnit { .. } })));
    register_publisher(&NOW, &shelf, &key(3).verifying_key(), "某市民政局").expect("a new key of the same unit");
    install(&shelf, &signed(LEAFLET, 2, "b", &key(3))).expect("installs");
    let other = register_publisher(&NOW, &shelf, &key(3).verifying_key(), "另一单位");
    assert!(matches!(other, Err(HubError::Publisher { refusal: PublisherRefusal::Registered { .. } })));
    assert_eq!(list_publishers(&shelf).expect("lists").len(), 3);
}

#[test]
fn any_changed_byte_of_an_installed_package_is_refused_at_load() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    let bytes = signed(LEAFLET, 1, "a", &key(1));
    let app = install(&shelf, &bytes).expect("installs");
    let path = dir.path().join(format!("packages/{}.ma", app.digest));
    for place in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).expect("writes");
        let error = open_version(&shelf, &app).expect_err("a changed byte");
        assert!(error.to_string().contains(&app.digest.to_string()), "byte {place}: {error}");
    }
    fs::write(&path, &bytes[..bytes.len() - 1]).expect("writes");
    assert!(open_version(&shelf, &app).is_err());
    fs::write(&path, &bytes).expect("writes");
    open_version(&shelf, &app).expect("the installed bytes");
}

#[test]
fn what_a_compromised_key_signed_is_not_loaded_and_what_a_retired_key_signed_is() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    let app = install(&shelf, &signed(LEAFLET, 1, "a", &key(1))).expect("installs");
    let mine = key(1).verifying_key().key_id();
    set_publisher_status(&NOW, &shelf, mine, PublisherStatus::Retired).expect("retires");
    open_version(&shelf, &app).expect("retired keys' versions run on");
    set_publisher_status(&NOW, &shelf, mine, PublisherStatus::Compromised).expect("compromises");
    let refused = open_version(&shelf, &app);
    assert!(matches!(refused, Err(HubError::Publisher { refusal: PublisherRefusal::Compromised { .. } })));
    assert!(set_publisher_status(&NOW, &shelf, mine, PublisherStatus::Active).is_err(), "for good");
}

#[test]
fn a_crash_between_writing_the_package_and_switching_leaves_the_old_version() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    let old = install(&shelf, &signed(LEAFLET, 1, "old", &key(1))).expect("installs");
    let newer = signed(LEAFLET, 2, "new", &key(1));
    let packages = dir.path().join("packages");
    fs::write(packages.join(format!("{}.ma", package(LEAFLET, 2, "new").digest())), &newer[..40]).expect("writes");
    fs::write(packages.join("half.ma.unfinished"), "half").expect("writes");
    fs::write(dir.path().join("shelf.json.unfinished"), "{\"apps\":{").expect("writes");
    let after = Shelf::open(dir.path()).expect("opens after the crash");
    let served = Arc::clone(after.snapshot().find("leaflet").expect("installed"));
    assert_eq!(served.digest, old.digest);
    open_version(&after, &served).expect("opens");
    let installed = install(&after, &newer).expect("installs over the rest of the crash");
    open_version(&after, &installed).expect("opens");
    open_version(&after, &served).expect("requests that began with the old version still find it");
    assert!(!packages.join("half.ma.unfinished").exists());
}

#[test]
fn the_same_content_signed_anew_does_not_disturb_the_version_being_served() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = shelf_in(dir.path());
    let before = install(&shelf, &signed(LEAFLET, 1, "a", &key(1))).expect("installs");
    register_publisher(&NOW, &shelf, &key(2).verifying_key(), "某市民政局").expect("registers");
    let after = install(&shelf, &signed(LEAFLET, 1, "a", &key(2))).expect("installs");
    assert_eq!(before.digest, after.digest);
    assert_ne!(before.trust, after.trust);
    open_version(&shelf, &before).expect("old bytes");
    open_version(&shelf, &after).expect("new bytes");
}

#[test]
fn racing_installs_all_arrive() {
    let dir = tempfile::tempdir().expect("tempdir");
    drop(shelf_in(dir.path()));
    std::thread::scope(|scope| {
        for number in 0..8 {
            let dir = dir.path();
            scope.spawn(move || {
                let shelf = Shelf::open(dir).expect("opens");
                let app_id = format!("cn.gov.example.app-{}", number % 4);
                install(&shelf, &signed(&app_id, 1 + number / 4, "a", &key(1))).or_else(|error| match error {
                    HubError::Downgrade { .. } => Ok(Arc::clone(&list_apps(&shelf).expect("lists")[0])),
                    other => Err(other),
                })
            });
        }
    });
    let shelf = Shelf::open(dir.path()).expect("opens");
    let apps = list_apps(&shelf).expect("lists");
    assert_eq!(apps.len(), 4);
    for app in apps {
        assert_eq!(app.version_code, 2, "{}", app.slug);
        open_version(&shelf, &app).expect("opens");
    }
}

#[test]
fn a_data_directory_keeps_its_mode_and_its_key() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("a/b");
    let first = Shelf::open_or_create(&path, DataMode::Production, [1; 32]).expect("creates");
    assert_eq!(first.node_key(), Some(&[1; 32]));
    let again = Shelf::open_or_create(&path, DataMode::Production, [2; 32]).expect("opens");
    assert_eq!(again.node_key(), Some(&[1; 32]));
    let wrong = Shelf::open_or_create(&path, DataMode::Development, [2; 32]);
    assert!(matches!(wrong, Err(HubError::WrongMode { found: DataMode::Production, .. })));
    assert_eq!(fs::read_to_string(path.join("mode")).expect("reads"), "production\n");
    let foreign = dir.path().join("home");
    fs::create_dir(&foreign).expect("creates");
    fs::write(foreign.join("thesis.txt"), "mine").expect("writes");
    let refused = Shelf::open_or_create(&foreign, DataMode::Development, [3; 32]);
    assert!(matches!(refused, Err(HubError::NotADataDirectory { .. })));
    assert!(!foreign.join("shelf.lock").exists());
}

#[test]
fn keys_and_artefacts_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("tempdir");
    drop(shelf_in(dir.path()));
    let mode = |name: &str| fs::metadata(dir.path().join(name)).expect("there").permissions().mode() & 0o777;
    assert_eq!([mode("node.key"), mode("artefacts"), mode("packages")], [0o600, 0o700, 0o700]);
    fs::set_permissions(dir.path().join("node.key"), fs::Permissions::from_mode(0o640)).expect("opens it up");
    assert!(matches!(Shelf::open(dir.path()), Err(HubError::Damaged { .. })));
}

#[test]
fn a_local_package_needs_no_signature_and_replaces_the_one_before() {
    let shelf = Shelf::local();
    let slug = || Slug::new("leaflet").expect("valid");
    let first = shelf.put_local(slug(), Arc::new(package(LEAFLET, 1, "first")), NOW.now);
    let before = shelf.snapshot();
    shelf.put_local(slug(), Arc::new(package(LEAFLET, 1, "second")), NOW.now);
    assert_eq!(first.trust, Trust::Local);
    assert_ne!(shelf.snapshot().find("leaflet").expect("there").digest, first.digest);
    open_version(&shelf, before.find("leaflet").expect("there")).expect("requests on the way finish");
    assert!(matches!(install(&shelf, &signed(LEAFLET, 1, "a", &key(1))), Err(HubError::NotADataDirectory { .. })));
}
