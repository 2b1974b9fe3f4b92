"""What CLIP, the prior and the UNet of the larger presets are trained on: compositions with captions, in place of pairs."""

import random

import torch

import clip
import compositions
import conditions
import data
import movq
import sentences
import vocabulary
from loop import load_weights, path_of
from settings import CLIP_PIXELS, WORK


def listed(preset) -> list[compositions.Composition]:
    """All compositions, in the order of every other function here."""
    return [what for part in range(preset.shards) for what in compositions.shard(preset, part).compositions]


@torch.no_grad()
def small_pictures(preset) -> torch.Tensor:
    """Bytes [n, 3, CLIP_PIXELS, CLIP_PIXELS] of all compositions, made once."""
    cache = WORK / f"small-{preset.size}-{preset.shards}.pt"
    if not cache.exists():
        parts = []
        for part in range(preset.shards):
            pictures = compositions.shard(preset, part).pictures.float() / 255
            small = torch.nn.functional.interpolate(pictures, (CLIP_PIXELS, CLIP_PIXELS), mode="bicubic", antialias=True)
            parts.append((small.clamp(0, 1) * 255).round().byte())
        torch.save(torch.cat(parts), cache)
    return torch.load(cache)


class Batches:
    """Random (picture, CLIP caption, XLM-R caption) triples."""

    def __init__(self, preset):
        self.preset, self.objects, self.known = preset, data.objects(preset), listed(preset)
        self.pictures, self.rng = small_pictures(preset), random.Random(3)
        self.by_object: dict[int, list[int]] = {}
        self.by_ground: dict[str, list[int]] = {}
        for number, what in enumerate(self.known):
            self.by_ground.setdefault(what.ground, []).append(number)
            for thing in what.objects[:1]:
                self.by_object.setdefault(thing, []).append(number)

    def draw(self, same_object: bool) -> tuple[torch.Tensor, list[str], list[str]]:
        """One hard batch: the same objects on other grounds or in other styles, or many objects on the same two grounds."""
        count = self.preset.batch["clip"]
        if same_object:
            things = self.rng.sample(sorted(self.by_object), min(count // 3, len(self.by_object)))
            chosen = [n for thing in things for n in self.rng.sample(self.by_object[thing], min(3, len(self.by_object[thing])))]
        else:
            pool = [n for ground in self.rng.sample(sorted(self.by_ground), 2) for n in self.by_ground[ground]]
            chosen = self.rng.sample(pool, min(count, len(pool)))
        chosen = self.distinct(chosen)
        texts = [[self.caption(n) for n in chosen] for _ in range(2)]
        pictures = self.pictures[chosen].to(self.preset.device).float() / 127.5 - 1
        return clip.normalised(self.moved(pictures)), *texts

    def distinct(self, chosen: list[int]) -> list[int]:
        """One composition of each object, ground and style: others would have the same captions."""
        seen = {(what.objects, what.ground, what.style): n for n in chosen for what in [self.known[n]]}
        return list(seen.values())

    def caption(self, number: int) -> str:
        """A caption of a composition in one of the languages."""
        return sentences.caption(self.known[number], self.objects, self.rng.choice(["ru", "en"]), self.rng)

    def moved(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures moved by up to two pixels, with a little noise in the colours."""
        y, x = torch.randint(0, 5, (2,)).tolist()
        padded = torch.nn.functional.pad(pictures, (2, 2, 2, 2), mode="replicate")[..., y : y + CLIP_PIXELS, x : x + CLIP_PIXELS]
        return padded + 0.04 * torch.randn(len(pictures), 3, 1, 1, device=pictures.device)


@torch.no_grad()
def encoded(preset) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(latents, picture embeddings, cells that objects touch) of all compositions."""
    auto = load_weights("movq", movq.build(preset)).to(preset.device)
    vision = load_weights("clip", clip.Encoders(vocabulary.load())).vision.to(preset.device)
    rows = []
    for part in range(preset.shards):
        shard = compositions.shard(preset, part)
        for start in range(0, len(shard.pictures), 20):
            pictures = shard.pictures[start : start + 20].to(preset.device).float() / 127.5 - 1
            rows.append((movq.encode(auto, pictures).half().cpu(), vision(clip.normalised(pictures)).image_embeds.cpu()))
        print(f"encoded shard {part + 1} of {preset.shards}", flush=True)
    latents, images = (torch.cat(list(column)) for column in zip(*rows, strict=True))
    cells = torch.cat([compositions.shard(preset, part).cells for part in range(preset.shards)])
    return latents, images, cells


def captions(preset, seed: int) -> tuple[list[str], list[int]]:
    """Captions and the composition of each; the first is the empty text."""
    rng, objects, texts, rows = random.Random(seed), data.objects(preset), [""], [-1]
    for number, what in enumerate(listed(preset)):
        for _ in range(preset.captions):
            texts.append(sentences.caption(what, objects, rng.choice(["ru", "en"]), rng))
            rows.append(number)
    return texts, rows


def build(preset, seed: int = 11) -> "conditions.Conditions":
    """Compute or load the caches. They are made anew when a checkpoint they depend on is newer."""
    cache = WORK / f"world-{preset.size}-{preset.shards}-{seed}.pt"
    sources = [path for path in (path_of("movq"), path_of("clip")) if path.exists()]
    if cache.exists() and all(s.stat().st_mtime < cache.stat().st_mtime for s in sources):
        return torch.load(cache, weights_only=False)
    texts, rows = captions(preset, seed)
    latents, images, cells = encoded(preset)
    result = conditions.with_texts(preset, latents, images, texts, rows)
    result.cells = cells
    torch.save(result, cache)
    return result
