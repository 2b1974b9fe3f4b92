"""Texts for the translator: such as people write, and such as nobody should."""

import random

import corpus

WORDS = "кот пёс ночь снег река город старик подъезд объём вьюга щука эхо цыплёнок жираф фонарь мост корабль".split()
LINKS = ["и", "на", "под", "в стиле", "с", "без", "около", "как", "из", "для"]
MARKS = [",", ".", "!", "?", ";", ":", " —", "...", "…", " -", ")", ""]
SPACES = [" ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u3000", "\u200b", " \n ", "\u202f", "\r\n", "\u0085"]
PARTS = [
    "№", "½", "ﬁ", "Ａｂｃ", "２５", "①", "Ⅳ", "㎏", "ªº", "x²", "™", "…", "ﷺ", "ｶﾞ", "각", "각", "é", "e\u0301", "и\u0306", "й",
    "е\u0308", "ё", "Ё", "и\u0306\u0301", "\u00ad", "\u200d", "\ufeff", "\u0000", "\u0007", "\u200e", "İ", "ß", "ǅ",
    "😀", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "北京", "日本語", "שלום", "مرحبا", "नमस्ते", "ქართული", "ก็", "\U00020000", "▁", "▁▁", "⁇",
    "</s>", "<unk>", "<pad>", "<s>", "<0x41>", ">>fra<<", ">>", "<<", "<", "</s", "кот", ":)", "''", "``", "\\", "%", "&amp;",
    "«", "»", "„", "“", "—", "–", "-", "_", "#котики", "@name", "https://example.com/a?b=1", "4k", "3D-рендер", "Van Gogh",
]
UKRAINIAN = ["їжак", "ґанок", "ґудзик", "під'їзд", "є", "кіт на даху", "ў", "җ", "қазақ", "ѣ"]


def russian(rng: random.Random) -> str:
    """A description, now and then with odd parts: something to translate."""
    kind = rng.random()
    if kind < 0.5:
        text = corpus.prompt(rng, "ru")
    elif kind < 0.8:
        text = " ".join(rng.choice([rng.choice(WORDS), rng.choice(LINKS)]) for _ in range(rng.randint(1, 14)))
    elif kind < 0.9:
        text = f"{rng.choice(WORDS).capitalize()} {rng.choice(UKRAINIAN)}{rng.choice(MARKS)} {rng.choice(PARTS)}".strip()
    else:
        text = ". ".join(corpus.prompt(rng, "ru").capitalize() for _ in range(rng.randint(2, 3)))
    return text.upper() if rng.random() < 0.1 else text


def odd(rng: random.Random, count: int) -> list[str]:
    """So many texts of every kind."""
    fixed = ["", " ", "   \n", "а", "▁", "</s>", "а</s>б", "<pad><unk>", ">>fra<< кот", ">>fra<<", "ы" * 200, "а " * 60, "😀", "\u200b"]
    fixed += PARTS + UKRAINIAN
    kinds = [russian, lambda rng: corpus.odd_prompt(rng), lambda rng: corpus.prompt(rng, "en"), mixed, letters]
    while len(fixed) < count:
        fixed.append(rng.choice(kinds)(rng))
    return fixed[:count]


def mixed(rng: random.Random) -> str:
    """Words, spaces, marks and odd parts in any order."""
    pools = [WORDS, PARTS, SPACES, SPACES, MARKS, UKRAINIAN, LINKS]
    return "".join(rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 16)))


def letters(rng: random.Random) -> str:
    """Any letters."""
    ranges = [(0x20, 0x7E), (0x400, 0x52F), (0xA0, 0x24F), (0x300, 0x36F), (0x2000, 0x206F), (0x3040, 0x30FF), (0xFF00, 0xFFEF)]
    return "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(1, 20)))
