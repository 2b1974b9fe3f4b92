//! Texts as people, programs and pranksters write them.

use rand::Rng;
use rand::seq::IndexedRandom;

/// What Telegram takes in one message.
const LIMIT: usize = 4096;

const WORDS: [&str; 26] = [
    "кот",
    "в шляпе",
    "a cat",
    "закат над морем",
    "Still life with:",
    "Без:",
    "Without:",
    "no",
    "—",
    "–",
    "-",
    "--",
    "\n",
    "\n- ",
    ", ",
    "<b>",
    "</i>",
    "&lt;",
    "&#0;",
    "«ёлка»",
    "\u{202e}",
    "\u{200d}",
    "👨‍👩‍👧‍👦",
    "🇷🇺",
    "é\u{301}\u{301}",
    "t.me/x?start=1",
];
const COMMANDS: [&str; 26] = [
    "/imagine",
    "/mix",
    "/vary",
    "/change",
    "/inpaint",
    "/outpaint",
    "/style",
    "/settings",
    "/lang",
    "/negative",
    "/history",
    "/again",
    "/cancel",
    "/forget",
    "/help",
    "/start",
    "/queue",
    "/privacy",
    "/stats",
    "/ban",
    "/unban",
    "/pause",
    "/broadcast",
    "/nonsense",
    "/",
    "/ИМАДЖИН",
];
const FLAGS: [&str; 14] = [
    "--ar",
    "--no",
    "--seed",
    "--style",
    "--n",
    "--steps",
    "--iw",
    "--strength",
    "--count",
    "--sitting",
    "—ar",
    "–style",
    "--",
    "—",
];
const VALUES: [&str; 18] = [
    "16:9",
    "1:1",
    "0:0",
    "99999:1",
    "anime",
    "Аниме",
    "off",
    "выкл",
    "0",
    "1",
    "-1",
    "1.5",
    "2",
    "70%",
    "100500%",
    "18446744073709551616",
    "NaN",
    "ru-RU",
];

/// A message of 1 to 4096 characters that is not blank.
pub(super) fn text(random: &mut impl Rng) -> String {
    let mut text = String::new();
    if random.random_bool(0.4) {
        text.push_str(COMMANDS.choose(random).unwrap());
        if random.random_bool(0.1) {
            text.push_str("@kandinsky_playground_bot");
        }
        text.push(' ');
    }
    for _ in 0..random.random_range(0..12) {
        text.push_str(&piece(random));
        text.push(' ');
    }
    if text.trim().is_empty() {
        text.push_str("кот");
    }
    text.chars().take(LIMIT).collect()
}

/// The parameter of a link to the bot: 1 to 64 letters that Telegram allows.
pub(super) fn parameter(random: &mut impl Rng) -> String {
    const LETTERS: &[u8] = b"abcxyzABCXYZ0123456789_-";
    let length = random.random_range(1..=64);
    (0..length).map(|_| char::from(*LETTERS.choose(random).unwrap())).collect()
}

/// The data of a button: up to 64 bytes, often those of a real one with something changed.
pub(super) fn button_data(random: &mut impl Rng, real: Option<&str>) -> String {
    let mut letters: Vec<char> = match real {
        Some(real) if random.random_bool(0.8) => real.chars().collect(),
        _ => parameter(random).chars().collect(),
    };
    for _ in 0..random.random_range(0..4) {
        let at = random.random_range(0..=letters.len());
        match random.random_range(0..3) {
            0 => letters.insert(at, *[':', '0', '9', '-', ' ', 'я', '\u{0}'].choose(random).unwrap()),
            1 => letters.truncate(at),
            _ => drop(letters.drain(at..letters.len().min(at + 2))),
        }
    }
    let mut data: String = letters.into_iter().collect();
    while data.len() > 64 {
        data.pop();
    }
    data
}

fn piece(random: &mut impl Rng) -> String {
    match random.random_range(0..10) {
        0..4 => WORDS.choose(random).unwrap().to_string(),
        4..7 => format!("{} {}", FLAGS.choose(random).unwrap(), value(random)),
        7 => WORDS.choose(random).unwrap().repeat(random.random_range(1..1500)),
        8 => format!("{} {}", FLAGS.choose(random).unwrap(), "я".repeat(random.random_range(1..4000))),
        _ => (0..random.random_range(1..40)).map(|_| random.random::<char>()).filter(|c| !c.is_control()).collect(),
    }
}

fn value(random: &mut impl Rng) -> String {
    match random.random_bool(0.8) {
        true => VALUES.choose(random).unwrap().to_string(),
        false => WORDS.choose(random).unwrap().to_string(),
    }
}
