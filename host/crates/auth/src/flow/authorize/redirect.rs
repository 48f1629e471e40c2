//! Where the browser goes with the answer of step 1: query mode only, with the issuer (RFC 9207).

use crate::provider::Provider;
use crate::refusal::Refusal;
use yizhan_domain::ClientId;

/// An answer that goes back to the client through the browser, by 303. `Debug` hides the address: it may hold a code.
#[derive(Clone, PartialEq, Eq)]
pub struct RedirectTo {
    /// The whole address.
    pub url: String,
    /// The client.
    pub client: ClientId,
    /// Why there is no code; none when there is one.
    pub refusal: Option<Refusal>,
}

impl std::fmt::Debug for RedirectTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { client, refusal, .. } = self;
        f.debug_struct("RedirectTo").field("client", client).field("refusal", refusal).finish_non_exhaustive()
    }
}

/// Where an answer goes: the validated redirect address and the state that comes back with it.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) client: &'a ClientId,
    pub(super) redirect_uri: &'a str,
    pub(super) state: Option<&'a str>,
}

impl Target<'_> {
    pub(super) fn with_code(&self, provider: &Provider, code: &str) -> RedirectTo {
        RedirectTo { url: self.url(provider, &[("code", code)]), client: self.client.clone(), refusal: None }
    }

    pub(super) fn with_refusal(&self, provider: &Provider, refusal: Refusal) -> RedirectTo {
        let text = refusal.to_string();
        // The stable code stands first, so that an app can tell refusals apart that share an OAuth error.
        let description = format!("{}: {text}", refusal.code());
        let members = [("error", refusal.oauth_error()), ("error_description", description.as_str())];
        RedirectTo { url: self.url(provider, &members), client: self.client.clone(), refusal: Some(refusal) }
    }

    fn url(&self, provider: &Provider, members: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(members);
        if let Some(state) = self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &provider.issuer);
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.redirect_uri, query.finish())
    }
}

/// Origin of an address, for the `form-action` of the hub's pages.
pub(super) fn origin(address: &str) -> String {
    let end = address.find("://").and_then(|at| address[at + 3..].find(['/', '?']).map(|slash| at + 3 + slash));
    end.map_or(address, |end| &address[..end]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_end_before_path_and_query() {
        assert_eq!(origin("https://a.example/cb?x=1"), "https://a.example");
        assert_eq!(origin("http://a.localhost:8080?x"), "http://a.localhost:8080");
        assert_eq!(origin("https://a.example"), "https://a.example");
    }
}
