//! Exports signed heads of the audit chain at an interval, to a directory that is copied, or mounted from, where the hub cannot
//! rewrite it. Started by the server; `yizhan audit verify --heads` reads them.

use crate::data_stores::DataStores;
use crate::node_keys;
use crate::serve_options::HeadsExport;
use anyhow::Context as _;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use yizhan_auth::jose::{JwsHeader, KeyUse};
use yizhan_auth::keys::{KeyOwner, KeyStore};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{Clock, SystemClock, Timestamp};
use yizhan_store::records::AuditStore as _;
use yizhan_store::{ChainHead, HeadSigner, HeadStatement, chain_name, export_heads};

/// `typ` of a signed head.
pub(crate) const TYPE: &str = "audit-head+jwt";
/// The file of public keys beside the heads: one key set a line, a new line when the set has changed.
pub(crate) const KEYS_FILE: &str = "keys.jsonl";
const SUITE: Suite = Suite::International;

/// Exports heads until it is dropped.
pub(crate) struct Heads {
    exporter: Arc<Exporter>,
    task: tokio::task::JoinHandle<()>,
    runtime: tokio::runtime::Handle,
}

struct Exporter {
    stores: DataStores,
    keys: Arc<dyn KeyStore>,
    settings: HeadsExport,
    chain: String,
}

struct NodeSigner<'a>(&'a dyn KeyStore);

impl HeadSigner for NodeSigner<'_> {
    fn sign(&self, payload: &[u8]) -> Result<String, Box<dyn Error + Send + Sync>> {
        let header = JwsHeader { typ: Some(TYPE), ..JwsHeader::default() };
        Ok(self.0.sign(&KeyOwner::Hub, SUITE, &header, payload)?)
    }
}

impl Heads {
    /// Exports the first head, which must work, then one at each interval.
    pub(crate) fn start(
        settings: HeadsExport,
        stores: DataStores,
        keys: Arc<dyn KeyStore>,
        runtime: tokio::runtime::Handle,
    ) -> anyhow::Result<Self> {
        node_keys::ensure(&*keys, &KeyOwner::Hub, (SUITE, &[KeyUse::Sign]), SystemClock.now())?;
        let chain = chain_name(&stores.folder)?;
        let what = format!("the export of signed heads to {}", settings.to.display());
        let exporter = Arc::new(Exporter { stores, keys, settings, chain });
        runtime.block_on(exporter.export()).context(what)?;
        let ticking = Arc::clone(&exporter);
        let task = runtime.spawn(async move {
            loop {
                tokio::time::sleep(ticking.settings.every).await;
                if let Err(error) = ticking.export().await {
                    tracing::error!(error = format!("{error:#}"), "a signed head was not exported");
                }
            }
        });
        Ok(Self { exporter, task, runtime })
    }

    /// Exports the last head of this process.
    pub(crate) fn finish(self) {
        if let Err(error) = self.runtime.block_on(self.exporter.export()) {
            tracing::error!(error = format!("{error:#}"), "the last signed head was not exported");
        }
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Exporter {
    async fn export(self: &Arc<Self>) -> anyhow::Result<()> {
        let head = self.stores.records.head().await?;
        let statement = HeadStatement { at: SystemClock.now(), chains: vec![ChainHead::new(&self.chain, &head)] };
        let exporter = Arc::clone(self);
        let write = move || -> anyhow::Result<()> {
            let (to, keys) = (&exporter.settings.to, &*exporter.keys);
            fs::create_dir_all(to)?;
            add_keys(to, keys, statement.at)?;
            Ok(export_heads(to, &statement, &NodeSigner(keys))?)
        };
        tokio::task::spawn_blocking(write).await?
    }
}

/// Adds the public keys as a line, unless the last line says the same.
fn add_keys(to: &Path, keys: &dyn KeyStore, now: Timestamp) -> anyhow::Result<()> {
    let path = to.join(KEYS_FILE);
    let line = keys.public_jwks(&KeyOwner::Hub, now)?.to_value().to_string();
    let known = if path.exists() { fs::read_to_string(&path)? } else { String::new() };
    if known.lines().last() == Some(line.as_str()) && known.ends_with('\n') {
        return Ok(());
    }
    let begin = if known.is_empty() || known.ends_with('\n') { "" } else { "\n" };
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(format!("{begin}{line}\n").as_bytes())?;
    Ok(file.sync_all()?)
}
