//! `wasi:config/store@0.2.0-rc.1`: settings of the app.

use crate::bindings::config::store::{Error, Host};
use crate::guest::GuestContext;

impl Host for GuestContext {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        let answer = Ok(self.version.config.get(&key).cloned());
        self.observe(|| format!("config.get {key}"), &answer);
        Ok(answer)
    }

    async fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, Error>> {
        Ok(Ok(self.version.config.iter().map(|(key, value)| (key.clone(), value.clone())).collect()))
    }
}
