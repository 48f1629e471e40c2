//! The glass box: runs each request of an app in a fresh instance with limits on everything, and offers the platform to it as
//! host functions. The only room that knows wasmtime. Called by the front door with a permit.

mod admission;
mod bindings;
mod body;
mod bucket;
mod capability;
mod compile;
pub mod egress;
mod engine;
mod error;
mod guest;
pub mod inspect;
mod invoke;
mod link;
mod load;
mod log;
mod memory;
mod meter;
mod outgoing;
mod services;

pub use body::{BodyError, GuestBody};
pub use capability::guest_error;
pub use compile::child as compile_child;
pub use engine::pagemap_scan_available;
pub use error::SandboxError;
pub use guest::Preferences;
pub use invoke::{Answer, Cost, Invocation};
pub use load::Version;
pub use log::{GuestLog, LogSource};
pub use meter::CoreSlice;
pub use services::{Observer, Services};

use admission::Admission;
use bytes::Bytes;
use engine::Engines;
use http_body::Body;
use invoke::Node;
use load::{Loaded, Versions};
use memory::NodeMemory;
use std::path::PathBuf;
use std::sync::Arc;
use yizhan_domain::VersionDigest;
use yizhan_domain::limits::NodeLimits;

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Limits of the node.
    pub limits: NodeLimits,
    /// The binary that compiles when it is run with `compile`: this program itself.
    pub compiler: PathBuf,
    /// Folder of compiled components; closed to other users (0700).
    pub artefacts: PathBuf,
    /// Key of this node, for the MAC of compiled components.
    pub node_key: [u8; 32],
}

/// Numbers of the moment, for `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauges {
    /// Guests that run.
    pub guests: u64,
    /// Linear memory that they hold, in bytes.
    pub memory_bytes: u64,
    /// Versions that are loaded.
    pub versions: usize,
}

/// The sandbox of a node.
pub struct Sandbox {
    versions: Versions,
    node: Node,
}

impl Sandbox {
    /// Makes the engine and everything around it.
    ///
    /// # Errors
    /// [`SandboxError::Engine`] when the machine cannot give what the limits need, for instance address space.
    pub fn new(config: SandboxConfig, services: Arc<Services>) -> Result<Self, SandboxError> {
        let SandboxConfig { limits, compiler, artefacts, node_key } = config;
        let engines = Arc::new(Engines::new(limits)?);
        let versions = Versions::new(Arc::clone(&engines), limits, compiler, artefacts, node_key);
        let node = Node {
            engines,
            admission: Admission::new(limits.guests_max),
            memory: NodeMemory::new(limits.guest_bytes_max),
            limits,
            services,
        };
        Ok(Self { versions, node })
    }

    /// Whether a version is ready to run.
    #[must_use]
    pub fn find(&self, digest: &VersionDigest) -> Option<LoadedVersion> {
        self.versions.find(digest).map(LoadedVersion)
    }

    /// Makes a version ready to run: compiles it if this node never did, maps and links it. Callers of the same version
    /// share the work. The caller has verified the package that the component is from.
    ///
    /// # Errors
    /// [`SandboxError::Load`] when it cannot be compiled or imports what its access type may not have;
    /// [`SandboxError::Artefact`] when files fail.
    pub async fn load(&self, version: Arc<Version>, component: Bytes) -> Result<LoadedVersion, SandboxError> {
        self.versions.load(version, component).await.map(LoadedVersion)
    }

    /// Forgets a version; requests that run finish on it.
    pub fn forget(&self, digest: &VersionDigest) {
        self.versions.forget(digest);
    }

    /// Runs one request in a fresh instance.
    ///
    /// # Errors
    /// Everything but `Engine`, `Load` and `Artefact` of [`SandboxError`].
    pub async fn invoke<B>(
        &self,
        loaded: &LoadedVersion,
        invocation: Invocation,
        request: http::Request<B>,
    ) -> Result<Answer, SandboxError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        self.node.invoke(&loaded.0, invocation, request).await
    }

    /// Numbers of the moment.
    #[must_use]
    pub fn gauges(&self) -> Gauges {
        Gauges {
            guests: self.node.admission.running(),
            memory_bytes: self.node.memory.used(),
            versions: self.versions.count(),
        }
    }
}

/// A version that is ready to run.
#[derive(Clone)]
pub struct LoadedVersion(Arc<Loaded>);
