//! What every backend promises about key-value data.

use crate::{Store, tenant};
use bytes::Bytes;
use yizhan_store::{BATCH_KEYS_MAX, KEY_BYTES_MAX, PAGE_KEYS_MAX, StoreError, Swap, Tenant, VALUE_BYTES_MAX};

fn cart() -> Tenant {
    tenant("cn.gov.example.shop", "cart")
}

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

pub(crate) async fn a_value_is_read_back_until_it_is_deleted(store: Store) {
    let cart = cart();
    assert_eq!(store.get(&cart, "k").await.expect("get"), None);
    assert!(!store.exists(&cart, "k").await.expect("exists"));
    store.set(&cart, "k", bytes("one")).await.expect("set");
    store.set(&cart, "k", bytes("two")).await.expect("set");
    assert_eq!(store.get(&cart, "k").await.expect("get"), Some(bytes("two")));
    assert!(store.exists(&cart, "k").await.expect("exists"));
    for _ in 0..2 {
        store.delete(&cart, "k").await.expect("delete");
        assert_eq!(store.get(&cart, "k").await.expect("get"), None);
    }
}

pub(crate) async fn values_of_every_length_around_a_chunk_are_read_back(store: Store) {
    let cart = cart();
    for length in [0, 1, 3_999, 4_000, 4_001, 7_999, 8_000, 8_001, 16_384, VALUE_BYTES_MAX] {
        let value: Bytes = (0..length).map(|index| (index % 251) as u8).collect();
        store.set(&cart, "k", value.clone()).await.expect("set");
        assert_eq!(store.get(&cart, "k").await.expect("get"), Some(value), "{length} bytes");
    }
}

pub(crate) async fn a_shorter_value_leaves_nothing_of_the_longer_one(store: Store) {
    let cart = cart();
    let (long, longer) = (Bytes::from(vec![1; 50_000]), Bytes::from(vec![2; 90_000]));
    for value in [&longer, &long, &bytes("x"), &longer] {
        store.set(&cart, "k", value.clone()).await.expect("set");
        assert_eq!(store.get(&cart, "k").await.expect("get").as_ref(), Some(value));
        let used = store.used_bytes(cart.app()).await.expect("used");
        assert_eq!(used, 1 + value.len() as u64);
    }
    store.delete(&cart, "k").await.expect("delete");
    assert_eq!(store.list_keys(&cart, None, 10).await.expect("list").keys, Vec::<String>::new());
    assert_eq!(store.used_bytes(cart.app()).await.expect("used"), 0);
}

pub(crate) async fn keys_and_values_outside_their_bounds_are_refused(store: Store) {
    let cart = cart();
    let longest = "k".repeat(KEY_BYTES_MAX);
    store.set(&cart, &longest, Bytes::new()).await.expect("longest key");
    assert_eq!(store.get(&cart, &longest).await.expect("get"), Some(Bytes::new()));
    let too_long = "k".repeat(KEY_BYTES_MAX + 1);
    for key in ["", &too_long] {
        assert_size(store.get(&cart, key).await.expect_err("get"));
        assert_size(store.exists(&cart, key).await.expect_err("exists"));
        assert_size(store.set(&cart, key, bytes("v")).await.expect_err("set"));
        assert_size(store.delete(&cart, key).await.expect_err("delete"));
        assert_size(store.increment(&cart, key, 1).await.expect_err("increment"));
        assert_size(store.compare_and_swap(&cart, key, None, bytes("v")).await.expect_err("swap"));
        assert_size(store.list_keys(&cart, Some(key), 1).await.expect_err("cursor"));
    }
    let too_large = Bytes::from(vec![0; VALUE_BYTES_MAX + 1]);
    let error = store.set(&cart, "k", too_large).await.expect_err("too large");
    assert_eq!(error.to_string(), "value in bytes is 1048577; 0 to 1048576 is allowed");
    for limit in [0, PAGE_KEYS_MAX + 1] {
        assert_size(store.list_keys(&cart, None, limit).await.expect_err("limit"));
    }
    let many = vec!["k".to_owned(); BATCH_KEYS_MAX + 1];
    assert_size(store.get_many(&cart, &many).await.expect_err("many"));
    assert_size(store.delete_many(&cart, &many).await.expect_err("many"));
}

fn assert_size(error: StoreError) {
    assert!(matches!(error, StoreError::Size { .. }), "{error}");
}

