//! The one checked connector: look up once, keep the addresses that may be reached, connect to those, prove the name by TLS.

use super::address::{self, Openness};
use super::error::{BoxError, EgressError};
use super::resolve::Resolve;
use super::target::{Host, Scheme, Target};
use super::upload::RequestBody;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Addresses of one host that are tried; each gets an equal part of the time that is left.
const ADDRESSES_MAX: usize = 4;
/// The least buffer that hyper accepts.
const BUFFER_BYTES: usize = 64 << 10;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Opens connections; knows what the operator allows beyond public addresses.
pub(crate) struct Connector {
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) operator_hosts: HashSet<Target>,
    pub(crate) platform_addresses: HashSet<IpAddr>,
    pub(crate) tls: TlsConnector,
}

/// One HTTP/1.1 connection with the task that drives it; dropping it closes the socket.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<RequestBody>,
    pub(crate) driver: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connector {
    /// Opens a connection. The caller bounds the whole by `connect`; `header_bytes_max` bounds each answer's header.
    pub(crate) async fn connect(
        &self,
        target: &Target,
        connect: Duration,
        header_bytes_max: u64,
    ) -> Result<Connection, EgressError> {
        let addresses = self.addresses(target).await?;
        let tcp = connect_first(&addresses, target, Instant::now() + connect).await?;
        // A missing option costs latency only.
        let _ = tcp.set_nodelay(true);
        let stream: Box<dyn Stream> = match target.scheme() {
            Scheme::Http => Box::new(tcp),
            Scheme::Https => Box::new(
                self.tls
                    .connect(server_name(target)?, tcp)
                    .await
                    .map_err(|source| EgressError::Tls { host: target.host().to_string(), source })?,
            ),
        };
        let mut builder = Builder::new();
        builder.max_header_size(usize::try_from(header_bytes_max).unwrap_or(usize::MAX));
        builder.max_buf_size(BUFFER_BYTES.max(usize::try_from(header_bytes_max).unwrap_or(BUFFER_BYTES)));
        let (sender, driving) = builder
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| EgressError::from_http(error, header_bytes_max))?;
        // The exchange learns of a failure through its sender; the task has nobody to tell.
        let driver = tokio::spawn(async move { drop(driving.await) }).abort_handle();
        Ok(Connection { sender, driver })
    }

    /// The addresses that may be reached, in the resolver's order. A name may have public and private addresses side by
    /// side (split horizon), so refused ones are left out instead of refusing the name: nothing but a checked address
    /// is ever connected to, and the name is not looked up again.
    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, EgressError> {
        let host = target.host().to_string();
        let found = match target.host() {
            Host::Address(address) => vec![*address],
            Host::Name(name) => {
                self.resolver.resolve(name).await.map_err(|source| EgressError::Dns { host: host.clone(), source })?
            }
        };
        let mut refused = None;
        let mut allowed = Vec::new();
        for address in found {
            match self.refusal(target, address) {
                Some(range) => refused = refused.or(Some(range)),
                None if allowed.len() < ADDRESSES_MAX => allowed.push(address),
                None => {}
            }
        }
        match (allowed.is_empty(), refused) {
            (false, _) => Ok(allowed),
            (true, Some(range)) => Err(EgressError::AddressDenied { host, range }),
            (true, None) => Err(EgressError::Dns { host, source: io::ErrorKind::NotFound.into() }),
        }
    }

    /// Why an address may not be reached for this destination.
    fn refusal(&self, target: &Target, address: IpAddr) -> Option<&'static str> {
        if self.operator_hosts.contains(target) {
            // What the operator allows is judged by where it leads, not by the notation.
            let range = address::special_range(address.to_canonical())?;
            let literal = matches!(target.host(), Host::Address(_));
            let open = range.openness == Openness::Operator || (range.openness == Openness::Literal && literal);
            return (!open).then_some(range.name);
        }
        match address::special_range(address) {
            Some(range) => Some(range.name),
            None => self.platform_addresses.contains(&address).then_some("the platform's own"),
        }
    }
}

async fn connect_first(addresses: &[IpAddr], target: &Target, until: Instant) -> Result<TcpStream, EgressError> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for (index, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - index).unwrap_or(1);
        match tokio::time::timeout(share, TcpStream::connect(SocketAddr::new(*address, target.port()))).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(EgressError::Refused { authority: target.authority(), source: last })
}

fn server_name(target: &Target) -> Result<ServerName<'static>, EgressError> {
    match target.host() {
        Host::Address(address) => Ok(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(|error| EgressError::Tls {
            host: name.clone(),
            source: io::Error::new(io::ErrorKind::InvalidInput, BoxError::from(error)),
        }),
    }
}

#[cfg(test)]
mod tests;
