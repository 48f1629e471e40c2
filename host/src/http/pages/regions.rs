//! Choosing the region that services and halls are shown for.

use super::Frame;
use crate::http::return_path::ReturnPath;
use askama::Template;
use yizhan_support::Region;

/// The page. Posts `region` and `return` to `/.yizhan/prefs`.
#[derive(Debug, Template)]
#[template(path = "region.html")]
pub(crate) struct RegionPage<'a> {
    /// Frame.
    pub(crate) frame: Frame<'a>,
    /// The region whose parts are shown; none for the country.
    pub(crate) within: Option<Region>,
    /// Its parts.
    pub(crate) rows: Vec<RegionRow>,
    /// One step back.
    pub(crate) up: String,
    /// Where the person goes on.
    pub(crate) to: ReturnPath,
}

/// One region.
#[derive(Debug, Clone)]
pub(crate) struct RegionRow {
    /// 12 digits.
    pub(crate) code: String,
    /// Name.
    pub(crate) name: String,
    /// Where its parts are shown; none when it has none.
    pub(crate) below: Option<String>,
}
