//! Published numbers, and properties over generated ones.

use super::*;
use proptest::prelude::*;

#[test]
fn published_credit_codes_are_accepted() {
    // GB 32100-2015, annex: sample codes of the standard; and units as their own public codes name them.
    for code in [
        "91350100M000100Y43",
        "91110000600037341L",
        "12441500196720244T",
        "11310000MB2F30661Y",
        "11440000553612461J",
        "11511301008778183N",
        "115113010833722043",
    ] {
        assert!(code.parse::<CreditCode>().is_ok(), "{code}");
    }
}

#[test]
fn published_item_codes_are_accepted_and_taken_apart() {
    // Codes as public platforms of Shanghai and Guangdong show them.
    let code: BusinessCode = "11310000MB2F30661Y231200356400001".parse().expect("valid");
    assert_eq!((code.implementing_code(), code.number()), ("11310000MB2F30661Y2312003564000", "01"));
    let code: BusinessCode = "11440000553612461J244211105N00302".parse().expect("valid");
    let implementing: ImplementingCode = code.implementing_code().parse().expect("valid");
    assert_eq!((implementing.credit_code(), implementing.level()), ("11440000553612461J", 2));
    assert_eq!((implementing.basic_code(), implementing.kind()), ("44211105N003", ItemKind::PublicService));
    let basic: BasicCode = "000100109000".parse().expect("valid");
    assert_eq!(basic.kind(), ItemKind::Licence);
}

#[test]
fn kinds_of_items_are_known_by_their_digits() {
    for kind in ItemKind::ALL {
        assert_eq!(ItemKind::from_digits(kind.digits()), Some(kind));
        assert_eq!(serde_json::to_value(kind).expect("text"), kind.name());
    }
    let known = (0..100).filter(|number| ItemKind::from_digits(&format!("{number:02}")).is_some());
    assert_eq!(known.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 21]);
}

/// Parses as the type of the code and drops what was parsed.
fn refusal<T: std::str::FromStr<Err = CodeError>>(text: &str) -> Option<CodeError> {
    text.parse::<T>().err()
}

type Refusal = fn(&str) -> Option<CodeError>;

/// A valid code, how it is read, and at which positions letters may stand.
type Sample = (&'static str, Refusal, &'static [(usize, usize)]);

/// One of each type.
const CODES: [Sample; 6] = [
    ("91350100M000100Y43", refusal::<CreditCode>, &[(1, 2), (9, 18)]),
    ("11010519491231002X", refusal::<IdentityNumber>, &[(18, 18)]),
    ("330106001001", refusal::<RegionCode>, &[]),
    ("44211105N003", refusal::<BasicCode>, &[(5, 9)]),
    ("11440000553612461J244211105N003", refusal::<ImplementingCode>, &[(1, 2), (9, 18), (24, 28)]),
    ("11440000553612461J244211105N00302", refusal::<BusinessCode>, &[(1, 2), (9, 18), (24, 28)]),
];

fn with(code: &str, index: usize, character: char) -> String {
    code.chars().enumerate().map(|(at, old)| if at == index { character } else { old }).collect()
}

#[test]
fn every_position_of_every_code_refuses_what_cannot_stand_there_and_says_what_can() {
    for (code, refusal, letters) in CODES {
        assert_eq!(refusal(code), None, "{code}");
        for index in 0..code.len() {
            let position = index + 1;
            for wrong in ['?', 'x', ' ', '１', '测', '\u{0}', '\u{1f600}'] {
                let text = with(code, index, wrong);
                let Some(CodeError::Character { found, position: at, allowed }) = refusal(&text) else {
                    panic!("{text} at {position}: {:?}", refusal(&text));
                };
                assert_eq!((found, at), (wrong, position), "{text}");
                assert!(allowed.contains("digit") || allowed.contains("level"), "{text}: {allowed}");
            }
            let text = with(code, index, 'O');
            if !letters.iter().any(|(from, to)| (*from..=*to).contains(&position)) {
                let error = refusal(&text).expect("a letter for a digit");
                assert!(error.to_string().contains(&format!("at position {position};")), "{text}: {error}");
            }
        }
        for text in [&code[1..], &format!("{code}0"), "", "测"] {
            assert!(matches!(refusal(text), Some(CodeError::Length { .. })), "{text}");
        }
    }
}

