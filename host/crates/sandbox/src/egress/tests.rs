//! The connector against servers on loopback, which the operator allows; a fake resolver leads every name to them.

mod bounds;
mod keeping;
mod rules;
mod server;
mod sessions;
mod timing;
mod tls;

use super::*;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use server::Server;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use yizhan_domain::limits::AppLimits;

type Answers = dyn Fn(usize) -> Vec<IpAddr> + Send + Sync;

/// Answers by the number of the look-up, and counts them.
struct FakeResolver {
    answers: Box<Answers>,
    lookups: Arc<AtomicUsize>,
}

impl Resolve for FakeResolver {
    fn resolve(&self, _host: &str) -> Resolving {
        let answer = (self.answers)(self.lookups.fetch_add(1, Ordering::SeqCst));
        Box::pin(async move { Ok(answer) })
    }
}

/// An egress with its counted resolver.
struct World {
    egress: Egress,
    lookups: Arc<AtomicUsize>,
}

impl World {
    /// Every name leads to 127.0.0.1; the operator allows `operator`.
    fn new(operator: &[&str]) -> Self {
        Self::with(operator, |_| vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], |_| ())
    }

    fn with(
        operator: &[&str],
        answers: impl Fn(usize) -> Vec<IpAddr> + Send + Sync + 'static,
        change: impl FnOnce(&mut EgressConfig),
    ) -> Self {
        let lookups = Arc::new(AtomicUsize::new(0));
        let mut config = EgressConfig {
            operator_hosts: targets(operator).to_vec(),
            platform_addresses: Vec::new(),
            resolver: Arc::new(FakeResolver { answers: Box::new(answers), lookups: Arc::clone(&lookups) }),
            roots: RootCertStore::empty(),
            pool: PoolLimits::default(),
            handle: Handle::current(),
        };
        change(&mut config);
        Self { egress: Egress::new(config).expect("egress"), lookups }
    }

    fn session(&self, allow: &[&str]) -> EgressSession {
        self.session_of("cn.example.first", allow, &AppLimits::default())
    }

    fn session_of(&self, app: &str, allow: &[&str], limits: &AppLimits) -> EgressSession {
        EgressSession::new(&self.egress, caller(app), targets(allow), limits)
    }

    fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

fn caller(app: &str) -> Caller {
    Caller::App(AppId::new(app).expect("app id"))
}

fn targets(texts: &[&str]) -> Arc<[Target]> {
    texts.iter().map(|text| text.parse().expect("target")).collect()
}

fn get(uri: &str) -> Request<Full<Bytes>> {
    Request::get(uri).body(Full::default()).expect("request")
}

async fn text(response: Response<EgressBody>) -> Result<String, EgressError> {
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

/// Sends a GET and reads the whole answer.
async fn fetch(session: &EgressSession, uri: &str) -> Result<String, EgressError> {
    text(session.send(get(uri), Timeouts::default()).await?).await
}

/// A server, a world that allows it, and its origin.
async fn open_world(reply: impl Fn(&str) -> server::Reply + Send + Sync + 'static) -> (Server, World, String) {
    let server = Server::start(reply).await;
    let origin = format!("http://api.test:{}", server.port);
    let world = World::new(&[&origin]);
    (server, world, origin)
}
