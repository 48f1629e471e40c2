//! The `openidconnect` crate finishes sign-in by ID token (it can neither sign assertions nor open encrypted userinfo).

use anyhow::{Context as _, ensure};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::reqwest::{Certificate, blocking::Client, redirect::Policy};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge, RedirectUrl,
};
use serde_json::{Value, json};
use std::{collections::HashMap, fs, io};

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("argument 1 is the set-up file")?;
    let setup: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let text = |name: &str| setup[name].as_str().map(str::to_owned).with_context(|| format!("{name} is missing"));
    let certificate = Certificate::from_pem(&fs::read(text("ca")?)?)?;
    let http = Client::builder().add_root_certificate(certificate).redirect(Policy::none()).build()?;

    let metadata = CoreProviderMetadata::discover(&IssuerUrl::new(text("issuer")?)?, &http)?;
    let secret = ClientSecret::new(text("client_secret")?);
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(text("client_id")?), Some(secret))
        .set_redirect_uri(RedirectUrl::new(text("redirect_uri")?)?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .set_pkce_challenge(challenge)
        .url();
    println!("{}", json!({"open": address}));

    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let callback = url::Url::parse(line.trim())?;
    let answer: HashMap<_, _> = callback.query_pairs().into_owned().collect();
    ensure!(answer.get("state") == Some(state.secret()), "the state differs");
    let code = AuthorizationCode::new(answer.get("code").context("no code came back")?.clone());
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&http)?;
    let id_token = tokens.extra_fields().id_token().context("no ID token")?;
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    println!("{}", json!({"sub": claims.subject().as_str(), "claims": {}}));
    Ok(())
}
