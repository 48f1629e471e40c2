//! What a person is found by: login name, number or upstream account, in one spelling. Kept as a keyed hash only.

/// What a person is found by, in clear. It has no `Debug`: it may be a claim value.
#[derive(Clone, Copy)]
pub enum HandleText<'a> {
    /// Login name of the platform.
    Login(&'a str),
    /// Mobile number.
    Mobile(&'a str),
    /// Citizen identity number (GB 11643).
    IdNumber(&'a str),
    /// Account of an upstream OpenID provider.
    Upstream {
        /// `iss` of its ID tokens.
        issuer: &'a str,
        /// `sub` of its ID tokens; compared as it is.
        subject: &'a str,
    },
}

impl<'a> HandleText<'a> {
    /// What a person typed into the one account field: 11 digits are a mobile number, 18 characters of which the first 17
    /// are digits an identity number, everything else a login name. Login names cannot look like either.
    #[must_use]
    pub fn of_account(text: &'a str) -> Self {
        let text = text.trim();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.len() {
            11 if digits(text) => Self::Mobile(text),
            18 if text.is_char_boundary(17) && digits(&text[..17]) => Self::IdNumber(text),
            _ => Self::Login(text),
        }
    }

    /// Kind and text in the one spelling that is hashed.
    pub(super) fn normalized(self) -> (String, String) {
        match self {
            Self::Login(text) => ("login".to_owned(), text.trim().to_lowercase()),
            Self::Mobile(text) => ("mobile".to_owned(), text.trim().to_owned()),
            Self::IdNumber(text) => ("id-number".to_owned(), text.trim().to_uppercase()),
            Self::Upstream { issuer, subject } => (format!("upstream:{issuer}"), subject.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> String {
        HandleText::of_account(text).normalized().0
    }

    #[test]
    fn the_account_field_takes_a_login_a_mobile_or_an_identity_number() {
        assert_eq!(kind(" 01988776651 "), "mobile");
        assert_eq!(kind("00000019880230331x"), "id-number");
        assert_eq!(kind("zhang"), "login");
        assert_eq!(kind("张三张三张三"), "login", "18 bytes, but no number");
        assert_eq!(kind(""), "login");
    }

    #[test]
    fn spellings_of_one_handle_are_one() {
        assert_eq!(HandleText::Login(" Zhang ").normalized(), HandleText::Login("zhang").normalized());
        assert_eq!(HandleText::IdNumber("1x").normalized(), HandleText::IdNumber("1X").normalized());
        let subject = |subject| HandleText::Upstream { issuer: "https://a.example", subject }.normalized();
        assert_ne!(subject("A"), subject("a"), "subjects are case-sensitive");
    }
}
