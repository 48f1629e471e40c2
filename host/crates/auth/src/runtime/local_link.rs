//! The link of a runtime whose hub is in the same process: the flow's own functions, without HTTP between.

use super::Ticks;
use super::link::{CodeAnswer, EnvelopeAsk, Granted, HubLink, LinkError, LinkFuture, Standing, Tokens};
use super::prover::{Call, Caller, Prover};
use crate::flow::act::{self, Acting};
use crate::flow::distribute::{self, Ask, Presented};
use crate::flow::verify::{self, AuthenticatedClient, ClientCredentials, Exchanging, Introspection, Refreshing};
use crate::flow::{PAR_PATH, RequestParameters, TOKEN_PATH, USERINFO_PATH, acr, revoke};
use crate::jose::JwkSet;
use crate::keys::KeyOwner;
use crate::provider::Provider;
use crate::refusal::Refusal;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_domain::person::Assurance;
use yizhan_domain::{ClientId, Context, Permission, Timestamp};
use zeroize::Zeroizing;

/// How long a client that proved who it is need not do so again to ask whether a token stands, milliseconds. Every other
/// call is proved by itself.
const PROVED_MS: u64 = 60_000;

/// The hub in the same process.
pub struct LocalLink {
    provider: Provider,
    ticks: Arc<dyn Ticks>,
    proved: Mutex<HashMap<ClientId, (u64, AuthenticatedClient)>>,
}

impl LocalLink {
    /// The way to this provider.
    #[must_use]
    pub fn new(provider: Provider, ticks: Arc<dyn Ticks>) -> Self {
        Self { provider, ticks, proved: Mutex::default() }
    }

    async fn authenticate(&self, context: &Context, caller: Caller) -> Result<AuthenticatedClient, LinkError> {
        let client_id = Some(caller.client.0);
        let credentials = ClientCredentials::Assertion { client_id, assertion: caller.assertion };
        Ok(verify::authenticate(context, &self.provider, &credentials).await?)
    }

    /// Proves a call to an endpoint; answers the client and its DPoP proof.
    async fn call(
        &self,
        context: &Context,
        prover: Prover<'_>,
        path: &str,
    ) -> Result<(AuthenticatedClient, Option<Zeroizing<String>>), LinkError> {
        let url = self.provider.url(path);
        let mut caller = prover.caller(context, Call { method: "POST", url: &url, access: None, nonce: None })?;
        let dpop = caller.dpop.take();
        Ok((self.authenticate(context, caller).await?, dpop))
    }

    /// The client, proved within the last minute.
    async fn proved(&self, context: &Context, prover: Prover<'_>) -> Result<AuthenticatedClient, LinkError> {
        let (id, now) = (&prover.client().id, self.ticks.ms());
        {
            let proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, client)) = proved.get(id)
                && now.saturating_sub(*at) < PROVED_MS
            {
                return Ok(client.clone());
            }
        }
        let (client, _) = self.call(context, prover, TOKEN_PATH).await?;
        self.proved.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), (now, client.clone()));
        Ok(client)
    }
}

impl std::fmt::Debug for LocalLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalLink").finish_non_exhaustive()
    }
}

impl HubLink for LocalLink {
    fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// No answer outlives a write of the hub's store: revocation takes effect at once.
    fn confirmation_ms(&self) -> u64 {
        0
    }

    fn revision(&self) -> Option<u64> {
        Some(self.provider.store.standing_revision())
    }

