//! Logins under way and sessions of people with apps, at the runtime.

use super::{
    Records,
    expiry::{self, Ending, is_live},
    key::Key,
    page::List,
    value,
};
use crate::{
    engine::{Engine, Step, Table},
    error::StoreError,
    records::{AppSessionRecord, AppSessionStore, LoginRecord, StoreFuture, Trail},
};
use yizhan_domain::{AppId, SecretHash, SessionId, Timestamp};

impl Ending for LoginRecord {
    fn ends(&self) -> Timestamp {
        self.expires
    }
}

impl Ending for AppSessionRecord {
    fn ends(&self) -> Timestamp {
        self.expires
    }
}

impl<E: Engine> AppSessionStore for Records<E> {
    fn put_login(&self, login: LoginRecord) -> StoreFuture<'_, ()> {
        self.commit(move |step| expiry::put(step, Table::Logins, &login.hash.0, &login))
    }

    fn take_login<'a>(&'a self, hash: &'a SecretHash, now: Timestamp) -> StoreFuture<'a, Option<LoginRecord>> {
        let hash = *hash;
        self.commit_at(now, move |step| {
            let login: Option<LoginRecord> = expiry::take(step, Table::Logins, &hash.0)?;
            Ok(login.filter(|login| is_live(login.expires, now)))
        })
    }

    fn create_app_session(&self, session: AppSessionRecord, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            step.trail(trail);
            keep(step, &session)
        })
    }

    fn find_app_session<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
    ) -> StoreFuture<'a, Option<AppSessionRecord>> {
        let hash = *hash;
        self.engine.read(move |tables| expiry::find_live(tables, Table::AppSessions, &hash.0, now))
    }

    fn replace_app_session(&self, session: AppSessionRecord, now: Timestamp) -> StoreFuture<'_, bool> {
        self.commit_at(now, move |step| {
            let live: Option<AppSessionRecord> = expiry::find_live(step, Table::AppSessions, &session.hash.0, now)?;
            if live.is_none() {
                return Ok(false);
            }
            keep(step, &session)?;
            Ok(true)
        })
    }

    fn end_app_session<'a>(&'a self, hash: &'a SecretHash, trail: Trail) -> StoreFuture<'a, bool> {
        let hash = *hash;
        self.commit_if(trail, move |step| end(step, &hash.0))
    }

    fn end_app_sessions_of<'a>(
        &'a self,
        app: &'a AppId,
        session: &'a SessionId,
        trail: Trail,
    ) -> StoreFuture<'a, usize> {
        let list = of_session(app, session);
        self.commit(move |step| {
            let mut ended = 0;
            for (hash, _) in list.all(step)? {
                ended += usize::from(end(step, &hash)?);
                step.delete(list.table, &list.key(&hash));
            }
            step.trail(trail);
            Ok(ended)
        })
    }
}

fn of_session(app: &AppId, session: &SessionId) -> List {
    let prefix = Key::new().text(app.as_str()).text(session.as_str()).into_bytes();
    List { name: "app sessions", table: Table::AppSessionIndex, prefix }
}

/// Keeps a session in place of the one under its hash, if there is one.
fn keep(step: &mut dyn Step, session: &AppSessionRecord) -> Result<(), StoreError> {
    unindex(step, &session.hash.0)?;
    expiry::put(step, Table::AppSessions, &session.hash.0, session)?;
    let key = of_session(&session.app, &session.session).key(&session.hash.0);
    value::put_bytes(step, Table::AppSessionIndex, &key, Vec::new())
}

fn end(step: &mut dyn Step, hash: &[u8]) -> Result<bool, StoreError> {
    unindex(step, hash)?;
    Ok(expiry::take::<AppSessionRecord>(step, Table::AppSessions, hash)?.is_some())
}

/// Removes the index entry of the session under this key.
pub(super) fn unindex(step: &mut dyn Step, key: &[u8]) -> Result<(), StoreError> {
    if let Some(session) = value::find::<AppSessionRecord>(step, Table::AppSessions, key)? {
        step.delete(Table::AppSessionIndex, &of_session(&session.app, &session.session).key(key));
    }
    Ok(())
}
