//! The end of step 1: a code from a grant that covers the request, or from what the person just agreed to.

use super::asking::Asking;
use super::consent::{self, ConsentAsk, ConsentItem};
use super::decide::{Chosen, capacity, counts};
use super::receipt;
use super::redirect::RedirectTo;
use crate::flow::scope::{ClaimUse, Scope};
use crate::provider::{CODE_MS, Provider, Step, hash, new_id, new_secret};
use crate::refusal::Refusal;
use yizhan_domain::authorization::{Custody, GrantedUse};
use yizhan_domain::{ConsentId, Context, GrantId, SecretHash};
use yizhan_store::records::{AuditRecord, CodeRecord, ConsentRecord, GrantRecord, SessionRecord, Trail};
use zeroize::Zeroizing;

/// What the person agreed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The optional items that were ticked; the others go without saying. Ticking those is harmless.
    pub ticked: Vec<ClaimUse>,
    /// Language of the page, a BCP 47 tag.
    pub locale: String,
}

/// A code for a live grant that covers the request: nobody is asked again.
pub(super) async fn from_grant(
    context: &Context,
    provider: &Provider,
    asking: &Asking,
    session: &SessionRecord,
    ask: &ConsentAsk,
) -> Result<RedirectTo, Refusal> {
    let grant = &ask.standing.as_ref().ok_or(Refusal::ConsentRequired)?.grant;
    let scope = carried(asking, &grant.uses);
    let (code, record) = code(context, asking, session, &grant.id, &scope)?;
    let actor = format!("person:{}", session.person);
    let step = Step { context, provider, actor: &actor, action: "authorize.covered" };
    let trail = Trail::of(named(step.done(), asking, &grant.id));
    remember_client(context, provider, asking, session).await?;
    if !provider.store.issue_code(asking.request.hash, record, context.now, trail).await? {
        return Err(Refusal::ExpiredRequest);
    }
    Ok(asking.target().with_code(provider, &code))
}

/// Keeps what the person agreed to: consent record with receipt, grant and code, durable in one step.
pub(super) async fn give(
    context: &Context,
    provider: &Provider,
    asking: Asking,
    session: &SessionRecord,
    agreement: Agreement,
) -> Result<RedirectTo, Refusal> {
    signed_in_as_asked(context, &asking, session)?;
    let acting_for = match capacity(provider, &asking.asked, session).await? {
        Chosen::Capacity(acting_for) => acting_for,
        Chosen::Open(_) => return Err(Refusal::CapacityRequired),
    };
    let ask = consent::ask(context, provider, &asking, session, acting_for).await?;
    only_asked(&ask, &agreement)?;
    let (consent, grant) = records(context, provider, &asking, session, (&ask, &agreement)).await?;
    let scope = carried(&asking, &grant.uses);
    let (code, record) = code(context, &asking, session, &grant.id, &scope)?;
    let actor = format!("person:{}", session.person);
    let step = Step { context, provider, actor: &actor, action: "consent.given" };
    let trail = Trail::of(
        named(step.done(), &asking, &grant.id)
            .with("consent", &consent.id)
            .with("claims", names(&consent.uses))
            .with("refused", names(&consent.refused))
            .with("acting-for", provider.legal_person(consent.acting_for.as_ref())),
    );
    remember_client(context, provider, &asking, session).await?;
    if !provider.store.give_consent(asking.request.hash, consent, grant, record, trail).await? {
        return Err(Refusal::ExpiredRequest);
    }
    Ok(asking.target().with_code(provider, &code))
}

/// What the code's tokens will carry: what was asked and granted; for the runtime all that was granted to the app, because it
/// asks for each envelope by purpose and claims, and a person is not asked again for what stands.
fn carried(asking: &Asking, granted: &[GrantedUse]) -> Scope {
    if asking.client.custody != Custody::Runtime {
        return asking.asked.scope.granted(&asking.app, granted);
    }
    let all = granted.iter().map(|it| (it.claim, it.purpose.clone())).collect();
    Scope { offline: false, uses: all }.granted(&asking.app, granted)
}

/// The checks of `next` hold for the one who agrees, too.
fn signed_in_as_asked(context: &Context, asking: &Asking, session: &SessionRecord) -> Result<(), Refusal> {
    if !counts(&asking.asked, session, context) {
        return Err(Refusal::LoginRequired);
    }
    if session.assurance < asking.asked.assurance { Err(Refusal::AssuranceTooLow) } else { Ok(()) }
}

