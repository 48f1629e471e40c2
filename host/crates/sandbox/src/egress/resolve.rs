//! Names to addresses, behind a trait so that tests bring their own; the connector asks once per connection.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What a look-up answers: all addresses of a name, best first; the order is kept.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a name. The caller checks what comes back and bounds the time.
pub trait Resolve: Send + Sync {
    /// Looks up `host`, an ASCII name in lower case; literal addresses never come here.
    fn resolve(&self, host: &str) -> Resolving;
}

/// The machine's own resolver (`getaddrinfo`), with a bounded number of look-ups at the same time: a look-up cannot be
/// interrupted, so slow names must not take all blocking threads.
#[derive(Debug, Clone)]
pub struct SystemResolver {
    places: Arc<Semaphore>,
}

impl SystemResolver {
    /// Look-ups that run at the same time; more wait.
    const LOOKUPS_MAX: usize = 32;

    /// A resolver of its own queue.
    #[must_use]
    pub fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(Self::LOOKUPS_MAX)) }
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self::new()
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, host: &str) -> Resolving {
        // RFC 6761, section 6.3: such names are this machine's, whether or not its resolver knows them.
        if host == "localhost" || host.ends_with(".localhost") {
            return Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]) });
        }
        let (places, host) = (Arc::clone(&self.places), host.to_owned());
        Box::pin(async move {
            let place = places.acquire_owned().await.map_err(io::Error::other)?;
            let lookup = move || {
                let addresses = (host.as_str(), 0).to_socket_addrs()?.map(|address| address.ip()).collect();
                drop(place);
                Ok(addresses)
            };
            tokio::task::spawn_blocking(lookup).await.map_err(io::Error::other)?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_machine_knows_localhost_and_the_names_below_it() {
        for name in ["localhost", "records.localhost"] {
            let addresses = SystemResolver::new().resolve(name).await.expect("addresses");
            assert!(!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback), "{name}: {addresses:?}");
        }
    }
}
