//! `visitor` of the fake host.

use super::with;
use crate::visitor::Preferences;

pub(crate) fn preferences() -> Preferences {
    with(|host| host.preferences.clone())
}

pub(crate) fn signed_in() -> bool {
    with(|host| host.persona.is_some())
}
