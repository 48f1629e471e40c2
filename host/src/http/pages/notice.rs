//! Short pages that tell of something finished: signed in already, signed out.

use super::Frame;
use crate::http::return_path::ReturnPath;
use askama::Template;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// This sign-in was finished before (someone went back in the history); never a forward redirect.
    AlreadyDone,
    /// The person signed out of this app.
    SignedOut,
}

/// A notice with a link to the app and one to the portal.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub(crate) struct NoticePage<'a> {
    frame: Frame<'a>,
    app_name: &'a str,
    title: &'static str,
    detail: &'static str,
    app_path: ReturnPath,
}

impl<'a> NoticePage<'a> {
    /// The page; `app_path` is where the app goes on.
    pub(crate) fn of(frame: Frame<'a>, notice: Notice, app_name: &'a str, app_path: ReturnPath) -> Self {
        let (title, detail) = match notice {
            Notice::AlreadyDone => (
                frame.t("这次登录已经完成", "This sign-in is already finished"),
                frame.t("不需要再做一次，可以直接回到应用。", "Nothing more to do; go on to the app."),
            ),
            Notice::SignedOut => (
                frame.t("已退出登录", "You are signed out"),
                frame.t("应用不能再打开您的信息。", "The app can no longer open your data."),
            ),
        };
        Self { frame, app_name, title, detail, app_path }
    }
}
