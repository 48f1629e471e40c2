//! The receipt of a consent: ISO/IEC TS 27560 fields as a JWT that the hub signs and the person can keep. Holds names of
//! claims, never a value.

use super::consent::ConsentAsk;
use crate::provider::{Provider, ReviewedApp};
use crate::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use yizhan_domain::Permission;
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::code::CreditCode;
use yizhan_store::records::ConsentRecord;

/// `typ` of receipts.
pub(super) const TYPE: &str = "consent-receipt+jwt";

/// What of a receipt is read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Code of the owner unit that was shown.
    pub(super) owner: Option<String>,
    /// Whether access while the person is away was shown.
    pub(super) offline: bool,
    /// What the app may do for the person.
    pub(super) acts: Vec<Permission>,
}

/// Signs the receipt of a consent record.
pub(super) async fn sign(
    provider: &Provider,
    consent: &ConsentRecord,
    app: &ReviewedApp,
    ask: &ConsentAsk,
) -> Result<String, Refusal> {
    let (items, offline) = (&ask.items, ask.offline);
    let acts: Vec<&Permission> = ask.acts.iter().map(|act| &act.permission).collect();
    let capacity = consent.acting_for.as_ref();
    let subject = provider.subject(&app.owner, &consent.person, capacity);
    let basis = |data: &GrantedUse| {
        items
            .iter()
            .find(|item| item.data == *data)
            .and_then(|item| item.legal_basis.clone())
            .unwrap_or("consent".into())
    };
    let information = |data: &GrantedUse, optional: bool| {
        json!({
            "purpose": data.purpose, "pii_type": data.claim.to_string(), "pii_optional": optional,
            "retention_period": format!("P{}D", data.retention_days), "lawful_basis": basis(data),
            "processing_locations": ["CN"],
        })
    };
    let optional = |data: &GrantedUse| items.iter().any(|item| item.optional && item.data == *data);
    let receipt = json!({
        "iss": provider.issuer, "jti": consent.id, "iat": consent.at.0 / 1000, "sub": subject,
        "record_metadata": {
            "schema_version": "ISO/IEC TS 27560:2023", "record_id": consent.id, "pii_principal_id": subject,
            "acting_as": capacity.map(|capacity| &capacity.role),
        },
        "pii_processing": {
            "service": app.name, "service_version": app.version.to_string(), "filing_number": app.filing,
            "language": consent.locale, "recipient": consent.client, "offline_access": offline,
            "acts": acts,
            "granted": consent.uses.iter().map(|it| information(it, optional(it))).collect::<Vec<_>>(),
            "refused": consent.refused.iter().map(|it| information(it, true)).collect::<Vec<_>>(),
        },
        "party_identification": [
            { "party_role": "pii_controller", "party_id": app.owner.as_str(), "party_name": consent.unit },
        ],
        "consent_events": [{
            "event_type": "explicit", "event_state": "given", "event_time": consent.at.0 / 1000,
            "validity_end": consent.expires.0 / 1000,
        }],
    });
    provider.sign(TYPE, &receipt).await
}

/// What a consent lets the app do for the person.
pub(crate) fn acts(consent: &ConsentRecord) -> Vec<Permission> {
    read(consent).acts
}

/// Reads a receipt of the store back. The store holds what this hub signed, so the signature is not checked again.
pub(super) fn read(consent: &ConsentRecord) -> Read {
    let payload = consent.receipt.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let receipt: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    let Some(receipt) = receipt else { return Read::default() };
    let owner = receipt.pointer("/party_identification/0/party_id").and_then(Value::as_str);
    Read {
        owner: owner.filter(|owner| owner.parse::<CreditCode>().is_ok()).map(str::to_owned),
        offline: receipt.pointer("/pii_processing/offline_access") == Some(&Value::Bool(true)),
        acts: receipt
            .pointer("/pii_processing/acts")
            .and_then(Value::as_array)
            .map(|acts| acts.iter().filter_map(|act| act.as_str()?.parse().ok()).collect())
            .unwrap_or_default(),
    }
}
