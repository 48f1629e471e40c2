//! What the platform offers to guests: the use-cases behind the host functions, shared by all of them.

use crate::egress::Egress;
use crate::log::GuestLog;
use std::sync::Arc;
use yizhan_auth::runtime::Runtime;
use yizhan_domain::{AppId, Clock, RequestId, VersionDigest};
use yizhan_store::KvStore;
use yizhan_support::{AppDirectory, Appointments, Catalog, Places};

/// The platform, as guests reach it.
pub struct Services {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Items, regions and departments.
    pub catalog: Arc<Catalog>,
    /// Halls and terminals.
    pub places: Arc<Places>,
    /// Booking at the halls; none where the hub is another process.
    pub appointments: Option<Arc<Appointments>>,
    /// Apps of the hub.
    pub apps: Arc<dyn AppDirectory>,
    /// Key-value data of apps.
    pub kv: Arc<dyn KvStore>,
    /// The access authorization, from the side of apps.
    pub authorization: Arc<Runtime>,
    /// Outgoing requests.
    pub egress: Egress,
    /// Told of what guests do.
    pub observer: Arc<dyn Observer>,
}

/// Told of what guests do; must be quick.
pub trait Observer: Send + Sync {
    /// Whether [`Observer::host_call`] wants to hear of calls; asked before their text is made.
    fn wants_host_calls(&self) -> bool;
    /// A guest called the host. Neither text holds a value of a claim; the outcome is `ok` or the error as the guest got it.
    fn host_call(&self, request: RequestId, app: &AppId, call: &str, outcome: &str);
    /// What a request wrote to its log.
    fn guest_log(&self, request: RequestId, app: &AppId, version: VersionDigest, log: GuestLog);
}
