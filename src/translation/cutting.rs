//! Cuts a text that is too long for the network, at the best border there is.

/// Borders in order of preference.
const BORDERS: [fn(&str) -> Vec<usize>; 3] = [after_sentences, after_clauses, after_words];

/// The pieces of a text, each of which `fits`; together they are the text. A single letter is never cut.
pub(super) fn cut(text: &str, fits: impl Fn(&str) -> bool) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while !rest.is_empty() && !fits(rest) {
        let longest = |ends: Vec<usize>| longest_fitting(&ends, |end| fits(&rest[..end]));
        let letters = || rest.char_indices().map(|(start, letter)| start + letter.len_utf8()).collect();
        let end = BORDERS.iter().find_map(|borders| longest(borders(rest))).or_else(|| longest(letters()));
        let first = rest.chars().next().map_or(rest.len(), char::len_utf8);
        let (piece, left) = rest.split_at(end.unwrap_or(first));
        pieces.push(piece);
        rest = left;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// The last of the ends that fits, where those before it do.
fn longest_fitting(ends: &[usize], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let count = ends.partition_point(|&end| fits(end));
    count.checked_sub(1).map(|last| ends[last])
}

fn after_sentences(text: &str) -> Vec<usize> {
    ends(text, |letter, next| letter == '\n' || (".!?…".contains(letter) && next.is_whitespace()))
}

fn after_clauses(text: &str) -> Vec<usize> {
    ends(text, |letter, next| ",;:–—".contains(letter) && next.is_whitespace())
}

fn after_words(text: &str) -> Vec<usize> {
    ends(text, |_, next| next.is_whitespace())
}

/// Where a letter stands, with the one after it, that `is_border` holds of.
fn ends(text: &str, is_border: impl Fn(char, char) -> bool) -> Vec<usize> {
    let pairs = text.char_indices().zip(text.chars().skip(1));
    pairs
        .filter(|((_, letter), next)| is_border(*letter, *next))
        .map(|((start, letter), _)| start + letter.len_utf8())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, most: usize) -> Vec<&str> {
        let pieces = cut(text, |piece| piece.trim().chars().count() <= most);
        assert_eq!(pieces.concat(), text);
        pieces
    }

    #[test]
    fn a_text_is_cut_at_its_best_border() {
        assert_eq!(pieces("Кот. Пёс, ёж.", 100), ["Кот. Пёс, ёж."]);
        assert_eq!(pieces("Кот. Пёс, ёж.", 9), ["Кот.", " Пёс, ёж."]);
        assert_eq!(pieces("Кот. Пёс, ёж.", 5), ["Кот.", " Пёс,", " ёж."]);
        assert_eq!(pieces("рыжий кот на крыше", 10), ["рыжий кот", " на крыше"]);
        assert_eq!(pieces("один\nдва", 5), ["один\n", "два"]);
    }

    #[test]
    fn a_text_without_borders_is_cut_between_letters() {
        assert_eq!(pieces(&"ы".repeat(1000), 300).len(), 4);
        assert_eq!(pieces("эюя", 0).len(), 3, "a letter is a letter");
        assert_eq!(pieces("", 3), [""; 0]);
    }
}
