"""Captions in both languages for compositions: one object, two, or none, on a colour or in a scene, in a style.

python sentences.py prints some."""

import random

import numpy as np

import captions
import compositions
import data
from compositions import Composition
from inflection import inflected

# What follows the object, in the order of how often it is said; then names of the empty scene.
SCENES_RU = {
    "meadow": (["на лугу", "на траве", "на поляне", "в поле"], ["луг", "поле", "зелёный луг", "поляна с цветами"]),
    "sea": (["в море", "на море", "в океане", "на воде"], ["море", "океан", "морской пейзаж"]),
    "beach": (["на пляже", "на берегу моря", "на песке у моря"], ["пляж", "берег моря", "морской пляж"]),
    "night": (["ночью", "под звёздами", "под звёздным небом", "на фоне ночного неба"], ["ночь", "ночное небо", "звёздное небо"]),
    "snow": (["в снегу", "зимой", "на снегу"], ["зима", "снег", "зимний пейзаж", "снежное поле"]),
    "desert": (["в пустыне", "на песке", "среди барханов"], ["пустыня", "барханы", "пески"]),
    "forest": (["в лесу", "среди деревьев", "на фоне леса"], ["лес", "хвойный лес", "тёмный лес"]),
    "sunset": (["на закате", "на фоне заката", "вечером"], ["закат", "закат над морем", "закат солнца", "красивый закат"]),
    "city": (["в городе", "на улице", "на фоне города"], ["город", "улица", "ночной город", "городской пейзаж", "небоскрёбы"]),
    "room": (["в комнате", "дома", "на полу"], ["комната", "интерьер комнаты", "уютная комната"]),
    "mountains": (["в горах", "на фоне гор"], ["горы", "горный пейзаж", "снежные горы"]),
    "space": (["в космосе", "на фоне космоса", "среди звёзд"], ["космос", "галактика", "открытый космос", "вселенная"]),
    "underwater": (["под водой", "на дне моря"], ["подводный мир", "дно моря", "морское дно"]),
}
SCENES_EN = {
    "meadow": (["on a meadow", "in a field", "on the grass", "in a meadow"], ["meadow", "green field", "a meadow with flowers"]),
    "sea": (["in the sea", "at sea", "on the water", "in the ocean"], ["sea", "the ocean", "seascape"]),
    "beach": (["on the beach", "on a beach", "by the sea"], ["beach", "a sandy beach", "seashore"]),
    "night": (["at night", "under the stars", "under a starry sky"], ["night", "starry sky", "night sky"]),
    "snow": (["in the snow", "in winter", "on the snow"], ["winter", "snow", "winter landscape", "snowy field"]),
    "desert": (["in the desert", "on sand dunes", "in a desert"], ["desert", "sand dunes", "the desert"]),
    "forest": (["in the forest", "in the woods", "in a forest"], ["forest", "a pine forest", "dark forest"]),
    "sunset": (["at sunset", "in front of a sunset", "in the evening"], ["sunset", "sunset over the sea", "a beautiful sunset"]),
    "city": (["in the city", "on the street", "in a city"], ["city", "a street", "city at night", "cityscape", "skyline"]),
    "room": (["in a room", "at home", "on the floor"], ["room", "a cosy room", "living room"]),
    "mountains": (["in the mountains", "in front of mountains"], ["mountains", "mountain landscape", "snowy mountains"]),
    "space": (["in space", "in outer space", "among the stars"], ["space", "galaxy", "outer space", "the universe"]),
    "underwater": (["under water", "underwater", "at the bottom of the sea"], ["underwater world", "the sea floor"]),
}
# The program's own suffixes first (src/styles.toml), then how people say it.
STYLES_EN = {
    "3d": [
        "Unreal Engine rendering, 3d render, photorealistic, digital concept art, octane render, 4k HD",
        "3d render",
        "3d",
        "realistic",
        "photo",
    ],
    "flat": [
        "as cartoon, picture from cartoon",
        "picture from soviet cartoons",
        "in anime style",
        "flat",
        "cartoon",
        "flat icon",
        "vector art",
    ],
    "pencil": ["pencil art, pencil drawing, highly detailed", "pencil drawing", "pencil sketch", "drawn with a pencil", "sketch"],
    "pixel": ["pixel art", "pixels", "8-bit", "in pixel art style", "like in an old video game"],
    "mosaic": ["as tile mosaic", "mosaic", "made of tiles"],
    "oil": [
        "like oil painting",
        "oil painting",
        "painted by Aivazovsky",
        "painting, renaissance old master royal collection, artstation",
        "classicism painting, 17th century, trending on artstation, baroque painting",
        "oil on canvas",
    ],
}
STYLES_RU = {
    "3d": ["3d", "3d рендер", "объёмно", "реалистично", "фото"],
    "flat": ["мультфильм", "плоский рисунок", "в стиле аниме", "мультяшный стиль", "иконка", "вектор"],
    "pencil": ["карандашом", "карандашный рисунок", "рисунок карандашом", "набросок", "эскиз"],
    "pixel": ["пиксель-арт", "в пикселях", "пиксели", "8 бит", "как в старой игре"],
    "mosaic": ["мозаика", "мозаикой", "из мозаики", "из плитки"],
    "oil": ["маслом", "масло", "картина маслом", "живопись", "холст, масло"],
}


