//! `wasi:config/store`.

use super::bindings::wasi::config::store as wit;
use crate::{Error, Result};

pub(crate) fn get(key: &str) -> Result<Option<String>> {
    wit::get(key).map_err(error)
}

pub(crate) fn all() -> Result<Vec<(String, String)>> {
    wit::get_all().map_err(error)
}

fn error(error: wit::Error) -> Error {
    match error {
        wit::Error::Upstream(why) | wit::Error::Io(why) => Error::Failed(format!("settings: {why}")),
    }
}
