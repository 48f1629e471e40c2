//! Who answers in wasm: the host, through generated bindings. One file per capability, the same names as in `testing`.

#[expect(clippy::all, reason = "generated")]
#[expect(clippy::allow_attributes, clippy::allow_attributes_without_reason, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package yizhan:sdk;
            world guest {
                include yizhan:app/identity-app@0.1.0;
                import wasi:config/store@0.2.0-rc.1;
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import wasi:keyvalue/batch@0.2.0-draft2;
                import wasi:logging/logging@0.1.0-draft;
            }
        ",
        generate_all,
    });
}

pub(crate) mod appointment;
pub(crate) mod catalog;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod fetch;
pub(crate) mod identity;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod place;
pub mod serve;
pub(crate) mod visitor;

use crate::{Error, PageRequest};
use bindings::yizhan::app::types;

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::Denied(permission) => Self::Denied(permission),
            types::Error::Invalid(why) => Self::Invalid(why),
            types::Error::NotFound => Self::NotFound,
            types::Error::Conflict(why) => Self::Conflict(why),
            types::Error::Exhausted(limit) => Self::Exhausted(limit),
            types::Error::Unavailable => Self::Unavailable,
            types::Error::NotProvided(instead) => Self::NotProvided(instead),
        }
    }
}

/// A line for the operator from the SDK itself. It goes to standard error, which every host takes, so that an app that
/// logs nothing needs no `wasi:logging`.
pub(crate) fn report(line: &str) {
    eprintln!("{line}");
}

fn page(page: &PageRequest) -> types::PageRequest {
    types::PageRequest { cursor: page.cursor.clone(), limit: page.limit }
}

/// Converts each entry of a list.
fn list<A, B: From<A>>(entries: Vec<A>) -> Vec<B> {
    entries.into_iter().map(B::from).collect()
}
