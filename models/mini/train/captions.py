"""Captions in Russian and English for an object on a background, with the noise people write around them."""

import json
import random
import re

from data import BACKGROUND_IDS, Object, fetch, hand_written_objects

# nominative, prepositional, instrumental
COLOURS_RU = {
    "white": ("белый", "белом", "белым"),
    "black": ("чёрный", "чёрном", "чёрным"),
    "grey": ("серый", "сером", "серым"),
    "red": ("красный", "красном", "красным"),
    "orange": ("оранжевый", "оранжевом", "оранжевым"),
    "yellow": ("жёлтый", "жёлтом", "жёлтым"),
    "green": ("зелёный", "зелёном", "зелёным"),
    "light-blue": ("голубой", "голубом", "голубым"),
    "blue": ("синий", "синем", "синим"),
    "purple": ("фиолетовый", "фиолетовом", "фиолетовым"),
    "pink": ("розовый", "розовом", "розовым"),
    "brown": ("коричневый", "коричневом", "коричневым"),
}
COLOURS_EN = {
    "grey": ("grey", "gray"),
    "light-blue": ("light blue", "sky blue", "light-blue", "cyan"),
    "purple": ("purple", "violet"),
}

# stem, masculine, feminine, neuter, plural endings; feminine and animate masculine accusative
# ("красивый", "маленький", "большой")
HARD = ("ый", "ая", "ое", "ые", "ую", "ого")
SOFT = ("ий", "ая", "ое", "ие", "ую", "ого")
STRESSED = ("ой", "ая", "ое", "ие", "ую", "ого")
ADJECTIVES_RU = (
    [
        (stem, HARD)
        for stem in "красив мил весёл прекрасн забавн прикольн нов стар волшебн грустн сочн пушист добр вкусн сказочн отличн".split()
    ]
    + [(stem, SOFT) for stem in "маленьк милейш хорош гигантск сладк".split()]
    + [("больш", STRESSED), ("смешн", ("ой", "ая", "ое", "ые", "ую", "ого"))]
)
ADJECTIVES_EN = "cute beautiful big small tiny huge funny happy bright nice lovely shiny cool magic sad old new fluffy pretty little juicy tasty".split()

ASK_RU = [
    "нарисуй {a}",
    "нарисуй мне {a}",
    "нарисуй пожалуйста {a}",
    "хочу {a}",
    "изобрази {a}",
    "сгенерируй {a}",
    "покажи {a}",
    "сделай {a}",
    "можешь нарисовать {a}",
    "нарисуйте, пожалуйста, {a}",
]
SHOW_RU = [
    "картинка: {n}",
    "{n} крупным планом",
    "вот {n}",
    "это {n}",
    "один {n}",
    "просто {n}",
    "рисунок {n}",
    "иллюстрация, {n}",
    "эмодзи {n}",
    "фото {n}",
    "3d {n}",
]
ASK_EN = [
    "draw {e}",
    "draw me {e}",
    "please draw {e}",
    "i want {e}",
    "paint {e}",
    "generate {e}",
    "show me {e}",
    "make {e}",
    "can you draw {e}",
]
SHOW_EN = [
    "a picture of {e}",
    "an image of {e}",
    "a drawing of {e}",
    "illustration of {e}",
    "close-up of {e}",
    "emoji of {e}",
    "a photo of {e}",
    "a 3d render of {e}",
]
STYLE_RU = [
    "в стиле аниме",
    "акварель",
    "масло",
    "3d",
    "мультфильм",
    "высокое качество",
    "реалистично",
    "фото",
    "пиксель-арт",
    "очень красиво",
    "детский рисунок",
    "в хорошем качестве",
    "мультяшный стиль",
    "минимализм",
    "карандашом",
    "эмодзи",
    "4k",
    "крупный план",
    "профессиональное фото",
    "цифровая живопись",
    "студийный свет",
    "киберпанк",
    "детализированный",
]
STYLE_EN = [
    "in anime style",
    "watercolor",
    "oil painting",
    "3d render",
    "cartoon",
    "high quality",
    "realistic",
    "photo",
    "pixel art",
    "very cute",
    "4k",
    "highly detailed",
    "digital art",
    "minimalism",
    "emoji",
    "close up",
    "studio light",
    "cyberpunk",
    "masterpiece",
    "best quality",
    "pencil drawing",
]

