//! `yizhan:app/visitor`.

use super::bindings::yizhan::app::visitor as wit;
use crate::visitor::Preferences;

pub(crate) fn preferences() -> Preferences {
    let wit::Preferences { locale, region, elder_mode } = wit::get_preferences();
    Preferences { locale, region, elder_mode }
}

pub(crate) fn signed_in() -> bool {
    wit::signed_in()
}
