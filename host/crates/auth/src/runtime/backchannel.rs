//! The hub's notice that a person signed out there (`POST /.yizhan/backchannel-logout`; OpenID Connect Back-Channel Logout
//! 1.0): every session of that person's browser with the app ends.

use super::{AppClient, LoginError, Runtime, hub_token};
use crate::provider::hash;
use yizhan_domain::authorization::Tier;
use yizhan_domain::{AppId, Context, Timestamp};
use yizhan_store::records::{AuditRecord, Trail};

/// Takes a logout token; answers how many sessions ended.
///
/// # Errors
/// [`LoginError::Token`] for one that is not the hub's, is not for this app, is old, or came before.
pub async fn logout(context: &Context, runtime: &Runtime, app: &AppId, token: &str) -> Result<usize, LoginError> {
    let client = AppClient::of(app, Tier::Baseline);
    let logout = hub_token::logout_token(context, runtime, &client, token).await?;
    let once = hash(&format!("{}\n{}", client.id, logout.jti));
    let until = Timestamp(logout.until_s.saturating_mul(1000));
    if !runtime.store.use_once("logout", once, until, context.now, Trail::default()).await? {
        return Err(LoginError::Token("jti"));
    }
    let trail = Trail::of(
        AuditRecord::new(context.id, context.now, "system", "app-session.ended", "ok")
            .with("app", app)
            .with("session", &logout.session)
            .with("reason", "signed-out-at-hub"),
    );
    let ended = runtime.store.end_app_sessions_of(app, &logout.session, trail).await?;
    runtime.confirmations.clear();
    Ok(ended)
}
