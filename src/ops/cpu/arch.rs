//! Which vector instructions are used.

use pulp::{Arch, WithSimd};

/// Runs `op` with the best instructions that the processor has.
#[inline]
pub(super) fn dispatch<O: WithSimd>(op: O) -> O::Output {
    chosen().dispatch(op)
}

#[cfg(not(test))]
#[inline]
fn chosen() -> Arch {
    Arch::new()
}

#[cfg(test)]
use tests::chosen;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::ops::{attention, conv2d, cpu, group_norm, linear};

    thread_local! {
        static CHOSEN: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn chosen() -> Arch {
        kinds()[CHOSEN.get()]
    }

    /// Instruction sets of this processor, the best first.
    fn kinds() -> Vec<Arch> {
        let mut kinds = vec![Arch::new()];
        #[cfg(target_arch = "x86_64")]
        kinds.extend(pulp::x86::V3::try_new().map(Arch::V3));
        kinds.push(Arch::Scalar);
        kinds
    }

    #[test]
    fn older_processors_compute_the_same() {
        for kind in 1..kinds().len() {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(2);
            let pool = threads.start_handler(move |_| CHOSEN.set(kind)).build().unwrap();
            pool.install(|| {
                cpu::elementary::tests::exp_is_the_exponential_function();
                cpu::elementary::tests::silu_is_the_logistic_function_times_its_argument();
                cpu::elementary::tests::activations_are_what_they_are_called();
                cpu::product::tests::products_are_exact_for_whole_numbers_of_any_shape();
                cpu::product::tests::products_with_blocks_are_near_those_with_what_was_rounded();
                conv2d::tests::every_way_of_computing_gives_the_same();
                conv2d::tests::a_residual_is_added();
                conv2d::tests::negative_results_are_multiplied_by_their_channels_slope();
                conv2d::tests::joined_maps_need_not_be_made();
                group_norm::tests::the_fused_pass_equals_the_composed_one();
                group_norm::tests::small_maps_modulate_large_ones();
                attention::tests::looking_block_by_block_equals_looking_at_all_scores();
                linear::tests::a_16_bit_sum_is_not_rounded();
            });
        }
    }
}
