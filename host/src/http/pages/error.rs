//! The page that people see when the host answers instead of an app.

use super::Frame;
use crate::http::{
    problem::{Problem, ProblemText},
    return_path::ReturnPath,
};
use askama::Template;
use yizhan_domain::RequestId;

/// What happened, what to do, the request id, the way back.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    frame: Frame<'a>,
    text: ProblemText,
    code: &'static str,
    request_id: RequestId,
    retry: Option<ReturnPath>,
}

impl<'a> ErrorPage<'a> {
    /// The page of a problem; `retry_path` is offered where a second try may help.
    pub(crate) fn of(frame: Frame<'a>, problem: Problem, request_id: RequestId, retry_path: Option<&str>) -> Self {
        let helps = problem.status().is_server_error() || matches!(problem, Problem::TooMany { .. });
        let retry = retry_path.filter(|_| helps && problem != Problem::NotProvided).and_then(ReturnPath::parse);
        Self { text: problem.text(frame.locale), code: problem.code(), frame, request_id, retry }
    }
}
