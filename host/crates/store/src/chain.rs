//! The audit chain: each entry's hash covers the one before, so that none can be changed, left out or put between.
//! Every engine chains a step's trail with [`links`]; `audit verify` recomputes with [`chain`].

use crate::{
    engine::Table,
    error::StoreError,
    records::{AccessRecord, AuditHead, AuditRecord, Trail},
    steps::{key::Key, value},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

const LABEL: &[u8] = b"yizhan-audit-v1";

/// One entry of the chain, and the row that lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// Number of the entry and hash over it and everything before.
    pub(crate) head: AuditHead,
    /// What was hashed: JSON of the entry, `{"audit":…}` or `{"access":…}`.
    pub(crate) payload: Vec<u8>,
    /// Where the entry is listed, [`Table::Audit`] or [`Table::AccessLog`].
    pub(crate) table: Table,
    /// Key of the row.
    pub(crate) key: Vec<u8>,
    /// Value of the row: JSON of the record alone.
    pub(crate) value: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Entry<'a> {
    Audit(&'a AuditRecord),
    Access(&'a AccessRecord),
}

/// SHA-256 over the label, the hash before, the number of the entry and its bytes.
pub(crate) fn chain(previous: &[u8; 32], sequence: u64, payload: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(LABEL);
    hasher.update(previous);
    hasher.update(sequence.to_be_bytes());
    hasher.update(payload);
    hasher.finalize().into()
}

/// The entries of a trail after `head`, audit records first, one number each. [`StoreError::Size`] when one is too large.
pub(crate) fn links(head: &AuditHead, trail: &Trail) -> Result<Vec<Link>, StoreError> {
    let mut links = Vec::with_capacity(trail.audit.len() + trail.access.len());
    let mut head = head.clone();
    for record in &trail.audit {
        let row = |sequence| (Table::Audit, Key::new().newest_first(sequence).into_bytes());
        links.push(link(&mut head, &Entry::Audit(record), value::encode(Table::Audit, record)?, row)?);
    }
    for record in &trail.access {
        let row = |sequence| (Table::AccessLog, access_key(record, sequence));
        links.push(link(&mut head, &Entry::Access(record), value::encode(Table::AccessLog, record)?, row)?);
    }
    Ok(links)
}

fn link(
    head: &mut AuditHead,
    entry: &Entry<'_>,
    value: Vec<u8>,
    row: impl Fn(u64) -> (Table, Vec<u8>),
) -> Result<Link, StoreError> {
    let payload = value::json(Table::Audit, entry)?;
    let sequence = head.sequence.saturating_add(1);
    *head = AuditHead { sequence, hash: chain(&head.hash, sequence, &payload) };
    let (table, key) = row(sequence);
    Ok(Link { head: head.clone(), payload, table, key, value })
}

fn access_key(record: &AccessRecord, sequence: u64) -> Vec<u8> {
    Key::new().text(record.person.as_str()).newest_first(record.at.0).newest_first(sequence).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::{RequestId, Timestamp};

    fn record(action: &str) -> AuditRecord {
        AuditRecord::new(RequestId(7), Timestamp(1), "system", action, "ok")
    }

    #[test]
    fn every_entry_has_the_next_number_and_covers_the_one_before() {
        let start = AuditHead { sequence: 0, hash: [0; 32] };
        let trail = Trail { audit: vec![record("a"), record("b")], access: Vec::new() };
        let links = links(&start, &trail).expect("links");
        assert_eq!(links.iter().map(|link| link.head.sequence).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(links[0].head.hash, chain(&[0; 32], 1, &links[0].payload));
        assert_eq!(links[1].head.hash, chain(&links[0].head.hash, 2, &links[1].payload));
        assert!(links[1].key < links[0].key, "newest first");
    }

    #[test]
    fn a_changed_byte_number_or_predecessor_changes_the_hash() {
        let hash = chain(&[0; 32], 1, b"entry");
        for other in [chain(&[1; 32], 1, b"entry"), chain(&[0; 32], 2, b"entry"), chain(&[0; 32], 1, b"entrz")] {
            assert_ne!(hash, other);
        }
    }
}