    fn push<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        request: &'a [(String, String)],
    ) -> LinkFuture<'a, String> {
        Box::pin(async move {
            let (client, dpop) = self.call(&context, prover, PAR_PATH).await?;
            let form = RequestParameters(request.to_vec());
            let dpop = dpop.as_ref().map(|proof| proof.as_str());
            Ok(verify::push(&context, &self.provider, &client, &form, dpop).await?.request_uri)
        })
    }

    fn exchange<'a>(&'a self, context: Context, prover: Prover<'a>, answer: CodeAnswer) -> LinkFuture<'a, Tokens> {
        Box::pin(async move {
            let (client, dpop) = self.call(&context, prover, TOKEN_PATH).await?;
            let exchanging = Exchanging {
                code: &answer.code,
                verifier: Some(&answer.verifier),
                redirect_uri: Some(&answer.redirect_uri),
                dpop: dpop.as_ref().map(|proof| proof.as_str()),
            };
            Ok(verify::exchange(&context, &self.provider, &client, exchanging).await?.into())
        })
    }

    fn refresh<'a>(&'a self, context: Context, prover: Prover<'a>, refresh: &'a str) -> LinkFuture<'a, Tokens> {
        Box::pin(async move {
            let (client, dpop) = self.call(&context, prover, TOKEN_PATH).await?;
            let dpop = dpop.as_ref().map(|proof| proof.as_str());
            let refreshing = Refreshing { token: refresh, scope: None, dpop };
            Ok(verify::refresh(&context, &self.provider, &client, refreshing).await?.into())
        })
    }

    fn envelope<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        access: &'a str,
        ask: EnvelopeAsk<'a>,
    ) -> LinkFuture<'a, String> {
        Box::pin(async move {
            let url = self.provider.url(USERINFO_PATH);
            let call = Call { method: "POST", url: &url, access: Some(access), nonce: None };
            let dpop = prover.possession(&context, call)?;
            let presented = Presented {
                token: access,
                dpop: dpop.as_ref().map(|proof| proof.as_str()),
                method: "POST",
                client: Some(&prover.client().id),
            };
            let purpose = Some(ask.purpose.to_owned());
            let ask = Ask { purpose, claims: ask.claims.to_vec(), sealed_for: ask.sealed_for };
            Ok(distribute::distribute(&context, &self.provider, presented, &ask).await?.jwe)
        })
    }

    fn confirm<'a>(&'a self, context: Context, prover: Prover<'a>, access: &'a str) -> LinkFuture<'a, Standing> {
        Box::pin(async move {
            let client = self.proved(&context, prover).await?;
            Ok(verify::introspect(&context, &self.provider, &client, access).await?.into())
        })
    }

    fn acting<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        access: &'a str,
        permission: &'a Permission,
    ) -> LinkFuture<'a, Acting> {
        Box::pin(async move {
            let client = self.proved(&context, prover).await?;
            Ok(act::check(&context, &self.provider, &client.record.id, access, permission).await?)
        })
    }

    fn revoke<'a>(&'a self, context: Context, prover: Prover<'a>, token: &'a str) -> LinkFuture<'a, ()> {
        Box::pin(async move {
            let client = self.proved(&context, prover).await?;
            Ok(revoke::token(&context, &self.provider, &client, token).await?)
        })
    }

    fn jwks(&self, context: Context, _again: bool) -> LinkFuture<'_, Arc<JwkSet>> {
        Box::pin(async move {
            let keys = self.provider.keys.public_jwks(&KeyOwner::Hub, context.now);
            keys.map(Arc::new).map_err(|error| {
                tracing::error!(%error, "the hub's public keys cannot be read");
                LinkError::Unreachable
            })
        })
    }
}

impl From<Refusal> for LinkError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unavailable => Self::Unreachable,
            other => Self::Refused(other.code()),
        }
    }
}

impl From<verify::TokenAnswer> for Tokens {
    fn from(answer: verify::TokenAnswer) -> Self {
        Self {
            access: answer.access_token,
            expires_in: answer.expires_in,
            refresh: answer.refresh_token,
            id_token: answer.id_token.map(Zeroizing::new),
        }
    }
}

impl From<Introspection> for Standing {
    /// An answer without the members that this runtime needs counts as ended.
    fn from(answer: Introspection) -> Self {
        let Some(of) = answer.of.filter(|_| answer.active) else { return Self::Ended };
        Self::Active(Box::new(Granted {
            subject: of.sub,
            kind: of.gov_kind,
            capacity: of.gov_capacity,
            assurance: acr::find(&of.acr).unwrap_or(Assurance::Basic),
            grant: of.grant_id,
            uses: of.gov_uses,
            expires: Timestamp(of.gov_grant_expires_ms),
        }))
    }
}
