//! What every store promises, as a story for each rule. Each story is told of every store.

mod fixture;
mod prelude;

mod api_jobs;
mod api_keys;
mod broadcasts;
mod chats;
mod claims;
mod forget;
mod gallery;
mod inbox;
mod limits;
mod model;
mod outbox;
mod queue;
mod retention;
mod stats;

pub(super) use fixture::TestStore;

/// A test of each story for each store.
macro_rules! for_each_store {
    ($($module:ident { $($story:ident,)* })*) => {
        mod sqlite {
            $(mod $module {
                use crate::store::contract::{fixture::Fixture, $module};

                $(#[tokio::test]
                async fn $story() {
                    $module::$story(Fixture::sqlite().await).await;
                })*
            })*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(mod $module {
                use crate::store::contract::{fixture::Fixture, $module};

                $(#[tokio::test]
                async fn $story() {
                    if let Some(fixture) = Fixture::postgres().await {
                        $module::$story(fixture).await;
                    }
                })*
            })*
        }
    };
}

for_each_store! {
    api_jobs {
        a_key_sees_its_own_jobs_newest_first,
        a_request_is_found_again_unless_its_job_failed,
        fetched_pictures_are_delivered_and_previews_are_drawn,
    }
    api_keys {
        a_key_opens_until_it_is_removed_and_its_number_is_not_used_again,
        keys_of_users_have_names_of_their_own_and_go_with_their_user,
    }
    broadcasts {
        a_message_goes_once_to_every_private_chat_that_is_not_banned,
        a_draft_that_was_dropped_is_never_sent,
    }
    chats {
        a_state_is_replaced_only_if_it_is_what_was_read,
    }
    claims {
        users_are_served_in_the_order_that_they_see,
        a_killed_program_draws_the_job_again,
        a_job_that_kills_the_program_again_and_again_is_given_up,
        a_machine_that_fails_ends_no_job,
        a_job_that_kills_the_program_beside_others_is_given_up_in_the_end,
        a_recipe_out_of_bounds_is_refused_at_once,
        a_worker_that_lost_its_lease_can_not_write,
        the_job_of_a_silent_worker_does_not_wait_until_nobody_else_waits,
        a_heartbeat_keeps_the_lease_and_is_shown,
        a_running_job_stops_at_the_next_heartbeat,
        a_cancelled_job_does_not_come_back_after_a_kill,
        a_job_given_back_at_the_end_of_the_program_keeps_its_attempts,
        while_paused_jobs_are_kept_and_not_drawn_even_after_a_restart,
        warnings_stay_with_the_job,
        a_job_that_is_cancelled_during_its_last_step_ends_cancelled_however_it_ends,
        a_job_whose_pictures_are_fetched_takes_its_place_by_age,
        the_next_job_of_a_user_is_right_after_any_change,
    }
    forget {
        everything_of_a_user_goes_and_nothing_of_another,
        forgetting_is_no_way_around_a_limit,
        a_picture_that_is_on_its_way_while_its_owner_is_forgotten_leaves_nothing_behind,
        a_group_that_moved_takes_its_jobs_along,
        what_was_asked_for_in_the_name_of_a_group_that_moved_is_drawn_for_it,
        what_waits_for_a_chat_that_is_gone_is_not_drawn,
        a_chat_that_already_has_a_state_keeps_it_when_another_moves_there,
        a_forgotten_user_leaves_no_draft_in_groups,
        forgetting_that_fails_half_way_changes_nothing,
        a_picture_that_can_not_be_deleted_yet_does_not_bring_its_owner_back,
    }
    gallery {
        a_result_is_held_back_from_the_chat_while_somebody_looks,
        what_was_seen_does_not_come_to_the_chat_unless_it_is_asked_for,
        a_restart_does_not_end_the_hold,
        the_result_of_somebody_without_a_chat_stays_in_the_editor,
        the_gallery_has_drawn_and_brought_pictures_newest_first_in_pages,
        whether_a_result_is_transparent_is_read_from_its_file,
        brought_pictures_go_with_their_time_and_with_their_user,
        a_picture_of_a_job_stays_when_it_is_deleted_in_the_editor,
        a_code_opens_once_and_for_a_time,
    }
    inbox {
        an_update_is_handled_once_over_any_number_of_restarts,
        job_state_messages_and_the_end_of_the_update_are_one_transaction,
        a_refused_job_leaves_the_update_unhandled_and_the_state_as_it_was,
        a_request_that_comes_again_notifies_once_and_ends_its_update,
    }
    limits {
        one_more_than_may_wait_is_refused_until_one_ends,
        two_devices_at_once_can_not_pass_the_limit,
        a_message_that_comes_twice_is_no_second_job_at_the_limit,
        the_next_is_possible_when_the_oldest_is_an_hour_old,
        a_day_counts_for_a_user_and_an_hour_for_a_chat,
        a_job_that_was_cancelled_before_it_began_does_not_count,
    }
    model {
        random_operations_have_the_effect_that_they_have_on_a_model,
    }
    outbox {
        a_delivery_is_retried_after_the_delay,
        status_messages_of_many_are_all_written,
        a_chat_with_many_results_holds_up_no_other,
        the_result_of_a_job_from_a_program_is_not_delivered,
        after_the_clock_was_set_back_nothing_waits_for_longer_than_was_meant,
        a_restart_makes_everything_due_that_was_put_off,
        a_status_message_is_stale_from_the_delivery_until_it_is_cleared,
        what_a_waiting_job_shows_is_known_until_it_is_drawn,
        a_history_can_be_that_of_one_chat,
        a_description_is_delivered_once_and_is_no_picture_of_the_history,
    }
    queue {
        a_crowd_sees_positions_and_every_user_has_one,
        a_job_goes_from_queued_to_delivered,
        the_same_request_twice_is_one_job,
        input_pictures_come_with_the_job_in_order,
        a_waiting_job_is_cancelled_at_once_by_its_owner_alone,
        the_position_counts_the_running_job_and_knows_the_pace,
        how_long_a_drawing_takes_says_nothing_about_enlarging,
    }
    retention {
        inputs_go_a_day_and_results_a_month_after_the_delivery,
        a_picture_of_several_jobs_stays_as_long_as_one_needs_it,
        what_a_user_waits_for_is_kept_however_old,
        for_ever_is_for_ever,
        the_disk_limit_takes_the_oldest_first,
        many_rows_are_swept_in_one_go,
        the_result_of_a_job_from_a_program_is_kept_for_a_month_though_nobody_delivers_it,
        handled_updates_are_remembered_for_three_days_and_unhandled_ones_for_ever,
    }
    stats {
        jobs_and_users_are_counted,
        failures_in_a_row_are_counted_until_a_picture_succeeds,
    }
}
