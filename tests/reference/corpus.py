"""A small bilingual corpus: what the tokenizers are trained on and what the prompts are made of."""

import random

ENGLISH_SUBJECTS = [
    "a red apple", "two green pears", "an old lighthouse", "a sleepy ginger cat", "a paper boat", "a tall snowman",
    "a fox in a blue scarf", "a robot watering flowers", "a teapot with steam", "a wooden castle", "a flying whale",
    "an astronaut on a horse", "a hedgehog with a mushroom", "a bowl of cherry soup", "a steam train",
]
ENGLISH_PLACES = [
    "on a wooden table", "in a misty forest", "by the sea at dawn", "under a starry sky", "on the roof of a house",
    "in an empty library", "near a frozen river", "inside a glass bottle", "at the edge of a desert",
]
ENGLISH_STYLES = [
    "oil painting", "watercolour", "soft light", "4k photo", "pixel art", "highly detailed", "pencil sketch",
    "in the style of the 1920s", "isometric render", "macro shot", "flat colours",
]
RUSSIAN_SUBJECTS = [
    "красное яблоко", "две зелёные груши", "старый маяк", "сонный рыжий кот", "бумажный кораблик", "высокий снеговик",
    "лиса в синем шарфе", "робот поливает цветы", "чайник с паром", "деревянный замок", "летающий кит",
    "космонавт на лошади", "ёжик с грибом", "тарелка вишнёвого супа", "паровоз и вагоны",
]
RUSSIAN_PLACES = [
    "на деревянном столе", "в туманном лесу", "у моря на рассвете", "под звёздным небом", "на крыше дома",
    "в пустой библиотеке", "у замёрзшей реки", "внутри стеклянной бутылки", "на краю пустыни",
]
RUSSIAN_STYLES = [
    "масляная живопись", "акварель", "мягкий свет", "фотография 4k", "пиксельная графика", "высокая детализация",
    "набросок карандашом", "в стиле 1920-х", "изометрия", "макросъёмка", "плоские цвета",
]
ENGLISH_FLAWS = ["low quality, blurry", "ugly, extra fingers", "text, watermark", "cropped, noisy"]
RUSSIAN_FLAWS = ["низкое качество, размыто", "лишние пальцы, уродливо", "текст, водяной знак", "шум, обрезано"]

PARTS = {
    "en": (ENGLISH_SUBJECTS, ENGLISH_PLACES, ENGLISH_STYLES, ENGLISH_FLAWS),
    "ru": (RUSSIAN_SUBJECTS, RUSSIAN_PLACES, RUSSIAN_STYLES, RUSSIAN_FLAWS),
}


def prompt(rng: random.Random, language: str) -> str:
    """A description such as "a red apple by the sea at dawn, watercolour"."""
    subjects, places, styles, _ = PARTS[language]
    return f"{rng.choice(subjects)} {rng.choice(places)}, {rng.choice(styles)}"


def negative(rng: random.Random, language: str) -> str:
    """What a picture should not show."""
    return rng.choice(PARTS[language][3])


def long_prompt(rng: random.Random) -> str:
    """Both languages, far beyond the 77 tokens that the text encoders read."""
    return "; ".join(prompt(rng, language) for language in ["en", "ru"] * 8)


def odd_prompt(rng: random.Random) -> str:
    """Capitals, spaces, digits, marks, an entity, a decomposed letter, an emoji, scripts that the corpus lacks."""
    subject = rng.choice(RUSSIAN_SUBJECTS).upper()
    return f"  WOW!!  {subject}:\t“№{rng.randint(10, 9999)}” — it's a cafe\u0301 &amp; 北京 🦊 !"


def sentences(rng: random.Random) -> list[str]:
    """The training corpus: a random half of all combinations in both languages."""
    every = [
        f"{subject} {place}, {style}, {flaw}"
        for subjects, places, styles, flaws in PARTS.values()
        for subject in subjects
        for place in places
        for style in styles
        for flaw in flaws
    ]
    return rng.sample(every, len(every) // 2)
