//! Step 1, 用户授权 `authorize`: is this client allowed to ask this, who is the person, what do they agree to? The front door
//! calls `begin` for the browser's request, `next` until it answers with a redirect, and `choose`, `agree` or `refuse` for
//! what the person decides.

mod asking;
mod consent;
mod coverage;
mod decide;
mod give;
mod receipt;
mod redirect;
pub(crate) mod request;

pub use asking::{Asker, asker};
pub use consent::{ConsentAsk, ConsentItem};
pub use decide::Next;
pub use give::Agreement;
pub use redirect::RedirectTo;
pub use request::Acting;

use crate::flow::parameters::RequestParameters;
use crate::provider::{Provider, REQUEST_MS, ReviewedApp, Step, hash, new_secret};
use crate::refusal::Refusal;
use asking::{Asking, find_asking};
pub(crate) use receipt::acts as agreed_acts;
use redirect::Target;
use request::{Asked, REQUEST_URI_PREFIX};
use yizhan_domain::authorization::Tier;
use yizhan_domain::{ClientId, Context};
use yizhan_store::records::{ClientRecord, RequestRecord, SessionRecord, Trail};
use zeroize::Zeroizing;

/// A request that was let in. The handle names it on the hub's pages and is a secret of this browser, 43 characters.
pub struct Begun {
    /// The handle.
    pub handle: Zeroizing<String>,
}

/// A request that was not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginRefusal {
    /// Client or redirect address cannot be trusted: a page of the hub says why.
    Page(Refusal),
    /// The client is told.
    Redirect(RedirectTo),
}

impl From<Refusal> for BeginRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Page(refusal)
    }
}

/// Takes the browser's authorization request (RFC 6749, section 4.1.1; RFC 9126, section 4).
///
/// # Errors
/// Every refusal of step 1 that needs no person; those after the redirect address was found right go back by redirect.
pub async fn begin(
    context: &Context,
    provider: &Provider,
    parameters: &RequestParameters,
) -> Result<Begun, BeginRefusal> {
    parameters.bounded()?;
    let client = known_client(provider, parameters).await?;
    let actor = format!("client:{}", client.id);
    let step = Step { context, provider, actor: &actor, action: "authorize.begun" };
    let app = match provider.released_app(&client.app).await {
        Ok(app) => app,
        Err(refusal) => return Err(step.refused(refusal).await.into()),
    };
    let asked = match parameters.get("request_uri") {
        Some(uri) => pushed(context, provider, &client, uri).await,
        None => from_query(context, provider, &client, &app, parameters),
    };
    match asked {
        Ok(asked) => Ok(keep(context, provider, &client, &asked).await?),
        Err(BeginRefusal::Page(refusal)) => Err(step.refused(refusal).await.into()),
        Err(BeginRefusal::Redirect(redirect)) => match redirect.refusal {
            Some(refusal) if step.refused(refusal).await == Refusal::Unavailable => Err(Refusal::Unavailable.into()),
            _ => Err(BeginRefusal::Redirect(redirect)),
        },
    }
}

async fn known_client(provider: &Provider, parameters: &RequestParameters) -> Result<ClientRecord, Refusal> {
    let id = parameters.get("client_id").ok_or(Refusal::UnknownClient)?;
    provider.known_client(&ClientId(id.to_owned())).await
}

/// A request that the client pushed: it counts once, for the client that pushed it, and nothing else of the query counts.
async fn pushed(
    context: &Context,
    provider: &Provider,
    client: &ClientRecord,
    uri: &str,
) -> Result<Asked, BeginRefusal> {
    let secret = uri.strip_prefix(REQUEST_URI_PREFIX).ok_or(Refusal::ForeignRequestUri)?;
    let hash = hash(secret);
    let found = provider.store.find_request(&hash, context.now).await.map_err(Refusal::from)?;
    found.filter(|request| request.client == client.id).ok_or(Refusal::ExpiredRequest)?;
    let taken = provider.store.take_request(&hash, context.now, Trail::default()).await.map_err(Refusal::from)?;
    let mut asked = asking::read_back(&taken.ok_or(Refusal::ExpiredRequest)?)?;
    asked.at = context.now;
    Ok(asked)
}

