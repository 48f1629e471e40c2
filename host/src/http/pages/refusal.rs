//! What people read when the authorization refuses: what happened, what to do, the stable code and the request's number.

use super::{Frame, Link, OutcomePage};
use crate::http::locale::Locale;
use yizhan_auth::Refusal;
use yizhan_domain::RequestId;

/// Title and what to do.
type Words = (&'static str, &'static str);

/// The page; `restart` is where the app can be opened again.
pub(crate) fn refusal_page<'a>(
    frame: Frame<'a>,
    refusal: Refusal,
    request: RequestId,
    restart: Option<String>,
) -> OutcomePage<'a> {
    let (chinese, english) = words(refusal);
    let (title, paragraph) = match frame.locale {
        Locale::ZhCn => chinese,
        Locale::En => english,
    };
    let home = Link {
        address: format!("{}/", frame.portal_origin),
        text: frame.t("返回首页", "Back to the home page").into(),
    };
    let again = restart
        .map(|address| Link {
            address, text: frame.t("回到应用，重新开始", "Go to the app and start again").into()
        });
    OutcomePage {
        title: title.to_owned(),
        paragraphs: vec![paragraph.to_owned()],
        links: again.into_iter().chain([home]).collect(),
        refusal: (refusal != Refusal::ExpiredRequest).then(|| (refusal.code(), request)),
        frame,
    }
}

fn words(refusal: Refusal) -> (Words, Words) {
    match refusal {
        Refusal::Unavailable => (
            ("平台暂时不能办理", "这是平台的问题，不是您的操作造成的，请稍后再试。"),
            ("The platform cannot do this now", "This is our fault, not yours. Try again later."),
        ),
        Refusal::ExpiredRequest => (
            ("这次登录授权已经结束", "可能已经完成，也可能已超过 15 分钟。需要时回到应用重新开始即可。"),
            (
                "This sign-in has ended",
                "It is finished, or it took longer than 15 minutes. Start again from the app if you need to.",
            ),
        ),
        Refusal::SuspendedApp => (
            ("这个应用已暂停服务", "暂停期间它不能使用您的信息。您可以稍后再来，或在首页找其他应用。"),
            (
                "This app is suspended",
                "Meanwhile it cannot use your data. Come back later, or find another app on the home page.",
            ),
        ),
        Refusal::UnknownClient | Refusal::UnknownApp => (
            ("平台不认识这个应用", "它没有在平台上发布，或者已经下架。请从首页打开应用。"),
            (
                "The platform does not know this app",
                "It is not released here, or was taken off. Open apps from the home page.",
            ),
        ),
        Refusal::ForeignRedirect | Refusal::ForeignLogoutRedirect => (
            ("返回的网址没有登记", "为了您的安全，平台没有继续。如果您是从其他网站点进来的，请不要再从那里打开。"),
            (
                "The address to return to is not registered",
                "For your safety the platform stopped. If a link elsewhere led you here, do not use it again.",
            ),
        ),
        Refusal::MandateEnded | Refusal::CapacityRequired => (
            ("您现在不能代表这个单位", "授权关系可能已经结束，请向该单位核实。"),
            ("You cannot act for this organisation now", "Your mandate may have ended; ask the organisation."),
        ),
        Refusal::AssuranceTooLow | Refusal::LoginRequired => (
            ("需要更可靠的登录方式", "请用密码或更高等级的方式重新登录。"),
            ("A surer sign-in is needed", "Sign in again with your password or a surer way."),
        ),
        _ => (
            (
                "应用发来的请求有误",
                "平台没有继续。这不是您的操作造成的，请稍后再试，或把下面的编号告诉应用的主办单位。",
            ),
            (
                "The app's request was wrong",
                "The platform stopped. It is not your fault: try again later, or tell the app's owner the number below.",
            ),
        ),
    }
}
