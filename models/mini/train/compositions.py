"""Pictures put together: one object or two on a plain colour or in a scene, in a style. Size and place differ by seed.

python compositions.py FILE draws a sheet of them."""

import sys
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

import data
import grounds
import styles
from drawings import Drawings
from settings import WORK

Rng = np.random.Generator
STYLE_SHARES = {"3d": 0.4, "flat": 0.2, "pencil": 0.1, "pixel": 0.1, "mosaic": 0.1, "oil": 0.1}
NOTHING, TWO, SCENES = 0.04, 0.15, 0.5  # shares: a scene without an object, two objects, scenes among the grounds
SHARD = 300  # compositions in one file
VISIBLE = 0.1  # alpha from which a pixel belongs to an object
WATER = ("sea", "sunset")  # things float there, without a shadow


@dataclass(frozen=True)
class Composition:
    """What a picture shows."""

    objects: tuple[int, ...]  # from left to right; none in an empty scene
    ground: str  # a colour of data.BACKGROUNDS or a scene of grounds.GROUNDS
    style: str
    seed: int


def random(rng: Rng, count: int) -> Composition:
    """A composition of some of `count` objects, on a ground that is not held out for them."""
    chance = rng.random()
    number = 0 if chance < NOTHING else 2 if chance < NOTHING + TWO else 1
    objects = tuple(int(n) for n in rng.choice(count, number, replace=False))
    table = list(grounds.GROUNDS) if number == 0 or rng.random() < SCENES else data.BACKGROUND_IDS
    ground = str(rng.choice([g for g in table if not any(g in held_out(n) for n in objects)]))
    style = str(rng.choice(list(STYLE_SHARES), p=list(STYLE_SHARES.values())))
    return Composition(objects, ground, style, int(rng.integers(2**31)))


def held_out(number: int) -> list[str]:
    """Grounds that object `number` is never trained with: two colours and two scenes."""
    scenes = list(grounds.GROUNDS)
    colours = [data.BACKGROUND_IDS[b] for b in data.held_out_backgrounds(number, 2)]
    return colours + [scenes[(number * 5 + k * 7) % len(scenes)] for k in range(2)]


def moved(drawing: torch.Tensor, scale: float, x: float, y: float, mirrored: bool) -> torch.Tensor:
    """A premultiplied drawing [4, s, s] scaled around a new centre (x, y in -1..1)."""
    turn = -1.0 if mirrored else 1.0
    theta = torch.tensor([[[turn / scale, 0, -turn * x / scale], [0, 1 / scale, -y / scale]]])
    grid = F.affine_grid(theta, (1, *drawing.shape), align_corners=False)
    if scale < 0.75:  # smaller: blur first, or contours become jagged
        drawing = F.avg_pool2d(F.pad(drawing[None], (1, 1, 1, 1)), 3, 1)[0] if scale < 0.5 else drawing
    return F.grid_sample(drawing[None], grid, align_corners=False)[0]