PRAISE_RU = ["высокое качество", "очень красиво", "в хорошем качестве", "4k", "детализированный", "шедевр", "красиво"]
PRAISE_EN = ["high quality", "very cute", "4k", "highly detailed", "masterpiece", "best quality", "beautiful"]


def plain(thing: Object, background: str | None, language: str, rng: random.Random, first_name: bool = False) -> str:
    """A clean caption such as «красное яблоко на синем фоне» or "a red apple on a blue background"."""
    if language == "ru":
        name = thing.ru[0][0] if first_name else rng.choice(thing.ru)[0]
        return name if background is None else f"{name} на {COLOURS_RU[background][1]} фоне"
    name = with_article(thing.en[0] if first_name else rng.choice(thing.en))
    return name if background is None else f"{name} on {with_article(colour_en(background, rng, first_name))} background"


def varied(thing: Object, background: str | None, language: str, rng: random.Random, styles: bool = True) -> str:
    """A caption as somebody might type it: other words around it, other order, styles, slips."""
    if rng.random() < 0.35:
        text = plain(thing, background, language, rng)
    else:
        text = (varied_ru if language == "ru" else varied_en)(thing, background, rng, styles)
    return slips(text, language, rng)


def varied_ru(thing: Object, background: str | None, rng: random.Random, styles: bool) -> str:
    """Russian templates."""
    nominative, accusative = pick_name(thing.ru, rng)
    if rng.random() < 0.3:
        stem, endings = rng.choice(ADJECTIVES_RU)
        nominative, accusative = (
            f"{stem}{endings[gender(nominative)]} {nominative}",
            f"{stem}{accusative_ending(endings, nominative, accusative)} {accusative}",
        )
    chance = rng.random()
    name = nominative
    if chance < 0.3:
        name = rng.choice(ASK_RU).format(a=accusative)
    elif chance < 0.4:
        name = rng.choice(SHOW_RU if styles else SHOW_RU[:-3]).format(n=nominative)
    if background is None:
        return add_style(name, STYLE_RU if styles else PRAISE_RU, rng)
    colour, where, with_it = COLOURS_RU[background]
    forms = [f"{name} на {where} фоне"] * 4 + [
        f"на {where} фоне {name}",
        f"{name}, {colour} фон",
        f"{name} {colour} фон",
        f"{colour} фон, {name}",
        f"{name} с {with_it} фоном",
        f"{name} на {where}",
        f"{name}, фон {colour}",
    ]
    return add_style(rng.choice(forms), STYLE_RU if styles else PRAISE_RU, rng)


def varied_en(thing: Object, background: str | None, rng: random.Random, styles: bool) -> str:
    """English templates."""
    name = pick_name(thing.en, rng)
    if rng.random() < 0.3:
        name = f"{rng.choice(ADJECTIVES_EN)} {name}"
    name = rng.choice([name, with_article(name), with_article(name), f"the {name}", f"one {name}"])
    chance = rng.random()
    if chance < 0.4:
        name = rng.choice(ASK_EN if chance < 0.2 else SHOW_EN if styles else SHOW_EN[:-3]).format(e=name)
    if background is None:
        return add_style(name, STYLE_EN if styles else PRAISE_EN, rng)
    colour = colour_en(background, rng)
    a_colour = with_article(colour)
    forms = [f"{name} on {a_colour} background"] * 4 + [
        f"{name} on {colour} background",
        f"{name}, {colour} background",
        f"{name} {colour} background",
        f"{colour} background, {name}",
        f"{name} with {a_colour} background",
        f"{name} on {colour}",
        f"{name} against {a_colour} background",
        f"{name} on a plain {colour} background",
        f"on {a_colour} background {name}",
    ]
    return add_style(rng.choice(forms), STYLE_EN if styles else PRAISE_EN, rng)


