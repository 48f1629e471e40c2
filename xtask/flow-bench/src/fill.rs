//! Generated grants of generated people, put into a store by its own steps.

use crate::bed::{APP, Bed, CLAIMS, PURPOSE};
use anyhow::ensure;
use std::sync::Arc;
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::{AppId, ClientId, ConsentId, GrantId, PersonId, SecretHash, SessionId, VersionDigest};
use yizhan_store::records::{CodeRecord, ConsentRecord, GrantRecord, RequestRecord, Trail};

/// How many steps are under way at once: the committer takes them in groups.
const AT_ONCE: u64 = 512;
/// Bytes of a receipt, a signed JWT.
const RECEIPT_BYTES: usize = 900;
const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1000;
/// Ids of generated records begin here, far from those of the people who sign in.
const FIRST: u128 = 1 << 100;

/// Puts so many grants into the store, each with request, consent and code.
pub(crate) async fn fill(bed: &Arc<Bed>, grants: u64) -> anyhow::Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..AT_ONCE.min(grants) {
        let bed = Arc::clone(bed);
        tasks.spawn(async move {
            let mut number = first;
            while number < grants {
                put(&bed, number).await?;
                number += AT_ONCE;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn put(bed: &Bed, number: u64) -> anyhow::Result<()> {
    let (now, bits) = (bed.context().now, FIRST + u128::from(number));
    let (app, client) = (AppId::new(APP)?, ClientId(APP.to_owned()));
    let mut bytes = [0xEE; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    let hash = SecretHash(bytes);
    let request = RequestRecord {
        hash,
        client: client.clone(),
        parameters: serde_json::Value::Null,
        expires: now.plus_ms(YEAR_MS),
    };
    bed.provider.store.put_request(request, Trail::default()).await?;
    let used = |claim| GrantedUse { claim, purpose: PURPOSE.to_owned(), retention_days: 0 };
    let (person, id) = (PersonId::of_random(bits), ConsentId::of_random(bits));
    let grant = GrantRecord {
        id: GrantId::of_random(bits),
        person: person.clone(),
        acting_for: None,
        app: app.clone(),
        client: client.clone(),
        uses: CLAIMS.map(used).to_vec(),
        consent: id.clone(),
        at: now,
        expires: now.plus_ms(YEAR_MS),
        revoked: None,
    };
    let code = CodeRecord {
        hash,
        client: client.clone(),
        grant: grant.id.clone(),
        redirect_uri: String::new(),
        challenge: String::new(),
        nonce: None,
        scopes: Vec::new(),
        dpop_jkt: None,
        session: SessionId::of_random(bits),
        expires: now.plus_ms(1),
    };
    let consent = ConsentRecord {
        id,
        person,
        acting_for: None,
        app,
        client,
        version: VersionDigest([1; 32]),
        unit: "Bench".to_owned(),
        uses: grant.uses.clone(),
        refused: Vec::new(),
        at: now,
        expires: grant.expires,
        locale: "zh-CN".to_owned(),
        withdrawn: None,
        receipt: "r".repeat(RECEIPT_BYTES),
    };
    let kept = bed.provider.store.give_consent(hash, consent, grant, code, Trail::default()).await?;
    ensure!(kept, "grant {number} was not kept");
    Ok(())
}
