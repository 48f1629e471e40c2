//! The routes, one file per part of the address space.

pub(crate) mod account;
pub(crate) mod app;
pub(crate) mod appointment;
pub(crate) mod consent;
pub(crate) mod dev;
pub(crate) mod form;
pub(crate) mod identity;
pub(crate) mod me;
pub(crate) mod oauth;
pub(crate) mod places;
pub(crate) mod portal;
pub(crate) mod regions;
pub(crate) mod reserved;
pub(crate) mod services;
pub(crate) mod sign_in;
#[cfg(test)]
pub(in crate::http) mod tests;

use super::assets::Answer;
use super::body::Body;
use crate::site::Site;
use http::Response;
use std::sync::Arc;
use yizhan_sandbox::Cost;

/// An answer, with what the access log and the counters want to know.
pub(crate) struct Served {
    pub(crate) response: Response<Body>,
    /// The app that it is about; none for the hub's own pages.
    pub(crate) site: Option<Arc<Site>>,
    pub(crate) cost: Cost,
}

impl Served {
    /// An answer of the host's in one piece.
    pub(crate) fn whole(answer: Answer, site: Option<&Arc<Site>>) -> Self {
        Self { response: answer.map(Body::Whole), site: site.cloned(), cost: Cost::default() }
    }
}
