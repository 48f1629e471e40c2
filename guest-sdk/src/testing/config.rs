//! `config` of the fake host.

use super::with;
use crate::Result;

pub(crate) fn get(key: &str) -> Result<Option<String>> {
    Ok(with(|host| host.config.get(key).cloned()))
}

pub(crate) fn all() -> Result<Vec<(String, String)>> {
    Ok(with(|host| host.config.clone().into_iter().collect()))
}
