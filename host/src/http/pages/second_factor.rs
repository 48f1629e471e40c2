//! Setting up the second factor: a QR code for the authenticator, the secret as text, a first code as proof; then the
//! recovery codes, shown once.

use super::{Frame, Message};
use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

/// A QR code as a path of an SVG picture: one unit per module, with the quiet zone of four modules.
#[derive(Debug, Clone)]
pub(crate) struct QrPicture {
    /// Width and height of the picture in modules.
    side: usize,
    path: String,
}

/// Modules around the code that stay light (ISO/IEC 18004).
const QUIET: usize = 4;

impl QrPicture {
    /// The picture of a text; none when it is too long for a QR code.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                path.push_str(&format!("M{} {}h1v1h-1z", index % width + QUIET, index / width + QUIET));
            }
        }
        Some(Self { side: width + 2 * QUIET, path })
    }
}

/// Enrolment. Posts `csrf`, `enrolment` and `code` to `/me/second-factor`.
#[derive(Debug, Template)]
#[template(path = "me/second_factor.html")]
pub(crate) struct EnrolPage<'a> {
    /// Frame.
    pub(crate) frame: Frame<'a>,
    /// Form token.
    pub(crate) csrf: &'a str,
    /// Picture of the enrolment address.
    pub(crate) picture: Option<QrPicture>,
    /// The secret in base32, in groups of four.
    pub(crate) secret: String,
    /// The enrolment, sealed; comes back with the form.
    pub(crate) enrolment: &'a str,
    /// When operators reset the one there was, in words.
    pub(crate) reset: Option<String>,
    /// What there is to say about the last try.
    pub(crate) message: Option<Message>,
}

/// The second factor of somebody who is signed in, proved afresh. Posts `csrf` and `code` to `/me/second-factor/prove`.
#[derive(Debug, Template)]
#[template(path = "me/prove.html")]
pub(crate) struct ProvePage<'a> {
    /// Frame.
    pub(crate) frame: Frame<'a>,
    /// Form token.
    pub(crate) csrf: &'a str,
    /// What there is to say about the last try.
    pub(crate) message: Option<Message>,
}

/// Recovery codes, once.
#[derive(Debug, Template)]
#[template(path = "me/recovery_codes.html")]
pub(crate) struct RecoveryCodesPage<'a> {
    /// Frame.
    pub(crate) frame: Frame<'a>,
    /// The codes.
    pub(crate) codes: Vec<String>,
    /// Where to go on.
    pub(crate) next: &'a str,
}

/// A secret in groups of four characters, as people copy it.
pub(crate) fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_quiet_zone() {
        let picture = QrPicture::of("otpauth://totp/x?secret=ABCDEFGH").expect("fits");
        assert!(picture.path.starts_with("M4 4h1v1h-1z"), "the finder pattern begins after four light modules");
        assert!(picture.side >= 21 + 8);
        assert!(QrPicture::of(&"x".repeat(5_000)).is_none());
    }

    #[test]
    fn a_secret_is_shown_in_groups_of_four() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
