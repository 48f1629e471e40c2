//! What stands inside an envelope: the claims of one person by our names, for one client, for two minutes.

use super::Sealing;
use crate::claims;
use crate::directory::Person;
use crate::flow::scope::ClaimUse;
use crate::provider::{ENVELOPE_MS, Provider};
use crate::refusal::Refusal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use yizhan_domain::{ClientId, Context, GrantId};
use yizhan_store::records::GrantRecord;
use zeroize::Zeroizing;

/// The signed content. No `Debug`: it holds values. They are wiped when dropped.
#[derive(Serialize)]
pub(super) struct Payload<'a> {
    iss: &'a str,
    aud: &'a ClientId,
    sub: &'a str,
    iat: u64,
    exp: u64,
    jti: &'a str,
    /// The request (RFC 8417, section 2.2).
    txn: String,
    grant_id: &'a GrantId,
    /// Purposes, separated by spaces.
    purpose: String,
    #[serde(flatten)]
    values: BTreeMap<String, Zeroizing<String>>,
}

#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) person: &'a Person,
    pub(super) sub: &'a str,
    pub(super) jti: &'a str,
}

/// The person of a grant in its capacity, with the data.
pub(super) async fn person(provider: &Provider, grant: &GrantRecord) -> Result<Person, Refusal> {
    let missing = if grant.acting_for.is_some() { Refusal::MandateEnded } else { Refusal::GrantEnded };
    provider.people.open_person(&grant.person, grant.acting_for.as_ref()).await?.ok_or(missing)
}

/// Reads the claims. One that the directory does not hold of this person is left out.
pub(super) fn claims<'a>(
    context: &Context,
    provider: &'a Provider,
    sealing: Sealing<'a>,
    parts: Parts<'a>,
) -> Payload<'a> {
    let value = |(claim, _): &ClaimUse| {
        claims::value(parts.person, *claim, context.now).map(|value| (claim.to_string(), Zeroizing::new(value)))
    };
    let purposes: BTreeSet<&str> = sealing.uses.iter().map(|(_, purpose)| purpose.as_str()).collect();
    Payload {
        iss: &provider.issuer,
        aud: &sealing.standing.client.id,
        sub: parts.sub,
        iat: context.now.0 / 1000,
        exp: context.now.plus_ms(ENVELOPE_MS).0 / 1000,
        jti: parts.jti,
        txn: context.id.to_string(),
        grant_id: &sealing.standing.grant.id,
        purpose: purposes.into_iter().collect::<Vec<_>>().join(" "),
        values: sealing.uses.iter().filter_map(value).collect(),
    }
}

/// `purpose/claim`, separated by spaces: for the audit.
pub(super) fn names(uses: &[ClaimUse]) -> String {
    uses.iter().map(|(claim, purpose)| format!("{purpose}/{claim}")).collect::<Vec<_>>().join(" ")
}
