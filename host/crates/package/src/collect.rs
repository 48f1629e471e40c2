//! Takes the files of a package out of an app directory: what the author edits becomes what is packed. `pack`, `dev` and
//! `run` call it.

use crate::{
    COMPONENT_PATH, ENTRIES_MAX, MANIFEST_PATH, PackageError, SBOM_PATH, UNPACKED_BYTES_MAX,
    manifest::MANIFEST_BYTES_MAX, path,
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

/// Reads `manifest.json`, the component that it names (`component.wasm` unless it says another) if it is there, everything
/// under `public/`, and `META/sbom.cdx.json` if it is there. Files and folders whose names begin with `.` are skipped, links
/// and special files are refused. Nothing is checked but paths and sizes: [`crate::Package::from_files`] does the rest.
pub fn collect(dir: &Path) -> Result<BTreeMap<String, Bytes>, PackageError> {
    let mut collector = Collector { dir, files: BTreeMap::new(), bytes: 0 };
    if !collector.file(MANIFEST_PATH)? {
        return Err(PackageError::Missing { path: MANIFEST_PATH.to_owned() });
    }
    let component = component_path(&collector.files[MANIFEST_PATH]);
    collector.file(&component)?;
    collector.folder("public")?;
    if collector.is_folder("META")? {
        collector.file(SBOM_PATH)?;
    }
    Ok(collector.files)
}

/// The path that the manifest says, also when other parts of the manifest are wrong.
fn component_path(manifest: &[u8]) -> String {
    let said = Some(manifest)
        .filter(|bytes| bytes.len() <= MANIFEST_BYTES_MAX)
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok())
        .and_then(|json| json.pointer("/gov_component/path")?.as_str().map(str::to_owned))
        .filter(|said| !said.contains('/') && path::check(said).is_ok());
    said.unwrap_or_else(|| COMPONENT_PATH.to_owned())
}

struct Collector<'a> {
    dir: &'a Path,
    files: BTreeMap<String, Bytes>,
    bytes: u64,
}

impl Collector<'_> {
    /// Takes one file; answers whether it is there.
    fn file(&mut self, path: &str) -> Result<bool, PackageError> {
        let full = self.dir.join(path);
        let kind = match fs::symlink_metadata(&full) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(unreadable(path, source)),
        };
        if !kind.is_file() {
            let problem =
                if kind.is_symlink() { "is a link; packages hold files only" } else { "is not an ordinary file" };
            return Err(PackageError::Path { path: path.to_owned(), problem });
        }
        if self.files.len() as u64 >= ENTRIES_MAX {
            return Err(self.too_large(ENTRIES_MAX + 1, ENTRIES_MAX, "files"));
        }
        let content = self.read(&full).map_err(|source| unreadable(path, source))?;
        self.bytes += content.len() as u64;
        if self.bytes > UNPACKED_BYTES_MAX {
            return Err(self.too_large(self.bytes, UNPACKED_BYTES_MAX, "unpacked bytes"));
        }
        self.files.insert(path.to_owned(), Bytes::from(content));
        Ok(true)
    }

    /// Reads at most one byte more than the package may still hold.
    fn read(&self, full: &Path) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        fs::File::open(full)?.take(UNPACKED_BYTES_MAX - self.bytes + 1).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Whether a folder is there; anything else of that name is refused.
    fn is_folder(&self, path: &str) -> Result<bool, PackageError> {
        let kind = match fs::symlink_metadata(self.dir.join(path)) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(unreadable(path, source)),
        };
        if kind.is_dir() {
            return Ok(true);
        }
        let problem = if kind.is_symlink() { "is a link; packages hold files only" } else { "is not a folder" };
        Err(PackageError::Path { path: path.to_owned(), problem })
    }

    /// Takes all files under a folder, if it is there.
    fn folder(&mut self, root: &str) -> Result<(), PackageError> {
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            if !self.is_folder(&folder)? {
                continue;
            }
            let full = self.dir.join(&folder);
            for entry in fs::read_dir(&full).map_err(|source| unreadable(&folder, source))? {
                let entry = entry.map_err(|source| unreadable(&folder, source))?;
                if let Some(deeper) = self.entry(&folder, &entry)? {
                    open.push(deeper);
                }
            }
        }
        Ok(())
    }

    /// Takes one entry of a folder; answers its path when it is a folder itself.
    fn entry(&mut self, folder: &str, entry: &fs::DirEntry) -> Result<Option<String>, PackageError> {
        let name = entry.file_name();
        let path = format!("{folder}/{}", name.to_string_lossy());
        if name.as_encoded_bytes().starts_with(b".") {
            return Ok(None);
        }
        let refused = |problem| PackageError::Path { path: path.clone(), problem };
        if name.to_str().is_none() {
            return Err(refused("is not UTF-8"));
        }
        path::check(&path).map_err(refused)?;
        if entry.file_type().map_err(|source| unreadable(&path, source))?.is_dir() {
            return Ok(Some(path));
        }
        self.file(&path)?;
        Ok(None)
    }

    fn too_large(&self, found: u64, max: u64, unit: &'static str) -> PackageError {
        PackageError::TooLarge { what: "the package".to_owned(), found, max, unit }
    }
}

