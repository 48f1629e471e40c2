//! The question of the consent page: who asks, for what, why, for how long; and whether it is open at all.

use super::asking::{Asker, Asking};
use super::coverage::Before;
use super::receipt;
use crate::provider::{GRANT_DAYS, Provider, ReviewedAct, ReviewedUse};
use crate::refusal::Refusal;
use yizhan_domain::authorization::{Capacity, Custody, GrantedUse};
use yizhan_domain::{Context, Timestamp};
use yizhan_store::records::{ConsentRecord, GrantRecord, SessionRecord};

const DAY_MS: u64 = 24 * 3600 * 1000;

/// One claim for one purpose that the person is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentItem {
    /// Claim, purpose and retention.
    pub data: GrantedUse,
    /// Whether the person may refuse it alone.
    pub optional: bool,
    /// The manifest's reason: the only text of the author that is shown.
    pub reason: String,
    /// Law or rule that the use rests on.
    pub legal_basis: Option<String>,
    /// Days that a consent to it lasts.
    pub grant_days: u32,
    /// Whether the person granted it before.
    pub granted_before: bool,
}

/// What the consent page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentAsk {
    /// Who asks.
    pub asker: Asker,
    /// For whom the person acts.
    pub acting_for: Option<Capacity>,
    /// What is asked, in the manifest's order.
    pub items: Vec<ConsentItem>,
    /// What the app may do for the person; goes without saying with agreeing, like required uses.
    pub acts: Vec<ReviewedAct>,
    /// What was granted before, is not asked now and stays granted.
    pub kept: Vec<GrantedUse>,
    /// When a consent to all of it ends.
    pub expires: Timestamp,
    /// Whether the client's back end may go on while the person is away.
    pub offline: bool,
    pub(super) standing: Option<Standing>,
    covered: bool,
}

/// The live grant that stands, with its consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) grant: GrantRecord,
    pub(super) consent: ConsentRecord,
}

impl ConsentAsk {
    /// Nothing is left to ask.
    pub(super) fn is_covered(&self) -> bool {
        self.covered
    }

    /// When a grant of these asked uses, and of the kept ones, ends: the shortest use decides, and what was granted before
    /// never lasts longer than it did.
    pub(super) fn expires(&self, agreed: &[&ConsentItem], now: Timestamp) -> Timestamp {
        let days = agreed.iter().map(|item| item.grant_days).min().unwrap_or(GRANT_DAYS);
        let end = now.plus_ms(u64::from(days) * DAY_MS);
        match &self.standing {
            Some(standing) if !self.kept.is_empty() => end.min(standing.grant.expires),
            _ => end,
        }
    }
}

/// Puts the question together. A grant towards another owner unit does not count.
pub(super) async fn ask(
    context: &Context,
    provider: &Provider,
    asking: &Asking,
    session: &SessionRecord,
    acting_for: Option<Capacity>,
) -> Result<ConsentAsk, Refusal> {
    let uses = asked_uses(asking)?;
    let standing = standing(context, provider, asking, session, acting_for.as_ref()).await?;
    let before = standing.as_ref().map_or_else(Before::default, |standing| Before {
        granted: &standing.grant.uses,
        refused: &standing.consent.refused,
    });
    let offline = asking.asked.scope.offline;
    let offline_shown = standing.as_ref().is_some_and(|standing| receipt::read(&standing.consent).offline);
    // The sandbox alone acts for people: a back end holds claims, no more.
    let acts = if asking.client.custody == Custody::Runtime { asking.app.acts.clone() } else { Vec::new() };
    let agreed = standing.as_ref().map(|standing| receipt::read(&standing.consent).acts).unwrap_or_default();
    let acts_agreed = acts.iter().all(|act| agreed.contains(&act.permission));
    let covered = acts_agreed
        && standing.is_some()
        && !asking.asked.prompt.consent
        && (!offline || offline_shown)
        && before.covers(&uses);
    let asked =
        |it: &GrantedUse| uses.iter().any(|asked| asked.data.claim == it.claim && asked.data.purpose == it.purpose);
    let kept = before.granted.iter().filter(|it| !asked(it) && asking.app.still_allows(it)).cloned().collect();
    let items = uses.iter().map(|reviewed| item(reviewed, before.granted(&reviewed.data))).collect();
    let mut ask = ConsentAsk {
        asker: asking.asker(),
        acting_for,
        items,
        acts,
        kept,
        expires: context.now,
        offline,
        standing,
        covered,
    };
    ask.expires = ask.expires(&ask.items.iter().collect::<Vec<_>>(), context.now);
    Ok(ask)
}

fn item(reviewed: &ReviewedUse, granted_before: bool) -> ConsentItem {
    ConsentItem {
        data: reviewed.data.clone(),
        optional: reviewed.optional,
        reason: reviewed.reason.clone(),
        legal_basis: reviewed.legal_basis.clone(),
        grant_days: reviewed.grant_days,
        granted_before,
    }
}

/// The asked uses in the manifest's order, as they are reviewed at this moment.
fn asked_uses(asking: &Asking) -> Result<Vec<&ReviewedUse>, Refusal> {
    let asked = &asking.asked.scope.uses;
    let reviewed = |use_: &&ReviewedUse| asked.contains(&(use_.data.claim, use_.data.purpose.clone()));
    let uses: Vec<&ReviewedUse> = asking.app.uses.iter().filter(reviewed).collect();
    // A version that was released meanwhile may have dropped one.
    if asked.iter().all(|(claim, purpose)| asking.app.find_use(*claim, purpose).is_some()) {
        Ok(uses)
    } else {
        Err(Refusal::UnreviewedClaim)
    }
}

async fn standing(
    context: &Context,
    provider: &Provider,
    asking: &Asking,
    session: &SessionRecord,
    acting_for: Option<&Capacity>,
) -> Result<Option<Standing>, Refusal> {
    let (person, client) = (&session.person, &asking.client.id);
    let Some(grant) = provider.store.find_live_grant(person, acting_for, client, context.now).await? else {
        return Ok(None);
    };
    let Some(consent) = provider.store.find_consent(&grant.consent).await? else { return Ok(None) };
    let same_unit = receipt::read(&consent).owner.as_deref() == Some(asking.app.owner.as_str());
    Ok(same_unit.then_some(Standing { grant, consent }))
}
