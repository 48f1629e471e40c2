//! One site: everything about a version that does not change between requests.

use crate::app::App;
use crate::http::assets::Assets;
use crate::http::security_headers::SecurityHeaders;
use crate::metrics::AppMetrics;
use std::sync::Arc;
use yizhan_auth::{AppPolicy, DataUse, Grant, Session};
use yizhan_domain::{Access, Slug};
use yizhan_hub::{Installed, Trust, open_version};
use yizhan_package::{Manifest, Package};
use yizhan_sandbox::egress::Target;
use yizhan_sandbox::{LoadedVersion, Version};

/// How long what `--grant` grants lasts: 180 days, in milliseconds.
const LOCAL_GRANT_MS: u64 = 180 * 24 * 60 * 60 * 1000;

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
    /// The persona of `--as`, signed in for every visitor.
    pub(crate) everyone: Option<Arc<Session>>,
}

impl Site {
    /// Opens and verifies the version and prepares what serving needs. Blocks: reads the package.
    pub(crate) fn new(app: &App, installed: &Arc<Installed>) -> anyhow::Result<Arc<Self>> {
        let package = open_version(&app.shelf, installed)?;
        let manifest = Arc::clone(package.manifest());
        let policy = Arc::new(policy(&manifest, &package));
        let version = package.component().map(|_| version(app, installed, &manifest)).transpose()?.map(Arc::new);
        let assets = Assets::of(&package);
        assets.compress_all();
        let everyone = everyone(app, &policy)?;
        Ok(Arc::new(Self {
            slug: installed.slug.clone(),
            headers: SecurityHeaders::of(&manifest, &app.portal_origin),
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

fn policy(manifest: &Manifest, package: &Package) -> AppPolicy {
    let uses = manifest.gov_data_use.iter().map(|data_use| DataUse {
        claim: data_use.claim,
        purpose: data_use.purpose.clone(),
        optional: data_use.optional,
        reason: manifest.reason(data_use.claim).unwrap_or_default().to_owned(),
    });
    AppPolicy {
        app: manifest.app_id.clone(),
        digest: package.digest(),
        access: manifest.gov_access,
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

/// The session of `--as`, with what `--grant` grants for every purpose that the app declares for it.
fn everyone(app: &App, policy: &AppPolicy) -> anyhow::Result<Option<Arc<Session>>> {
    let Some(name) = app.local.persona.as_ref().filter(|_| policy.access == Access::IdentityRequired) else {
        return Ok(None);
    };
    let person = app.personas.find_by_name(name)?;
    let claims = policy.uses.iter().filter(|data_use| app.local.grant.contains(&data_use.claim));
    let claims = claims.map(|data_use| (data_use.claim, data_use.purpose.clone())).collect();
    let expires = app.clock.now().plus_ms(LOCAL_GRANT_MS);
    let session = Session::local(policy, &person, Some(Grant { claims, expires }), app.clock.now());
    Ok(Some(Arc::new(Session { expires, ..session })))
}
