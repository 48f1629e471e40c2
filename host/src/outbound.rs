//! The platform's own way out: logout notices, upstream providers, the hub elsewhere. The same checked connector as that of
//! guests (`yizhan_sandbox::egress`): globally routable unicast only, never this machine, unless the operator allows that
//! exact host. No redirect is followed.

use crate::own_addresses;
use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use yizhan_domain::limits::AppLimits;
use yizhan_sandbox::egress::{
    Caller, Egress, EgressConfig, EgressSession, Resolve, RootCertStore, SystemResolver, Target, Timeouts,
    machine_roots,
};
use zeroize::Zeroizing;

/// Longest answer that is read, bytes.
pub(crate) const ANSWER_BYTES_MAX: usize = 128 << 10;

/// The connector with what the operator allows.
#[derive(Clone)]
pub(crate) struct Outbound {
    allowed: Vec<Target>,
    own: Vec<IpAddr>,
    resolver: Arc<dyn Resolve>,
    roots: RootCertStore,
    handle: Handle,
    egress: Egress,
}

impl Outbound {
    /// The connector of this machine. `allowed` may be reached wherever they are; `own` are addresses of the platform besides
    /// those of this machine's interfaces.
    pub(crate) fn new(handle: Handle, allowed: Vec<Target>, own: &[IpAddr]) -> anyhow::Result<Self> {
        let own = own.iter().copied().chain(own_addresses::list()).collect();
        Self::of((allowed, own), Arc::new(SystemResolver::new()), machine_roots(), handle)
    }

    fn of(
        (allowed, own): (Vec<Target>, Vec<IpAddr>),
        resolver: Arc<dyn Resolve>,
        roots: RootCertStore,
        handle: Handle,
    ) -> anyhow::Result<Self> {
        let config = EgressConfig {
            operator_hosts: allowed.clone(),
            platform_addresses: own.clone(),
            resolver: Arc::clone(&resolver),
            roots: roots.clone(),
            ..EgressConfig::bare(handle.clone())
        };
        let egress = Egress::new(config).context("the connector")?;
        Ok(Self { allowed, own, resolver, roots, handle, egress })
    }

    /// The same connector that also reaches `more`, which the configuration names, wherever they are.
    pub(crate) fn reaching(&self, more: &[Target]) -> anyhow::Result<Self> {
        let allowed = self.allowed.iter().chain(more).cloned().collect();
        Self::of((allowed, self.own.clone()), Arc::clone(&self.resolver), self.roots.clone(), self.handle.clone())
    }

    /// The same connector that also trusts the certificate authorities of a PEM file. Reads the file.
    pub(crate) fn trusting(&self, file: &Path) -> anyhow::Result<Self> {
        let what = || format!("the certificate authorities {}", file.display());
        let mut roots = self.roots.clone();
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(file).with_context(what)? {
            roots.add(certificate.with_context(what)?).with_context(what)?;
        }
        anyhow::ensure!(roots.len() > before, "{} hold no certificate in PEM", what());
        Self::of((self.allowed.clone(), self.own.clone()), Arc::clone(&self.resolver), roots, self.handle.clone())
    }

    /// The connector itself, for the guests' requests and for the link to a hub elsewhere.
    pub(crate) fn egress(&self) -> &Egress {
        &self.egress
    }

    /// Sends one request and reads its answer whole: at most [`ANSWER_BYTES_MAX`] in `ms_max`.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        ms_max: u64,
    ) -> anyhow::Result<(StatusCode, Zeroizing<Vec<u8>>)> {
        let target = target_of(&request.uri().to_string())?;
        let limits = AppLimits { egress_total_ms_max: ms_max, ..AppLimits::default() };
        let session = EgressSession::new(&self.egress, Caller::Platform, Arc::new([target]), &limits);
        let (head, body) = session.send(request, Timeouts::default()).await?.into_parts();
        let bytes = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|error| anyhow::anyhow!(error))?;
        Ok((head.status, Zeroizing::new(bytes.to_bytes().to_vec())))
    }
}

/// The destination of an address.
pub(crate) fn target_of(url: &str) -> anyhow::Result<Target> {
    let (scheme, rest) = url.split_once("://").context("an address has a scheme")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    Ok(format!("{scheme}://{authority}").parse()?)
}

#[cfg(test)]
mod tests;