#[test]
fn every_other_digit_of_a_code_with_a_check_character_is_refused_with_the_right_one() {
    // Where the check character sits, and how many positions it guards.
    let guarded = [
        (CODES[0].0, CODES[0].1, "0123456789ABCDEFGHJKLMNPQRTUWXY"),
        (CODES[1].0, CODES[1].1, "0123456789"),
        (CODES[4].0, CODES[4].1, "0123456789ABCDEFGHJKLMNPQRTUWXY"),
        (CODES[5].0, CODES[5].1, "0123456789ABCDEFGHJKLMNPQRTUWXY"),
    ];
    for (code, refusal, alphabet) in guarded {
        for (index, own) in code.chars().take(18).enumerate() {
            for other in alphabet.chars().filter(|other| *other != own) {
                let error = refusal(&with(code, index, other)).expect("another digit");
                let said = match error {
                    CodeError::Check { position, .. } => position == 18,
                    CodeError::Character { position, .. } => position == index + 1,
                    CodeError::Part { from, to, .. } => (from..=to).contains(&(index + 1)),
                    CodeError::Length { .. } => false,
                };
                assert!(said, "{other} at {} of {code}: {error}", index + 1);
            }
        }
    }
}

#[test]
fn parts_that_cannot_be_are_refused_with_their_positions_in_the_whole_code() {
    let unit = "91350100M000100Y433";
    for (code, refusal, expected) in [
        ("990112345000".to_owned(), CODES[3].1, "positions 1 to 2 (99) are not 00 or the two digits of a province"),
        ("001112345000".to_owned(), CODES[3].1, "positions 3 to 4 (11) are not a kind of item"),
        (
            format!("{unit}990112345000"),
            CODES[4].1,
            "positions 20 to 21 (99) are not 00 or the two digits of a province",
        ),
        (format!("{unit}001112345000"), CODES[4].1, "positions 22 to 23 (11) are not a kind of item"),
        (format!("{unit}00111234500001"), CODES[5].1, "positions 22 to 23 (11) are not a kind of item"),
        ("330100001001".to_owned(), CODES[2].1, ""),
        ("330000001000".to_owned(), CODES[2].1, ""),
        (
            "330106000001".to_owned(),
            CODES[2].1,
            "positions 7 to 12 (000001) are not a region below one that is all zeros",
        ),
        ("003300000000".to_owned(), CODES[2].1, "positions 1 to 4 (0033) are not a region below one that is all zeros"),
    ] {
        let said = refusal(&code).map_or_else(String::new, |error| error.to_string());
        assert!(said.starts_with(expected) && said.is_empty() == expected.is_empty(), "{code}: {said}");
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
    fn a_credit_code_has_one_check_character(first17 in "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}") {
        let right = CreditCode::check_character(first17.as_bytes());
        for check in "0123456789ABCDEFGHJKLMNPQRTUWXY".chars() {
            let parsed = format!("{first17}{check}").parse::<CreditCode>();
            prop_assert_eq!(parsed.is_ok(), check == right);
        }
    }

    #[test]
    fn two_neighbours_of_a_credit_code_never_change_places_unseen(
        first17 in "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}", at in 0usize..16,
    ) {
        let check = CreditCode::check_character(first17.as_bytes());
        let mut changed = first17.clone().into_bytes();
        changed.swap(at, at + 1);
        prop_assume!(changed != first17.as_bytes());
        let text = format!("{}{check}", String::from_utf8(changed).expect("ascii"));
        prop_assert!(text.parse::<CreditCode>().is_err());
    }

    #[test]
    fn an_identity_number_has_one_check_character(
        region in "[0-9]{6}", year in 1900u16..2100, month in 1u16..=12, day in 1u16..=28, sequence in 0u16..1000,
    ) {
        let first17 = format!("{region}{year}{month:02}{day:02}{sequence:03}");
        let right = IdentityNumber::check_character(first17.as_bytes());
        for check in "0123456789X".chars() {
            prop_assert_eq!(format!("{first17}{check}").parse::<IdentityNumber>().is_ok(), check == right);
        }
    }

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
        let _ = text.parse::<BasicCode>();
        let _ = text.parse::<ImplementingCode>();
        let _ = text.parse::<BusinessCode>();
    }
}
