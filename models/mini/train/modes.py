"""Contact sheets of every mode but text, to look at: python modes.py FILE."""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

import clip  # noqa: E402
import conditions  # noqa: E402
import data  # noqa: E402
import draw  # noqa: E402
import evaluate  # noqa: E402
import movq  # noqa: E402
from settings import PRESETS  # noqa: E402

ROWS = [  # object and background of the picture, and another of each
    ("cat", "light-blue", "dog", "pink"),
    ("red-apple", "blue", "lemon", "white"),
    ("rocket", "black", "house", "green"),
    ("heart", "yellow", "tulip", "purple"),
]


class Sources:
    """The pictures that the modes begin with."""

    def __init__(self, preset, parts: draw.Parts):
        self.objects, everything = data.objects(preset), conditions.pair_pictures(preset)
        self.ids = [o.id for o in self.objects]
        rows = [(self.ids.index(o), data.BACKGROUND_IDS.index(b)) for row in ROWS for o, b in (row[:2], row[2:])]
        pictures = everything[[o * len(data.BACKGROUND_IDS) + b for o, b in rows]]
        self.first, self.second = pictures[0::2], pictures[1::2]
        with torch.no_grad():
            self.first_image, self.second_image = (parts.vision(clip.normalised(p)).image_embeds for p in (self.first, self.second))
            self.latents = movq.encode(parts.movq, self.first)

    def prompts(self, thing: int, background: int) -> list[str]:
        """English prompts for columns of ROWS."""
        names = [self.objects[self.ids.index(row[thing])].en[0] for row in ROWS]
        return [f"a {name} on a {row[background].replace('-', ' ')} background" for name, row in zip(names, ROWS, strict=True)]


def dilated(hole: torch.Tensor) -> torch.Tensor:
    """The hole [n, 1, h, w] and its six neighbours, as the originals grow it."""
    padded = F.pad(hole, (1, 1, 1, 1))
    moves = [(0, 0), (1, 0), (0, 1), (1, 1), (-1, 0), (0, -1), (-1, -1)]
    height, width = hole.shape[-2:]
    return torch.stack([padded[..., 1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in moves]).amax(0)


def hole(side: int, rows: slice, columns: slice, count: int) -> torch.Tensor:
    """Masks (1 = keep) with one rectangle to draw."""
    mask = torch.zeros(count, 1, side, side)
    mask[..., rows, columns] = 1
    return 1 - dilated(mask)


def canvas(pictures: torch.Tensor, left: float, right: float, factor: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures with more room at the sides (shares of the side of the result; below 0 it is cut off), scaled to the same
    square, which repeats the last row below them; and the masks (1 = keep)."""
    count, side = len(pictures), pictures.shape[-1]
    inner = 1 - max(left, 0) - max(right, 0)
    shown = pictures[..., round(side * max(-left, 0)) :]
    scale = inner * side / shown.shape[-1]
    shown = F.interpolate(shown, size=(round(side * scale), round(side * inner)), mode="bicubic", antialias=True)
    columns = [round(side * max(room, 0)) for room in (left, right)]
    wide = F.pad(shown, (*columns, 0, side - shown.shape[-2]), mode="replicate")
    mask = torch.zeros(count, 1, side // factor, side // factor)
    height = -(-shown.shape[-2] // factor)
    mask[..., :height, : columns[0] // factor] = 1
    mask[..., :height, (side - columns[1]) // factor :] = 1
    return wide, 1 - dilated(mask)


def drawn(parts: draw.Parts, known: Sources, seed: int) -> dict[str, torch.Tensor]:
    """Pictures by mode, one for each of ROWS."""
    count, side = len(ROWS), parts.latent_side
    empty, mean = [""] * count, (known.first_image + known.second_image) / 2
    other_ground, other_thing, same = known.prompts(0, 3), known.prompts(2, 1), known.prompts(0, 1)
    told = {name: draw.imagine(parts, p, seed) for name, p in (("ground", other_ground), ("thing", other_thing), ("same", same))}
    sheets = {"given": known.first, "other": known.second, "after MoVQ": movq.decode(parts.movq, known.latents).detach()}
    sheets["mix"] = draw.paint(parts, empty, mean, seed)
    sheets["mix 0.6"] = draw.paint(parts, empty, 0.6 * known.first_image + 0.4 * known.second_image, seed)
    sheets["mix 0.4"] = draw.paint(parts, empty, 0.4 * known.first_image + 0.6 * known.second_image, seed)
    sheets["with text"] = draw.paint(parts, empty, (known.first_image + told["thing"]) / 2, seed)
    for number in range(3):
        sheets[f"variation {number + 1}"] = draw.paint(parts, empty, known.first_image, seed + number)
    for strength in (0.3, 0.5, 0.85):
        given = draw.Given(known.latents, strength=strength)
        sheets[f"ground {strength}"] = draw.paint(parts, other_ground, told["ground"], seed, given)
        sheets[f"object {strength}"] = draw.paint(parts, other_thing, told["thing"], seed, given)
    all_of, half, third = slice(0, side), slice(side // 2, side), slice(side - side * 3 // 8, side)
    holes = {"whole object": (slice(1, side - 1),) * 2, "right half": (all_of, half), "corner": (third, third), "in corner": (third, third)}
    for name, (rows, columns) in holes.items():
        given = draw.Given(known.latents, hole(side, rows, columns, count))
        prompts, images = (same, told["same"]) if name in ("right half", "corner") else (other_thing, told["thing"])
        sheets[name] = draw.paint(parts, prompts, images, seed, given)
    for name, (left, right) in {"more right": (0, 3 / 8), "more both": (1 / 4, 1 / 4), "off left": (-3 / 8, 3 / 8)}.items():
        wider, mask = canvas(known.first, left, right, parts.defaults["size"] // side)
        with torch.no_grad():
            latents, surroundings = movq.encode(parts.movq, wider), parts.vision(clip.normalised(wider)).image_embeds
        given = draw.Given(latents, mask)
        sheets[name] = draw.paint(parts, same, told["same"], seed, given)
        sheets[name + ", mute"] = draw.paint(parts, empty, surroundings, seed, given)
    return sheets


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--preset", choices=PRESETS, default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    parts = draw.load()
    sheets = drawn(parts, Sources(PRESETS[options.preset], parts), options.seed)
    columns = [torch.stack(list(row)) for row in zip(*sheets.values(), strict=True)]
    evaluate.sheet(torch.cat(columns), list(sheets) * len(ROWS), options.file, columns=len(sheets), side=128)


if __name__ == "__main__":
    main()