fn unreadable(path: &str, source: io::Error) -> PackageError {
    PackageError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("directory");
        for folder in ["public/css", "META", "src", "public/.git"] {
            fs::create_dir_all(dir.path().join(folder)).expect("folder");
        }
        for path in ["manifest.json", "public/index.html", "public/css/a.css", "public/.DS_Store", "public/.git/config"]
        {
            fs::write(dir.path().join(path), "{}").expect("file");
        }
        for path in ["META/sbom.cdx.json", "META/signature.json", "src/lib.rs", "yizhan.toml", "component.wasm"] {
            fs::write(dir.path().join(path), "{}").expect("file");
        }
        dir
    }

    fn paths(dir: &Path) -> Vec<String> {
        collect(dir).expect("files").into_keys().collect()
    }

    #[test]
    fn sources_hidden_files_and_old_signatures_stay_out() {
        let expected =
            ["META/sbom.cdx.json", "component.wasm", "manifest.json", "public/css/a.css", "public/index.html"];
        assert_eq!(paths(app().path()), expected);
    }

    #[test]
    fn the_component_is_taken_from_where_the_manifest_says() {
        let app = app();
        fs::write(app.path().join("manifest.json"), r#"{"gov_component": {"path": "app.wasm"}}"#).expect("file");
        fs::write(app.path().join("app.wasm"), "x").expect("file");
        let paths = paths(app.path());
        assert!(paths.contains(&"app.wasm".to_owned()) && !paths.contains(&"component.wasm".to_owned()));
    }

    #[test]
    fn a_manifest_cannot_take_files_from_elsewhere() {
        let app = app();
        fs::write(app.path().join("manifest.json"), r#"{"gov_component": {"path": "../secret.wasm"}}"#).expect("file");
        assert!(collect(app.path()).expect("files").keys().all(|path| !path.contains("secret")));
    }

    #[test]
    fn a_directory_without_a_manifest_is_refused() {
        let empty = tempfile::tempdir().expect("directory");
        assert!(matches!(collect(empty.path()), Err(PackageError::Missing { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused_wherever_they_stand() {
        use std::os::unix::fs::symlink;
        for link in ["public/link", "public/css/link", "META"] {
            let app = app();
            if link == "META" {
                fs::rename(app.path().join("META"), app.path().join("elsewhere")).expect("moved");
                symlink("elsewhere", app.path().join(link)).expect("link");
            } else {
                symlink("/etc/hostname", app.path().join(link)).expect("link");
            }
            let refused = collect(app.path());
            assert!(matches!(&refused, Err(PackageError::Path { path, .. }) if path.starts_with(link)), "{refused:?}");
        }
    }

    #[test]
    fn the_order_in_which_files_were_made_does_not_matter() {
        let (one, two) = (app(), app());
        fs::write(two.path().join("public/b"), "b").expect("file");
        fs::write(one.path().join("public/b"), "b").expect("file");
        fs::remove_file(one.path().join("public/index.html")).expect("removed");
        fs::write(one.path().join("public/index.html"), "{}").expect("file");
        assert_eq!(collect(one.path()).expect("files"), collect(two.path()).expect("files"));
    }

    #[test]
    fn too_many_bytes_are_refused_without_reading_them_all() {
        let app = app();
        let big = fs::File::create(app.path().join("public/big")).expect("file");
        big.set_len(UNPACKED_BYTES_MAX * 16).expect("a sparse file");
        assert!(matches!(collect(app.path()), Err(PackageError::TooLarge { unit: "unpacked bytes", .. })));
    }
}