pub(crate) async fn tenants_never_see_each_other(store: Store) {
    // Names chosen so that plain concatenation of app, bucket and key would meet.
    let tenants = [
        tenant("cn.gov.example.a", "b"),
        tenant("cn.gov.example.a", "bb"),
        tenant("cn.gov.example.ab", "b"),
        tenant("cn.gov.example.a.b", "b"),
        tenant("cn.gov.example.a", "b.b"),
    ];
    let keys = ["b", "k", "bk", ".b"];
    for (index, tenant) in tenants.iter().enumerate() {
        for key in keys {
            assert_eq!(store.get(tenant, key).await.expect("get"), None, "{tenant:?} {key}");
            let value = Bytes::from(vec![index as u8; 5_000]);
            store.set(tenant, key, value).await.expect("set");
        }
    }
    for (index, tenant) in tenants.iter().enumerate() {
        let mut page = store.list_keys(tenant, None, 100).await.expect("list");
        page.keys.sort();
        assert_eq!((page.keys, page.next), ([".b", "b", "bk", "k"].map(str::to_owned).to_vec(), None));
        let values = store.get_many(tenant, &keys.map(str::to_owned)).await.expect("get");
        assert!(values.iter().all(|value| value.as_deref() == Some(&[index as u8; 5_000][..])));
    }
    store.delete_many(&tenants[0], &keys.map(str::to_owned)).await.expect("delete");
    assert!(store.exists(&tenants[1], "k").await.expect("exists"));
    assert_eq!(store.list_keys(&tenants[0], None, 10).await.expect("list").keys.len(), 0);
}

pub(crate) async fn pages_list_every_key_once_and_always_in_the_same_order(store: Store) {
    let cart = cart();
    let mut expected: Vec<String> = (0..25).map(|number| format!("钥匙{number}")).collect();
    let pairs = expected.iter().map(|key| (key.clone(), bytes(key))).collect();
    store.set_many(&cart, pairs).await.expect("set");
    let all = store.list_keys(&cart, None, 100).await.expect("page").keys;
    let mut sorted = all.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);
    for limit in [1, 5, 7, 25, 26] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = store.list_keys(&cart, cursor.as_deref(), limit).await.expect("page");
            assert!(page.keys.len() <= limit && !page.keys.is_empty());
            seen.extend(page.keys);
            let Some(next) = page.next else { break };
            cursor = Some(next);
        }
        assert_eq!(seen, all, "pages of {limit}");
    }
}

pub(crate) async fn a_page_stays_right_while_keys_come_and_go(store: Store) {
    let cart = cart();
    for key in ["a", "b", "c", "d"] {
        store.set(&cart, key, bytes(key)).await.expect("set");
    }
    let all = store.list_keys(&cart, None, 10).await.expect("page").keys;
    let first = store.list_keys(&cart, None, 2).await.expect("page");
    assert_eq!(first.keys, all[..2]);
    store.delete_many(&cart, &first.keys).await.expect("delete");
    store.set(&cart, "bb", bytes("new")).await.expect("set");
    let second = store.list_keys(&cart, first.next.as_deref(), 10).await.expect("page").keys;
    let old: Vec<_> = second.iter().filter(|key| *key != "bb").collect();
    assert_eq!(old, all[2..].iter().collect::<Vec<_>>(), "none of those left is missed, none that is gone comes back");
}

pub(crate) async fn increments_of_two_racers_all_count(store: Store) {
    let racers = (0..8).map(|racer: i64| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut seen = Vec::new();
            for _ in 0..50 {
                seen.push(store.increment(&cart(), "n", 1 + racer % 2).await.expect("increment"));
            }
            seen
        })
    });
    let mut seen = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        seen.extend(racer.await.expect("racer"));
    }
    assert_eq!(store.get(&cart(), "n").await.expect("get"), Some(bytes("600")));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), seen.last()), (400, Some(&600)), "every increment saw a sum of its own");
}

pub(crate) async fn an_increment_that_is_no_number_or_overflows_changes_nothing(store: Store) {
    let cart = cart();
    for text in ["abc", "1.5", "", "9223372036854775808"] {
        store.set(&cart, "k", bytes(text)).await.expect("set");
        assert!(matches!(store.increment(&cart, "k", 1).await, Err(StoreError::NotANumber)), "{text}");
        assert_eq!(store.get(&cart, "k").await.expect("get"), Some(bytes(text)));
    }
    store.set(&cart, "k", bytes("9223372036854775806")).await.expect("set");
    assert_eq!(store.increment(&cart, "k", 1).await.expect("increment"), i64::MAX);
    let error = store.increment(&cart, "k", 1).await.expect_err("overflow");
    assert!(matches!(error, StoreError::Overflow { current: i64::MAX, delta: 1 }));
    assert_eq!(store.increment(&cart, "fresh", i64::MIN).await.expect("increment"), i64::MIN);
    assert!(matches!(store.increment(&cart, "fresh", -1).await, Err(StoreError::Overflow { .. })));
}

pub(crate) async fn of_racing_swaps_one_wins(store: Store) {
    for round in 0..20 {
        let key = format!("slot-{round}");
        let racers: Vec<_> = (0..4)
            .map(|racer| {
                let (store, key) = (store.clone(), key.clone());
                tokio::spawn(async move {
                    let new = bytes(&format!("racer {racer}"));
                    store.compare_and_swap(&cart(), &key, None, new.clone()).await.map(|swap| (new, swap))
                })
            })
            .collect();
        let mut answers = Vec::new();
        for racer in racers {
            answers.push(racer.await.expect("racer").expect("swap"));
        }
        let winners: Vec<_> = answers.iter().filter(|(_, swap)| *swap == Swap::Swapped).collect();
        assert_eq!(winners.len(), 1, "{answers:?}");
        let winner = Some(winners[0].0.clone());
        assert!(answers.iter().all(|(_, swap)| *swap == Swap::Swapped || *swap == Swap::Kept(winner.clone())));
        assert_eq!(store.get(&cart(), &key).await.expect("get"), winner);
    }
}