fn only_asked(ask: &ConsentAsk, agreement: &Agreement) -> Result<(), Refusal> {
    let asked = |(claim, purpose): &ClaimUse| {
        ask.items.iter().any(|item| item.data.claim == *claim && item.data.purpose == *purpose)
    };
    if agreement.ticked.iter().all(asked) { Ok(()) } else { Err(Refusal::BadParameter) }
}

async fn records(
    context: &Context,
    provider: &Provider,
    asking: &Asking,
    session: &SessionRecord,
    (ask, agreement): (&ConsentAsk, &Agreement),
) -> Result<(ConsentRecord, GrantRecord), Refusal> {
    let ticked = |item: &ConsentItem| agreement.ticked.contains(&(item.data.claim, item.data.purpose.clone()));
    let (agreed, refused): (Vec<_>, Vec<_>) = ask.items.iter().partition(|item| !item.optional || ticked(item));
    let uses: Vec<GrantedUse> = agreed.iter().map(|item| item.data.clone()).chain(ask.kept.iter().cloned()).collect();
    let mut consent = ConsentRecord {
        id: ConsentId::of_random(new_id()?),
        person: session.person.clone(),
        acting_for: ask.acting_for.clone(),
        app: asking.app.app.clone(),
        client: asking.client.id.clone(),
        version: asking.app.version,
        unit: asking.app.unit.clone(),
        refused: refused_uses(ask, &refused, &uses),
        uses,
        at: context.now,
        expires: ask.expires(&agreed, context.now),
        locale: agreement.locale.chars().take(35).collect(),
        withdrawn: None,
        receipt: String::new(),
    };
    consent.receipt = receipt::sign(provider, &consent, &asking.app, ask).await?;
    let grant = GrantRecord {
        id: GrantId::of_random(new_id()?),
        person: consent.person.clone(),
        acting_for: consent.acting_for.clone(),
        app: consent.app.clone(),
        client: consent.client.clone(),
        uses: consent.uses.clone(),
        consent: consent.id.clone(),
        at: context.now,
        expires: consent.expires,
        revoked: None,
    };
    Ok((consent, grant))
}

/// What was refused now, and what was refused before and is not asked now: it stays refused.
fn refused_uses(ask: &ConsentAsk, now: &[&ConsentItem], granted: &[GrantedUse]) -> Vec<GrantedUse> {
    let mut refused: Vec<GrantedUse> = now.iter().map(|item| item.data.clone()).collect();
    let before = ask.standing.iter().flat_map(|standing| &standing.consent.refused);
    for old in before {
        let same = |it: &GrantedUse| it.claim == old.claim && it.purpose == old.purpose;
        if !granted.iter().any(same) && !refused.iter().any(same) {
            refused.push(old.clone());
        }
    }
    refused
}

fn code(
    context: &Context,
    asking: &Asking,
    session: &SessionRecord,
    grant: &GrantId,
    scope: &Scope,
) -> Result<(Zeroizing<String>, CodeRecord), Refusal> {
    let code = new_secret()?;
    let asked = &asking.asked;
    let record = CodeRecord {
        hash: hash(&code),
        client: asking.client.id.clone(),
        grant: grant.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        nonce: asked.nonce.clone(),
        scopes: scope.to_kept(),
        dpop_jkt: asked.dpop_jkt.clone(),
        session: session.id.clone(),
        expires: context.now.plus_ms(CODE_MS),
    };
    Ok((code, record))
}

/// Remembers that the session signed in to a client that wants to hear of its end.
async fn remember_client(
    context: &Context,
    provider: &Provider,
    asking: &Asking,
    session: &SessionRecord,
) -> Result<(), Refusal> {
    if asking.client.backchannel_logout_uri.is_some() {
        let mark: SecretHash = crate::flow::revoke::session_mark(&session.id, &asking.client.id);
        let trail = Trail::default();
        let (kind, store) = (crate::flow::revoke::SESSION_MARK, &provider.store);
        store.use_once(kind, mark, session.expires, context.now, trail).await?;
    }
    Ok(())
}

fn named(record: AuditRecord, asking: &Asking, grant: &GrantId) -> AuditRecord {
    record
        .with("client", &asking.client.id)
        .with("app", &asking.app.app)
        .with("version", asking.app.version)
        .with("grant", grant)
}

/// `purpose/claim`, separated by spaces.
pub(super) fn names(uses: &[GrantedUse]) -> String {
    uses.iter().map(|it| format!("{}/{}", it.purpose, it.claim)).collect::<Vec<_>>().join(" ")
}
