//! What every backend promises about the records of hub and runtime: one list of promises, one line per backend.

mod app_sessions;
mod appointments;
mod audit;
mod clients;
mod codes;
mod consents;
mod erase;
mod lists;
mod on_disk;
pub(crate) use on_disk::files;
mod one_time;
mod people;
mod production;
mod sample;
mod sessions;
mod sign_in;
mod tokens;
mod units;

use std::{future::Future, sync::Arc};
use tempfile::TempDir;
use yizhan_store::records::{HubStore, RuntimeStore, StoreMode};
use yizhan_store::{JournalKey, MemoryRecords, RecordsSettings, SledRecords};

/// Everything that a backend remembers.
pub(crate) trait Everything: HubStore + RuntimeStore {}

impl<T: HubStore + RuntimeStore> Everything for T {}

pub(crate) type Store = Arc<dyn Everything>;

/// A store of one test, and the folder that goes away with it.
struct Opened {
    store: Store,
    _folder: Option<TempDir>,
}

fn memory(mode: StoreMode) -> Opened {
    Opened { store: Arc::new(MemoryRecords::new(mode)), _folder: None }
}

fn sled(mode: StoreMode) -> Opened {
    let folder = tempfile::tempdir().expect("folder");
    let store = SledRecords::open(folder.path(), &settings(mode)).expect("opens");
    Opened { store: Arc::new(store), _folder: Some(folder) }
}

/// Settings of records on disk.
pub(crate) fn settings(mode: StoreMode) -> RecordsSettings {
    RecordsSettings { cache_bytes_max: 8 << 20, ..RecordsSettings::new(mode, JournalKey::new([7; 32])) }
}

/// Number of racers.
const RACERS: usize = 32;

/// Runs the same call at the same time so many times and returns all answers.
async fn race<T, F>(call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(RACERS));
    let racers: Vec<_> = (0..RACERS)
        .map(|racer| {
            let (start, call) = (start.clone(), call(racer));
            tokio::spawn(async move {
                start.wait().await;
                call.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.expect("racer"));
    }
    answers
}

/// How many answers are this one.
fn count<T: PartialEq>(answers: &[T], wanted: &T) -> usize {
    answers.iter().filter(|answer| *answer == wanted).count()
}

/// Runs every promise against one backend.
macro_rules! run_on {
    ($backend:ident: $($topic:ident in $mode:ident { $($promise:ident),+ $(,)? })+) => {
        mod $backend {$(
            mod $topic {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $promise() {
                    let opened = crate::records::$backend(yizhan_store::records::StoreMode::$mode);
                    crate::records::$topic::$promise(opened.store.clone()).await;
                }
            )+}
        )+}
    };
}

/// Runs every promise against every backend; a new backend is one more line.
macro_rules! contract {
    ($($promises:tt)+) => {
        mod on {
            run_on!(memory: $($promises)+);
            run_on!(sled: $($promises)+);
        }
    };
}

