//! The stores of a data directory: the records of hub and runtime, and the data of apps; looked at by a child process before
//! they are opened. Opened by `app`; `backup` and `restore` use the settings.

use crate::app::{new_context, records_settings};
use crate::node_keys::NodeKeys;
use anyhow::Context as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use yizhan_auth::keys::{Purpose, RootKey};
use yizhan_domain::SystemClock;
use yizhan_hub::DataMode;
use yizhan_hub::control::Export;
use yizhan_store::records::{AuditRecord, AuditStore as _, Trail};
use yizhan_store::{KvKey, Probe, SledRecords, SledSettings, SledStore, probe_in_child};

/// How long the probing child may be silent.
const SILENT_MAX: Duration = Duration::from_secs(60);
/// Its subcommand.
const PROBE: &str = "probe-store";

/// The open stores.
#[derive(Clone)]
pub(crate) struct DataStores {
    pub(crate) records: Arc<SledRecords>,
    pub(crate) kv: Arc<SledStore>,
    /// Directory of the records.
    pub(crate) folder: PathBuf,
}

impl DataStores {
    /// Opens the stores of a data directory.
    pub(crate) fn open(data: &Path, mode: DataMode, keys: &NodeKeys) -> anyhow::Result<Self> {
        let folder = data.join("records");
        let records = SledRecords::open(&folder, &records_settings(mode, &keys.root));
        let records = Arc::new(records.context("the records of hub and runtime")?);
        let kv = SledStore::open(&kv_folder(data), &kv_settings(&keys.root)).context("the data of apps")?;
        Ok(Self { records, kv: Arc::new(kv), folder })
    }

    /// What a backup beside this process asks for: notes it in the audit, then writes the data of apps.
    pub(crate) fn export(&self, runtime: tokio::runtime::Handle) -> Export {
        let stores = self.clone();
        Arc::new(move |to| {
            let context = new_context(&SystemClock).map_err(io::Error::other)?;
            let record = AuditRecord::new(context.id, context.now, "command", "store.backed-up", "ok");
            runtime.block_on(stores.records.append(Trail::of(record))).map_err(io::Error::other)?;
            stores.kv.dump(to).map(drop).map_err(io::Error::other)
        })
    }
}

/// Where the data of apps lie in a data directory.
pub(crate) fn kv_folder(data: &Path) -> PathBuf {
    data.join("store")
}

/// How the data of apps are opened.
pub(crate) fn kv_settings(root: &RootKey) -> SledSettings {
    SledSettings { probe: probe(), ..SledSettings::new(KvKey::new(*root.derive(Purpose::AppData))) }
}

/// Looks at a database by this binary again, as a child. None when its path is unknown: then a thread looks.
pub(crate) fn probe() -> Option<Probe> {
    let program = std::env::current_exe().ok()?;
    Some(probe_in_child(program, vec![PROBE.into()], SILENT_MAX))
}
