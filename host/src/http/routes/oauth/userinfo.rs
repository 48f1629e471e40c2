//! UserInfo (step 4 for back ends): an access token comes in, one envelope goes out as `application/jwt`.

use super::back_channel::{ClientForm, one, text};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::oauth_error::{self, Endpoint};
use http::header;
use yizhan_auth::Refusal;
use yizhan_auth::flow::RequestParameters;
use yizhan_auth::flow::distribute::{self, Ask, Presented, SealedFor};

/// OpenID Connect Core 1.0, section 5.3; the token comes in the header (RFC 6750, section 2.1; RFC 9449, section 7.1) and
/// never in query or form. The form fields `purpose` and `claims` narrow the answer; a runtime's
/// `recipient=backend` seals it to the app's own back end.
pub(super) async fn read(request: ClientForm) -> HubAnswer {
    let Caller { context, hub, headers, method, .. } = &request.caller;
    let Ok(Some(authorization)) = one(headers, header::AUTHORIZATION.as_str()) else {
        return oauth_error::missing_token();
    };
    let (scheme, token) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let dpop = scheme.eq_ignore_ascii_case("DPoP");
    if !dpop && !scheme.eq_ignore_ascii_case("Bearer") {
        return oauth_error::missing_token();
    }
    let distributed = async {
        let proof = one(headers, "dpop").map_err(|()| Refusal::WrongDpop)?;
        // RFC 9449, section 7.1: the scheme and the proof come together.
        if dpop != proof.is_some() {
            return Err(if dpop { Refusal::MissingDpop } else { Refusal::WrongDpop });
        }
        let ask = asked(&request.form)?;
        let presented = Presented { token: token.trim(), dpop: proof, method: method.as_str(), client: None };
        distribute::distribute(context, &hub.provider, presented, &ask).await
    };
    match distributed.await {
        Ok(envelope) => text(envelope.jwe, "application/jwt"),
        Err(refusal) => oauth_error::answer(refusal, Endpoint::Resource { dpop }),
    }
}

/// What the form narrows to; an empty body asks for everything that was granted.
fn asked(form: &Result<RequestParameters, Refusal>) -> Result<Ask, Refusal> {
    let form = match form {
        Ok(form) => form,
        // Clients send an empty POST without a content type.
        Err(Refusal::BadParameter) => return Ok(Ask::default()),
        Err(refusal) => return Err(*refusal),
    };
    form.bounded()?;
    let names = form.get("claims").unwrap_or_default().split_ascii_whitespace();
    let claims = names.map(|name| name.parse().map_err(|_| Refusal::BadParameter)).collect::<Result<_, _>>()?;
    let sealed_for = match form.get("recipient") {
        None => SealedFor::Holder,
        Some("backend") => SealedFor::Backend,
        Some(_) => return Err(Refusal::BadParameter),
    };
    Ok(Ask { purpose: form.get("purpose").map(str::to_owned), claims, sealed_for })
}
