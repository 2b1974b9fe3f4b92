"""Texts for the comparison of tokenizers: what chats send, and what they hardly ever send."""

import random
import unicodedata

import corpus

EMOJI = ["🦊", "🐈‍⬛", "👩🏽‍🚀", "🇷🇺", "❤️", "✨", "☂", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "🫠", "😀😀😀"]
ENTITIES = [
    "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#x27;", "&nbsp;", "&copy", "&eacute;", "&NTILDE;", "&notit;", "&mdash;",
    "&amp;amp;", "&amp;lt;b&amp;gt;", "&#1055;", "&#x1F98A;", "&#128;", "&#0;", "&#xFFFF;", "&hearts;", "&;", "&#;", "&foo;",
    "&frac12;", "&ngE;", "&ampere", "&#59;", "&Omega;", "&shy;", "&zwj;", "&amp;amp;amp;amp;amp;",
]
MARKS = [
    "!", "!!!", "?!", "...", "…", "—", "–", "-", "«", "»", "“", "”", "„", "‘", "’", "ʼ", "(", ")", "[", "]", "{", "}", "#", "@", "%",
    "&", "*", "+", "=", "/", "\\", "|", "~", "^", "_", ":", ";", "<", ">", "№", "§", "°", "×", "→", "€", "₽", "½", "²", "•", "™",
    "'s", "'t", "'RE", "'ve", "'M", "'ll", "'D", "<|endoftext|>", "<|startoftext|>", "</w>", "<b>", "</b>", "::2", "(1.3)", "--ar 16:9",
]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u2003", "\u200b", "\u3000", "\u2028", "\u2029", "\u000b", "\u000c", "\u202f"]
HIDDEN = ["\u0000", "\u0007", "\u001b[31m", "\u001b[0m", "\u007f", "\u00ad", "\u200d", "\u200e", "\u202a", "\u2066", "\u206f", "\ufeff",
          "\ufff9", "\ufffc", "\ufffd", "\u0085", "\u0093", "\u0099"]
FORMS = ["ﬁne", "ﬂow", "ofﬁce", "Ĳssel", "ŉ", "ǆ", "ＦＵＬＬ", "ｗｉｄｔｈ１２３", "ｶﾞｷﾞ", "ﾊﾝ", "￥１００", "ſtreet", "'ſ", "ﬅ", "Å", "Ω", "K"]
COMBINED = ["cafe\u0301", "и\u0306", "е\u0308ж", "n\u0303", "a\u0323\u0302", "o\u0302\u0323", "Z\u0351\u036b\u0343a", "한", "\u1112\u1161\u11ab", "à"]
WORDS = {
    "cjk": ["狐", "一只猫", "東京の夜", "カメラ", "ひらがな", "고양이", "한국어", "水墨画", "「夜」", "、", "。", "龍が飛ぶ", "彩色"],
    "scripts": ["ΟΔΥΣΣΕΥΣ", "ΣΊΣΥΦΟΣ", "γάτα", "חתול", "שָׁלוֹם", "قطة", "لوحة ١٢٣", "बिल्ली", "แมว", "კატა", "ԿԱՏՈՒ", "mèo", "İstanbul",
                "ığdır", "straße", "GROẞ", "ʻokina", "Ⅷ", "๓๒", "〇", "𝕏", "ⓐ", "𐐀", "Ꭰ", "Ɐ", "ǅ"],
    "cyrillic": ["Ёжик", "ЩУКА", "съезд", "Їжак", "ґанок", "Ўзбек", "қозоқ", "Ђурђевдан", "въезд", "подъём", "ЧЁ"],
}


def english(rng: random.Random) -> str:
    return corpus.prompt(rng, "en")


def russian(rng: random.Random) -> str:
    return corpus.prompt(rng, "ru")


def either(rng: random.Random) -> str:
    return rng.choice([english, russian])(rng)


def spiced(rng: random.Random, spices: list[str], share: float = 0.4) -> str:
    """A prompt with pieces of another kind between its words, with and without spaces."""
    pieces = []
    for word in either(rng).split():
        pieces.append(word)
        if rng.random() < share:
            pieces.append(rng.choice(["", " "]) + rng.choice(spices))
    return "".join(piece + rng.choice(["", " ", " "]) for piece in pieces)


def capitals(rng: random.Random) -> str:
    return "".join(rng.choice([letter.upper(), letter.lower(), letter.swapcase()]) for letter in either(rng))


def digits(rng: random.Random) -> str:
    numbers = [str(rng.randint(0, 10 ** rng.randint(1, 12))), f"{rng.random():.4f}", f"{rng.randint(1, 31)}.{rng.randint(1, 12)}.2024", "4k", "8K", "f/1.8"]
    return spiced(rng, numbers)


def spaces(rng: random.Random) -> str:
    words = either(rng).split()
    return rng.choice(SPACES) + "".join(word + "".join(rng.choices(SPACES, k=rng.randint(1, 3))) for word in words)


def overlong(rng: random.Random) -> str:
    return "; ".join(either(rng) for _ in range(rng.randint(8, 40)))


def letters(rng: random.Random) -> str:
    """Letters, marks and symbols from anywhere in Unicode that Python knows."""
    blocks = [(0x100, 0x250), (0x370, 0x600), (0x900, 0xE00), (0x1E00, 0x2000), (0x2100, 0x2C00), (0x3040, 0x3100), (0xAC00, 0xB000)]
    low, high = rng.choice(blocks)
    characters = [chr(rng.randrange(low, high)) for _ in range(rng.randint(1, 12))]
    return "".join(c for c in characters if unicodedata.category(c) != "Cn") or "a"


def mojibake(rng: random.Random) -> str:
    """UTF-8 that was taken for Windows text."""
    charset = rng.choice(["cp1252", "cp1251", "latin-1"])
    text = rng.choice([russian(rng), "“" + english(rng) + "” — café"])
    return text.encode().decode(charset, errors="replace")


# Kind, share of all strings, and how one is made.
KINDS = {
    "english": (5, english),
    "russian": (7, russian),
    "capitals": (5, capitals),
    "emoji": (5, lambda rng: spiced(rng, EMOJI)),
    "entities": (8, lambda rng: spiced(rng, ENTITIES)),
    "digits": (4, digits),
    "marks": (8, lambda rng: spiced(rng, MARKS, 0.7)),
    "spaces": (4, spaces),
    "hidden": (4, lambda rng: spiced(rng, HIDDEN)),
    "forms": (4, lambda rng: spiced(rng, FORMS)),
    "combined": (4, lambda rng: spiced(rng, COMBINED)),
    "cjk": (5, lambda rng: spiced(rng, WORDS["cjk"], 0.8)),
    "scripts": (4, lambda rng: spiced(rng, WORDS["scripts"], 0.8)),
    "cyrillic": (4, lambda rng: spiced(rng, WORDS["cyrillic"], 0.8)),
    "overlong": (3, overlong),
    "letters": (4, letters),
    "everything": (8, lambda rng: spiced(rng, EMOJI + ENTITIES + MARKS + SPACES + HIDDEN + FORMS + COMBINED + sum(WORDS.values(), []), 0.9)),
}


def strings(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """`count` pairs of kind and text, every kind by its share; the empty text first."""
    kinds = [kind for kind, (share, _) in KINDS.items() for _ in range(share)]
    return [("empty", "")] + [(kind, KINDS[kind][1](rng)) for kind in (kinds[i % len(kinds)] for i in range(count - 1))]
