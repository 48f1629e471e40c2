//! Clients, found by id and by app.

use super::{Records, apps, key::Key, page::List, value};
use crate::{
    engine::{Engine, Step, Table, Tables},
    error::StoreError,
    records::{
        AppStanding, AppStateRecord, ClientAuthMethod, ClientRecord, ClientStore, StoreFuture, StoreMode, Trail,
    },
};
use yizhan_domain::authorization::Custody;
use yizhan_domain::{AppId, ClientId};

const BY_ID: u8 = 1;
const BY_APP: u8 = 2;

impl<E: Engine> ClientStore for Records<E> {
    fn put_client(&self, client: ClientRecord, trail: Trail) -> StoreFuture<'_, ()> {
        let mode = self.engine.mode();
        self.commit(move |step| {
            let secret = matches!(client.auth_method, ClientAuthMethod::ClientSecretBasic(_));
            if mode == StoreMode::Production && (secret || client.custody == Custody::Development) {
                return Err(StoreError::DevelopmentOnly { what: "a development registration" });
            }
            remove(step, &client.id)?;
            value::put(step, Table::Clients, &id_key(&client.id), &client)?;
            let key = of_app(&client.app).key(client.id.as_str().as_bytes());
            value::put_bytes(step, Table::Clients, &key, Vec::new())?;
            step.trail(trail);
            Ok(())
        })
    }

    fn find_client<'a>(&'a self, id: &'a ClientId) -> StoreFuture<'a, Option<ClientRecord>> {
        let id = id.clone();
        self.engine.read(move |tables| find(tables, &id))
    }

    fn list_clients<'a>(&'a self, app: &'a AppId) -> StoreFuture<'a, Vec<ClientRecord>> {
        let list = of_app(app);
        self.engine.read(move |tables| {
            let mut clients = Vec::new();
            for (id, _) in list.all(tables)? {
                let key = Key::kind(BY_ID).last(&id).into_bytes();
                clients.push(value::get(tables, Table::Clients, &key)?);
            }
            Ok(clients)
        })
    }

    fn remove_client<'a>(&'a self, id: &'a ClientId, trail: Trail) -> StoreFuture<'a, bool> {
        let id = id.clone();
        self.commit_if(trail, move |step| remove(step, &id))
    }

    fn put_app_state(&self, state: AppStateRecord, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            apps::put(step, state)?;
            step.trail(trail);
            Ok(())
        })
    }

    fn renew_app_state(&self, state: AppStateRecord, trail: Trail) -> StoreFuture<'_, bool> {
        self.commit_if(trail, move |step| apps::renew(step, state))
    }

    fn find_app_state<'a>(&'a self, app: &'a AppId) -> StoreFuture<'a, Option<AppStateRecord>> {
        let app = app.clone();
        self.engine.read(move |tables| apps::find(tables, &app))
    }

    fn find_app_standing<'a>(&'a self, app: &'a AppId) -> StoreFuture<'a, Option<AppStanding>> {
        let app = app.clone();
        self.engine.read(move |tables| apps::standing(tables, &app))
    }

    fn list_app_states(&self) -> StoreFuture<'_, Vec<AppStateRecord>> {
        self.engine.read(apps::list)
    }
}

fn id_key(id: &ClientId) -> Vec<u8> {
    Key::kind(BY_ID).last(id.as_str()).into_bytes()
}

fn of_app(app: &AppId) -> List {
    List { name: "clients", table: Table::Clients, prefix: Key::kind(BY_APP).text(app.as_str()).into_bytes() }
}

fn find(tables: &dyn Tables, id: &ClientId) -> Result<Option<ClientRecord>, StoreError> {
    value::find(tables, Table::Clients, &id_key(id))
}

fn remove(step: &mut dyn Step, id: &ClientId) -> Result<bool, StoreError> {
    let Some(client) = find(step, id)? else { return Ok(false) };
    step.delete(Table::Clients, &id_key(id));
    step.delete(Table::Clients, &of_app(&client.app).key(id.as_str().as_bytes()));
    Ok(true)
}
