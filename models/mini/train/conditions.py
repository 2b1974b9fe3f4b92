"""Everything the prior and the UNet are trained on, computed once: latents, picture embeddings, text states."""

import random
from dataclasses import dataclass

import torch

import captions
import clip
import data
import movq
import vocabulary
import worlds
from loop import load_weights, path_of
from settings import TEXT_LENGTH, WORK

LONGEST = 36  # tokens; longer captions are dropped


@dataclass
class Texts:
    """Hidden states of captions by one encoder: `length` real tokens, then (XLM-R only) one state standing for all pads."""

    states: torch.Tensor  # [n, LONGEST + 1, width], f16
    length: torch.Tensor  # [n]
    pooled: torch.Tensor  # [n, width]

    def to(self, device) -> "Texts":
        """On another device."""
        return Texts(self.states.to(device), self.length.to(device), self.pooled.to(device))

    def at(self, rows: torch.Tensor) -> "Texts":
        """Some of the captions, cut to the longest of them."""
        length = self.length[rows]
        return Texts(self.states[rows, : int(length.max()) + 1].float(), length, self.pooled[rows])


@dataclass
class Conditions:
    """Caches of all pairs (object, background): row = object * backgrounds + background. Caption row 0 is the empty text."""

    latents: torch.Tensor  # [pairs, channels, h, w]
    images: torch.Tensor  # [pairs, width]
    zero_image: torch.Tensor  # [width]: what a dropped picture is
    pair_of: torch.Tensor  # [captions]: -1 for the empty text
    clip: Texts
    xlmr: Texts
    cells: torch.Tensor | None = None  # [pairs, h, w], bool: cells of the latents that objects touch; none for centred pictures


def pair_pictures(preset, things: slice = slice(None)) -> torch.Tensor:
    """Objects (all, or a slice) on every background, [pairs, 3, size, size] in [-1, 1]."""
    pictures = data.object_pictures(data.objects(preset)[things], preset.size)
    colours = data.background_colours()
    count = len(colours)
    return data.compose(pictures.repeat_interleave(count, 0), colours.repeat(len(pictures), 1))


@torch.no_grad()
def encode_pictures(preset, auto, vision) -> tuple[torch.Tensor, torch.Tensor]:
    """(latents, picture embeddings) of all pairs, a few objects at a time."""
    latents, images = [], []
    for start in range(0, len(data.objects(preset)), 4):
        pictures = pair_pictures(preset, slice(start, start + 4)).to(preset.device)
        latents.append(movq.encode(auto, pictures).cpu())
        images.append(vision(clip.normalised(pictures)).image_embeds.cpu())
    return torch.cat(latents), torch.cat(images)


@torch.no_grad()
def in_batches(function, inputs: torch.Tensor, size: int = 32) -> torch.Tensor:
    """Apply a function to slices and join the results."""
    return torch.cat([function(part) for part in inputs.split(size)])


def write_captions(preset, each: int, seed: int) -> tuple[list[str], list[int]]:
    """Captions for the pairs of training, three times as many on the default background (where most do not name it)."""
    rng, objects = random.Random(seed), data.objects(preset)
    default = data.BACKGROUND_IDS.index(data.DEFAULT_BACKGROUND)
    texts, pairs = [""], [-1]
    for thing, background in data.training_pairs(len(objects), preset.held_out).tolist():
        for number in range(each * 3 if background == default else each):
            name = None if background == default and number % 3 else data.BACKGROUND_IDS[background]
            texts.append(captions.varied(objects[thing], name, rng.choice(["ru", "en"]), rng))
            pairs.append(thing * len(data.BACKGROUND_IDS) + background)
    return texts, pairs


@torch.no_grad()
def encode_clip(model, tokenizer, texts: list[str], device) -> Texts:
    """CLIP's text states after the final norm, and the projected end state."""
    rows = []
    for start in range(0, len(texts), 256):
        ids, mask = clip.tokens(tokenizer, texts[start : start + 256], device)
        out = model(ids)
        rows.append((padded(out.last_hidden_state), mask.sum(1), out.text_embeds.float()))
    return joined(rows)


@torch.no_grad()
def encode_xlmr(model, tokenizer, texts: list[str], device) -> Texts:
    """XLM-R's states; the state after the last real token is that of a pad (all pads of a text have the same state)."""
    rows = []
    for start in range(0, len(texts), 256):
        ids, mask = clip.tokens(tokenizer, texts[start : start + 256], device)
        ids = torch.cat([ids, torch.full_like(ids[:, :1], tokenizer.pad_token_id)], 1)
        mask = torch.cat([mask, torch.zeros_like(mask[:, :1])], 1)
        pooled, states = model(ids, mask)
        rows.append((padded(states), mask.sum(1), pooled.float()))
    return joined(rows)


def padded(states: torch.Tensor) -> torch.Tensor:
    """States cut or zero-padded to LONGEST + 1 positions, f16."""
    out = states.new_zeros(len(states), LONGEST + 1, states.shape[-1], dtype=torch.float16)
    count = min(states.shape[1], LONGEST + 1)
    out[:, :count] = states[:, :count]
    return out.cpu()


def joined(rows) -> Texts:
    """One Texts of many batches."""
    states, length, pooled = (torch.cat(list(column)) for column in zip(*rows, strict=True))
    return Texts(states, length.cpu(), pooled.cpu())


def build(preset, seed: int = 11) -> Conditions:
    """Compute or load the caches. They are made anew when a checkpoint they depend on is newer."""
    if preset.shards:
        return worlds.build(preset, seed)
    cache = WORK / f"conditions-{preset.size}-{seed}.pt"
    sources = [path for path in (path_of("movq"), path_of("clip")) if path.exists()]
    if cache.exists() and all(s.stat().st_mtime < cache.stat().st_mtime for s in sources):
        return torch.load(cache, weights_only=False)
    vision = load_weights("clip", clip.Encoders(vocabulary.load())).vision.to(preset.device)
    auto = load_weights("movq", movq.build(preset)).to(preset.device)
    texts, pairs = write_captions(preset, preset.captions, seed)
    result = with_texts(preset, *encode_pictures(preset, auto, vision), texts, pairs)
    torch.save(result, cache)
    return result


def with_texts(preset, latents: torch.Tensor, images: torch.Tensor, texts: list[str], pairs: list[int]) -> Conditions:
    """Encode captions, and put everything together. Longer captions are left out."""
    device, tokenizers = preset.device, vocabulary.load()
    encoders = load_weights("clip", clip.Encoders(tokenizers)).to(device)
    first, second = encode_clip(encoders.text, tokenizers[0], texts, device), encode_xlmr(encoders.xlmr, tokenizers[1], texts, device)
    fits = (first.length <= LONGEST) & (second.length <= LONGEST)
    return Conditions(
        latents=latents,
        images=images,
        zero_image=zero_embedding(encoders.vision, device),
        pair_of=torch.tensor(pairs)[fits],
        clip=Texts(*(column[fits] for column in (first.states, first.length, first.pooled))),
        xlmr=Texts(*(column[fits] for column in (second.states, second.length, second.pooled))),
    )


@torch.no_grad()
def zero_embedding(vision, device) -> torch.Tensor:
    """The embedding of the all-zeros normalised picture."""
    return vision(torch.zeros(1, 3, clip.CLIP_PIXELS, clip.CLIP_PIXELS, device=device)).image_embeds[0].cpu()


def pads(length: torch.Tensor) -> torch.Tensor:
    """How many pad positions a text of `length` tokens has at inference."""
    return TEXT_LENGTH - length
