//! The public keys of a runtime elsewhere, as a file that goes from it to its hub: `runtime-keys.json` in the runtime's data
//! directory. Holds no private key.

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use yizhan_domain::AppId;

/// Name of the file in a runtime's data directory.
pub(crate) const FILE: &str = "runtime-keys.json";
/// Largest file that is read, bytes.
const BYTES_MAX: u64 = 16 << 20;

/// Key sets (RFC 7517) by app.
pub(crate) type RuntimeKeys = BTreeMap<AppId, serde_json::Value>;

/// Reads the file.
pub(crate) fn read(path: &Path) -> anyhow::Result<RuntimeKeys> {
    let what = || format!("the keys of the runtime in {}", path.display());
    let bytes = fs::metadata(path).with_context(what)?.len();
    anyhow::ensure!(bytes <= BYTES_MAX, "{} has {bytes} bytes; {BYTES_MAX} are allowed", path.display());
    serde_json::from_slice(&fs::read(path).with_context(what)?).with_context(what)
}

/// Writes the file anew; a reader sees the old one or the new one.
pub(crate) fn write(path: &Path, keys: &RuntimeKeys) -> anyhow::Result<()> {
    let fresh = path.with_extension("json.new");
    let text = serde_json::to_string_pretty(keys)?;
    fs::write(&fresh, text)
        .and_then(|()| fs::rename(&fresh, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        let keys = RuntimeKeys::from([(AppId::new("cn.gov.a").expect("id"), serde_json::json!({ "keys": [] }))]);
        write(&path, &keys).expect("written");
        assert_eq!(read(&path).expect("read"), keys);
        assert!(read(&folder.path().join("missing")).is_err());
    }
}
