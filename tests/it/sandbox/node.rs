//! A sandbox in this process with whatever limits a test chooses: most of them have no place in a manifest.

use crate::program;
use crate::serving::{component, guests};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use rand::{SeedableRng as _, rngs::StdRng};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use yizhan_auth::keys::{KeyStore, Purpose, RootKey, SoftwareKeyStore};
use yizhan_auth::people::{People, PeopleKeys};
use yizhan_auth::provider::ProviderKeys;
use yizhan_auth::runtime::{LocalLink, Runtime, SystemTicks, Ticks};
use yizhan_auth::{AppPolicy, InvokePermit, Provider, check};
use yizhan_domain::authorization::Tier;
use yizhan_domain::limits::{AppLimits, NodeLimits};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Access, AppId, Clock, Context, RequestId, SystemClock, VersionDigest};
use yizhan_sandbox::egress::{Egress, EgressConfig};
use yizhan_sandbox::{CoreSlice, GuestLog, Invocation, LoadedVersion, Observer, Preferences, Sandbox};
use yizhan_sandbox::{SandboxConfig, SandboxError, Services, Version};
use yizhan_store::records::StoreMode;
use yizhan_store::{MemoryRecords, MemoryStore, Quota};
use yizhan_support::app::NoApps;
use yizhan_support::{Catalog, Places};
use zeroize::Zeroizing;

/// How long a test waits for the end of an answer: no limit that a test sets is as long.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// The sandbox.
pub(super) struct Node {
    pub(super) sandbox: Sandbox,
    loaded: AtomicU8,
}

/// A version that the node runs.
pub(super) struct Ready {
    pub(super) digest: VersionDigest,
    loaded: LoadedVersion,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    /// Why the body ended, unless it ended well.
    pub(super) broken: Option<String>,
}

impl Heard {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The node's own limits, small enough for a test: few guests at once.
pub(super) fn few_guests() -> NodeLimits {
    NodeLimits { guests_max: 4, guest_bytes_max: 256 << 20, ..NodeLimits::default() }
}

impl Node {
    /// With compiled components shared by all tests.
    pub(super) fn new(limits: NodeLimits) -> Self {
        let folder = guests().join("../../../test-cache/node");
        std::fs::create_dir_all(&folder).expect("a folder");
        Self::compiling_to(&folder, limits)
    }

    /// With compiled components in a folder of the test's.
    pub(super) fn compiling_to(folder: &Path, limits: NodeLimits) -> Self {
        let config =
            SandboxConfig { limits, compiler: program::path(), artefacts: folder.to_owned(), node_key: [7; 32] };
        Self { sandbox: Sandbox::new(config, Arc::new(services())).expect("a sandbox"), loaded: AtomicU8::new(0) }
    }

    /// A test guest as an open app.
    pub(super) async fn guest(&self, name: &str, limits: AppLimits) -> Ready {
        let wasm = std::fs::read(component(name)).expect("the component");
        self.load(&wasm, Access::Open, limits).await.expect("loads")
    }

    /// Any component; each counts as a version of its own.
    pub(super) async fn load(&self, wasm: &[u8], access: Access, limits: AppLimits) -> Result<Ready, SandboxError> {
        let digest = VersionDigest([self.loaded.fetch_add(1, Ordering::Relaxed); 32]);
        let version = Version {
            app: app(),
            digest,
            access,
            limits,
            egress: Arc::new([]),
            config: Default::default(),
            env: Vec::new(),
        };
        let loaded = self.sandbox.load(Arc::new(version), Bytes::copy_from_slice(wasm)).await?;
        Ok(Ready { digest, loaded })
    }

    /// GET of a path, read to its end.
    pub(super) async fn get(&self, ready: &Ready, path: &str) -> Result<Heard, SandboxError> {
        self.get_with(ready, path, permit(ready.digest)).await
    }

