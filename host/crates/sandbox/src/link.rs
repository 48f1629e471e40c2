//! The four linkers of a process: open and identity-required, for each engine. An open app's linker has no identity at all.

use crate::bindings::{
    appointment, catalog, config, identity, keyvalue, keyvalue_draft, logging, place, types, visitor,
};
use crate::guest::GuestContext;
use wasmtime::Engine;
use wasmtime::component::{HasData, HasSelf, Linker, ResourceTable};
use yizhan_domain::Access;
use yizhan_domain::report::EngineKind;

type Own = HasSelf<GuestContext>;

/// Everything that an app of this access type may import from an engine of this kind.
pub(crate) fn linker(engine: &Engine, kind: EngineKind, access: Access) -> wasmtime::Result<Linker<GuestContext>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    if kind == EngineKind::P3 {
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    }
    io(&mut linker)?;
    standard(&mut linker)?;
    types::add_to_linker::<_, Own>(&mut linker, |guest| guest)?;
    visitor::add_to_linker::<_, Own>(&mut linker, |guest| guest)?;
    catalog::add_to_linker::<_, Own>(&mut linker, |guest| guest)?;
    place::add_to_linker::<_, Own>(&mut linker, |guest| guest)?;
    if access == Access::IdentityRequired {
        identity::add_to_linker::<_, Own>(&mut linker, |guest| guest)?;
        appointment::add_to_linker::<_, Own>(&mut linker, |guest| guest)?;
    }
    Ok(linker)
}

/// Streams and polls again, straight on the resource table: every body goes through them, and the engine's own way would make
/// the whole WASI state of a guest that never asks for any of it.
fn io(linker: &mut Linker<GuestContext>) -> wasmtime::Result<()> {
    use wasmtime_wasi_io::bindings::wasi::io::{error, poll, streams};
    linker.allow_shadowing(true);
    error::add_to_linker::<_, Table>(linker, |guest| &mut guest.table)?;
    poll::add_to_linker::<_, Table>(linker, |guest| &mut guest.table)?;
    streams::add_to_linker::<_, Table>(linker, |guest| &mut guest.table)?;
    linker.allow_shadowing(false);
    Ok(())
}

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// The standard interfaces that stand on our store.
fn standard(linker: &mut Linker<GuestContext>) -> wasmtime::Result<()> {
    config::store::add_to_linker::<_, Own>(linker, |guest| guest)?;
    logging::logging::add_to_linker::<_, Own>(linker, |guest| guest)?;
    keyvalue::store::add_to_linker::<_, Own>(linker, |guest| guest)?;
    keyvalue::atomics::add_to_linker::<_, Own>(linker, |guest| guest)?;
    keyvalue::batch::add_to_linker::<_, Own>(linker, |guest| guest)?;
    keyvalue_draft::store::add_to_linker::<_, Own>(linker, |guest| guest)?;
    keyvalue_draft::atomics::add_to_linker::<_, Own>(linker, |guest| guest)?;
    keyvalue_draft::batch::add_to_linker::<_, Own>(linker, |guest| guest)
}
