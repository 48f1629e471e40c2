//! A request that waits for the person: found by its handle, with its client and its app as they are at this moment.

use super::redirect::{RedirectTo, Target, origin};
use super::request::Asked;
use crate::provider::{Provider, ReviewedApp, Step, hash};
use crate::refusal::Refusal;
use std::sync::Arc;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{AppId, ClientId, Context};
use yizhan_store::records::{ClientRecord, RequestRecord, Trail};

/// Who asks, for the hub's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The app.
    pub app: AppId,
    /// The client: the runtime's, or a system of the unit.
    pub client: ClientId,
    /// Name of the app.
    pub app_name: String,
    /// Name of the owner unit.
    pub unit: String,
    /// The owner unit's code.
    pub owner: CreditCode,
    /// Filing number, when there is one.
    pub filing: Option<String>,
    /// Origin that the browser will be sent to: for the `form-action` of the pages.
    pub redirect_origin: String,
    /// Languages that the client wishes for, BCP 47 tags separated by spaces.
    pub ui_locales: Option<String>,
    /// What the client says of who will sign in.
    pub login_hint: Option<String>,
}

/// A request under way.
pub(super) struct Asking {
    pub(super) request: RequestRecord,
    pub(super) asked: Asked,
    pub(super) client: ClientRecord,
    pub(super) app: Arc<ReviewedApp>,
}

/// Who asks, by the handle of a request.
///
/// # Errors
/// As [`super::next`].
pub async fn asker(context: &Context, provider: &Provider, handle: &str) -> Result<Asker, Refusal> {
    Ok(find_asking(context, provider, handle).await?.asker())
}

/// Finds the request and checks client and app anew: either may have ended since the request came.
pub(super) async fn find_asking(context: &Context, provider: &Provider, handle: &str) -> Result<Asking, Refusal> {
    let request = provider.store.find_request(&hash(handle), context.now).await?.ok_or(Refusal::ExpiredRequest)?;
    let mut asked = read_back(&request)?;
    let client = provider.known_client(&request.client).await?;
    let app = provider.released_app(&client.app).await?;
    // A version that was released meanwhile may ask for more.
    asked.assurance = asked.assurance.max(app.assurance);
    let still_registered = client.redirect_uris.contains(&asked.redirect_uri);
    let asking = Asking { request, asked, client, app };
    if still_registered { Ok(asking) } else { Err(Refusal::ForeignRedirect) }
}

/// The request as it was validated.
pub(super) fn read_back(request: &RequestRecord) -> Result<Asked, Refusal> {
    serde_json::from_value(request.parameters.clone()).map_err(|_| Refusal::Unavailable)
}

impl Asking {
    pub(super) fn target(&self) -> Target<'_> {
        let Asked { client, redirect_uri, state, .. } = &self.asked;
        Target { client, redirect_uri, state: state.as_deref() }
    }

    pub(super) fn asker(&self) -> Asker {
        Asker {
            app: self.app.app.clone(),
            client: self.client.id.clone(),
            app_name: self.app.name.clone(),
            unit: self.app.unit.clone(),
            owner: self.app.owner.clone(),
            filing: self.app.filing.clone(),
            redirect_origin: origin(&self.asked.redirect_uri),
            ui_locales: self.asked.ui_locales.clone(),
            login_hint: self.asked.login_hint.clone(),
        }
    }

    /// Ends the request without a code: it is taken, the refusal written down, the client told.
    pub(super) async fn end(&self, step: Step<'_>, refusal: Refusal) -> Result<RedirectTo, Refusal> {
        let record = step.record(refusal.code()).with("client", &self.client.id).with("app", &self.app.app);
        let store = &step.provider.store;
        let taken = store.take_request(&self.request.hash, step.context.now, Trail::of(record)).await?;
        taken.ok_or(Refusal::ExpiredRequest)?;
        Ok(self.target().with_refusal(step.provider, refusal))
    }
}
