//! What `new` writes: the templates and the SDK that new apps carry with them, both inside the binary.

use include_dir::{Dir, DirEntry, include_dir};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const TEMPLATES: &Dir<'static> = &include_dir!("$CARGO_MANIFEST_DIR/templates");
const SDK: &Dir<'static> = &include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk");
/// What of the SDK an app needs.
const SDK_PARTS: [&str; 5] = ["Cargo.toml", "README.md", "NOTICE", "src", "wit"];
/// Where a new app keeps the SDK.
pub const SDK_FOLDER: &str = "vendor/yizhan-sdk";

/// Which template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Template {
    /// A component that needs nobody signed in.
    Open,
    /// A component that asks who is signed in.
    Identity,
    /// Files for the browser alone.
    Static,
}

impl Template {
    fn folder(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Identity => "identity",
            Self::Static => "static",
        }
    }

    /// The files of the template by their path in the new app; marks are not yet replaced.
    pub fn files(self) -> Vec<(PathBuf, &'static [u8])> {
        let mut files = Vec::new();
        if let Some(folder) = TEMPLATES.get_dir(self.folder()) {
            collect(folder, folder.path(), &mut files);
        }
        // Stored as Cargo.toml.in, so that cargo does not take the template for a package of this workspace.
        for (path, _) in
            files.iter_mut().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "in"))
        {
            path.set_extension("");
        }
        files
    }
}

/// The files of the SDK by their path inside it.
pub fn sdk_files() -> Vec<(PathBuf, &'static [u8])> {
    let mut files = Vec::new();
    collect(SDK, Path::new(""), &mut files);
    files.retain(|(path, _)| SDK_PARTS.iter().any(|part| path.starts_with(part)));
    files
}

fn collect(folder: &'static Dir<'static>, root: &Path, files: &mut Vec<(PathBuf, &'static [u8])>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, root, files),
            DirEntry::File(file) => {
                files.push((file.path().strip_prefix(root).unwrap_or(file.path()).to_owned(), file.contents()));
            }
        }
    }
}

/// Replaces marks, as in `{{name}}`, in a text; other bytes (pictures) stay as they are.
pub fn replace_marks(bytes: &[u8], marks: &[(&str, &str)]) -> Vec<u8> {
    let Ok(text) = str::from_utf8(bytes) else { return bytes.to_vec() };
    marks.iter().fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value)).into_bytes()
}

/// Writes one file and the folders above it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_replaced_in_text_and_pictures_stay() {
        assert_eq!(replace_marks(b"{{name}} {{other}}", &[("{{name}}", "leaflet")]), b"leaflet {{other}}");
        assert_eq!(replace_marks(b"\xff{{name}}", &[("{{name}}", "leaflet")]), b"\xff{{name}}");
    }

    #[test]
    fn every_template_has_a_manifest_and_the_sdk_its_contract() {
        for template in [Template::Open, Template::Identity, Template::Static] {
            let files = template.files();
            assert!(files.iter().any(|(path, _)| path == Path::new("manifest.json")), "{template:?}");
        }
        let sdk = sdk_files();
        for path in ["Cargo.toml", "src/lib.rs", "wit/worlds.wit"] {
            assert!(sdk.iter().any(|(there, _)| there == Path::new(path)), "{path}");
        }
    }
}
