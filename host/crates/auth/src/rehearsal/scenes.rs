//! One scene for each refusal of the hub: what is changed so that the real function refuses.

use super::actor::Actor;
use super::stage::{APP, HOUR_MS, OTHER, PURPOSE, Stage, app_id};
use super::walk::Walk;
use super::{Met, Scene};
use crate::flow::authorize::{self, Acting};
use crate::flow::distribute::Ask;
use crate::flow::verify::{self, ClientCredentials, RETRY_MS};
use crate::flow::{RequestParameters, TOKEN_PATH, revoke};
use crate::keys::SoftwareKeyStore;
use crate::people::{Mandate, Whom};
use crate::provider::{ACCESS_MS, CODE_MS, Provider, REQUEST_MS, hash, register_client};
use crate::refusal::Refusal;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::sync::Arc;
use yizhan_domain::authorization::{Capacity, Custody, Tier};
use yizhan_domain::{Claim, ClientId};
use yizhan_store::records::{AppState, Trail};
use zeroize::Zeroizing;

/// Plays the scene of a refusal; what comes back is what was met, never success.
pub(super) async fn play(stage: &Stage, refusal: Refusal) -> Scene {
    match refusal {
        Refusal::Unavailable | Refusal::UnknownClient | Refusal::UnknownApp | Refusal::SuspendedApp => {
            standing(stage, refusal).await
        }
        Refusal::AssuranceTooLow
        | Refusal::ExpiredRequest
        | Refusal::LoginRequired
        | Refusal::ConsentRequired
        | Refusal::CapacityRequired
        | Refusal::AccessDenied
        | Refusal::MandateEnded => deciding(stage, refusal).await,
        Refusal::WrongClient
        | Refusal::AssertionAudience
        | Refusal::AssertionExpired
        | Refusal::AssertionReplayed
        | Refusal::SecretForbidden => proving(stage, refusal).await,
        Refusal::GrantType
        | Refusal::ExpiredCode
        | Refusal::CodeReplayed
        | Refusal::OtherClientsCode
        | Refusal::WrongVerifier
        | Refusal::RedirectMismatch
        | Refusal::GrantEnded
        | Refusal::SessionEnded => exchanging(stage, refusal).await,
        Refusal::MissingDpop | Refusal::WrongDpop | Refusal::DpopReplayed | Refusal::WrongDpopKey => {
            possessing(stage, refusal).await
        }
        Refusal::ExpiredRefresh | Refusal::RefreshReplayed | Refusal::ScopeGrew | Refusal::StaleGeneration => {
            refreshing(stage, refusal).await
        }
        Refusal::NoRecipientKey
        | Refusal::RecipientKeyRevoked
        | Refusal::ClaimWithdrawn
        | Refusal::RevokedToken
        | Refusal::ExpiredToken
        | Refusal::OtherClientsToken
        | Refusal::ClaimNotGranted => handing_over(stage, refusal).await,
        Refusal::ForeignGrant | Refusal::ForeignLogoutRedirect | Refusal::WrongHint | Refusal::BadRegistration => {
            ending(stage, refusal).await
        }
        _ => asking(stage, refusal).await,
    }
}

/// A request that is refused as it stands.
async fn asking(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    let long = "x".repeat(513);
    let change: (&str, &str) = match refusal {
        Refusal::DuplicateParameter => {
            let mut twice = walk.request(&[]);
            twice.0.push(("scope".into(), "openid".into()));
            return walk.begin_with(&twice).await.map(drop);
        }
        Refusal::PushRequired => {
            stage.put(stage.runtime(&stage.client, Tier::High)?).await?;
            ("state", "rehearsal")
        }
        Refusal::TooLarge => ("state", &long),
        Refusal::BadParameter => ("prompt", "whatever"),
        Refusal::ForeignRedirect => ("redirect_uri", "https://elsewhere.example/callback"),
        Refusal::RequestObject => ("request", "e30.e30."),
        Refusal::ForeignRequestUri => ("request_uri", "https://elsewhere.example/request.jwt"),
        Refusal::ResponseType => ("response_type", "token"),
        Refusal::ResponseMode => ("response_mode", "fragment"),
        Refusal::MissingPkce => ("code_challenge", ""),
        Refusal::MissingOpenid => ("scope", "name"),
        Refusal::UnreviewedClaim => ("scope", "openid id-number"),
        Refusal::AuthorizationDetails => ("authorization_details", "[{}]"),
        _ => return Err(Met::Broken("no scene")),
    };
    walk.begin(&[change]).await.map(drop)
}

