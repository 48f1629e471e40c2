//! What people read about each problem, in both languages: what happened and what to do next.

use super::Problem;
use crate::http::locale::Locale;

/// Words of one problem in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProblemText {
    /// What happened, in a few words.
    pub(crate) title: &'static str,
    /// What happened, in a sentence.
    pub(crate) detail: &'static str,
    /// What to do next.
    pub(crate) advice: &'static str,
}

impl Problem {
    /// The words in the visitor's language.
    pub(crate) fn text(self, locale: Locale) -> ProblemText {
        let row = WORDS.iter().find(|row| row.0 == self.code()).unwrap_or(&WORDS[0]);
        let (title, detail, advice) = match locale {
            Locale::ZhCn => row.1,
            Locale::En => row.2,
        };
        ProblemText { title, detail, advice }
    }
}

/// Title, detail, advice.
type Words = (&'static str, &'static str, &'static str);

/// Code, Chinese words, English words; the first row also stands for a code that is missing here.
const WORDS: [(&str, Words, Words); 17] = [
    (
        "internal",
        ("平台出错了", "这是平台的问题，不是您的操作造成的。", "请稍后再试；如仍出错，请把下面的请求编号告诉我们。"),
        (
            "The platform failed",
            "This is our fault, not yours.",
            "Try again later. If it still fails, tell us the request number below.",
        ),
    ),
    (
        "bad-request",
        ("请求无法识别", "提交的内容不完整或格式有误。", "请返回上一页，检查后重新提交。"),
        (
            "The request could not be read",
            "What was sent is incomplete or malformed.",
            "Go back, check what you entered and send it again.",
        ),
    ),
    (
        "signed-out",
        ("您还没有登录", "这个操作需要先登录，或者登录已到期。", "请登录后再试。"),
        ("You are not signed in", "This needs a sign-in, or yours has ended.", "Sign in, then try again."),
    ),
    (
        "forbidden",
        ("操作未被允许", "这个请求不是从本页面发出的，或者页面已过期。", "请重新打开页面后再试。"),
        (
            "This is not allowed",
            "The request did not come from this page, or the page has expired.",
            "Open the page again and retry.",
        ),
    ),
    (
        "not-found",
        ("没有找到这个页面", "地址可能有误，或者页面已经移走。", "请检查地址，或从首页重新进入。"),
        (
            "Page not found",
            "The address may be wrong, or the page has moved.",
            "Check the address, or start from the home page.",
        ),
    ),
    (
        "method-not-allowed",
        ("不支持这种操作", "这个地址不接受这种请求方式。", "请从首页重新进入。"),
        (
            "This action is not supported",
            "This address does not take this kind of request.",
            "Start again from the home page.",
        ),
    ),
    (
        "body-too-large",
        ("提交的内容太大", "上传的文件或表单超过了这个应用的上限。", "请缩小文件或分次提交。"),
        (
            "Too much was sent",
            "The file or form is larger than this app accepts.",
            "Send a smaller file, or send it in parts.",
        ),
    ),
    (
        "uri-too-long",
        ("地址太长", "请求的地址超过了平台的上限。", "请从首页重新进入。"),
        (
            "The address is too long",
            "The requested address is longer than the platform accepts.",
            "Start again from the home page.",
        ),
    ),
    (
        "unknown-host",
        ("没有这个站点", "这个域名下没有应用。", "请检查地址是否正确。"),
        ("No such site", "There is no app under this host name.", "Check the address."),
    ),
    (
        "too-many-requests",
        ("访问的人太多", "这个应用正忙，您的请求还没有处理。", "请稍等片刻再试。"),
        (
            "Too many visitors",
            "The app is busy; your request has not been processed.",
            "Wait a moment, then try again.",
        ),
    ),
    (
        "headers-too-large",
        ("请求头太大", "浏览器发送的附加信息超过了平台的上限。", "请清除本站的浏览数据后再试。"),
        (
            "The request headers are too large",
            "Your browser sent more information than the platform accepts.",
            "Clear this site's data in your browser, then try again.",
        ),
    ),
    (
        "not-provided",
        ("平台不提供此功能", "这个功能（例如在线缴费）不在本平台的范围内。", "请前往该事项自己的办理页面。"),
        (
            "Not offered by this platform",
            "This function (paying online, for instance) is outside this platform.",
            "Use the service's own page instead.",
        ),
    ),
    (
        "app-failed",
        (
            "这个应用出错了",
            "应用在处理时意外中断，其他应用不受影响。",
            "请稍后再试；如仍出错，请把下面的请求编号告诉主办单位。",
        ),
        (
            "The app failed",
            "It stopped unexpectedly. Other apps are not affected.",
            "Try again later. If it still fails, tell the app's owner the request number below.",
        ),
    ),
    (
        "app-no-answer",
        (
            "这个应用没有答复",
            "应用结束了，但没有给出可以显示的内容。",
            "请稍后再试；如仍出错，请把下面的请求编号告诉主办单位。",
        ),
        (
            "The app did not answer",
            "It ended without anything to show.",
            "Try again later. If it still fails, tell the app's owner the request number below.",
        ),
    ),
    (
        "limit-exceeded",
        (
            "这个应用用尽了资源",
            "应用超过了平台给它的上限，处理已停止，其他应用不受影响。",
            "请稍后再试，或缩小查询范围。",
        ),
        (
            "The app ran out of resources",
            "It went beyond the limits that the platform sets and was stopped. Other apps are not affected.",
            "Try again later, or narrow your query.",
        ),
    ),
    (
        "unavailable",
        ("暂时无法提供服务", "平台的一个组成部分暂时没有响应。", "请稍后再试。"),
        ("The service is unavailable for now", "A part of the platform is not responding.", "Try again later."),
    ),
    (
        "app-too-slow",
        ("等待时间太长", "应用没有在规定时间内答复，处理已停止。", "请稍后再试；提交类操作请先查询是否已经成功。"),
        (
            "This took too long",
            "The app did not answer in time and was stopped.",
            "Try again later. If you were submitting something, check first whether it went through.",
        ),
    ),
];
