//! What a refused sign-in becomes: words in the form, or a problem. The words are the same whether an account exists or not.

use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::Message;
use crate::http::problem::Problem;
use http::StatusCode;
use yizhan_auth::sign_in::SignInError;

/// What the form says; none for what no form can mend.
pub(crate) fn message_of(error: &SignInError) -> Option<Message> {
    Some(match error {
        SignInError::Refused => Message::Refused,
        SignInError::TooMany { retry_ms } => Message::Wait { seconds: retry_ms.div_ceil(1000) },
        SignInError::Busy => Message::Busy,
        SignInError::PasswordRule => Message::Password,
        SignInError::Number => Message::Number,
        SignInError::Code { .. } => Message::CodeWrong,
        SignInError::Ended => Message::CodeGone,
        SignInError::SecondFactor => Message::SecondFactor,
        SignInError::NoSender
        | SignInError::TestDouble
        | SignInError::NotFresh
        | SignInError::Capacity
        | SignInError::People(_)
        | SignInError::Store(_) => return None,
    })
}

/// Status of a page that says such a thing.
pub(super) fn status_of(message: Message) -> StatusCode {
    match message {
        Message::CodeSent => StatusCode::OK,
        Message::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        Message::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The answer to what no form can mend.
pub(crate) fn failed(caller: &Caller, error: &SignInError) -> HubAnswer {
    let problem = match error {
        SignInError::NoSender | SignInError::TestDouble => Problem::NotFound,
        SignInError::People(_) | SignInError::Store(_) => {
            tracing::error!(request = %caller.context.id, code = error.code(), "sign-in does not answer");
            Problem::Unavailable
        }
        SignInError::Busy => Problem::Unavailable,
        SignInError::TooMany { retry_ms } => {
            Problem::TooMany { retry_after_seconds: u32::try_from(retry_ms.div_ceil(1000)).unwrap_or(u32::MAX) }
        }
        _ => Problem::Forbidden,
    };
    caller.problem(problem)
}
