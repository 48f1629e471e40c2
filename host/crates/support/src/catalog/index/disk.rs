//! The directory of the index: opened with its checksums, or set aside and begun anew.

use super::Fields;
use std::{fs, io, path::Path};
use tantivy::{Index, TantivyError, directory::MmapDirectory};

/// Opens the index of this directory, or begins one. Says why an old one was set aside.
pub(super) fn open(directory: &Path) -> Result<(Index, Option<String>), TantivyError> {
    fs::create_dir_all(directory)?;
    let is_empty = fs::read_dir(directory)?.next().is_none();
    if is_empty {
        return Ok((begin(directory)?, None));
    }
    match read(directory) {
        Ok(index) => Ok((index, None)),
        Err(why) => {
            let aside = set_aside(directory)?;
            Ok((begin(directory)?, Some(format!("the search index was built anew: {why}; the old one is in {aside}"))))
        }
    }
}

fn begin(directory: &Path) -> Result<Index, TantivyError> {
    fs::create_dir_all(directory)?;
    Index::create_in_dir(directory, Fields::schema().0)
}

/// Opens what is there, reads every file once and compares the checksums.
fn read(directory: &Path) -> Result<Index, String> {
    let text = |error: TantivyError| error.to_string();
    let files = MmapDirectory::open(directory).map_err(|error| text(error.into()))?;
    let index = Index::open(files).map_err(text)?;
    if index.schema() != Fields::schema().0 {
        return Err("it has other fields".to_owned());
    }
    let damaged = index.validate_checksum().map_err(text)?;
    if let Some(file) = damaged.into_iter().next() {
        return Err(format!("{} is damaged", file.display()));
    }
    // A wrong footer passes the checksums; opening each file finds it.
    index.reader().map_err(text)?;
    Ok(index)
}

/// Moves a directory out of the way, to a name beside it; what lay there from the time before is removed.
fn set_aside(directory: &Path) -> io::Result<String> {
    let mut name = directory.file_name().unwrap_or_default().to_owned();
    name.push(".set-aside");
    let aside = directory.with_file_name(&name);
    match fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::rename(directory, &aside)?,
    }
    Ok(name.to_string_lossy().into_owned())
}
