//! Lists of training steps that a sampler with fewer steps visits, from the noisiest.

/// `count` training steps from `last` down to 0; one alone is the last.
pub(super) fn evenly(count: usize, last: usize) -> Vec<usize> {
    if count == 1 {
        return vec![last];
    }
    let stride = last as f64 / (count - 1) as f64;
    (0..count).rev().map(|i| (i as f64 * stride).round_ties_even() as usize).collect()
}

/// The same as the original program finds them: it adds the stride up, and its rounding errors move some steps by one.
pub(super) fn added_up(count: usize, last: usize) -> Vec<usize> {
    let stride = last as f64 / count.saturating_sub(1).max(1) as f64;
    let places = (0..count).scan(0., |place, _| {
        let here = *place;
        *place += stride;
        Some(here)
    });
    let mut list: Vec<usize> = places.map(|place: f64| place.round_ties_even() as usize).collect();
    list.dedup();
    list.reverse();
    list
}

/// DDIM's list in the original program: a whole stride, moved up by one. It is seldom as long as asked for, and may begin past
/// the last of the `train` steps.
pub(super) fn strided(count: usize, train: usize) -> Vec<usize> {
    let stride = (train / count.max(1)).max(1);
    let mut list: Vec<usize> = (0..train).step_by(stride).map(|t| t + 1).collect();
    list.reverse();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_the_stride_up_moves_some_steps() {
        let differing: Vec<(usize, usize)> =
            evenly(21, 999).into_iter().zip(added_up(21, 999)).filter(|(exact, added)| exact != added).collect();
        assert_eq!(differing, [(500, 499)]);
        for count in [2, 5, 25, 100, 1000] {
            assert_eq!(evenly(count, 999), added_up(count, 999), "{count}");
        }
    }

    #[test]
    fn a_whole_stride_gives_another_number_of_steps() {
        assert_eq!(strided(25, 1000)[..2], [961, 921]);
        assert_eq!((strided(25, 1000).len(), strided(25, 1000)[24]), (25, 1));
        assert_eq!((strided(150, 1000).len(), strided(150, 1000)[0]), (167, 997));
        assert_eq!(strided(37, 1000)[0], 1000);
    }
}
