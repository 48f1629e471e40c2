//! One site: everything about a version that does not change between requests.

use crate::app::{App, new_context};
use crate::http::assets::Assets;
use crate::http::security_headers::SecurityHeaders;
use crate::metrics::AppMetrics;
use crate::serve_options::ServeRole;
use crate::{local_sign_in, runtime_side};
use std::sync::Arc;
use yizhan_auth::{AppPolicy, DataUse};
use yizhan_domain::authorization::Tier;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Access, Slug};
use yizhan_hub::{Installed, Trust, open_version};
use yizhan_package::{Manifest, Package};
use yizhan_sandbox::egress::Target;
use yizhan_sandbox::{LoadedVersion, Version};
use zeroize::Zeroizing;

/// One installed version, ready to serve.
pub(crate) struct Site {
    pub(crate) slug: Slug,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) assets: Assets,
    pub(crate) headers: SecurityHeaders,
    pub(crate) policy: Arc<AppPolicy>,
    pub(crate) metrics: Arc<AppMetrics>,
    /// None for an app of files alone.
    version: Option<Arc<Version>>,
    installed: Arc<Installed>,
    /// Session cookie of the persona of `--as`, who is signed in for every visitor.
    pub(crate) everyone: Option<Zeroizing<String>>,
}

impl Site {
    /// Opens and verifies the version and prepares what serving needs. Blocks: reads the package.
    pub(crate) fn new(app: &App, installed: &Arc<Installed>) -> anyhow::Result<Arc<Self>> {
        let package = open_version(&app.shelf, installed)?;
        let manifest = Arc::clone(package.manifest());
        let policy = Arc::new(policy(&manifest, &package, installed.tier));
        let version = package.component().map(|_| version(app, installed, &manifest)).transpose()?.map(Arc::new);
        let assets = Assets::of(&package);
        assets.compress_all();
        let everyone = match policy.access {
            Access::Open => None,
            Access::IdentityRequired => app.hub.block_on(ready_to_sign_in(app, installed, &policy, &manifest))?,
        };
        Ok(Arc::new(Self {
            slug: installed.slug.clone(),
            headers: SecurityHeaders::of(&manifest, app.runtime.issuer()),
            metrics: app.metrics.of(&manifest.app_id),
            assets,
            policy,
            manifest,
            version,
            installed: Arc::clone(installed),
            everyone,
        }))
    }

    /// Whether there is a component.
    pub(crate) fn has_component(&self) -> bool {
        self.version.is_some()
    }

    /// The component ready to run. When it is not in memory, its package is opened and verified again.
    pub(crate) async fn loaded(&self, app: &Arc<App>) -> anyhow::Result<Option<LoadedVersion>> {
        let Some(version) = &self.version else { return Ok(None) };
        if let Some(loaded) = app.sandbox.find(&version.digest) {
            return Ok(Some(loaded));
        }
        let (version, installed) = (Arc::clone(version), Arc::clone(&self.installed));
        let app_in = Arc::clone(app);
        // On the hub's runtime: a compilation goes on when the client that asked first goes away.
        let loading = app.hub.spawn(async move {
            let (shelf, of) = (Arc::clone(&app_in.shelf), Arc::clone(&installed));
            let package = tokio::task::spawn_blocking(move || open_version(&shelf, &of)).await??;
            let component = package.component().cloned().unwrap_or_default();
            anyhow::Ok(app_in.sandbox.load(version, component).await?)
        });
        Ok(Some(loading.await??))
    }
}

fn policy(manifest: &Manifest, package: &Package, tier: Tier) -> AppPolicy {
    let uses = manifest.gov_data_use.iter().map(|data_use| DataUse {
        claim: data_use.claim,
        purpose: data_use.purpose.clone(),
        optional: data_use.optional,
        retention_days: data_use.retention_days,
    });
    AppPolicy {
        app: manifest.app_id.clone(),
        digest: package.digest(),
        access: manifest.gov_access,
        tier,
        assurance: manifest.gov_assurance.unwrap_or(Assurance::Basic),
        owner: manifest.gov_owner.uscc.clone(),
        uses: uses.collect(),
    }
}

fn version(app: &App, installed: &Installed, manifest: &Manifest) -> anyhow::Result<Version> {
    let mut egress: Vec<Target> =
        manifest.gov_egress.iter().map(|target| target.to_string().parse()).collect::<Result<_, _>>()?;
    let mut config = manifest.gov_config.clone();
    if installed.trust == Trust::Local {
        egress.extend(app.local.egress.iter().cloned());
        config.extend(app.local.config.iter().cloned());
    }
    Ok(Version {
        app: manifest.app_id.clone(),
        digest: installed.digest,
        access: manifest.gov_access,
        limits: manifest.app_limits(),
        egress: egress.into(),
        config,
        env: if installed.trust == Trust::Local { app.local.env.clone() } else { Vec::new() },
    })
}

/// Registers the app with the hub of this process, and signs the test person of `--as` in: answers the session's cookie.
async fn ready_to_sign_in(
    app: &App,
    installed: &Installed,
    policy: &AppPolicy,
    manifest: &Manifest,
) -> anyhow::Result<Option<Zeroizing<String>>> {
    let context = new_context(&*app.clock)?;
    let Some(hub) = &app.hub_side else {
        // The hub is elsewhere: it hears of this app from its own shelf and from this runtime's file of public keys.
        runtime_side::own_keys(&context, app, &policy.app)?;
        return Ok(None);
    };
    let client = match runtime_side::client(&context, app, policy, &installed.slug) {
        Err(error) if app.role == ServeRole::Hub => {
            tracing::warn!(app = %policy.app, error = format!("{error:#}"), "nobody can sign in to this app yet");
            return Ok(None);
        }
        client => client?,
    };
    hub.register(&context, installed, manifest, client).await?;
    match &app.local.persona {
        None => Ok(None),
        Some(persona) => local_sign_in::sign_in(app, hub, policy, (persona, &installed.slug)).await.map(Some),
    }
}
