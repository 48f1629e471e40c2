//! The contract of the store, run against every backend: one suite of promises, and beside it what only the embedded
//! backend promises (restart, damage).

#![expect(clippy::expect_used, reason = "a test that cannot go on ends here")]

mod kv;
mod records;
mod sled;

use std::{path::Path, sync::Arc};
use yizhan_domain::AppId;
use yizhan_store::{KvKey, KvStore, MemoryStore, Quota, SledSettings, SledStore, Tenant};

/// Enough for two large values.
const SMALL_QUOTA: Quota = Quota { app_bytes_max: 3 << 20 };

fn tenant(app: &str, bucket: &str) -> Tenant {
    Tenant::new(&AppId::new(app).expect("app"), bucket).expect("bucket")
}

fn settings() -> SledSettings {
    SledSettings { quota: SMALL_QUOTA, cache_bytes_max: 8 << 20, ..SledSettings::new(KvKey::new([9; 32])) }
}

fn open(path: &Path) -> SledStore {
    SledStore::open(path, &settings()).expect("opens")
}

/// Runs every promise against both backends.
macro_rules! contract {
    ($($promise:ident),+ $(,)?) => {
        mod on_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                let store: std::sync::Arc<dyn yizhan_store::KvStore> =
                    std::sync::Arc::new(super::MemoryStore::new(super::SMALL_QUOTA));
                super::kv::$promise(store).await;
            })+
        }
        mod on_sled {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                let folder = tempfile::tempdir().expect("folder");
                let store: std::sync::Arc<dyn yizhan_store::KvStore> = std::sync::Arc::new(super::open(folder.path()));
                super::kv::$promise(store).await;
            })+
        }
    };
}

contract!(
    a_value_is_read_back_until_it_is_deleted,
    values_of_every_length_around_a_chunk_are_read_back,
    a_shorter_value_leaves_nothing_of_the_longer_one,
    keys_and_values_outside_their_bounds_are_refused,
    tenants_never_see_each_other,
    pages_list_every_key_once_and_always_in_the_same_order,
    a_page_stays_right_while_keys_come_and_go,
    increments_of_two_racers_all_count,
    an_increment_that_is_no_number_or_overflows_changes_nothing,
    of_racing_swaps_one_wins,
    a_failed_swap_returns_the_present_value,
    a_batch_is_set_read_and_deleted_in_order,
    a_refused_batch_changes_nothing,
    readers_see_all_of_a_batch_or_nothing,
    the_quota_counts_all_buckets_and_lets_go,
);

type Store = Arc<dyn KvStore>;
