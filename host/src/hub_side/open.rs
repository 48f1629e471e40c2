//! Opens the hub's half: its directory, keys, sign-in; and keeps what it knows of apps as the shelf has it.

use super::{HubParts, HubSide, rng};
use crate::http::cookies::HostCookies;
use crate::node_keys::{self, NodeKeys};
use anyhow::Context as _;
use std::sync::Arc;
use yizhan_auth::flow::revoke::LogoutNotice;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::KeyOwner;
use yizhan_auth::people::{self, People, PeopleKeys};
use yizhan_auth::provider::{Provider, ProviderKeys, Registration, register_app};
use yizhan_auth::sign_in::upstream::Upstream;
use yizhan_auth::sign_in::{CodeSender, DevelopmentSender, PasswordHashing, SignIn, SignInSettings, surest};
use yizhan_auth::{Personas, Refusal};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{AppId, Context};
use yizhan_hub::Installed;
use yizhan_package::Manifest;
use yizhan_store::records::{AppState, AppStateRecord, ClientRecord, HubStore, StoreMode};
use yizhan_support::{Catalog, Places, appointment};

/// Version of the key of pairwise subjects: another one gives every person a new name towards every unit.
const SUBJECT_VERSION: u32 = 1;
/// One-time codes that the whole hub sends in a day.
const CODES_PER_DAY_MAX: u32 = 10_000;

/// How the hub is served.
pub(crate) struct HubSettings {
    /// Public origin without a trailing slash.
    pub(crate) issuer: String,
    pub(crate) cookies: HostCookies,
    pub(crate) brand: &'static str,
    /// Upstream providers that people may sign in at.
    pub(crate) upstreams: Vec<Arc<Upstream>>,
    /// Carries logout notices to back ends, without waiting.
    pub(crate) send_logout: Box<dyn Fn(LogoutNotice) + Send + Sync>,
    /// Items and units.
    pub(crate) catalog: Arc<Catalog>,
    /// Halls and terminals.
    pub(crate) places: Arc<Places>,
}

impl HubSide {
    /// Opens the hub over its store and keys. A development store gets the seeded test persons; a production store that
    /// holds one is refused.
    pub(crate) async fn open(
        context: &Context,
        store: Arc<dyn HubStore>,
        keys: &NodeKeys,
        settings: HubSettings,
    ) -> anyhow::Result<Arc<Self>> {
        let development = store.mode() == StoreMode::Development;
        for suite in [Suite::International, Suite::National] {
            node_keys::ensure(&*keys.hub, &KeyOwner::Hub, (suite, &[KeyUse::Sign]), context.now)?;
        }
        let people = Arc::new(People::new(Arc::clone(&store), PeopleKeys::of(&keys.root)));
        let personas = if development {
            let personas = Personas::seeded().context("the seeded test persons")?;
            people::seed(&people, context, &personas, &mut rng()).await.context("the test persons cannot be kept")?;
            personas.all().to_vec()
        } else {
            people::refuse_personas(&*store).await?;
            Vec::new()
        };
        let kept_codes = development.then(|| Arc::new(DevelopmentSender::default()));
        let sign_in = SignInSettings {
            hashing_slots: PasswordHashing::slots_here(),
            sender: kept_codes.clone().map(|sender| sender as Arc<dyn CodeSender>),
            codes_per_day_max: CODES_PER_DAY_MAX,
        };
        let sign_in = SignIn::new(Arc::clone(&people), sign_in)?;
        let secrets = Arc::new(ProviderKeys::derived(&keys.root, SUBJECT_VERSION));
        let assurance_max = surest(development, &settings.upstreams);
        let HubSettings { issuer, cookies, brand, upstreams, send_logout, catalog, places } = settings;
        let hub = Self::new(HubParts {
            provider: Provider {
                store,
                keys: Arc::clone(&keys.hub),
                people,
                secrets,
                issuer,
                assurance_max,
                reviewed: Arc::default(),
            },
            sign_in,
            cookies,
            brand,
            personas,
            kept_codes,
            upstreams,
            send_logout,
            catalog,
            places,
        });
        appointment::put_samples(context, &hub.appointments).await.context("the sample halls cannot be opened")?;
        Ok(hub)
    }

    /// Registers an installed version with its clients, unless it is known as it is: a new generation ends what was issued
    /// before.
    pub(crate) async fn register(
        &self,
        context: &Context,
        installed: &Installed,
        manifest: &Manifest,
        client: ClientRecord,
    ) -> anyhow::Result<()> {
        let store = &self.provider.store;
        let known = store.find_app_state(&manifest.app_id).await?;
        let suspended = known.as_ref().is_some_and(|known| known.state == AppState::Suspended);
        let same_version = known.is_some_and(|known| {
            known.version == installed.digest
                && known.state != AppState::Withdrawn
                && known.slug == installed.slug.as_str()
        });
        if same_version && store.find_client(&client.id).await?.is_some_and(|known| known == client) {
            return Ok(());
        }
        let state = AppStateRecord {
            app: manifest.app_id.clone(),
            // Only an operator lets a suspended app go on.
            state: if suspended { AppState::Suspended } else { AppState::Released },
            version: installed.digest,
            manifest: serde_json::to_value(manifest)?,
            slug: installed.slug.to_string(),
            filing: None,
            generation: 0,
        };
        let registration = Registration { state, clients: vec![client] };
        register_app(context, &self.provider, "system", registration)
            .await
            .with_context(|| format!("{} cannot be registered", manifest.app_id))
    }

    /// Takes apps off that are not installed any more: their tokens count no more.
    pub(crate) async fn withdraw_others(&self, context: &Context, installed: &[AppId]) -> Result<(), Refusal> {
        for known in self.provider.store.list_app_states().await? {
            if known.state == AppState::Released && !installed.contains(&known.app) {
                let change = (&known.app, AppState::Withdrawn);
                yizhan_auth::flow::revoke::app(context, &self.provider, "system", change).await?;
            }
        }
        Ok(())
    }
}