def pick_name(names, rng: random.Random):
    """The first name in half of the cases, any otherwise."""
    return names[0] if rng.random() < 0.4 else rng.choice(names)


def gender(name: str) -> int:
    """0 masculine, 1 feminine, 2 neuter, 3 plural, by the first word's ending (good enough for captions)."""
    last = name.split()[0][-1]
    return {"а": 1, "я": 1, "о": 2, "е": 2, "ё": 2, "и": 3, "ы": 3}.get(last, 0)


def accusative_ending(endings, nominative: str, accusative: str) -> str:
    """Ending of the adjective before an accusative name."""
    kind = gender(nominative)
    if kind == 1:
        return endings[4]
    return endings[5] if kind == 0 and nominative != accusative else endings[kind]


def colour_en(background: str, rng: random.Random, first_name: bool = False) -> str:
    """An English name of a background colour."""
    names = COLOURS_EN.get(background, (background,))
    return names[0] if first_name else rng.choice(names)


def with_article(name: str) -> str:
    """A or an, none before plurals and uncountable words."""
    if name.endswith("ies") or name in ("bananas", "sunshine", "fire", "earth", "planet earth", "coffee"):
        return name
    return f"{'an' if name[0].lower() in 'aeiou' and not name.startswith('uni') else 'a'} {name}"


def add_style(text: str, styles: list[str], rng: random.Random) -> str:
    """Sometimes one or two style words after a comma or before."""
    chance = rng.random()
    if chance < 0.2:
        return f"{text}, {', '.join(rng.sample(styles, rng.choice([1, 1, 2])))}"
    return f"{rng.choice(styles)}, {text}" if chance < 0.25 else text


def slips(text: str, language: str, rng: random.Random) -> str:
    """Unknown words, missing or swapped letters, е for ё, punctuation."""
    if rng.random() < 0.12:
        words = text.split()
        for _ in range(rng.choice([1, 1, 2, 3])):
            words.insert(rng.choice([0, len(words), len(words), rng.randrange(len(words) + 1)]), rng.choice(noise_words(language)))
        text = " ".join(words)
    if rng.random() < 0.05 and len(text) > 6:
        place = rng.randrange(1, len(text) - 2)
        text = rng.choice([text[:place] + text[place + 1 :], text[:place] + text[place + 1] + text[place] + text[place + 2 :]])
    if rng.random() < 0.4:
        text = text.replace("ё", "е")
    return text + rng.choice([""] * 8 + [".", "!", "...", " )", "!!"])


_NOISE: dict[str, list[str]] = {}


def noise_words(language: str) -> list[str]:
    """Words of CLDR's annotations that name neither a known object nor a colour."""
    if not _NOISE:
        taken = taken_words()
        for name in ("ru", "en"):
            path = fetch("names") / "annotations" / name / "annotations.json"
            entries = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"].values()
            words = {w for e in entries for k in e.get("default", []) + e.get("tts", []) for w in re.findall(r"[^\W\d_]{2,}", k.lower())}
            _NOISE[name] = sorted(w for w in words if w[:4] not in taken) + ["в", "на", "с", "и", "у"] * (name == "ru")
    return _NOISE[language]


def taken_words() -> set[str]:
    """First four letters of every word in the known objects' names and colours."""
    names = [n for o in hand_written_objects() for pair in o.ru for n in pair] + [n for o in hand_written_objects() for n in o.en]
    names += [w for forms in COLOURS_RU.values() for w in forms] + [w for forms in COLOURS_EN.values() for w in forms]
    return {w[:4] for n in names + BACKGROUND_IDS for w in re.findall(r"[^\W\d_]+", n.lower()) if len(w) > 2}


def corpus(chosen: list[Object], lines: int) -> list[str]:
    """Captions for training the tokenizers."""
    rng = random.Random(5)
    backgrounds = [None, None, *BACKGROUND_IDS]
    return [varied(rng.choice(chosen), rng.choice(backgrounds), rng.choice(["ru", "en"]), rng) for _ in range(lines)]