async fn standing(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    match refusal {
        Refusal::Unavailable => {
            let code = walk.code(&[]).await?;
            // A hub whose key store holds no key cannot sign the ID token.
            let empty = SoftwareKeyStore::in_memory(Box::new(StdRng::seed_from_u64(0)));
            let provider = Provider { keys: Arc::new(empty), ..stage.provider.clone() };
            return bring(stage, &provider, &code, None).await;
        }
        Refusal::UnknownApp => stage.set_state(AppState::Withdrawn).await?,
        Refusal::SuspendedApp => stage.set_state(AppState::Suspended).await?,
        _ => return walk.begin(&[("client_id", "cn.gov.example.nobody")]).await.map(drop),
    }
    walk.begin(&[]).await.map(drop)
}

/// What the person and their browser bring about.
async fn deciding(stage: &Stage, refusal: Refusal) -> Scene {
    let person = if refusal == Refusal::AssuranceTooLow { "zhao" } else { "zhang" };
    let walk = Walk::of(stage, person).await?;
    let capacity = Capacity {
        uscc: "91000000MA00000X1P".parse().map_err(|_| Met::Broken("the code of the unit"))?,
        role: "agent".into(),
    };
    if refusal == Refusal::CapacityRequired {
        let mandate = Mandate { capacity: capacity.clone(), org_name: "示例公司".into() };
        let whom = Whom { person: &walk.session.person, by: "rehearsal" };
        let mut rng = StdRng::seed_from_u64(0);
        let given = stage.provider.people.give_mandate(&stage.context(), whom, mandate, &mut rng).await;
        given.map_err(|_| Met::Broken("the mandate"))?;
    }
    let silent = matches!(refusal, Refusal::LoginRequired | Refusal::ConsentRequired | Refusal::CapacityRequired);
    let handle = walk.begin(if silent { &[("prompt", "none")] } else { &[] }).await?;
    match refusal {
        Refusal::AccessDenied => return walk.refuse(&handle).await,
        Refusal::MandateEnded => {
            let (context, provider, acting) = (stage.context(), &stage.provider, Acting::For(capacity));
            return authorize::choose(&context, provider, &handle, &walk.session, acting).await.map_err(Met::Page);
        }
        Refusal::ExpiredRequest => stage.wait_ms(REQUEST_MS),
        _ => {}
    }
    walk.next(&handle, refusal != Refusal::LoginRequired).await.map(drop)
}

/// The client's proof of itself.
async fn proving(stage: &Stage, refusal: Refusal) -> Scene {
    let client = &stage.client;
    let credentials = match refusal {
        Refusal::WrongClient => {
            let thief = Actor::new(APP, &mut StdRng::seed_from_u64(66))?;
            thief.credentials(stage, |_| ())?
        }
        Refusal::AssertionAudience => {
            client.credentials(stage, |claims| claims["aud"] = "https://elsewhere.example".into())?
        }
        Refusal::AssertionExpired => {
            let old = client.credentials(stage, |_| ())?;
            stage.wait_ms(HOUR_MS);
            old
        }
        Refusal::AssertionReplayed => {
            let once = client.credentials(stage, |_| ())?;
            client.proved_with(stage, &once).await?;
            once
        }
        _ => ClientCredentials::Basic { client_id: APP.to_owned(), secret: Zeroizing::new("any".to_owned()) },
    };
    client.proved_with(stage, &credentials).await.map(drop)
}

async fn exchanging(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    let code = walk.code(&[]).await?;
    match refusal {
        Refusal::GrantType => {
            let client = stage.client.proved(stage).await?;
            let form = RequestParameters::of([("grant_type", "client_credentials")]);
            let answer = verify::token(&stage.context(), &stage.provider, &client, &form, None).await;
            return answer.map(drop).map_err(Met::BackChannel);
        }
        Refusal::ExpiredCode => stage.wait_ms(CODE_MS),
        Refusal::CodeReplayed => drop(walk.exchange(&code).await?),
        Refusal::OtherClientsCode => return walk.with(&stage.other).exchange(&code).await.map(drop),
        Refusal::WrongVerifier => {
            let wrong = Some("another-verifier-of-at-least-forty-three-chars");
            return walk.exchange_with(&code, |it| it.verifier = wrong).await.map(drop);
        }
        Refusal::RedirectMismatch => {
            return walk
                .exchange_with(&code, |it| it.redirect_uri = Some("https://elsewhere.example/"))
                .await
                .map(drop);
        }
        Refusal::GrantEnded => walk.withdraw().await?,
        _ => walk.sign_out().await?,
    }
    walk.exchange(&code).await.map(drop)
}

/// Proof of possession: the code is bound to a key.
async fn possessing(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    let code = walk.code(&[("dpop_jkt", &stage.client.thumbprint())]).await?;
    let proof = match refusal {
        Refusal::MissingDpop => None,
        Refusal::WrongDpop => Some(stage.client.dpop(stage, "/oauth/elsewhere")),
        Refusal::WrongDpopKey => Some(stage.other.dpop(stage, TOKEN_PATH)),
        _ => {
            let proof = stage.client.dpop(stage, TOKEN_PATH);
            bring(stage, &stage.provider, &code, Some(&proof)).await?;
            Some(proof)
        }
    };
    bring(stage, &stage.provider, &code, proof.as_deref()).await
}

