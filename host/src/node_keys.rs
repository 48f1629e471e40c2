//! The keys of this node: the root key, and the stores of the hub's keys and of the apps'. In a data directory, or in memory.

use crate::hub_side::rng;
use anyhow::Context as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyError, KeyOwner, KeySlot, KeyStore, RootKey, SoftwareKeyStore};
use yizhan_domain::Timestamp;
use yizhan_domain::authorization::Suite;
use zeroize::Zeroizing;

/// Folder of the keys in a data directory.
const FOLDER: &str = "keys";

/// The root key and what stands under it.
pub(crate) struct NodeKeys {
    pub(crate) root: RootKey,
    /// The hub's signing keys.
    pub(crate) hub: Arc<dyn KeyStore>,
    /// Keys of the clients of apps, in the runtime's custody.
    pub(crate) apps: Arc<dyn KeyStore>,
}

impl NodeKeys {
    /// Keys that end with the process.
    pub(crate) fn in_memory() -> anyhow::Result<Self> {
        Ok(Self {
            root: RootKey::of(Zeroizing::new(crate::app::random_bytes()?)),
            hub: Arc::new(SoftwareKeyStore::in_memory(Box::new(rng()))),
            apps: Arc::new(SoftwareKeyStore::in_memory(Box::new(rng()))),
        })
    }

    /// The keys of a data directory; made when it has none.
    pub(crate) fn open(data: &Path) -> anyhow::Result<Self> {
        let folder = data.join(FOLDER);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join("root.key");
        let root = if path.exists() { RootKey::open_file(&path) } else { RootKey::create_file(&path, &mut rng()) };
        let root = root.with_context(|| format!("the root key {}", path.display()))?;
        Ok(Self { hub: store(&folder.join("hub.keys"), &root)?, apps: store(&folder.join("apps.keys"), &root)?, root })
    }
}

fn store(path: &Path, root: &RootKey) -> anyhow::Result<Arc<dyn KeyStore>> {
    let rng = Box::new(rng());
    let store =
        if path.exists() { SoftwareKeyStore::open(path, root, rng) } else { SoftwareKeyStore::create(path, root, rng) };
    Ok(Arc::new(store.with_context(|| format!("the keys in {}", path.display()))?))
}

/// Makes the keys of an owner that are missing, one for each use.
pub(crate) fn ensure(
    keys: &dyn KeyStore,
    owner: &KeyOwner,
    (suite, uses): (Suite, &[KeyUse]),
    now: Timestamp,
) -> Result<(), KeyError> {
    for key_use in uses.iter().copied() {
        match keys.create(owner, KeySlot { key_use, suite }, now) {
            Ok(_) | Err(KeyError::Exists) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
