//! Each refusal in plain words, and who can mend it. English is what the refusal itself says, where it says it.

use crate::http::locale::Locale;
use yizhan_auth::Refusal;
use yizhan_auth::rehearsal::Part;

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mender {
    App,
    Person,
    Operator,
    Platform,
}

/// Name, Chinese, mender.
const ROWS: &[(&str, &str, Mender)] = &[
    ("unavailable", "平台的存储、密钥或目录暂时不能用", Mender::Platform),
    ("unknown-client", "没有登记过这个客户端编号", Mender::App),
    ("unknown-app", "应用没有发布，或已下架", Mender::Operator),
    ("suspended-app", "运营方暂停了这个应用", Mender::Operator),
    ("duplicate-parameter", "只能出现一次的参数出现了两次", Mender::App),
    ("too-large", "参数过长，或参数过多", Mender::App),
    ("bad-parameter", "缺少参数，或参数写法不对", Mender::App),
    ("foreign-redirect", "返回地址没有原样登记", Mender::App),
    ("request-object", "不接受直接传来的请求对象", Mender::App),
    ("foreign-request-uri", "request_uri 不是本平台发出的", Mender::App),
    ("push-required", "这个等级的客户端必须先推送请求（PAR）", Mender::App),
    ("response-type", "只支持 response_type=code", Mender::App),
    ("response-mode", "只支持 response_mode=query", Mender::App),
    ("missing-pkce", "缺少 S256 方式的 PKCE 挑战值", Mender::App),
    ("missing-openid", "scope 里没有 openid", Mender::App),
    ("unreviewed-claim", "请求了没有通过审核的信息项或用途", Mender::App),
    ("authorization-details", "authorization_details 写法不对", Mender::App),
    ("assurance-too-low", "此人的实名等级不够", Mender::Person),
    ("expired-request", "登录授权请求已超时、已用过或不存在", Mender::Person),
    ("login-required", "prompt=none，但没有人登录", Mender::App),
    ("consent-required", "prompt=none，但此人还没有同意", Mender::App),
    ("capacity-required", "prompt=none，但经办人还没有选代表谁", Mender::App),
    ("access-denied", "此人不同意：正常结果，应用应继续提供公开部分", Mender::App),
    ("mandate-ended", "此人没有（或不再有）代表该单位的授权", Mender::Person),
    ("wrong-client", "凭据不能证明是这个客户端", Mender::App),
    ("assertion-audience", "客户端断言的 aud 不对", Mender::App),
    ("assertion-expired", "客户端断言已过期、有效期过长或来自未来", Mender::App),
    ("assertion-replayed", "同一个客户端断言用了两次", Mender::App),
    ("secret-forbidden", "密钥串只能用于开发登记", Mender::App),
    ("grant-type", "不支持这种 grant_type", Mender::App),
    ("expired-code", "授权码已过期（60 秒）或不存在", Mender::App),
    ("code-replayed", "授权码用了两次，由它得到的一切都已作废", Mender::App),
    ("other-clients-code", "授权码属于别的客户端", Mender::App),
    ("wrong-verifier", "PKCE 验证值与挑战值不符", Mender::App),
    ("redirect-mismatch", "换取令牌时的返回地址与请求时不同", Mender::App),
    ("missing-dpop", "缺少 DPoP 证明", Mender::App),
    ("wrong-dpop", "DPoP 证明写法不对，或不是为这次请求做的", Mender::App),
    ("dpop-replayed", "同一个 DPoP 证明用了两次", Mender::App),
    ("wrong-dpop-key", "DPoP 证明用的是另一把密钥", Mender::App),
    ("expired-refresh", "刷新令牌已过期或已作废", Mender::App),
    ("refresh-replayed", "旧的刷新令牌又被使用，整族令牌都已作废", Mender::App),
    ("scope-grew", "刷新时要的比同意过的多", Mender::App),
    ("grant-ended", "此人撤回了授权，或授权已到期", Mender::Person),
    ("session-ended", "此人的登录已经结束", Mender::Person),
    ("stale-generation", "发出令牌以后应用有了变化", Mender::App),
    ("no-recipient-key", "客户端没有登记加密公钥", Mender::App),
    ("recipient-key-revoked", "客户端的加密公钥已被吊销", Mender::App),
    ("claim-withdrawn", "有一项信息在此期间被撤回", Mender::Person),
    ("revoked-token", "令牌不存在或已作废", Mender::App),
    ("expired-token", "访问令牌已过期（5 分钟）", Mender::App),
    ("other-clients-token", "令牌属于别的客户端", Mender::App),
    ("claim-not-granted", "没有为这个用途授权这项信息", Mender::Person),
    ("foreign-grant", "此人没有这条授权记录", Mender::Person),
    ("foreign-logout-redirect", "退出后的返回地址没有登记", Mender::App),
    ("wrong-hint", "id_token_hint 不是本平台给这个客户端的", Mender::App),
    ("bad-registration", "登记违反客户端规则", Mender::App),
    ("open.claim-not-declared", "应用没有申请过这项信息", Mender::App),
    ("open.purpose-not-declared", "清单里这项信息没有这个用途", Mender::App),
    ("open.claim-not-granted", "此人没有授权这项信息", Mender::Person),
    ("open.purpose-not-granted", "没有为这个用途向应用后台授权任何信息", Mender::Person),
    ("open.no-backend", "应用没有登记带加密公钥的后台", Mender::App),
    ("open.signed-out", "没有人登录，或登录、授权已结束", Mender::Person),
    ("open.unknown-claim", "没有这种信息项", Mender::App),
    ("open.too-many", "一次要得太多，或一分钟内打开过于频繁", Mender::App),
    ("open.unknown-persona", "没有这个测试人员（命令行 --as）", Mender::App),
    ("open.no-datum", "目录里没有此人的这项信息", Mender::Person),
    ("open.foreign-envelope", "信封是给别的应用或别的人的", Mender::Platform),
    ("open.envelope-replayed", "同一个信封打开了两次", Mender::Platform),
    ("open.envelope-altered", "信封在途中被改动", Mender::Platform),
    ("open.envelope-expired", "信封已过期（2 分钟）", Mender::Platform),
    ("open.unavailable", "平台、密钥或审计暂时不能用，没有交出任何信息", Mender::Platform),
];

