//! Published numbers, and properties over generated ones.

use super::*;
use proptest::prelude::*;

#[test]
fn published_credit_codes_are_accepted() {
    // GB 32100-2015, annex: sample codes of the standard.
    for code in ["91350100M000100Y43", "91110000600037341L"] {
        assert!(code.parse::<CreditCode>().is_ok(), "{code}");
    }
}

#[test]
fn wrong_credit_codes_say_which_position() {
    let error = "91350100M000100Y44".parse::<CreditCode>().expect_err("check");
    assert_eq!(error, CodeError::Check { found: '4', position: 18, expected: '3' });
    let error = "9135010OM000100Y43".parse::<CreditCode>().expect_err("letter O");
    assert!(matches!(error, CodeError::Character { found: 'O', position: 8, .. }));
}

#[test]
fn identity_numbers_of_the_standard_are_accepted() {
    // GB 11643-1999, examples of the standard.
    for number in ["11010519491231002X", "440524188001010014"] {
        assert!(number.parse::<IdentityNumber>().is_ok(), "{number}");
    }
    let number: IdentityNumber = "11010519491231002X".parse().expect("valid");
    assert_eq!(number.masked(), "110105********002X");
    assert_eq!(format!("{number:?}"), "IdentityNumber(110105********002X)");
}

#[test]
fn impossible_dates_are_refused() {
    for number in ["110105194902310021", "110105194913010021", "110105194900010021"] {
        assert!(matches!(number.parse::<IdentityNumber>(), Err(CodeError::Part { from: 7, to: 14, .. })), "{number}");
    }
}

#[test]
fn regions_know_their_level_and_parent() {
    let cases = [
        ("000000000000", 0),
        ("330000000000", 1),
        ("330100000000", 2),
        ("330106000000", 3),
        ("330106001000", 4),
        ("330106001001", 5),
    ];
    for (code, level) in cases {
        assert_eq!(code.parse::<RegionCode>().expect("valid").level(), level, "{code}");
    }
    let county: RegionCode = "330106000000".parse().expect("valid");
    let city = county.parent().expect("city");
    assert_eq!(city.as_str(), "330100000000");
    assert!(city.contains(&county) && !county.contains(&city));
    assert_eq!(city.parent().and_then(|p| p.parent()).expect("country").as_str(), "000000000000");
}

#[test]
fn implementing_codes_check_all_three_parts() {
    let code: ImplementingCode = "91350100M000100Y433000112345000".parse().expect("valid");
    assert_eq!((code.credit_code(), code.basic_code()), ("91350100M000100Y43", "000112345000"));
    let wrong_level = "91350100M000100Y437000112345000".parse::<ImplementingCode>();
    assert!(matches!(wrong_level, Err(CodeError::Character { position: 19, .. })));
    let wrong_basic = "91350100M000100Y43300011234500x".parse::<ImplementingCode>();
    assert!(matches!(wrong_basic, Err(CodeError::Character { position: 31, .. })));
}

proptest! {
    #[test]
    fn any_changed_digit_of_an_identity_number_is_refused(position in 0usize..17, digit in 0u8..10) {
        let mut number = *b"11010519491231002X";
        prop_assume!(number[position] != b'0' + digit);
        number[position] = b'0' + digit;
        let text = String::from_utf8(number.to_vec()).expect("ascii");
        prop_assert!(text.parse::<IdentityNumber>().is_err());
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,40}") {
        let _ = text.parse::<CreditCode>();
        let _ = text.parse::<IdentityNumber>();
        let _ = text.parse::<RegionCode>();
        let _ = text.parse::<ImplementingCode>();
    }
}
