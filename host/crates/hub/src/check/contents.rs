//! The files of an app as the check sees them, and where the host will serve them.

use bytes::Bytes;
use std::collections::BTreeMap;
use yizhan_package::{Manifest, Package};

/// The files of an app by path, and what else answers its requests.
pub(super) struct Contents<'a> {
    files: BTreeMap<&'a str, &'a [u8]>,
    /// Whether a component answers what no file does.
    pub(super) has_component: bool,
    /// Whether a page answers unknown paths.
    pub(super) has_fallback: bool,
}

impl<'a> Contents<'a> {
    pub(super) fn of_package(package: &'a Package) -> Self {
        let files = package.files().map(|(path, content)| (path, content.as_ref())).collect();
        Self { files, has_component: true, has_fallback: true }.answered_as(package.manifest())
    }

    /// Of files that make no package: nobody knows what would answer, so the mild reading is taken.
    pub(super) fn of_files(files: &'a BTreeMap<String, Bytes>) -> Self {
        Self {
            files: files.iter().map(|(path, content)| (path.as_str(), content.as_ref())).collect(),
            has_component: true,
            has_fallback: true,
        }
    }

    /// The same files with what the manifest says of answering.
    pub(super) fn answered_as(self, manifest: &Manifest) -> Self {
        Self {
            has_component: manifest.gov_component.is_some(),
            has_fallback: manifest.gov_spa_fallback.is_some(),
            ..self
        }
    }

    /// A file by its path in the package.
    pub(super) fn file(&self, path: &str) -> Option<&'a [u8]> {
        self.files.get(path).copied()
    }

    /// Pages under `public/`, by path.
    pub(super) fn pages(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let is_page = |path: &str| path.starts_with("public/") && (path.ends_with(".html") || path.ends_with(".htm"));
        self.files.iter().map(|(path, content)| (*path, *content)).filter(move |(path, _)| is_page(path))
    }

    /// Style sheets under `public/`, by path.
    pub(super) fn style_sheets(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let is_style = |path: &str| path.starts_with("public/") && path.ends_with(".css");
        self.files.iter().map(|(path, content)| (*path, *content)).filter(move |(path, _)| is_style(path))
    }

    /// Whether a file answers this path of the origin, as in `/css/app.css`; a folder answers with its `index.html`.
    pub(super) fn serves(&self, url_path: &str) -> bool {
        let path = format!("public{url_path}");
        let index = format!("{}/index.html", path.trim_end_matches('/'));
        (!path.ends_with('/') && self.files.contains_key(path.as_str())) || self.files.contains_key(index.as_str())
    }
}