/// Step 5 in English; the hub's refusals say it themselves.
const OPEN_ENGLISH: &[(&str, &str)] = &[
    ("claim-not-declared", "the claim is not among the app's permissions"),
    ("purpose-not-declared", "the manifest does not declare this purpose for the claim"),
    ("claim-not-granted", "the person has not granted the claim"),
    ("purpose-not-granted", "nothing is granted to the app's back end for this purpose"),
    ("no-backend", "the app has no registered back end with an encryption key"),
    ("signed-out", "nobody is signed in, or sign-in or grant has ended"),
    ("unknown-claim", "there is no such claim"),
    ("too-many", "too much at once, or too many openings in one minute"),
    ("unknown-persona", "there is no such test person (--as on the command line)"),
    ("no-datum", "the directory has no such datum of this person"),
    ("foreign-envelope", "the envelope is for another app or about another person"),
    ("envelope-replayed", "the envelope was opened before"),
    ("envelope-altered", "the envelope was altered on its way"),
    ("envelope-expired", "the envelope has expired (2 minutes)"),
    ("unavailable", "hub, keys or audit do not answer; nothing was handed over"),
];

/// What it means, and who mends it.
pub(super) fn of(part: &Part, locale: Locale) -> (String, &'static str) {
    let name = part.name();
    let (chinese, mender) = ROWS
        .iter()
        .find(|(known, ..)| *known == name)
        .map_or(("", Mender::Platform), |(_, text, mender)| (*text, *mender));
    let english = match part {
        Part::Hub(refusal) => refusal.to_string(),
        Part::Open(code) => {
            OPEN_ENGLISH.iter().find(|(known, _)| known == code).map_or(String::new(), |(_, text)| (*text).to_owned())
        }
    };
    let mender = match mender {
        Mender::App => locale.pick("应用开发者处理", "the app's developer mends it"),
        Mender::Person => locale.pick("由本人处理", "the person mends it"),
        Mender::Operator => locale.pick("运营方处理", "the operator mends it"),
        Mender::Platform => locale.pick("平台处理，稍后再试", "the platform mends it; try later"),
    };
    (if locale == Locale::ZhCn { chinese.to_owned() } else { english }, mender)
}

/// Title of the group that begins with this refusal.
pub(super) fn group_begins(part: &Part, locale: Locale) -> Option<&'static str> {
    Some(match part {
        Part::Hub(Refusal::Unavailable) => locale.pick("每一步", "Any step"),
        Part::Hub(Refusal::ForeignRedirect) => locale.pick("1 用户授权 authorize", "1 authorize"),
        Part::Hub(Refusal::WrongClient) => locale.pick("2 授权验证 verify", "2 verify"),
        Part::Hub(Refusal::NoRecipientKey) => locale.pick("3 加密用户信息 seal", "3 seal"),
        Part::Hub(Refusal::RevokedToken) => locale.pick("4 分发授权信息 distribute", "4 distribute"),
        Part::Hub(Refusal::ForeignGrant) => locale.pick("撤回与退出", "Taking back and signing out"),
        Part::Hub(Refusal::BadRegistration) => locale.pick("登记", "Registration"),
        Part::Open("claim-not-declared") => locale.pick("5 解密用户信息 open", "5 open"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_words_in_both_languages_and_no_row_is_left_over() {
        for part in Part::all() {
            for locale in [Locale::ZhCn, Locale::En] {
                let (text, mender) = of(&part, locale);
                assert!(!text.is_empty() && !mender.is_empty(), "{}", part.name());
            }
        }
        assert_eq!(ROWS.len(), Part::all().len());
    }
}
