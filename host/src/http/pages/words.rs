//! Words for data and times that people read on pages.

use crate::http::locale::Locale;
use yizhan_domain::Claim;
use yizhan_domain::person::Assurance;

/// What `appointment:book` lets an app do.
pub(crate) fn booking_label(locale: Locale) -> &'static str {
    match locale {
        Locale::ZhCn => "替您预约、取消办事大厅的号，查看用它预约的记录",
        Locale::En => "Book and cancel slots at service halls for you, and see what you booked with it",
    }
}

/// A claim in words that everyone knows.
pub(crate) fn claim_label(claim: Claim, locale: Locale) -> String {
    let (chinese, english) = match claim {
        Claim::Name => ("姓名", "Full name"),
        Claim::NameMasked => ("姓名（只显示姓氏）", "Name, only the first character shown"),
        Claim::IdType => ("证件类型", "Type of identity document"),
        Claim::IdNumber => ("身份证号码", "Identity number"),
        Claim::IdNumberMasked => ("身份证号码（部分隐藏）", "Identity number, partly hidden"),
        Claim::Mobile => ("手机号码", "Mobile number"),
        Claim::MobileMasked => ("手机号码（部分隐藏）", "Mobile number, partly hidden"),
        Claim::BirthDate => ("出生日期", "Date of birth"),
        Claim::ResidenceRegion => ("居住地区", "Region of residence"),
        Claim::OrgName => ("单位名称", "Name of the organisation"),
        Claim::Uscc => ("统一社会信用代码", "Unified social credit code"),
        Claim::AgentRole => ("代办身份", "Role towards the organisation"),
        Claim::AgeOver(years) => {
            return match locale {
                Locale::ZhCn => format!("是否已满 {years} 周岁（只给出是或否）"),
                Locale::En => format!("Whether you are {years} or older (yes or no only)"),
            };
        }
    };
    locale.pick(chinese, english).to_owned()
}

/// How long an app keeps a claim.
pub(crate) fn kept(retention_days: u32, locale: Locale) -> String {
    match (retention_days, locale) {
        (0, _) => locale.pick("用完即删，不保存", "Not kept after the request").to_owned(),
        (_, Locale::ZhCn) => format!("保存 {}", days(retention_days, locale)),
        (_, Locale::En) => format!("Kept for {}", days(retention_days, locale)),
    }
}

/// A number of days as people say it.
pub(crate) fn days(days: u32, locale: Locale) -> String {
    match (days, locale) {
        (days, Locale::ZhCn) if days >= 365 && days % 365 == 0 => format!("{} 年", days / 365),
        (days, Locale::ZhCn) => format!("{days} 天"),
        (1, Locale::En) => "1 day".to_owned(),
        (365, Locale::En) => "1 year".to_owned(),
        (days, Locale::En) if days >= 365 && days % 365 == 0 => format!("{} years", days / 365),
        (days, Locale::En) => format!("{days} days"),
    }
}

/// What a person is to the organisation that they act for.
pub(crate) fn role_label(role: &str, locale: Locale) -> String {
    match role {
        "legal-representative" => locale.pick("法定代表人", "legal representative").to_owned(),
        "agent" => locale.pick("经办人", "agent").to_owned(),
        other => other.to_owned(),
    }
}

/// How sure the platform is of a person.
pub(crate) fn assurance_label(assurance: Assurance, locale: Locale) -> &'static str {
    match assurance {
        Assurance::Basic => locale.pick("普通账号", "Basic account"),
        Assurance::RealName => locale.pick("已实名", "Identity verified"),
        Assurance::Face => locale.pick("已实人核验", "Identity verified by face"),
    }
}

/// A method of authentication (RFC 8176).
pub(crate) fn method_label(method: &str, locale: Locale) -> &'static str {
    match method {
        "pwd" => locale.pick("密码", "password"),
        "otp" => locale.pick("动态口令", "authenticator code"),
        "sms" => locale.pick("短信验证码", "text message code"),
        "hwk" => locale.pick("通行密钥", "passkey"),
        "persona" => locale.pick("测试人员", "test person"),
        _ => locale.pick("其他方式", "another way"),
    }
}
