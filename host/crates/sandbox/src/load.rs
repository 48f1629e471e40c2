//! Loaded versions: compiled once per node, mapped on first use, kept up to a number and a size.

mod artefact;

use crate::SandboxError;
use crate::compile;
use crate::egress::Target;
use crate::engine::Engines;
use crate::guest::GuestContext;
use crate::link;
use artefact::{Artefacts, Name};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::OnceCell;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p3::bindings::ServicePre;
use yizhan_domain::limits::{AppLimits, NodeLimits};
use yizhan_domain::report::EngineKind;
use yizhan_domain::{Access, AppId, VersionDigest};

/// One version of an app, as the sandbox needs to know it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The app.
    pub app: AppId,
    /// The version.
    pub digest: VersionDigest,
    /// Chooses the linker.
    pub access: Access,
    /// Limits of the app.
    pub limits: AppLimits,
    /// `scheme://host:port` that the app may call.
    pub egress: Arc<[Target]>,
    /// Settings of `wasi:config`.
    pub config: BTreeMap<String, String>,
    /// Environment variables, for local runs.
    pub env: Vec<(String, String)>,
}

/// A component ready to be instantiated.
pub(crate) enum Pre {
    P2(ProxyPre<GuestContext>),
    P3(ServicePre<GuestContext>),
}

/// A version ready to run.
pub(crate) struct Loaded {
    pub(crate) version: Arc<Version>,
    pub(crate) pre: Pre,
    code_bytes: u64,
}

type SharedLinker = Arc<Linker<GuestContext>>;

struct Slot {
    cell: OnceCell<Arc<Loaded>>,
    used: AtomicU64,
}

/// The versions that this node holds ready.
pub(crate) struct Versions {
    engines: Arc<Engines>,
    linkers: Mutex<HashMap<(EngineKind, Access), SharedLinker>>,
    artefacts: Arc<Artefacts>,
    compiler: PathBuf,
    limits: NodeLimits,
    slots: RwLock<HashMap<VersionDigest, Arc<Slot>>>,
    uses: AtomicU64,
}

impl Versions {
    pub(crate) fn new(
        engines: Arc<Engines>,
        limits: NodeLimits,
        compiler: PathBuf,
        folder: PathBuf,
        key: [u8; 32],
    ) -> Self {
        Self {
            engines,
            linkers: Mutex::default(),
            artefacts: Arc::new(Artefacts::new(folder, key)),
            compiler,
            limits,
            slots: RwLock::default(),
            uses: AtomicU64::new(0),
        }
    }

    /// The loaded version, without waiting.
    pub(crate) fn find(&self, digest: &VersionDigest) -> Option<Arc<Loaded>> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.get(digest)?;
        slot.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot.cell.get().cloned()
    }

    /// Loads a version, compiling it first if this node never did; two callers of one version share the work.
    pub(crate) async fn load(&self, version: Arc<Version>, wasm: Bytes) -> Result<Arc<Loaded>, SandboxError> {
        let slot = self.slot(version.digest);
        let loaded = slot.cell.get_or_try_init(|| self.make(version, wasm)).await.cloned();
        drop(slot);
        self.evict();
        loaded
    }

    pub(crate) fn forget(&self, digest: &VersionDigest) {
        self.slots.write().unwrap_or_else(PoisonError::into_inner).remove(digest);
    }

    pub(crate) fn count(&self) -> usize {
        self.slots.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn slot(&self, digest: VersionDigest) -> Arc<Slot> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let used = self.uses.fetch_add(1, Ordering::Relaxed);
        Arc::clone(
            slots.entry(digest).or_insert_with(|| Arc::new(Slot { cell: OnceCell::new(), used: AtomicU64::new(used) })),
        )
    }

    /// Drops what could not be loaded, then least recently used versions until number and size fit. Requests that run keep
    /// theirs.
    fn evict(&self) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| slot.cell.get().is_some() || Arc::strong_count(slot) > 1);
        let bytes = |slot: &Slot| slot.cell.get().map_or(0, |loaded| loaded.code_bytes);
        let mut total: u64 = slots.values().map(|slot| bytes(slot)).sum();
        while slots.len() as u64 > self.limits.versions_max || total > self.limits.code_bytes_max {
            let oldest = slots
                .iter()
                .filter(|(_, slot)| slot.cell.get().is_some())
                .min_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed))
                .map(|(digest, slot)| (*digest, bytes(slot)));
            let Some((digest, freed)) = oldest else { break };
            slots.remove(&digest);
            total -= freed;
        }
    }

    async fn make(&self, version: Arc<Version>, wasm: Bytes) -> Result<Arc<Loaded>, SandboxError> {
        let kind = crate::inspect::inspect(&wasm, version.access).engine;
        if kind == EngineKind::P3 && version.access == Access::IdentityRequired {
            return Err(SandboxError::Load("identity-required apps run on WASI 0.2 only for now".to_owned()));
        }
        let engine = self.engines.get(kind)?.clone();
        let linker = self.linker(kind, version.access)?;
        let name = Arc::new(Name::of(&wasm, kind, &engine));
        let (component, code_bytes) = match self.mapped(&name, &engine).await? {
            Some(found) => found,
            None => {
                let code = compile::in_child(&self.compiler, kind, &self.limits, &wasm).await?;
                self.put(&name, code).await?;
                self.mapped(&name, &engine)
                    .await?
                    .ok_or_else(|| SandboxError::Load("the compiled code could not be read back".to_owned()))?
            }
        };
        // Linking walks every import: as slow as loading, so it stays off the serving threads too.
        blocking(move || {
            let pre = linker.instantiate_pre(&component).map_err(unlinked)?;
            let pre = match kind {
                EngineKind::P2 => Pre::P2(ProxyPre::new(pre).map_err(unlinked)?),
                EngineKind::P3 => Pre::P3(ServicePre::new(pre).map_err(unlinked)?),
            };
            Ok(Arc::new(Loaded { version, pre, code_bytes }))
        })
        .await
    }

    fn linker(&self, kind: EngineKind, access: Access) -> Result<SharedLinker, SandboxError> {
        let mut linkers = self.linkers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(linker) = linkers.get(&(kind, access)) {
            return Ok(Arc::clone(linker));
        }
        let linker = link::linker(self.engines.get(kind)?, kind, access).map_err(SandboxError::Engine)?;
        let linker = Arc::new(linker);
        linkers.insert((kind, access), Arc::clone(&linker));
        Ok(linker)
    }

    async fn mapped(
        &self,
        name: &Arc<Name>,
        engine: &wasmtime::Engine,
    ) -> Result<Option<(Component, u64)>, SandboxError> {
        let (artefacts, name, engine) = (Arc::clone(&self.artefacts), Arc::clone(name), engine.clone());
        blocking(move || artefacts.load(&name, &engine)).await
    }

    async fn put(&self, name: &Arc<Name>, code: Vec<u8>) -> Result<(), SandboxError> {
        let (artefacts, name) = (Arc::clone(&self.artefacts), Arc::clone(name));
        blocking(move || artefacts.put(&name, &code)).await
    }
}

fn unlinked(error: wasmtime::Error) -> SandboxError {
    SandboxError::Load(format!("{error:#}"))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SandboxError> + Send + 'static,
) -> Result<T, SandboxError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(SandboxError::Load(format!("the loader stopped: {error}"))),
    }
}