/// The client brings a code to this hub, with or without a proof.
async fn bring(stage: &Stage, provider: &Provider, code: &str, dpop: Option<&str>) -> Scene {
    let client = stage.client.proved(stage).await?;
    let redirect = stage.client.redirect_uri();
    let verifier = Some(super::walk::VERIFIER);
    let exchanging = verify::Exchanging { code, verifier, redirect_uri: Some(&redirect), dpop };
    let exchanged = verify::exchange(&stage.context(), provider, &client, exchanging).await;
    exchanged.map(drop).map_err(Met::BackChannel)
}

async fn refreshing(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    let token = walk.refresh_token(&[("scope", "openid name")]).await?;
    match refusal {
        Refusal::ExpiredRefresh => stage.wait_ms(8 * HOUR_MS),
        Refusal::RefreshReplayed => {
            walk.refresh(&token, None).await?;
            stage.wait_ms(RETRY_MS);
        }
        Refusal::ScopeGrew => return walk.refresh(&token, Some("openid name mobile-masked")).await.map(drop),
        _ => {
            stage.set_state(AppState::Suspended).await?;
            stage.set_state(AppState::Released).await?;
        }
    }
    walk.refresh(&token, None).await.map(drop)
}

/// Steps 3 and 4 at UserInfo.
async fn handing_over(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    let access = walk.tokens(&[]).await?.access_token;
    let mut ask = Ask::default();
    match refusal {
        Refusal::NoRecipientKey | Refusal::RecipientKeyRevoked => {
            let mut record = stage.runtime(&stage.client, Tier::Baseline)?;
            let keys = record.jwks["keys"].as_array_mut().ok_or(Met::Broken("the keys"))?;
            match keys.get_mut(1) {
                Some(key) if refusal == Refusal::RecipientKeyRevoked => {
                    key["revoked"] = serde_json::json!({ "revoked_at": 1, "reason": "compromised" });
                }
                _ => keys.truncate(1),
            }
            stage.put(record).await?;
        }
        Refusal::ClaimWithdrawn => {
            // A token that says more than the grant gives, as after the grant was made smaller.
            let store = &stage.provider.store;
            let found = store.find_token(&hash(&access)).await.ok().flatten();
            let mut token = found.ok_or(Met::Broken("the token"))?;
            token.scopes.push(format!("{PURPOSE}/birth-date"));
            token.hash = hash("a second token");
            store.issue_token(token, Trail::default()).await.map_err(|_| Met::Broken("the token"))?;
            let ask = Ask { purpose: Some(PURPOSE.to_owned()), claims: vec![Claim::BirthDate], ..Ask::default() };
            return walk.userinfo("a second token", &ask).await;
        }
        Refusal::RevokedToken => {
            let client = stage.client.proved(stage).await?;
            let revoked = revoke::token(&stage.context(), &stage.provider, &client, &access).await;
            revoked.map_err(Met::BackChannel)?;
        }
        Refusal::ExpiredToken => stage.wait_ms(ACCESS_MS),
        Refusal::OtherClientsToken => return walk.with(&stage.other).userinfo(&access, &ask).await,
        _ => ask = Ask { purpose: Some("statistics".to_owned()), claims: vec![Claim::Name], ..Ask::default() },
    }
    walk.userinfo(&access, &ask).await
}

/// Revocation, sign-out, registration.
async fn ending(stage: &Stage, refusal: Refusal) -> Scene {
    let walk = Walk::of(stage, "zhang").await?;
    let (context, provider) = (stage.context(), &stage.provider);
    match refusal {
        Refusal::ForeignGrant => {
            walk.tokens(&[]).await?;
            let stranger = stage.browser("li").await?;
            let grant = walk.grant().await?;
            revoke::grant(&context, provider, &stranger.person, &grant.id).await.map(drop).map_err(Met::Page)
        }
        Refusal::BadRegistration => {
            let mut client = stage.runtime(&stage.client, Tier::Baseline)?;
            client.id = ClientId(format!("{APP}:backend"));
            client.app = app_id(APP)?;
            client.custody = Custody::Backend;
            client.redirect_uris = vec!["http://elsewhere.example/callback".to_owned()];
            let registered = register_client(&context, &*provider.store, "rehearsal", client).await;
            registered.map_err(Met::Registration)
        }
        _ => {
            let mut form = vec![("client_id", APP), ("post_logout_redirect_uri", "https://elsewhere.example/")];
            let hint = walk.tokens(&[]).await?.id_token;
            if refusal == Refusal::WrongHint {
                form = vec![("client_id", OTHER), ("id_token_hint", hint.as_deref().unwrap_or_default())];
            }
            let asked = revoke::end_session(&context, provider, &RequestParameters::of(form)).await;
            asked.map(drop).map_err(Met::Page)
        }
    }
}
