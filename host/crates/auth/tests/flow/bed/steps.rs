//! The steps as a client and a browser take them, right in everything that a test does not change.

use super::client::Proving;
use super::{Bed, REDIRECT, TestClient};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use yizhan_auth::Refusal;
use yizhan_auth::flow::authorize::{self, Agreement, Next, RedirectTo};
use yizhan_auth::flow::distribute::{self, Ask, Presented};
use yizhan_auth::flow::seal::Envelope;
use yizhan_auth::flow::verify::{self, Exchanging, Refreshing, TokenAnswer};
use yizhan_auth::flow::{PAR_PATH, RequestParameters, TOKEN_PATH, USERINFO_PATH};
use yizhan_domain::authorization::Tier;
use yizhan_store::records::SessionRecord;

pub(crate) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0";
pub(crate) const SCOPE: &str = "openid name id-number-masked mobile-masked";

/// Members of the query of an answer.
pub(crate) fn query_of(redirect: &RedirectTo, name: &str) -> Option<String> {
    let (_, query) = redirect.url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn code_of(redirect: &RedirectTo) -> String {
    query_of(redirect, "code").unwrap_or_else(|| panic!("no code: {redirect:?}"))
}

/// One person with one client.
pub(crate) struct Journey<'a> {
    pub(crate) bed: &'a Bed,
    pub(crate) client: &'a TestClient,
    pub(crate) session: SessionRecord,
    /// Whether DPoP is used.
    pub(crate) dpop: bool,
}

impl<'a> Journey<'a> {
    /// A test person with the runtime's client of the first app.
    pub(crate) async fn of(bed: &'a Bed, person: &str) -> Self {
        let session = bed.sign_in(person).await;
        let record = bed.provider.store.find_client(&bed.client.id).await.expect("store").expect("client");
        Self { bed, client: &bed.client, session, dpop: record.tier == Tier::High }
    }

    pub(crate) fn with(self, client: &'a TestClient) -> Self {
        Self { client, ..self }
    }