contract! {
    people in Development {
        a_person_is_found_by_id_and_by_every_handle,
        a_taken_id_or_handle_keeps_nothing,
        a_replacement_needs_the_next_revision_and_free_handles,
        of_racing_replacements_one_wins,
        a_data_key_or_record_outside_its_bounds_is_refused,
    }
    erase in Development {
        erasing_leaves_nothing_readable,
        an_erased_person_gets_no_credentials_session_consent_or_change,
        a_long_list_of_sessions_and_grants_ends_whole,
        handles_of_the_erased_are_free_again,
    }
    production in Production {
        a_production_store_takes_no_persona,
        a_production_store_takes_no_development_registration,
    }
    sign_in in Development {
        credentials_are_replaced_whole,
        credentials_that_were_read_before_a_change_are_not_kept,
        of_racing_uses_of_a_totp_step_one_wins,
        of_racing_uses_of_a_recovery_code_one_wins_and_the_others_stay,
        racing_failures_all_count_until_the_window_ends,
        wrong_tries_end_a_code,
        of_racing_right_codes_one_signs_in,
        only_the_newest_code_of_a_transaction_counts,
    }
    sessions in Development {
        a_session_is_found_until_it_ends,
        a_replaced_session_is_found_under_the_new_hash_only,
        of_racing_replacements_one_wins,
        an_ended_session_never_comes_back,
        a_name_stands_for_one_session,
        only_live_sessions_of_the_person_are_listed,
    }
    app_sessions in Development {
        of_racing_takers_of_a_login_one_gets_it,
        an_app_session_is_replaced_while_it_lives,
        a_logout_ends_exactly_the_sessions_that_came_from_it,
    }
    clients in Development {
        clients_are_found_by_id_and_by_app,
        keys_that_fit_are_kept_and_more_is_refused,
        the_generation_rises_with_every_change,
        a_renewed_version_keeps_the_generation_that_it_was_made_for,
        a_manifest_is_read_back_at_every_length,
        a_manifest_beyond_its_bound_changes_nothing,
    }
    one_time in Development {
        of_racing_uses_one_wins,
        kinds_and_hashes_do_not_meet,
        what_has_ended_is_never_used,
    }
    consents in Development {
        of_racing_takers_of_a_request_one_gets_it,
        of_racing_consents_to_one_request_one_is_kept,
        a_consent_without_its_request_keeps_nothing,
        a_new_consent_replaces_the_live_grant_of_the_same_capacity,
        a_revoked_grant_never_comes_back,
        ids_in_use_are_not_given_again,
        a_code_needs_a_live_grant_and_a_request,
    }
    codes in Development {
        of_racing_exchanges_one_wins,
        a_replay_ends_the_whole_family,
        a_late_replay_is_still_known,
        an_expired_or_revoked_code_issues_nothing,
        tokens_join_the_family_of_their_code,
    }
    tokens in Development {
        of_racing_rotations_one_wins,
        a_replayed_rotation_ends_the_whole_family,
        tokens_count_while_family_and_grant_live,
        revoking_an_access_token_leaves_its_family,
        a_token_is_issued_for_a_live_grant_only,
        nothing_revoked_is_rotated,
        the_standing_revision_moves_with_what_bears_on_it_and_with_nothing_else,
    }
    units in Development {
        members_need_a_unit_and_are_listed_from_both_sides,
        the_last_owner_admin_stays,
        of_racing_resignations_one_admin_stays,
        renaming_a_unit_keeps_its_members,
        of_racing_uses_of_a_setup_link_one_wins,
        only_the_newest_setup_link_counts,
    }
    appointments in Development {
        racing_bookings_never_exceed_the_capacity,
        two_hundred_people_share_fifty_places,
        of_racing_bookings_of_one_person_item_and_day_one_is_kept,
        of_racing_bookings_with_one_key_one_is_made,
        a_key_makes_one_booking_and_no_other,
        racing_cancellations_free_exactly_one_place,
        a_booking_is_cancelled_by_its_person_in_time,
        of_racing_ends_of_a_booking_one_wins,
        missed_slots_pause_and_a_pause_ends,
        terms_that_were_read_before_a_change_book_nothing,
        of_racing_calendars_one_is_kept,
        a_number_stands_for_one_booking_of_a_hall_and_day,
        whoever_acts_for_a_legal_person_books_apart,
        bookings_are_listed_by_person_and_by_hall,
        erasing_a_person_frees_the_places_and_names_nobody,
        a_refused_booking_leaves_no_trail,
        random_sequences_keep_count,
    }
    audit in Development {
        every_record_is_one_link_of_the_chain,
        a_refused_step_leaves_no_trail,
        racing_records_are_all_in_the_chain,
        audit_is_listed_newest_first,
        hidden_rows_are_not_listed_before_their_date,
        a_record_too_large_refuses_its_step,
    }
    lists in Development {
        pages_show_every_row_once_while_rows_come,
        pages_of_grants_show_every_one_once_and_newest_first,
        pages_of_people_stay_right_while_people_come,
        a_cursor_of_another_list_is_refused,
        a_cursor_never_shows_another_person,
        limits_outside_their_bounds_are_refused,
    }
}
