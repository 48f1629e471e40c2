//! The audit and the access logs, read back. The engine writes their rows with each step.

use super::{Records, key::Key, page::List, value};
use crate::{
    engine::{Engine, Table},
    records::{AccessRecord, AuditHead, AuditRecord, AuditStore, RecordPage, StoreFuture, Trail},
};
use yizhan_domain::{PersonId, Timestamp};

impl<E: Engine> AuditStore for Records<E> {
    fn append(&self, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            step.trail(trail);
            Ok(())
        })
    }

    fn list_audit<'a>(&'a self, cursor: Option<&'a str>, limit: usize) -> StoreFuture<'a, RecordPage<AuditRecord>> {
        let cursor = cursor.map(str::to_owned);
        self.engine.read(move |tables| {
            let list = List { name: "audit", table: Table::Audit, prefix: Vec::new() };
            list.page(tables, cursor.as_deref(), limit, |_, (rest, bytes)| {
                value::decode(list.table, &rest, &bytes).map(Some)
            })
        })
    }

    fn list_access<'a>(
        &'a self,
        person: &'a PersonId,
        now: Timestamp,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<AccessRecord>> {
        let cursor = cursor.map(str::to_owned);
        let prefix = Key::new().text(person.as_str()).into_bytes();
        self.engine.read(move |tables| {
            let list = List { name: "access log", table: Table::AccessLog, prefix };
            list.page(tables, cursor.as_deref(), limit, |_, (rest, bytes)| {
                let row: AccessRecord = value::decode(list.table, &rest, &bytes)?;
                let hidden = row.hidden_until.as_ref().is_some_and(|(until, _)| now < *until);
                Ok((!hidden).then_some(row))
            })
        })
    }

    fn head(&self) -> StoreFuture<'_, AuditHead> {
        Box::pin(async move { Ok(self.engine.head()) })
    }
}
