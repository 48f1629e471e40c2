//! States of apps. A manifest may be larger than one record, so it lies beside the state in parts.

use super::{key::Key, page::List, value};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
    records::{AppStanding, AppState, AppStateRecord},
};
use yizhan_domain::AppId;

/// Largest manifest in bytes, as JSON.
const MANIFEST_BYTES_MAX: usize = 256 << 10;
const STATE: u8 = 1;
const PART: u8 = 2;

/// Sets the state of an app under the next generation.
pub(super) fn put(step: &mut dyn Step, state: AppStateRecord) -> Result<(), StoreError> {
    let generation = kept(step, &state.app)?.map_or(0, |old| old.generation).saturating_add(1);
    write(step, AppStateRecord { generation, ..state })
}

/// Replaces the version of a released app under the generation that it has.
pub(super) fn renew(step: &mut dyn Step, state: AppStateRecord) -> Result<bool, StoreError> {
    let same = |old: AppStateRecord| old.state == AppState::Released && old.generation == state.generation;
    if state.state != AppState::Released || !kept(step, &state.app)?.is_some_and(same) {
        return Ok(false);
    }
    write(step, state)?;
    Ok(true)
}

/// The state without its manifest.
fn kept(tables: &dyn Tables, app: &AppId) -> Result<Option<AppStateRecord>, StoreError> {
    value::find(tables, Table::Apps, &state_key(app))
}

fn write(step: &mut dyn Step, mut state: AppStateRecord) -> Result<(), StoreError> {
    let manifest = value::json(Table::Apps, &state.manifest)?;
    value::check_size("manifest in bytes", manifest.len(), 0, MANIFEST_BYTES_MAX)?;
    let key = state_key(&state.app);
    let parts = parts_of(&state.app);
    for (rest, _) in parts.all(step)? {
        step.delete(Table::Apps, &parts.key(&rest));
    }
    for (index, part) in manifest.chunks(value::VALUE_BYTES_MAX).enumerate() {
        let key = parts.key(&(index as u64).to_be_bytes());
        value::put_bytes(step, Table::Apps, &key, part.to_vec())?;
    }
    state.manifest = serde_json::Value::Null;
    value::put(step, Table::Apps, &key, &state)
}

/// The state of an app without its manifest.
pub(super) fn standing(tables: &dyn Tables, app: &AppId) -> Result<Option<AppStanding>, StoreError> {
    let standing = |AppStateRecord { state, version, generation, .. }| AppStanding { state, version, generation };
    Ok(kept(tables, app)?.map(standing))
}

/// The state of an app.
pub(super) fn find(tables: &dyn Tables, app: &AppId) -> Result<Option<AppStateRecord>, StoreError> {
    kept(tables, app)?.map(|state| whole(tables, state)).transpose()
}

/// Every app, in order of ids.
pub(super) fn list(tables: &dyn Tables) -> Result<Vec<AppStateRecord>, StoreError> {
    let states = List { name: "apps", table: Table::Apps, prefix: vec![STATE] };
    let states = states.all(tables)?.into_iter();
    states.map(|(rest, bytes)| whole(tables, value::decode(Table::Apps, &rest, &bytes)?)).collect()
}

fn whole(tables: &dyn Tables, mut state: AppStateRecord) -> Result<AppStateRecord, StoreError> {
    let parts = parts_of(&state.app);
    let manifest: Vec<u8> = parts.all(tables)?.into_iter().flat_map(|(_, part)| part).collect();
    state.manifest = value::decode(Table::Apps, &parts.prefix, &manifest)?;
    Ok(state)
}

fn state_key(app: &AppId) -> Vec<u8> {
    Key::kind(STATE).last(app.as_str()).into_bytes()
}

fn parts_of(app: &AppId) -> List {
    List { name: "manifest", table: Table::Apps, prefix: Key::kind(PART).text(app.as_str()).into_bytes() }
}
