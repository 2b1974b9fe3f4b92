"""What a picture shows, by the miniature's own CLIP: nearest object, ground and style; prompts and references to measure that.

For presets whose pictures are compositions. evaluate.py uses it."""

import random
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

import compositions
import data
import grounds
import sentences
import styles
import worlds
from compositions import Composition

KINDS = ("objects", "grounds", "styles")
GROUND_IDS = [*data.BACKGROUND_IDS, *grounds.GROUNDS]


@dataclass
class References:
    """Mean embedding of each class less the mean of all classes, rows of unit length; `middle`: those means."""

    rows: dict[str, torch.Tensor]
    middle: dict[str, torch.Tensor]

    def ranks(self, kind: str, embeddings: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """How many other classes are nearer to each picture than the wanted one."""
        near = F.normalize(embeddings - self.middle[kind], dim=-1) @ self.rows[kind].T
        return (near > near.gather(1, wanted[:, None])).sum(1)


def class_of(what: Composition, kind: str) -> int:
    """Number of the class that a composition of one object belongs to."""
    return {"objects": what.objects[0], "grounds": GROUND_IDS.index(what.ground), "styles": styles.STYLES.index(what.style)}[kind]


def means(listed: list[Composition], images: torch.Tensor, count: int) -> dict[str, torch.Tensor]:
    """Mean embedding of every class of each kind, over compositions of one object. Classes without a picture get zeros."""
    single = [number for number, what in enumerate(listed) if len(what.objects) == 1]
    found = {}
    for kind, classes in zip(KINDS, (count, len(GROUND_IDS), len(styles.STYLES)), strict=True):
        numbers = torch.tensor([class_of(listed[n], kind) for n in single])
        total = torch.zeros(classes, images.shape[1]).index_add(0, numbers, images[single].float())
        found[kind] = total / torch.bincount(numbers, minlength=classes).clamp(min=1)[:, None]
    return found


def references(stored: dict[str, torch.Tensor]) -> References:
    """From references.safetensors."""
    middle = {kind: stored[kind].float().mean(0) for kind in KINDS}
    return References({kind: F.normalize(stored[kind].float() - middle[kind], dim=-1) for kind in KINDS}, middle)


def questions(preset, count: int) -> list[dict]:
    """Prompts with what they ask for: half Russian, a third on grounds never seen with the object, half scenes, all styles."""
    objects, rng = data.objects(preset), random.Random(2024)
    rows = []
    for number in range(count):
        thing = number * 37 % len(objects)
        never, seen, scene = compositions.held_out(thing), number % 3 != 0, number // 2 % 2 == 0
        table = list(grounds.GROUNDS) if scene else data.BACKGROUND_IDS
        ground = rng.choice([g for g in table if (g not in never) == seen])
        style = "3d" if number % 5 < 2 else rng.choice(styles.STYLES[1:])
        language = "ru" if number % 2 else "en"
        what = Composition((thing,), ground, style, 5000 + number)
        prompt = sentences.caption(what, objects, language, rng, simple=True)
        rows.append(
            {"prompt": prompt, "language": language, "object": objects[thing].id, "background": ground, "style": style, "seen": seen}
        )
    return rows


def asked(preset, rows: list[dict]) -> list[Composition]:
    """The compositions that the questions ask for."""
    ids = [o.id for o in data.objects(preset)]
    return [Composition((ids.index(r["object"]),), r["background"], r["style"], 5000 + n) for n, r in enumerate(rows)]


def real_pictures(preset, rows: list[dict]) -> torch.Tensor:
    """Pictures of what the questions ask for, in [-1, 1]."""
    drawings = compositions.Drawings([o.emoji for o in data.objects(preset)], preset.size, "objects")
    return torch.stack([compositions.compose(drawings, what, preset.size)[0] for what in asked(preset, rows)]) * 2 - 1


def report(name: str, rows: list[dict], wanted: list[Composition], embeddings: torch.Tensor, known: References) -> None:
    """Shares of right objects, grounds and styles, for all questions and for parts of them."""
    ranks = {kind: known.ranks(kind, embeddings, torch.tensor([class_of(what, kind) for what in wanted])) for kind in KINDS}
    groups = {
        "all": [True] * len(rows),
        "seen": [r["seen"] for r in rows],
        "unseen": [not r["seen"] for r in rows],
        "ru": [r["language"] == "ru" for r in rows],
        "en": [r["language"] == "en" for r in rows],
        "scenes": [r["background"] in grounds.GROUNDS for r in rows],
        "colours": [r["background"] not in grounds.GROUNDS for r in rows],
    }
    print(name)
    for group, chosen in groups.items():
        first, five = ((ranks["objects"][chosen] < n).float().mean() for n in (1, 5))
        ground, style = ((ranks[kind][chosen] < 1).float().mean() for kind in ("grounds", "styles"))
        print(f"  {group:8s} object first {first:.3f}  in 5 {five:.3f}  ground {ground:.3f}  style {style:.3f}")


def stored(preset, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """What references.safetensors holds, from the embeddings of all compositions."""
    return {kind: rows.half() for kind, rows in means(worlds.listed(preset), images, len(data.objects(preset))).items()}


def self_test() -> None:
    """Embeddings that are sums of one direction for each class are recognised."""
    rng = np.random.default_rng(3)
    listed = [compositions.random(rng, 30) for _ in range(2000)]
    listed = [what for what in listed if len(what.objects) == 1]
    directions = {kind: torch.randn(40, 128) for kind in KINDS}
    images = torch.stack([sum(directions[kind][class_of(what, kind)] for kind in KINDS) for what in listed])
    known = references({kind: rows.half() for kind, rows in means(listed, images, 30).items()})
    for kind in KINDS:
        wrong = known.ranks(kind, images, torch.tensor([class_of(what, kind) for what in listed]))
        assert (wrong < 1).float().mean() > 0.9, kind


if __name__ == "__main__":
    self_test()
