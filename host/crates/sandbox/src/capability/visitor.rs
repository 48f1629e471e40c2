//! `yizhan:app/visitor`: how the page should be shown, and whether someone is signed in. Never who.

use crate::bindings::visitor::{Host, Preferences};
use crate::guest::GuestContext;

impl Host for GuestContext {
    fn get_preferences(&mut self) -> wasmtime::Result<Preferences> {
        let wished = &self.visit.preferences;
        Ok(Preferences { locale: wished.locale.clone(), region: wished.region.clone(), elder_mode: wished.elder_mode })
    }

    fn signed_in(&mut self) -> wasmtime::Result<bool> {
        Ok(self.visit.permit.signed_in())
    }
}
