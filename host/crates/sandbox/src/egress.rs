//! The one way out: every outgoing request of guests and of the platform itself goes through this checked connector.
//! The `wasi:http` hook opens an `EgressSession` per guest request; nothing here knows wasmtime.

mod address;
mod answer;
mod connect;
mod error;
mod exchange;
mod headers;
mod ledger;
mod pool;
mod resolve;
mod session;
mod target;
mod upload;

pub use answer::EgressBody;
pub use error::{EgressError, Part, Phase};
pub use pool::PoolLimits;
pub use resolve::{Resolve, Resolving, SystemResolver};
pub use session::{EgressSession, Timeouts};
pub use target::{Scheme, Target, TargetError};
/// Trust roots of TLS; part of this module's interface.
pub use tokio_rustls::rustls::RootCertStore;

use connect::{Connection, Connector};
use pool::Pool;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, crypto::ring};
use yizhan_domain::AppId;

/// In whose name a request leaves; connections are never shared between callers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A mini-app.
    App(AppId),
    /// The platform itself: back-channel logout, upstream providers, the hub elsewhere.
    Platform,
}

/// What an `Egress` is made of.
pub struct EgressConfig {
    /// Destinations that the operator allows although their addresses are not globally routable. They open no
    /// allow-list: a guest still needs the same entry in its own.
    pub operator_hosts: Vec<Target>,
    /// The platform's own public addresses, refused like private ones.
    pub platform_addresses: Vec<IpAddr>,
    /// Names to addresses.
    pub resolver: Arc<dyn Resolve>,
    /// Authorities that TLS trusts.
    pub roots: RootCertStore,
    /// Bounds of the pool of idle connections.
    pub pool: PoolLimits,
    /// Runtime of the connections; look-ups and handshakes run there, not in the guest's own time.
    pub handle: Handle,
}

impl EgressConfig {
    /// The machine's resolver and trust roots; nothing beyond public addresses.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self { roots: machine_roots(), ..Self::bare(handle) }
    }

    /// As [`Self::new`] without any trust root, for a caller that brings them.
    #[must_use]
    pub fn bare(handle: Handle) -> Self {
        Self {
            operator_hosts: Vec::new(),
            platform_addresses: Vec::new(),
            resolver: Arc::new(SystemResolver::new()),
            roots: RootCertStore::empty(),
            pool: PoolLimits::default(),
            handle,
        }
    }
}

/// The machine's trust roots; a machine without any is told in the log, and every TLS connection then fails.
#[must_use]
pub fn machine_roots() -> RootCertStore {
    let loaded = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (taken, ignored) = roots.add_parsable_certificates(loaded.certs);
    if taken == 0 || !loaded.errors.is_empty() {
        tracing::warn!(taken, ignored, errors = ?loaded.errors, "trust roots of this machine");
    }
    roots
}

/// The connector with its pool; cheap to clone, one per process.
#[derive(Clone)]
pub struct Egress {
    inner: Arc<Inner>,
}

struct Inner {
    connector: Arc<Connector>,
    pool: Arc<Pool>,
    handle: Handle,
}

impl Egress {
    /// Builds the connector. Fails with `Tls` when the TLS library refuses its own defaults.
    pub fn new(config: EgressConfig) -> Result<Self, EgressError> {
        let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| EgressError::Tls { host: "every host".to_owned(), source: io::Error::other(error) })?
            .with_root_certificates(config.roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let connector = Connector {
            resolver: config.resolver,
            operator_hosts: config.operator_hosts.into_iter().collect(),
            platform_addresses: config.platform_addresses.into_iter().collect(),
            tls: TlsConnector::from(Arc::new(tls)),
        };
        let pool = Arc::new(Pool::new(config.pool, config.handle.clone()));
        Ok(Self { inner: Arc::new(Inner { connector: Arc::new(connector), pool, handle: config.handle }) })
    }

    /// Closes the idle connections of a caller: its app was suspended or removed.
    pub fn forget(&self, caller: &Caller) {
        self.inner.pool.forget(caller);
    }

    /// Idle connections that wait in the pool.
    #[must_use]
    pub fn idle_count(&self) -> usize {
        self.inner.pool.count()
    }

    /// Opens a connection in a task of its own, so that its time is nobody's poll; dropping the future ends the task.
    async fn connect(
        &self,
        target: &Target,
        connect: Duration,
        header_bytes_max: u64,
    ) -> Result<Connection, EgressError> {
        let (connector, target) = (Arc::clone(&self.inner.connector), target.clone());
        let task = self.inner.handle.spawn(async move {
            let connecting = connector.connect(&target, connect, header_bytes_max);
            tokio::time::timeout(connect, connecting).await
        });
        match AbortOnDrop(task).wait().await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(EgressError::Timeout { phase: Phase::Connect }),
            Err(_) => Err(EgressError::Cancelled),
        }
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("idle", &self.idle_count()).finish_non_exhaustive()
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    async fn wait(mut self) -> Result<T, tokio::task::JoinError> {
        (&mut self.0).await
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests;
