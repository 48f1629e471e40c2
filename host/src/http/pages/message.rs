//! What a form says about the last try. The same words whether an account exists or not.

use crate::http::locale::Locale;

/// What there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// Login or password is wrong, or there is no such account.
    Refused,
    /// Too many tries: wait so many seconds.
    Wait {
        /// Seconds to wait.
        seconds: u64,
    },
    /// Every place for checking passwords is taken.
    Busy,
    /// If the number belongs to an account, a code is on its way.
    CodeSent,
    /// The code is wrong, used or too old.
    CodeWrong,
    /// A new code is needed.
    CodeGone,
    /// The password that was chosen is too short or too long.
    Password,
    /// The two passwords differ.
    Repeated,
    /// The login name is taken or has characters that it cannot have.
    Login,
    /// The present password is wrong.
    PresentPassword,
    /// The code of the second factor is wrong or was used.
    SecondFactor,
    /// The half-done sign-in has ended: begin again.
    Again,
    /// Not a mobile number.
    Number,
    /// The credit code is wrong.
    CreditCode,
    /// A name is missing or too long.
    Name,
}

impl Message {
    /// Whether it is about something that went wrong.
    pub(crate) fn is_failure(self) -> bool {
        self != Self::CodeSent
    }

    /// The words.
    pub(crate) fn text(self, locale: &Locale) -> String {
        let (chinese, english) = match self {
            Self::Wait { seconds } => return wait(seconds, *locale),
            Self::Refused => ("账号或密码不正确。", "The account or the password is wrong."),
            Self::Busy => {
                ("现在登录的人很多，请过几秒再试一次。", "Many people are signing in. Try again in a few seconds.")
            }
            Self::CodeSent => (
                "如果这个号码已经注册，验证码已发出，5 分钟内有效。",
                "If this number has an account, a code is on its way. It lasts 5 minutes.",
            ),
            Self::CodeWrong => ("验证码不正确，请核对后再输入。", "The code is wrong. Check it and enter it again."),
            Self::CodeGone => ("验证码已失效，请重新获取。", "The code is no longer valid. Ask for a new one."),
            Self::Password => (
                "密码需要 8 个以上字符，最多 256 字节。",
                "A password has at least 8 characters and at most 256 bytes.",
            ),
            Self::Repeated => ("两次输入的密码不一样。", "The two passwords differ."),
            Self::Login => ("这个用户名不能用，请换一个。", "This login name cannot be used. Choose another."),
            Self::PresentPassword => ("现在的密码不正确。", "The present password is wrong."),
            Self::SecondFactor => (
                "口令不正确或已用过，请等验证器显示新的数字后再输入。",
                "The code is wrong or was used. Wait for the next digits of your authenticator.",
            ),
            Self::Again => ("等待时间过长，请重新登录。", "This took too long. Sign in again."),
            Self::Number => ("手机号应为 11 位数字。", "A mobile number has 11 digits."),
            Self::CreditCode => (
                "统一社会信用代码不正确，请核对 18 位字符。",
                "The unified social credit code is wrong; check its 18 characters.",
            ),
            Self::Name => ("请填写姓名和单位名称。", "Fill in your name and the unit's name."),
        };
        locale.pick(chinese, english).to_owned()
    }
}

fn wait(seconds: u64, locale: Locale) -> String {
    let (number, chinese, english) =
        if seconds < 90 { (seconds.max(1), "秒", "seconds") } else { (seconds.div_ceil(60), "分钟", "minutes") };
    match locale {
        Locale::ZhCn => format!("尝试次数较多，请 {number} {chinese}后再试。"),
        Locale::En => format!("Too many tries. Wait {number} {english}, then try again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_are_told_in_units_that_people_count() {
        assert_eq!(Message::Wait { seconds: 30 }.text(&Locale::ZhCn), "尝试次数较多，请 30 秒后再试。");
        assert_eq!(Message::Wait { seconds: 100 }.text(&Locale::En), "Too many tries. Wait 2 minutes, then try again.");
    }

    #[test]
    fn no_message_tells_whether_an_account_exists() {
        for message in [Message::Refused, Message::CodeSent, Message::CodeWrong] {
            assert!(!message.text(&Locale::ZhCn).contains("不存在"), "{message:?}");
        }
    }
}
