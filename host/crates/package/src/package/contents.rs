//! Which files a package holds: sound paths, within the limits, named by the manifest or under `public/`, and all there.

use super::{COMPONENT_PATH, ENTRIES_MAX, MANIFEST_PATH, SBOM_PATH, UNPACKED_BYTES_MAX};
use crate::{Manifest, PackageError, path};
use bytes::Bytes;
use std::collections::{BTreeMap, btree_map::Entry};
use yizhan_domain::Finding;

/// Refuses paths that are wrong, or that would be one on machines that do not tell capitals from small letters.
pub(super) fn check_paths(files: &BTreeMap<String, Bytes>) -> Result<(), PackageError> {
    let mut taken: BTreeMap<String, (&str, bool)> = BTreeMap::new();
    for whole in files.keys() {
        path::check(whole).map_err(|problem| PackageError::Path { path: whole.clone(), problem })?;
        let folders = whole.match_indices('/').map(|(at, _)| (&whole[..at], false));
        for (name, is_file) in folders.chain([(whole.as_str(), true)]) {
            match taken.entry(name.to_lowercase()) {
                Entry::Vacant(free) => {
                    free.insert((name, is_file));
                }
                Entry::Occupied(other) if *other.get() == (name, false) && !is_file => {}
                Entry::Occupied(other) => {
                    return Err(PackageError::Collision { first: other.get().0.to_owned(), second: whole.clone() });
                }
            }
        }
    }
    Ok(())
}

/// Refuses too many files or too many bytes.
pub(super) fn check_sizes(files: &BTreeMap<String, Bytes>) -> Result<(), PackageError> {
    let bytes = files.values().map(|content| content.len() as u64).sum();
    let limits = [(files.len() as u64, ENTRIES_MAX, "files"), (bytes, UNPACKED_BYTES_MAX, "unpacked bytes")];
    match limits.into_iter().find(|(found, max, _)| found > max) {
        Some((found, max, unit)) => Err(PackageError::TooLarge { what: "the package".to_owned(), found, max, unit }),
        None => Ok(()),
    }
}

/// Reads the manifest and compares it with the files, in both directions.
pub(super) fn check_manifest(files: &BTreeMap<String, Bytes>) -> Result<Manifest, PackageError> {
    let missing = || PackageError::Missing { path: MANIFEST_PATH.to_owned() };
    let json = files.get(MANIFEST_PATH).ok_or_else(missing)?;
    let manifest = Manifest::parse(json).map_err(|findings| PackageError::Manifest { findings })?;
    let component = manifest.gov_component.as_ref().map(|component| component.path.as_str());
    let has_place = |file: &str| {
        file == MANIFEST_PATH || file == SBOM_PATH || file.starts_with(path::PUBLIC) || Some(file) == component
    };
    if let Some(stranger) = files.keys().find(|file| !has_place(file)) {
        return Err(PackageError::NotAllowed { path: stranger.clone() });
    }
    let findings = missing_files(&manifest, files);
    if findings.is_empty() { Ok(manifest) } else { Err(PackageError::Manifest { findings }) }
}

fn missing_files(manifest: &Manifest, files: &BTreeMap<String, Bytes>) -> Vec<Finding> {
    let icons = manifest.icons.iter().enumerate().map(|(index, icon)| (format!("/icons/{index}/src"), &icon.src));
    let component = manifest.gov_component.iter().map(|component| ("/gov_component/path".to_owned(), &component.path));
    let fallback = manifest.gov_spa_fallback.iter().map(|file| ("/gov_spa_fallback".to_owned(), file));
    let mut findings: Vec<Finding> = icons
        .chain(component)
        .chain(fallback)
        .filter(|(_, file)| !files.contains_key(*file))
        .map(|(pointer, file)| {
            Finding::error("manifest.file-missing", MANIFEST_PATH)
                .at(pointer)
                .why(format!("names the file {file:?}, which is not there"))
                .fix(if file == COMPONENT_PATH {
                    "build the component, or correct the path"
                } else {
                    "add the file, or correct the path"
                })
        })
        .collect();
    let start = manifest.gov_component.is_some() || manifest.gov_spa_fallback.is_some();
    if !start && !files.contains_key("public/index.html") {
        findings.push(
            Finding::error("manifest.start-page-missing", MANIFEST_PATH)
                .why("the app has neither a component nor public/index.html: nothing answers its first address")
                .fix("add public/index.html, or gov_component with the component's file"),
        );
    }
    findings
}
