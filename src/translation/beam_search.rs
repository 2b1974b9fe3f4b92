//! Searches the likeliest translation, as `generate` of transformers does: what is kept, what is compared and when it ends follow
//! its beam search step by step, so that the tokens are the same.

use rayon::prelude::*;

use super::config::{EarlyStopping, SearchConfig};

/// Score of what must not be chosen.
const WORST: f32 = -1e9;

/// Gives the scores of tokens that may follow.
pub(super) trait NextScores {
    /// Why there are none.
    type Error;

    /// Appends a token to each translation; a row of scores for each.
    fn step(&mut self, tokens: &[u32]) -> Result<Vec<f32>, Self::Error>;

    /// Goes on with these of the translations.
    fn choose(&mut self, chosen: &[u32]) -> Result<(), Self::Error>;
}

/// A translation that is not finished; the start is its first token.
#[derive(Debug, Clone)]
struct Running {
    tokens: Vec<u32>,
    score: f32,
}

/// A place for a finished translation.
#[derive(Debug, Clone)]
struct Finished {
    tokens: Vec<u32>,
    score: f32,
    is_finished: bool,
}

/// A translation with one more token.
#[derive(Debug, Clone)]
struct Candidate {
    /// Which of the running ones it continues.
    parent: usize,
    tokens: Vec<u32>,
    score: f32,
    /// Nothing may follow.
    ends: bool,
}

/// The tokens of the best translation, from the start to the end, which are both among them.
///
/// # Errors
/// Those of `scores`.
pub(super) fn search<S: NextScores>(scores: &mut S, config: &SearchConfig) -> Result<Vec<u32>, S::Error> {
    if config.beams == 1 { search_greedily(scores, config) } else { search_beams(scores, config) }
}

/// The likeliest token each time.
fn search_greedily<S: NextScores>(scores: &mut S, config: &SearchConfig) -> Result<Vec<u32>, S::Error> {
    let mut tokens = vec![config.start];
    while tokens.len() < config.max_length {
        let mut row = scores.step(&tokens[tokens.len() - 1..])?;
        process(&mut row, &tokens, config);
        let first = (0u32, f32::NEG_INFINITY);
        let best = (0..).zip(&row).fold(first, |best, (id, &score)| if score > best.1 { (id, score) } else { best });
        tokens.push(best.0);
        if config.eos.contains(&best.0) {
            break;
        }
    }
    Ok(tokens)
}

fn search_beams<S: NextScores>(scores: &mut S, config: &SearchConfig) -> Result<Vec<u32>, S::Error> {
    let beams = config.beams;
    let start = vec![config.start];
    // All but the first count as bad, so that the first step continues one translation in different ways.
    let mut running = vec![Running { tokens: start.clone(), score: 0. }];
    let mut finished = vec![Finished { tokens: start, score: WORST, is_finished: false }; beams];
    let mut may_improve = true;
    loop {
        let last: Vec<u32> = running.iter().filter_map(|beam| beam.tokens.last().copied()).collect();
        let rows = scores.step(&last)?;
        let candidates = continuations(rows, &running, config);
        let length = running[0].tokens.len();
        let (next, parents) = next_beams(&candidates, beams);
        let all_end = candidates.iter().all(|candidate| candidate.ends);
        finished = merge(finished, candidates, length, may_improve, config);
        running = next;
        may_improve = may_improve && can_improve(&running, &finished, length + 1, config);
        let is_full = finished.iter().all(|beam| beam.is_finished) && config.early_stopping == EarlyStopping::AtOnce;
        if !may_improve || is_full || all_end {
            return Ok(finished.swap_remove(0).tokens);
        }
        scores.choose(&parents)?;
    }
}

/// The best continuations: twice as many as there are beams, so that enough are left if half of them end.
fn continuations(mut rows: Vec<f32>, running: &[Running], config: &SearchConfig) -> Vec<Candidate> {
    let vocabulary = rows.len() / running.len();
    rows.par_chunks_mut(vocabulary).zip(running).for_each(|(row, beam)| {
        if !config.renormalise {
            log_softmax(row);
        }
        process(row, &beam.tokens, config);
        // To normalise before as well would change nothing: only differences count.
        if config.renormalise {
            log_softmax(row);
        }
        row.iter_mut().for_each(|score| *score += beam.score);
    });
    let wanted = 2.max(1 + config.eos.len()) * config.beams;
    let best = largest(&rows, wanted);
    let candidate = |(place, score): (usize, f32)| {
        let (parent, token) = (place / vocabulary, (place % vocabulary) as u32);
        let mut tokens = running[parent].tokens.clone();
        tokens.push(token);
        let ends = config.eos.contains(&token) || tokens.len() >= config.max_length;
        Candidate { parent, tokens, score, ends }
    };
    best.into_iter().map(candidate).collect()
}

/// Those that go on, and which of the running ones they continue.
fn next_beams(candidates: &[Candidate], beams: usize) -> (Vec<Running>, Vec<u32>) {
    let score = |candidate: &Candidate| candidate.score + if candidate.ends { WORST } else { 0. };
    let scores: Vec<f32> = candidates.iter().map(score).collect();
    let chosen = largest(&scores, beams);
    let running = chosen.iter().map(|&(place, score)| Running { tokens: candidates[place].tokens.clone(), score });
    (running.collect(), chosen.iter().map(|&(place, _)| candidates[place].parent as u32).collect())
}

