//! Requests to an upstream provider through the one checked connector: bounded in time and size, no redirect followed.

use crate::outbound::Outbound;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::Full;
use yizhan_auth::sign_in::upstream::{Form, LinkFailed, Reply, Replying, UpstreamLink};

/// How long a provider may take to answer, milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;

/// The way to one provider.
pub(super) struct HttpLink(Outbound);

impl HttpLink {
    pub(super) fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }

    async fn send(&self, request: Result<Request<Full<Bytes>>, http::Error>) -> Result<Reply, LinkFailed> {
        let request = request.map_err(|_| LinkFailed)?;
        let host = request.uri().host().unwrap_or_default().to_owned();
        match self.0.send(request, ANSWER_MS_MAX).await {
            Ok((status, body)) => Ok(Reply { ok: status == StatusCode::OK, body }),
            Err(error) => {
                tracing::warn!(host, error = format!("{error:#}"), "an upstream provider does not answer");
                Err(LinkFailed)
            }
        }
    }
}

impl UpstreamLink for HttpLink {
    fn get<'a>(&'a self, url: &'a str) -> Replying<'a> {
        let request = Request::get(url).header(header::ACCEPT, "application/json").body(Full::default());
        Box::pin(self.send(request))
    }

    fn post<'a>(&'a self, url: &'a str, form: Form<'a>) -> Replying<'a> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form.fields).finish();
        let mut request = Request::post(url)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(mut value) = form.authorization.and_then(|text| HeaderValue::try_from(text).ok()) {
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        Box::pin(self.send(request.body(Full::new(Bytes::from(body)))))
    }
}
