//! A person's session with one app at the runtime: found by its cookie, carried by the permit.

use crate::provider::hash;
use crate::runtime::tokens::SealedTokens;
use crate::runtime::{AppClient, Runtime};
use std::sync::Arc;
use yizhan_domain::{AppId, Context, Timestamp};
use yizhan_store::StoreError;
use yizhan_store::records::AppSessionRecord;

/// One person signed in to one app. `Debug` prints neither subject nor tokens.
pub struct Session {
    pub(crate) record: AppSessionRecord,
    pub(crate) client: AppClient,
    pub(crate) tokens: SealedTokens,
}

impl Session {
    /// The live session with this cookie's token, if it is one with this app.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub(crate) async fn find(
        context: &Context,
        runtime: &Runtime,
        app: &AppId,
        token: &str,
    ) -> Result<Option<Arc<Self>>, StoreError> {
        let record = runtime.store.find_app_session(&hash(token), context.now).await?;
        Ok(record.filter(|record| record.app == *app).and_then(|record| Self::of(runtime, record)).map(Arc::new))
    }

    /// A record with its tokens opened; none when another key sealed them.
    pub(crate) fn of(runtime: &Runtime, record: AppSessionRecord) -> Option<Self> {
        let tokens = SealedTokens::open(runtime, &record.sealed_tokens)?;
        let client = AppClient::of(&record.app, tokens.tier);
        Some(Self { record, client, tokens })
    }

    /// When the session ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.record.expires
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("app", &self.record.app).finish_non_exhaustive()
    }
}
