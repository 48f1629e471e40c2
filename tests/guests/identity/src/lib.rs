//! An identity-required app: `/open?purpose=P&claims=A,B` opens claims (`times=N`: N calls in one request), `/envelope?purpose=P` fetches the back end's envelope, `/current` says who is signed in (pairwise; `times=N` asks N times),
//! `/request-url?purpose=P&claims=A,B&return=/x` asks for more. JSON answers; an error answers 403 and `{"error": …}`.

use serde_json::{Value, json};
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({ path: "../../../guest-sdk/wit", world: "identity-app" });
use yizhan::app::identity::{Authorization, current, request_url};
use yizhan::app::types::Error;
use yizhan::app::visitor;

wasip2::http::proxy::export!(Identity);

struct Identity;

impl wasip2::exports::http::incoming_handler::Guest for Identity {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, query) = answer::path_and_query(&request);
        match carry_out(&path, &query) {
            Ok(value) => answer::json(out, 200, &value.to_string()),
            Err(error) => answer::json(out, 403, &json!({ "error": describe(error) }).to_string()),
        }
    }
}

fn carry_out(path: &str, query: &str) -> Result<Value, Error> {
    let value = |name| answer::parameter(query, name).unwrap_or_default();
    let claims: Vec<String> = value("claims").split(',').filter(|claim| !claim.is_empty()).map(str::to_owned).collect();
    match path {
        "/request-url" => Ok(json!({ "url": request_url(&value("purpose"), &claims, &value("return"))? })),
        "/open" => {
            let authorization = current()?.ok_or(Error::NotFound)?;
            let times: u32 = value("times").parse().unwrap_or(1);
            (1..times).try_for_each(|_| open(&authorization, &value("purpose"), &claims).map(drop))?;
            open(&authorization, &value("purpose"), &claims)
        }
        "/envelope" => {
            let authorization = current()?.ok_or(Error::NotFound)?;
            Ok(json!({ "jwe": authorization.envelope(&value("purpose"))? }))
        }
        "/current" if !value("times").is_empty() => {
            let times: u32 = value("times").parse().unwrap_or(1);
            (1..times).try_for_each(|_| current().map(drop))?;
            Ok(json!({ "times": times, "signed-in": current()?.is_some() }))
        }
        _ => Ok(json!({ "signed-in": visitor::signed_in(), "authorization": current()?.as_ref().map(show) })),
    }
}

fn open(authorization: &Authorization, purpose: &str, claims: &[String]) -> Result<Value, Error> {
    let opened = authorization.open(purpose, claims)?;
    Ok(opened
        .into_iter()
        .map(|value| (value.claim, Value::from(value.value)))
        .collect::<serde_json::Map<_, _>>()
        .into())
}

fn show(authorization: &Authorization) -> Value {
    let granted: Vec<Value> =
        authorization.granted().iter().map(|granted| json!([granted.claim, granted.purpose])).collect();
    json!({
        "subject": authorization.subject(),
        "kind": format!("{:?}", authorization.kind()),
        "capacity": format!("{:?}", authorization.capacity()),
        "assurance": format!("{:?}", authorization.assurance()),
        "granted": granted,
        "expires": authorization.expires(),
    })
}

/// The error's WIT name, and its text after a colon.
fn describe(error: Error) -> String {
    match error {
        Error::Denied(permission) => format!("denied:{permission}"),
        Error::Invalid(text) => format!("invalid:{text}"),
        Error::NotFound => "not-found".to_owned(),
        Error::Conflict(text) => format!("conflict:{text}"),
        Error::Exhausted(text) => format!("exhausted:{text}"),
        Error::Unavailable => "unavailable".to_owned(),
        Error::NotProvided(text) => format!("not-provided:{text}"),
    }
}
