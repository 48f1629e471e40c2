//! Apps as the catalog shows them. The list is the hub's; this room only says what it needs of it.

use crate::error::SupportError;
use serde::Serialize;
use yizhan_domain::{AppId, code::ImplementingCode};

/// Most apps of one answer.
pub const APPS_MAX: usize = 100;

/// An app of the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct App {
    /// `app_id` of its manifest.
    pub id: AppId,
    /// Name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Where it opens.
    pub url: String,
    /// Whether it asks for identity.
    pub identity_required: bool,
}

/// The apps that the hub offers now. The hub implements it.
pub trait AppDirectory: Send + Sync {
    /// All apps in the order in which they are shown; [`SupportError::Unavailable`] when the list cannot be had.
    fn list_apps(&self) -> Result<Vec<App>, SupportError>;

    /// Apps whose manifest says that they handle the item.
    fn list_handlers(&self, item: &ImplementingCode) -> Result<Vec<AppId>, SupportError>;
}

/// A hub without apps.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoApps;

impl AppDirectory for NoApps {
    fn list_apps(&self) -> Result<Vec<App>, SupportError> {
        Ok(Vec::new())
    }

    fn list_handlers(&self, _: &ImplementingCode) -> Result<Vec<AppId>, SupportError> {
        Ok(Vec::new())
    }
}
