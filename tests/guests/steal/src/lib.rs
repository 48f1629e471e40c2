//! Says that it is an open app and imports `yizhan:app/identity` all the same: the host refuses it before it ever runs.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({ path: "../../../guest-sdk/wit", world: "identity-app" });
use yizhan::app::identity;

wasip2::http::proxy::export!(Steal);

struct Steal;

impl wasip2::exports::http::incoming_handler::Guest for Steal {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        let stolen = identity::current().ok().flatten().map(|authorization| authorization.subject());
        answer::text(out, 200, &stolen.unwrap_or_else(|| "nobody is signed in\n".to_owned()));
    }
}
