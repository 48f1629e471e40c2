//! The steps as a client and a browser take them, right in everything that a scene does not change.

use super::Met;
use super::actor::Actor;
use super::stage::Stage;
use crate::flow::authorize::{self, Agreement, BeginRefusal, Next, RedirectTo};
use crate::flow::distribute::{self, Ask, Presented};
use crate::flow::verify::{self, Exchanging, Refreshing, TokenAnswer};
use crate::flow::{RequestParameters, revoke};
use crate::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use yizhan_store::records::{GrantRecord, SessionRecord};
use zeroize::Zeroizing;

pub(super) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0";
const SCOPE: &str = "openid name id-number-masked mobile-masked";

/// One test person with one client.
pub(super) struct Walk<'a> {
    pub(super) stage: &'a Stage,
    pub(super) client: &'a Actor,
    pub(super) session: SessionRecord,
}

impl<'a> Walk<'a> {
    pub(super) async fn of(stage: &'a Stage, person: &str) -> Result<Self, Met> {
        Ok(Self { stage, client: &stage.client, session: stage.browser(person).await? })
    }

    /// The same browser, with another client.
    pub(super) fn with(&self, client: &'a Actor) -> Self {
        Self { stage: self.stage, client, session: self.session.clone() }
    }

    /// A right request; a value of `""` takes a parameter away.
    pub(super) fn request(&self, changes: &[(&str, &str)]) -> RequestParameters {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let redirect = self.client.redirect_uri();
        let right = [
            ("client_id", self.client.id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", &redirect),
            ("scope", SCOPE),
            ("state", "rehearsal"),
            ("nonce", "rehearsal"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
        let kept = right.into_iter().filter(|(name, _)| !changed(name));
        RequestParameters::of(kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())))
    }

    pub(super) async fn begin_with(&self, parameters: &RequestParameters) -> Result<String, Met> {
        let begun = authorize::begin(&self.stage.context(), &self.stage.provider, parameters).await;
        begun.map(|begun| begun.handle.as_str().to_owned()).map_err(|refusal| match refusal {
            BeginRefusal::Page(refusal) => Met::Page(refusal),
            BeginRefusal::Redirect(redirect) => Met::of_redirect(&redirect),
        })
    }

    pub(super) async fn begin(&self, changes: &[(&str, &str)]) -> Result<String, Met> {
        self.begin_with(&self.request(changes)).await
    }

    /// What the hub says next; a redirect with a refusal is met.
    pub(super) async fn next(&self, handle: &str, signed_in: bool) -> Result<Next, Met> {
        let session = signed_in.then_some(&self.session);
        match authorize::next(&self.stage.context(), &self.stage.provider, handle, session).await.map_err(Met::Page)? {
            Next::Redirect(redirect) if redirect.refusal.is_some() => Err(Met::of_redirect(&redirect)),
            next => Ok(next),
        }
    }

    pub(super) async fn refuse(&self, handle: &str) -> Result<(), Met> {
        let (context, provider) = (self.stage.context(), &self.stage.provider);
        let refused = authorize::refuse(&context, provider, handle, Some(&self.session)).await.map_err(Met::Page)?;
        Err(Met::of_redirect(&refused))
    }

    /// Step 1 to its end with a code; everything is agreed to.
    pub(super) async fn code(&self, changes: &[(&str, &str)]) -> Result<Zeroizing<String>, Met> {
        let handle = self.begin(changes).await?;
        let redirect = match self.next(&handle, true).await? {
            Next::Redirect(redirect) => redirect,
            Next::Consent(ask) => {
                let ticked = ask.items.iter().map(|item| (item.data.claim, item.data.purpose.clone())).collect();
                let agreement = Agreement { ticked, locale: "zh-CN".into() };
                let (context, provider) = (self.stage.context(), &self.stage.provider);
                authorize::agree(&context, provider, &handle, &self.session, agreement).await.map_err(Met::Page)?
            }
            _ => return Err(Met::Broken("the consent")),
        };
        code_of(&redirect)
    }

    /// A right exchange, changed by the scene.
    pub(super) async fn exchange_with(
        &self,
        code: &str,
        change: impl FnOnce(&mut Exchanging<'_>),
    ) -> Result<TokenAnswer, Met> {
        let client = self.client.proved(self.stage).await?;
        // The redirect address is the one of the request, whoever brings the code.
        let redirect = self.client.redirect_uri();
        let mut exchanging = Exchanging { code, verifier: Some(VERIFIER), redirect_uri: Some(&redirect), dpop: None };
        change(&mut exchanging);
        let exchanged = verify::exchange(&self.stage.context(), &self.stage.provider, &client, exchanging).await;
        exchanged.map_err(Met::BackChannel)
    }

    pub(super) async fn exchange(&self, code: &str) -> Result<TokenAnswer, Met> {
        self.exchange_with(code, |_| ()).await
    }

    /// Steps 1 and 2.
    pub(super) async fn tokens(&self, changes: &[(&str, &str)]) -> Result<TokenAnswer, Met> {
        self.exchange(&self.code(changes).await?).await
    }

    /// Steps 1 and 2, as far as the refresh token.
    pub(super) async fn refresh_token(&self, changes: &[(&str, &str)]) -> Result<Zeroizing<String>, Met> {
        let token = self.tokens(changes).await?.refresh_token;
        token.map(|token| Zeroizing::new(token.to_string())).ok_or(Met::Broken("the refresh token"))
    }

    pub(super) async fn refresh(&self, token: &str, scope: Option<&str>) -> Result<TokenAnswer, Met> {
        let client = self.client.proved(self.stage).await?;
        let refreshing = Refreshing { token, scope, dpop: None };
        let refreshed = verify::refresh(&self.stage.context(), &self.stage.provider, &client, refreshing).await;
        refreshed.map_err(Met::BackChannel)
    }

    /// Steps 3 and 4.
    pub(super) async fn userinfo(&self, access: &str, ask: &Ask) -> Result<(), Met> {
        let presented = Presented { token: access, dpop: None, method: "POST", client: Some(&self.client.id) };
        let answer = distribute::distribute(&self.stage.context(), &self.stage.provider, presented, ask).await;
        answer.map(|_| ()).map_err(Met::Resource)
    }

    /// The newest grant of the person.
    pub(super) async fn grant(&self) -> Result<GrantRecord, Met> {
        let page = self.stage.provider.store.list_grants(&self.session.person, None, 1).await;
        page.ok().and_then(|page| page.entries.into_iter().next()).ok_or(Met::Broken("the grant"))
    }

    pub(super) async fn withdraw(&self) -> Result<(), Met> {
        let grant = self.grant().await?;
        let (context, provider) = (self.stage.context(), &self.stage.provider);
        revoke::grant(&context, provider, &self.session.person, &grant.id).await.map(|_| ()).map_err(Met::Page)
    }

    pub(super) async fn sign_out(&self) -> Result<(), Met> {
        let (context, provider) = (self.stage.context(), &self.stage.provider);
        revoke::logout(&context, provider, &self.session).await.map(|_| ()).map_err(Met::Page)
    }
}

impl Met {
    /// What a redirect says; one without a refusal was none.
    pub(super) fn of_redirect(redirect: &RedirectTo) -> Self {
        let location = redirect.url.clone();
        redirect
            .refusal
            .map_or(Self::Broken("nothing was refused"), |refusal: Refusal| Self::Redirect { refusal, location })
    }
}

fn code_of(redirect: &RedirectTo) -> Result<Zeroizing<String>, Met> {
    let query = redirect.url.split_once('?').map_or("", |(_, query)| query);
    let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code");
    found.map(|(_, code)| Zeroizing::new(code.into_owned())).ok_or(Met::Broken("the code"))
}
