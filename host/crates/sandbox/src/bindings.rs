//! Host side of the WIT packages, generated: our own contract, and the standard interfaces that stand on our store.

mod app {
    wasmtime::component::bindgen!({
        path: "../../../guest-sdk/wit",
        world: "yizhan:app/identity-app",
        imports: {
            "yizhan:app/appointment.halls": async | trappable,
            "yizhan:app/appointment.days": async | trappable,
            "yizhan:app/appointment.slots": async | trappable,
            "yizhan:app/appointment.book": async | trappable,
            "yizhan:app/appointment.cancel": async | trappable,
            "yizhan:app/appointment.mine": async | trappable,
            "yizhan:app/appointment.code": async | trappable,
            "yizhan:app/identity.current": async | trappable,
            "yizhan:app/identity.[method]authorization.open": async | trappable,
            "yizhan:app/identity.[method]authorization.envelope": async | trappable,
            default: trappable,
        },
        with: { "yizhan:app/identity.authorization": crate::capability::identity::AuthorizationResource },
        require_store_data_send: true,
    });
}
pub(crate) use app::yizhan::app::{appointment, catalog, identity, place, types, visitor};

mod standard {
    wasmtime::component::bindgen!({
        path: "../../../guest-sdk/wit",
        inline: "
            package yizhan:host;
            world standard {
                import wasi:config/store@0.2.0-rc.1;
                import wasi:logging/logging@0.1.0-draft;
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import wasi:keyvalue/batch@0.2.0-draft2;
            }
        ",
        world: "yizhan:host/standard",
        imports: { default: async | trappable },
        with: {
            "wasi:keyvalue/store.bucket": crate::bucket::Bucket,
            "wasi:keyvalue/atomics.cas": crate::capability::keyvalue::Cas,
        },
        trappable_error_type: { "wasi:keyvalue/store.error" => crate::bucket::Failure },
        require_store_data_send: true,
    });
}
pub(crate) use standard::wasi::{config, keyvalue, logging};

mod earlier {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "yizhan:earlier/earlier",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": crate::bucket::Bucket },
        trappable_error_type: { "wasi:keyvalue/store.error" => crate::bucket::Failure },
        require_store_data_send: true,
    });
}
pub(crate) use earlier::wasi::keyvalue as keyvalue_draft;