def foot(alpha: torch.Tensor) -> tuple[float, float, float]:
    """(lowest row, left, right) of what is visible, in -1..1."""
    shown = alpha > 0.3
    if not shown.any():
        return 0.0, 0.0, 0.0
    rows = shown.any(1).nonzero()[:, 0]
    low = int(rows.max())
    columns = shown[max(low - alpha.shape[0] // 16, 0) : low + 1].any(0).nonzero()[:, 0]
    return tuple(2 * (int(v) + 0.5) / alpha.shape[0] - 1 for v in (low, columns.min(), columns.max()))


def shadow(side: int, low: float, left: float, right: float) -> torch.Tensor:
    """A soft flat ellipse below a foot."""
    line = (torch.arange(side) + 0.5) / side * 2 - 1
    width = max((right - left) * 0.55, 0.12)
    far = torch.hypot((line[None] - (left + right) / 2) / width, (line[:, None] - low) / (0.16 * width + 0.02))
    return ((1.15 - far) * 2).clamp(0, 1) * 0.3


def layout(rng: Rng, number: int, scene: bool) -> list[tuple[float, float, float | None]]:
    """(scale, x, lowest row or none for the middle) of each object, relative to its usual size."""
    if number == 2:
        scale = rng.uniform(0.46, 0.56)
        low = rng.uniform(0.62, 0.85) if scene else rng.uniform(0.35, 0.5)
        return [(scale * rng.uniform(0.92, 1.08), side * rng.uniform(0.4, 0.5), low) for side in (-1, 1)]
    if scene:
        scale = rng.uniform(0.6, 0.9)
        return [(scale, rng.uniform(-1, 1) * (1 - scale) * 0.9, rng.uniform(0.6, 0.88))]
    scale = 1.0 if rng.random() < 0.35 else rng.uniform(0.7, 1.0)
    return [(scale, rng.uniform(-1, 1) * (1 - scale), None)]


def compose(drawings: Drawings, what: Composition, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(picture [3, side, side] in 0..1, alpha of its objects [side, side])."""
    rng = np.random.default_rng(what.seed)
    scene = what.ground in grounds.GROUNDS
    if scene:
        picture = grounds.GROUNDS[what.ground](rng, side).clamp(0, 1)
    else:
        picture = (torch.tensor(data.BACKGROUNDS[what.ground]).float() / 255)[:, None, None].expand(3, side, side).clone()
    covered = torch.zeros(side, side)
    for number, (scale, x, low) in zip(what.objects, layout(rng, len(what.objects), scene), strict=False):
        drawing = drawings.get(number, what.style, rng)
        bottom = foot(drawing[3])[0] * scale
        floating = what.ground in grounds.FLOATING
        room = max(1 - scale, 0.0)
        y = rng.uniform(-1, 1) * room * 0.8 if low is None or (floating and len(what.objects) == 1) else low - bottom
        placed = moved(drawing, scale, x, y, bool(rng.random() < 0.5))
        if scene and not floating and what.ground not in WATER:
            picture = picture * (1 - shadow(side, *foot(placed[3])))[None]
        picture = placed[:3] + (1 - placed[3:]) * picture
        covered = torch.maximum(covered, placed[3])
    return styles.apply(what.style, picture.clamp(0, 1), what.seed), covered


@dataclass
class Shard:
    """Some compositions with their pictures."""

    compositions: list[Composition]
    pictures: torch.Tensor  # [n, 3, side, side], bytes
    cells: torch.Tensor  # [n, h, w], bool: cells of the latents that the objects touch


def shard(preset, part: int) -> Shard:
    """The compositions of one part, made once."""
    path = WORK / "compositions" / f"{preset.size}-{part}.pt"
    if path.exists():
        return torch.load(path, weights_only=False)
    chosen = data.objects(preset)
    drawings, rng = Drawings([o.emoji for o in chosen], preset.size, "objects"), np.random.default_rng(1000 + part)
    listed = [random(rng, len(chosen)) for _ in range(SHARD)]
    pictures, cells = [], []
    for what in listed:
        picture, covered = compose(drawings, what, preset.size)
        pictures.append((picture * 255).round().byte())
        cells.append(F.max_pool2d(covered[None], preset.latent_factor)[0] > VISIBLE)
    result = Shard(listed, torch.stack(pictures), torch.stack(cells))
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(result, path)
    return result


if __name__ == "__main__":
    from PIL import Image

    from settings import PRESETS

    chosen = data.objects(PRESETS["cpu-256"])
    known, rng = Drawings([o.emoji for o in chosen], 256, "objects"), np.random.default_rng(1)
    tiles = [compose(known, random(rng, len(chosen)), 256)[0] for _ in range(48)]
    rows = [torch.cat(tiles[start : start + 8], 2) for start in range(0, len(tiles), 8)]
    Image.fromarray((torch.cat(rows, 1) * 255).byte().permute(1, 2, 0).numpy()).save(sys.argv[1])