    /// A right request; a value of `""` takes a parameter away.
    pub(crate) fn request(&self, changes: &[(&str, &str)]) -> RequestParameters {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let redirect =
            if self.client.id == self.bed.other.id { "https://tax.apps.example/.yizhan/callback" } else { REDIRECT };
        let scope = if self.client.id == self.bed.other.id { "openid name" } else { SCOPE };
        let right = [
            ("client_id", self.client.id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", scope),
            ("state", "a state"),
            ("nonce", "a nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
        let kept = right.into_iter().filter(|(name, _)| !changed(name));
        RequestParameters::of(kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())))
    }

    /// Begins, by PAR where the client uses DPoP, and answers the handle.
    pub(crate) async fn begin(&self, changes: &[(&str, &str)]) -> String {
        let parameters = self.request(changes);
        let parameters = if self.dpop { self.pushed(&parameters).await } else { parameters };
        let begun = authorize::begin(&self.bed.context(), &self.bed.provider, &parameters).await;
        begun.map(|begun| begun.handle.as_str().to_owned()).unwrap_or_else(|refusal| panic!("{refusal:?}"))
    }

    pub(crate) async fn pushed(&self, parameters: &RequestParameters) -> RequestParameters {
        let client = self.client.proved(self.bed).await;
        let proof = self.proof(PAR_PATH, None);
        let (context, provider) = (self.bed.context(), &self.bed.provider);
        let answer = verify::push(&context, provider, &client, parameters, proof.as_deref()).await.expect("pushed");
        RequestParameters::of([("client_id", self.client.id.as_str()), ("request_uri", &answer.request_uri)])
    }

    pub(crate) fn proof(&self, path: &str, access_token: Option<&str>) -> Option<String> {
        let proving = Proving { method: "POST", path, access_token };
        self.dpop.then(|| self.client.dpop.proof(self.bed, &proving))
    }

    pub(crate) async fn next(&self, handle: &str) -> Result<Next, Refusal> {
        authorize::next(&self.bed.context(), &self.bed.provider, handle, Some(&self.session)).await
    }

    /// Agrees to everything that is required, and to these optional uses.
    pub(crate) async fn agree(&self, handle: &str, ticked: &[(&str, &str)]) -> Result<RedirectTo, Refusal> {
        let ticked = ticked.iter().map(|(claim, purpose)| (claim.parse().expect("claim"), (*purpose).to_owned()));
        let agreement = Agreement { ticked: ticked.collect(), locale: "zh-CN".into() };
        authorize::agree(&self.bed.context(), &self.bed.provider, handle, &self.session, agreement).await
    }

    /// Step 1 to its end with a code; everything is agreed to.
    pub(crate) async fn code(&self, changes: &[(&str, &str)]) -> String {
        let handle = self.begin(changes).await;
        match self.next(&handle).await.expect("next") {
            Next::Redirect(redirect) => code_of(&redirect),
            Next::Consent(ask) => {
                let optional = ask.items.iter().filter(|item| item.optional);
                let ticked: Vec<(String, String)> =
                    optional.map(|item| (item.data.claim.to_string(), item.data.purpose.clone())).collect();
                let ticked: Vec<(&str, &str)> = ticked.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                code_of(&self.agree(&handle, &ticked).await.expect("agreed"))
            }
            other => panic!("{other:?}"),
        }
    }

    /// A right exchange, changed by the test.
    pub(crate) async fn exchange_with(
        &self,
        code: &str,
        change: impl FnOnce(&mut Exchanging<'_>),
    ) -> Result<TokenAnswer, Refusal> {
        let client = self.client.proved(self.bed).await;
        let proof = self.proof(TOKEN_PATH, None);
        let redirect = self.request(&[]).get("redirect_uri").expect("redirect").to_owned();
        let mut exchanging =
            Exchanging { code, verifier: Some(VERIFIER), redirect_uri: Some(&redirect), dpop: proof.as_deref() };
        change(&mut exchanging);
        verify::exchange(&self.bed.context(), &self.bed.provider, &client, exchanging).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Result<TokenAnswer, Refusal> {
        self.exchange_with(code, |_| ()).await
    }

    /// Steps 1 and 2.
    pub(crate) async fn tokens(&self, changes: &[(&str, &str)]) -> TokenAnswer {
        let code = self.code(changes).await;
        self.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal:?}"))
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<TokenAnswer, Refusal> {
        self.refresh_with(token, |_| ()).await
    }

    pub(crate) async fn refresh_with(
        &self,
        token: &str,
        change: impl FnOnce(&mut Refreshing<'_>),
    ) -> Result<TokenAnswer, Refusal> {
        let client = self.client.proved(self.bed).await;
        let proof = self.proof(TOKEN_PATH, None);
        let mut refreshing = Refreshing { token, scope: None, dpop: proof.as_deref() };
        change(&mut refreshing);
        verify::refresh(&self.bed.context(), &self.bed.provider, &client, refreshing).await
    }

    /// Steps 3 and 4.
    pub(crate) async fn userinfo(&self, access: &str, ask: &Ask) -> Result<Envelope, Refusal> {
        self.userinfo_with(access, ask, |_| ()).await
    }

    pub(crate) async fn userinfo_with(
        &self,
        access: &str,
        ask: &Ask,
        change: impl FnOnce(&mut Presented<'_>),
    ) -> Result<Envelope, Refusal> {
        let proof = self.proof(USERINFO_PATH, Some(access));
        let mut presented = Presented { token: access, dpop: proof.as_deref(), method: "POST", client: None };
        change(&mut presented);
        distribute::distribute(&self.bed.context(), &self.bed.provider, presented, ask).await
    }

    pub(crate) async fn introspect(&self, token: &str) -> verify::Introspection {
        let client = self.client.proved(self.bed).await;
        verify::introspect(&self.bed.context(), &self.bed.provider, &client, token).await.expect("introspected")
    }
}