fn from_query(
    context: &Context,
    provider: &Provider,
    client: &ClientRecord,
    app: &ReviewedApp,
    parameters: &RequestParameters,
) -> Result<Asked, BeginRefusal> {
    let redirect_uri = registered_redirect(client, parameters)?;
    let target = Target { client: &client.id, redirect_uri, state: parameters.get("state") };
    let tell = |refusal| BeginRefusal::Redirect(target.with_refusal(provider, refusal));
    if client.tier == Tier::High {
        return Err(tell(Refusal::PushRequired));
    }
    request::read(parameters, client, app, context.now).map_err(tell)
}

/// The redirect address is one of the registered ones, as exact text (RFC 9700, section 2.1).
pub(crate) fn registered_redirect<'a>(
    client: &ClientRecord,
    parameters: &'a RequestParameters,
) -> Result<&'a str, Refusal> {
    let uri = parameters.get("redirect_uri").ok_or(Refusal::ForeignRedirect)?;
    if client.redirect_uris.iter().any(|registered| registered == uri) {
        Ok(uri)
    } else {
        Err(Refusal::ForeignRedirect)
    }
}

async fn keep(context: &Context, provider: &Provider, client: &ClientRecord, asked: &Asked) -> Result<Begun, Refusal> {
    let handle = new_secret()?;
    let record = RequestRecord {
        hash: hash(&handle),
        client: client.id.clone(),
        parameters: serde_json::to_value(asked).map_err(|_| Refusal::Unavailable)?,
        expires: context.now.plus_ms(REQUEST_MS),
    };
    provider.store.put_request(record, Trail::default()).await?;
    Ok(Begun { handle })
}

/// What the person has to do next: sign in, choose for whom they act, decide; or where the browser goes. `session` is the
/// browser's live session at the hub.
///
/// # Errors
/// [`Refusal::ExpiredRequest`], [`Refusal::UnknownApp`], [`Refusal::SuspendedApp`] or [`Refusal::Unavailable`]; everything
/// else goes back by redirect.
pub async fn next(
    context: &Context,
    provider: &Provider,
    handle: &str,
    session: Option<&SessionRecord>,
) -> Result<Next, Refusal> {
    let asking = find_asking(context, provider, handle).await?;
    decide::decide(context, provider, asking, session).await
}

/// Keeps for whom the person acts in this authorization.
///
/// # Errors
/// [`Refusal::MandateEnded`] when the person holds no such mandate; as [`next`].
pub async fn choose(
    context: &Context,
    provider: &Provider,
    handle: &str,
    session: &SessionRecord,
    acting: Acting,
) -> Result<(), Refusal> {
    let Asking { mut request, mut asked, .. } = find_asking(context, provider, handle).await?;
    let capacity = match &acting {
        Acting::Oneself => None,
        Acting::For(capacity) => Some(capacity),
    };
    let capacities = provider.people.capacities(&session.person).await?;
    if !capacities.is_some_and(|capacities| capacities.allow(capacity)) {
        return Err(Refusal::MandateEnded);
    }
    asked.capacity = Some(acting);
    request.parameters = serde_json::to_value(asked).map_err(|_| Refusal::Unavailable)?;
    Ok(provider.store.put_request(request, Trail::default()).await?)
}

/// The person agrees: consent, receipt, grant and code become durable in one step.
///
/// # Errors
/// As [`next`]; [`Refusal::LoginRequired`], [`Refusal::AssuranceTooLow`], [`Refusal::CapacityRequired`] when the person is
/// not the one that could be asked, [`Refusal::BadParameter`] when something was ticked that was not asked.
pub async fn agree(
    context: &Context,
    provider: &Provider,
    handle: &str,
    session: &SessionRecord,
    agreement: Agreement,
) -> Result<RedirectTo, Refusal> {
    let asking = find_asking(context, provider, handle).await?;
    give::give(context, provider, asking, session, agreement).await
}

/// The person refuses, which is a normal result: the client is told `access_denied`, and the app's open part stays usable.
///
/// # Errors
/// As [`next`].
pub async fn refuse(
    context: &Context,
    provider: &Provider,
    handle: &str,
    session: Option<&SessionRecord>,
) -> Result<RedirectTo, Refusal> {
    let asking = find_asking(context, provider, handle).await?;
    let actor = session.map_or("anonymous".to_owned(), |session| format!("person:{}", session.person));
    let step = Step { context, provider, actor: &actor, action: "consent.refused" };
    asking.end(step, Refusal::AccessDenied).await
}