def caption(what: Composition, objects: list[data.Object], language: str, rng: random.Random, simple: bool = False) -> str:
    """What somebody might type to get this picture; `simple`: first names and plain forms only."""
    things = [objects[number] for number in what.objects]
    scenes = (SCENES_RU if language == "ru" else SCENES_EN).get(what.ground)
    if not things:
        text = scenes[1][0] if simple else rng.choice(scenes[1])
    elif scenes is None and len(things) == 1:
        silent = what.ground == data.DEFAULT_BACKGROUND and rng.random() < 0.6
        background = None if silent else what.ground
        if simple:
            text = captions.plain(things[0], background, language, rng, first_name=True)
        else:
            text = captions.varied(things[0], background, language, rng, styles=False)
    else:
        text = named(things, language, rng, simple)
        where = scenes[0][0 if simple else rng.randrange(len(scenes[0]))] if scenes else on_colour(what.ground, language, rng)
        text = f"{where} {text}" if not simple and rng.random() < 0.12 else f"{text} {where}"
    return styled(text, what.style, language, rng)


def on_colour(ground: str, language: str, rng: random.Random) -> str:
    """A plain background after two objects."""
    if language == "ru":
        return f"на {captions.COLOURS_RU[ground][1]} фоне"
    return f"on {captions.with_article(captions.colour_en(ground, rng))} background"


def named(things: list[data.Object], language: str, rng: random.Random, simple: bool) -> str:
    """One object or two, sometimes as something asked for."""
    if language == "en":
        names = [t.en[0] if simple else captions.pick_name(t.en, rng) for t in things]
        articles = [captions.with_article(n) if simple or rng.random() < 0.7 else n for n in names]
        text = (" and " if simple else rng.choice([" and ", " and ", " with ", " next to ", ", "])).join(articles)
        return text if simple or rng.random() < 0.7 else rng.choice(captions.ASK_EN + captions.SHOW_EN[:-3]).format(e=text)
    names = [t.ru[0] if simple else captions.pick_name(t.ru, rng) for t in things]
    asked = not simple and rng.random() < 0.3
    first = [name[1 if asked else 0] for name in names]
    text = first[0]
    if len(things) == 2:
        chance = 0.0 if simple else rng.random()
        joined = [
            f"{first[0]} и {first[1]}",
            f"{first[0]} с {inflected(names[1][0], 'ablt')}",
            f"{first[0]} рядом с {inflected(names[1][0], 'ablt')}",
        ]
        text = joined[0] if chance < 0.6 else joined[1] if chance < 0.8 else joined[2]
    return rng.choice(captions.ASK_RU).format(a=text) if asked else text


def styled(text: str, style: str, language: str, rng: random.Random) -> str:
    """With words for the style; 3D is also what is not named."""
    if style == "3d" and rng.random() < 0.75:
        return text
    table = STYLES_EN if language == "en" or rng.random() < 0.4 else STYLES_RU  # the program's suffixes are English
    words = table[style][0] if rng.random() < 0.3 else rng.choice(table[style])
    return f"{words}, {text}" if rng.random() < 0.12 else f"{text}, {words}" if rng.random() < 0.8 else f"{text} {words}"


def corpus(objects: list[data.Object], lines: int) -> list[str]:
    """Captions of random compositions, for training the tokenizers."""
    rng, numbers = random.Random(5), np.random.default_rng(5)
    shown = (compositions.random(numbers, len(objects)) for _ in range(lines))
    return [caption(what, objects, rng.choice(["ru", "en"]), rng) for what in shown]


if __name__ == "__main__":
    from settings import PRESETS

    print("\n".join(corpus(data.objects(PRESETS["cpu-256"]), 60)))