/// The best finished ones of those that were there and those that just ended.
fn merge(
    mut finished: Vec<Finished>,
    candidates: Vec<Candidate>,
    length: usize,
    may_improve: bool,
    config: &SearchConfig,
) -> Vec<Finished> {
    let beams = config.beams;
    let is_full = finished.iter().all(|beam| beam.is_finished) && config.early_stopping == EarlyStopping::AtOnce;
    for (index, candidate) in candidates.into_iter().enumerate() {
        // What is behind the first ones is only there to go on.
        let is_finished = candidate.ends && index < beams;
        let mut score = candidate.score / power(length, config);
        for bad in [is_full, !may_improve, !is_finished] {
            score += if bad { WORST } else { 0. };
        }
        finished.push(Finished { tokens: candidate.tokens, score, is_finished });
    }
    let scores: Vec<f32> = finished.iter().map(|beam| beam.score).collect();
    largest(&scores, beams).into_iter().map(|(place, _)| finished[place].clone()).collect()
}

/// Whether the best running one may become better than the worst finished one. `length` counts the start.
fn can_improve(running: &[Running], finished: &[Finished], length: usize, config: &SearchConfig) -> bool {
    let to_the_end = config.early_stopping == EarlyStopping::Never && config.length_penalty > 0.;
    let length = if to_the_end { config.max_length } else { length };
    let possible = running[0].score / power(length - 1, config);
    let worst = finished.iter().map(|beam| beam.score).fold(f32::INFINITY, f32::min);
    finished.iter().any(|beam| possible > if beam.is_finished { worst } else { WORST })
}

fn power(length: usize, config: &SearchConfig) -> f32 {
    (length as f64).powf(f64::from(config.length_penalty)) as f32
}

/// Takes out what must not follow, and all but the end where it must.
fn process(row: &mut [f32], tokens: &[u32], config: &SearchConfig) {
    for word in &config.bad_words {
        let Some((&last, before)) = word.split_last() else { continue };
        let ends_the_search = before.is_empty() && config.eos.contains(&last);
        if tokens.ends_with(before) && !ends_the_search {
            row[last as usize] = f32::NEG_INFINITY;
        }
    }
    if !config.forced_eos.is_empty() && tokens.len() + 1 == config.max_length {
        row.fill(f32::NEG_INFINITY);
        config.forced_eos.iter().for_each(|&eos| row[eos as usize] = 0.);
    }
}

/// Logarithms of probabilities.
fn log_softmax(row: &mut [f32]) {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = row.iter().map(|score| f64::from((score - most).exp())).sum();
    let sum = sum.ln() as f32;
    row.iter_mut().for_each(|score| *score = (*score - most) - sum);
}

/// The places of the largest numbers and those, the largest first; of equals the first.
fn largest(scores: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut found: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
    for (place, &score) in scores.iter().enumerate() {
        if score.is_nan() || found.len() == count && found.last().is_some_and(|&(_, least)| score <= least) {
            continue;
        }
        let at = found.partition_point(|&(_, other)| other >= score);
        found.insert(at, (place, score));
        found.truncate(count);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores that depend on the last token alone, one row for each.
    struct Table(Vec<Vec<f32>>);

    impl NextScores for Table {
        type Error = std::convert::Infallible;

        fn step(&mut self, tokens: &[u32]) -> Result<Vec<f32>, Self::Error> {
            Ok(tokens.iter().flat_map(|&token| self.0[token as usize].clone()).collect())
        }

        fn choose(&mut self, _: &[u32]) -> Result<(), Self::Error> {
            Ok(())
        }
    }

    /// Tokens: 0 ends, 5 starts.
    fn config(beams: usize) -> SearchConfig {
        SearchConfig {
            beams,
            max_length: 6,
            length_penalty: 1.,
            early_stopping: EarlyStopping::Likely,
            bad_words: vec![vec![5]],
            renormalise: true,
            start: 5,
            eos: vec![0],
            forced_eos: vec![0],
        }
    }

    fn logs(row: [f32; 6]) -> Vec<f32> {
        row.map(f32::ln).to_vec()
    }

    /// The likeliest first token leads to nothing good.
    fn trap() -> Table {
        let weak = logs([0.18, 0.2, 0.2, 0.2, 0.2, 0.02]);
        let end = logs([0.97, 0.006, 0.006, 0.006, 0.006, 0.006]);
        let start = logs([0.01, 0.5, 0.4, 0.03, 0.03, 0.03]);
        Table(vec![weak.clone(), weak.clone(), end, weak.clone(), weak, start])
    }

    #[test]
    fn beams_find_what_the_likeliest_token_hides() {
        let Ok(greedy) = search(&mut trap(), &config(1));
        assert_eq!(greedy[..2], [5, 1]);
        let Ok(best) = search(&mut trap(), &config(4));
        assert_eq!(best, [5, 2, 0]);
    }

    #[test]
    fn endless_repetition_ends_at_the_longest_length() {
        let again = logs([0.001, 0.9, 0.09, 0.003, 0.003, 0.003]);
        for beams in [1, 4] {
            let Ok(found) = search(&mut Table(vec![again.clone(); 6]), &config(beams));
            assert_eq!(found, [5, 1, 1, 1, 1, 0], "{beams} beams");
        }
    }

    #[test]
    fn what_must_not_come_does_not() {
        let row = logs([0.001, 0.2, 0.19, 0.003, 0.003, 0.6]);
        let bad_words = vec![vec![5], vec![1, 2], vec![2, 1]];
        let found = search(&mut Table(vec![row; 6]), &SearchConfig { bad_words, ..config(4) });
        let Ok(found) = found;
        assert_eq!(found, [5, 1, 1, 1, 1, 0]);
    }

    #[test]
    fn the_largest_come_in_order_and_of_equals_the_first() {
        assert_eq!(largest(&[1., 3., f32::NAN, 3., 2., f32::NEG_INFINITY], 3), [(1, 3.), (3, 3.), (4, 2.)]);
        assert_eq!(largest(&[1.], 3), [(0, 1.)]);
    }
}
