//! Errors as a client sees them: a small page, or a problem document (RFC 9457).

use crate::html::Html;
use crate::{Error, Request, Response, html};
use serde_json::json;

/// A problem document: `application/problem+json` with `status`, `code`, `title` and `detail`.
///
/// ```
/// let response = yizhan_sdk::problem::document(409, "taken", "号段已约满", "请选择其他时间。");
/// assert_eq!(response.header("content-type"), Some("application/problem+json"));
/// assert!(response.text().contains("\"code\":\"taken\""));
/// ```
#[must_use]
pub fn document(status: u16, code: &str, title: &str, detail: &str) -> Response {
    let body = json!({ "type": "about:blank", "status": status, "code": code, "title": title, "detail": detail });
    Response::bytes("application/problem+json", body.to_string())
        .with_status(status)
        .with_header("cache-control", "no-store")
}

/// The answer to an error: a page where the request prefers one, else a problem document.
pub(crate) fn answer(request: &Request, error: &Error) -> Response {
    let chinese = !request.header("accept-language").is_some_and(|languages| languages.starts_with("en"));
    let (title, advice) = words(error, chinese);
    let detail = match error {
        Error::Failed(_) => advice.to_owned(),
        told => told.to_string(),
    };
    let response = if request.prefers_html() {
        Response::html(page(title, advice, chinese)).with_status(error.status())
    } else {
        document(error.status(), error.code(), title, &detail)
    };
    match error {
        Error::MethodNotAllowed { allow } => response.with_header("allow", allow),
        _ => response,
    }
}

fn page(title: &str, advice: &str, chinese: bool) -> Html {
    let (lang, back) = if chinese { ("zh-CN", "返回首页") } else { ("en", "Back to start") };
    html!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <main>\n<h1>{title}</h1>\n<p>{advice}</p>\n<p><a href=\"/\">{back}</a></p>\n</main>\n</html>\n",
        lang,
        title,
        advice,
        back
    )
}

/// Title and what to do next, in the visitor's language.
fn words(error: &Error, chinese: bool) -> (&'static str, &'static str) {
    let [title, advice, english_title, english_advice] = match error {
        Error::Denied(_) => ["未获授权", "此项信息未获您授权。", "Not allowed", "You have not granted access to this."],
        Error::Invalid(_) | Error::UnsupportedType { .. } => {
            ["填写有误", "请检查填写的内容后重试。", "Something is not right", "Check what you entered and try again."]
        }
        Error::NotFound => {
            ["没有找到", "页面或事项不存在，请检查地址。", "Not found", "Check the address, or go back to the start."]
        }
        Error::Conflict(_) => {
            ["暂不能办理", "当前状态不允许此操作。", "Not possible now", "The present state does not allow this."]
        }
        Error::Exhausted(_) => ["请求过多", "请稍后再试。", "Too many requests", "Wait a moment and try again."],
        Error::NotProvided(_) => {
            ["平台不提供", "本平台不提供此项服务。", "Not provided", "This platform does not offer that."]
        }
        Error::TooLarge { .. } => ["内容过大", "请减少内容后重试。", "Too large", "Send less and try again."],
        Error::MethodNotAllowed { .. } => {
            ["方式不支持", "请从首页重新进入。", "Not supported", "Start again from the first page."]
        }
        Error::Unavailable | Error::Failed(_) => {
            ["服务暂时不可用", "请稍后再试。", "Not available now", "Try again in a moment."]
        }
    };
    if chinese { (title, advice) } else { (english_title, english_advice) }
}
