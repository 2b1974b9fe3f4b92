"""Russian cases of names such as «рыжий кот» or «чашка кофе»: adjectives and the first noun change, what follows it does not."""

from functools import cache

import pymorphy3


@cache
def analyzer() -> pymorphy3.MorphAnalyzer:
    """The dictionary, loaded once."""
    return pymorphy3.MorphAnalyzer(lang="ru")


@cache
def inflected(name: str, case: str) -> str:
    """A nominative name in a case: gent, datv, accs, ablt (instrumental) or loct (prepositional)."""
    words, noun_found = [], False
    for word in name.split():
        parse = None if noun_found and not word[0].isupper() else nominative(word)
        noun_found = noun_found or (parse is not None and "NOUN" in parse.tag)
        words.append(changed(word, parse, case, name) if parse else word)
    return " ".join(words)


def nominative(word: str):
    """The most likely reading of a word as a noun or an adjective in the nominative, or none."""
    readings = [p for p in analyzer().parse(word) if "nomn" in p.tag and p.tag.POS in ("NOUN", "ADJF", "PRTF")]
    return readings[0] if readings else None


def changed(word: str, parse, case: str, name: str) -> str:
    """One word in another case, with its own capital letters and ё."""
    wanted = {case} | ({"plur"} if "plur" in parse.tag else set())
    if case == "accs" and parse.tag.POS != "NOUN":
        wanted |= animacy(name)
    result = parse.inflect(wanted) or parse.inflect({case})
    if result is None:
        return word
    text = result.word
    return text[0].upper() + text[1:] if word[0].isupper() else text


def animacy(name: str) -> set[str]:
    """Whether the noun of a name is alive, for the accusative of its adjectives."""
    for word in name.split():
        parse = nominative(word)
        if parse is not None and "NOUN" in parse.tag:
            return {"anim"} if "anim" in parse.tag and "femn" not in parse.tag else {"inan"} if "femn" not in parse.tag else set()
    return set()
