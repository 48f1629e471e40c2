//! Sign-out from an app (`POST /.yizhan/logout`): the session ends here, its tokens at the hub.

use super::prover::Prover;
use super::{LoginError, Runtime};
use crate::session::Session;
use yizhan_domain::{AppId, Context};
use yizhan_store::records::{AuditRecord, Trail};

/// Ends the session with this cookie's token; one that is not there is ended already. The person's session at the hub and
/// the consent stay: another sign-in finds both.
///
/// # Errors
/// [`LoginError::Unavailable`] when the store cannot answer; then the session goes on.
pub async fn leave(context: &Context, runtime: &Runtime, app: &AppId, token: &str) -> Result<(), LoginError> {
    let Some(session) = Session::find(context, runtime, app, token).await? else { return Ok(()) };
    let trail = Trail::of(
        AuditRecord::new(context.id, context.now, format!("client:{}", session.client.id), "app-session.ended", "ok")
            .with("app", app)
            .with("session", &session.record.session)
            .with("reason", "signed-out"),
    );
    runtime.store.end_app_session(&session.record.hash, trail).await?;
    runtime.confirmations.forget(&session.record.hash);
    // A refresh token takes its family along (RFC 7009, section 2.1).
    let token = session.tokens.refresh.as_ref().unwrap_or(&session.tokens.access);
    let prover = Prover::of(runtime, &session.client);
    if let Err(error) = runtime.link.revoke(*context, prover, token).await {
        // The session is gone, and with it the only holder of the tokens; they end by themselves.
        tracing::warn!(%error, "the hub did not take back the tokens of an ended session");
    }
    Ok(())
}
