//! `fetch` of the fake host.

use super::with;
use crate::fetch::{Answer, Fetch, FetchError, Target};

pub(crate) fn send(fetch: &Fetch, target: &Target<'_>) -> Result<Answer, FetchError> {
    let answer = with(|host| {
        host.fetched.push(format!("{} {}", fetch.method, fetch.url));
        host.answers.get(&fetch.url).cloned()
    });
    let answer = answer.ok_or_else(|| FetchError::Denied(target.authority.to_owned()))?;
    if answer.body.len() > fetch.answer_bytes_max { Err(FetchError::TooLarge) } else { Ok(answer) }
}
