//! Upstream OpenID providers as the operator configured them, and the HTTP to them. `app` opens them, the routes of sign-in
//! use them.

mod config;
mod link;

use crate::outbound::{Outbound, target_of};
use anyhow::Context as _;
use std::path::Path;
use std::sync::Arc;
use yizhan_auth::keys::KeyStore;
use yizhan_auth::sign_in::upstream::Upstream;
use yizhan_domain::Timestamp;

/// Opens the providers of a file for the hub at `origin`. A development hub also reaches those on this machine, each by its
/// own origin.
pub(crate) fn open(
    path: &Path,
    (origin, development): (&str, bool),
    outbound: &Outbound,
    (keys, now): (&Arc<dyn KeyStore>, Timestamp),
) -> anyhow::Result<Vec<Arc<Upstream>>> {
    let settings =
        config::read(path, development).with_context(|| format!("upstream providers in {}", path.display()))?;
    let opened = settings.into_iter().map(|settings| {
        let local = development && config::is_local(&settings.issuer);
        let way = if local { outbound.reaching(&[target_of(&settings.issuer)?])? } else { outbound.clone() };
        let link = Arc::new(link::HttpLink::new(way));
        let named = settings.id.clone();
        let upstream = Upstream::new(settings, origin, link, (Arc::clone(keys), now));
        Ok(Arc::new(upstream.with_context(|| format!("the hub's key for the upstream provider {named}"))?))
    });
    opened.collect()
}