    /// The same with a permit of the test's.
    pub(super) async fn get_with(
        &self,
        ready: &Ready,
        path: &str,
        permit: InvokePermit,
    ) -> Result<Heard, SandboxError> {
        let heard = tokio::time::timeout(ANSWER_WITHIN, self.hear(ready, path, permit)).await;
        heard.unwrap_or_else(|_| panic!("{path} is not over in time"))
    }

    async fn hear(&self, ready: &Ready, path: &str, permit: InvokePermit) -> Result<Heard, SandboxError> {
        let request = Request::get(path).header("host", "app.localhost").body(Full::<Bytes>::default());
        let preferences = Preferences { locale: "zh-CN".into(), region: "350100000000".into(), elder_mode: false };
        let invocation = Invocation { context: now(), permit, preferences, slice: CoreSlice::default() };
        let answer = self.sandbox.invoke(&ready.loaded, invocation, request.expect("a request")).await?;
        let (head, mut body) = answer.response.into_parts();
        let mut heard = Heard { status: head.status, body: Vec::new(), broken: None };
        while let Some(frame) = body.frame().await {
            match frame.map(|frame| frame.into_data().expect("no trailers are passed on")) {
                Ok(data) => heard.body.extend_from_slice(&data),
                Err(error) => {
                    heard.broken = Some(error.to_string());
                    break;
                }
            }
        }
        Ok(heard)
    }
}

/// The permit for a version, as the doorkeeper gives it to an open app.
pub(super) fn permit(digest: VersionDigest) -> InvokePermit {
    let owner = "91350100M000100Y43".parse().expect("a credit code");
    let (access, tier, assurance) = (Access::Open, Tier::Baseline, Assurance::Basic);
    let policy = AppPolicy { app: app(), digest, access, tier, assurance, owner, uses: Vec::new() };
    check::open(&Arc::new(policy)).expect("an open app")
}

fn app() -> AppId {
    AppId::new("cn.gov.test.node").expect("an id")
}

fn now() -> Context {
    Context { id: RequestId(1), now: SystemClock.now() }
}

fn services() -> Services {
    Services {
        clock: Arc::new(SystemClock),
        catalog: Arc::new(Catalog::sample().expect("the sample catalog")),
        places: Arc::new(Places::sample().expect("the sample places")),
        appointments: None,
        apps: Arc::new(NoApps),
        kv: Arc::new(MemoryStore::new(Quota::default())),
        authorization: Arc::new(authorization()),
        egress: Egress::new(EgressConfig::new(Handle::current())).expect("egress"),
        observer: Arc::new(Nobody),
    }
}

/// A hub of nobody: the node's apps are open.
fn authorization() -> Runtime {
    let root = RootKey::of(Zeroizing::new([7; 32]));
    let records = Arc::new(MemoryRecords::new(StoreMode::Development));
    let keys: Arc<dyn KeyStore> = Arc::new(SoftwareKeyStore::in_memory(Box::new(StdRng::seed_from_u64(1))));
    let provider = Provider {
        assurance_max: yizhan_domain::person::Assurance::Face,
        reviewed: Arc::default(),
        store: Arc::clone(&records) as _,
        keys: Arc::clone(&keys),
        people: Arc::new(People::new(Arc::clone(&records) as _, PeopleKeys::of(&root))),
        secrets: Arc::new(ProviderKeys::derived(&root, 1)),
        issuer: "http://localhost".to_owned(),
    };
    let ticks: Arc<dyn Ticks> = Arc::new(SystemTicks::since(std::time::Instant::now()));
    let link = Arc::new(LocalLink::new(provider, Arc::clone(&ticks)));
    Runtime::new(records, keys, link, ticks, root.sealer(Purpose::RuntimeTokens))
}

struct Nobody;

impl Observer for Nobody {
    fn wants_host_calls(&self) -> bool {
        false
    }

    fn host_call(&self, _: RequestId, _: &AppId, _: &str, _: &str) {}

    fn guest_log(&self, _: RequestId, _: &AppId, _: VersionDigest, _: GuestLog) {}
}