pub(crate) async fn a_failed_swap_returns_the_present_value(store: Store) {
    let cart = cart();
    let swap = store.compare_and_swap(&cart, "k", Some(bytes("old")), bytes("new")).await.expect("swap");
    assert_eq!(swap, Swap::Kept(None));
    store.set(&cart, "k", bytes("")).await.expect("set");
    let swap = store.compare_and_swap(&cart, "k", None, bytes("new")).await.expect("swap");
    assert_eq!(swap, Swap::Kept(Some(bytes(""))), "an empty value is not a missing one");
    let swap = store.compare_and_swap(&cart, "k", Some(bytes("")), bytes("new")).await.expect("swap");
    assert_eq!(swap, Swap::Swapped);
    assert_eq!(store.get(&cart, "k").await.expect("get"), Some(bytes("new")));
}

pub(crate) async fn a_batch_is_set_read_and_deleted_in_order(store: Store) {
    let cart = cart();
    let pairs = [("b", "1"), ("a", "2"), ("b", "3")].map(|(key, value)| (key.to_owned(), bytes(value)));
    store.set_many(&cart, pairs.to_vec()).await.expect("set");
    let keys = ["a", "none", "b", "a"].map(str::to_owned);
    let values = store.get_many(&cart, &keys).await.expect("get");
    assert_eq!(values, [Some(bytes("2")), None, Some(bytes("3")), Some(bytes("2"))]);
    assert_eq!(store.used_bytes(cart.app()).await.expect("used"), 4);
    store.delete_many(&cart, &["a", "a", "none"].map(str::to_owned)).await.expect("delete");
    assert_eq!(store.list_keys(&cart, None, 10).await.expect("list").keys, ["b"]);
    assert_eq!(store.used_bytes(cart.app()).await.expect("used"), 2);
    store.set_many(&cart, Vec::new()).await.expect("an empty batch");
}

pub(crate) async fn a_refused_batch_changes_nothing(store: Store) {
    let cart = cart();
    let good = ("good".to_owned(), bytes("1"));
    let bad_key = vec![good.clone(), (String::new(), bytes("2"))];
    assert_size(store.set_many(&cart, bad_key).await.expect_err("empty key"));
    let large = Bytes::from(vec![0; VALUE_BYTES_MAX]);
    let above_quota = (0..4).map(|number| (format!("large-{number}"), large.clone())).chain([good]);
    let error = store.set_many(&cart, above_quota.collect()).await.expect_err("quota");
    assert!(matches!(error, StoreError::QuotaExceeded { .. }), "{error}");
    let above_batch = (0..9).map(|number| (format!("large-{number}"), large.clone()));
    assert_size(store.set_many(&cart, above_batch.collect()).await.expect_err("batch"));
    assert_eq!(store.list_keys(&cart, None, 10).await.expect("list").keys.len(), 0);
    assert_eq!(store.used_bytes(cart.app()).await.expect("used"), 0);
}

pub(crate) async fn readers_see_all_of_a_batch_or_nothing(store: Store) {
    let keys = ["one", "two", "three"].map(str::to_owned);
    let writer = {
        let (store, keys) = (store.clone(), keys.clone());
        tokio::spawn(async move {
            for round in 0..60_u8 {
                let length = if round % 2 == 0 { 40_000 } else { 20_000 };
                let pairs = keys.iter().map(|key| (key.clone(), Bytes::from(vec![round; length])));
                store.set_many(&cart(), pairs.collect()).await.expect("set");
            }
        })
    };
    while !writer.is_finished() {
        let values = store.get_many(&cart(), &keys).await.expect("a read amid writes is whole");
        assert!(values.iter().all(|value| *value == values[0]), "values of two batches in one answer");
        let single = store.get(&cart(), "two").await.expect("a read amid writes is whole").unwrap_or_default();
        assert!(single.iter().all(|byte| *byte == single[0]));
    }
    writer.await.expect("writer");
}

pub(crate) async fn the_quota_counts_all_buckets_and_lets_go(store: Store) {
    let (cart, wish) = (cart(), tenant("cn.gov.example.shop", "wish"));
    let other = tenant("cn.gov.example.other", "cart");
    let large = Bytes::from(vec![7; VALUE_BYTES_MAX]);
    store.set(&cart, "1", large.clone()).await.expect("set");
    store.set(&wish, "2", large.clone()).await.expect("set");
    let error = store.set(&cart, "3", large.clone()).await.expect_err("quota");
    assert_eq!(error.to_string(), "the app would hold 3145731 bytes; its quota is 3145728");
    store.set(&other, "1", large.clone()).await.expect("another app has a quota of its own");
    store.set(&cart, "1", large.clone()).await.expect("replacing holds no more");
    store.delete(&wish, "2").await.expect("delete");
    store.set(&cart, "3", large).await.expect("room again");
    assert_eq!(store.used_bytes(cart.app()).await.expect("used"), 2 + 2 * VALUE_BYTES_MAX as u64);
}
