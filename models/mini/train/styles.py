"""Styles that are seen: 3D as the emoji are, flat ones from their own drawings, and pencil, pixels, mosaic and oil by filters.

python styles.py FILE draws a sheet of them."""

import sys
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

Rng = np.random.Generator
LUMA = (0.299, 0.587, 0.114)
HATCHING = 8.0  # period in pixels of a picture of 256


def uniform(rng: Rng, *shape: int) -> torch.Tensor:
    """Numbers in 0..1."""
    return torch.from_numpy(rng.random(shape)).float()


def grey(picture: torch.Tensor) -> torch.Tensor:
    """Lightness [h, w] of [3, h, w]."""
    return (picture * torch.tensor(LUMA).view(3, 1, 1)).sum(0)


def blur(plane: torch.Tensor, radius: int) -> torch.Tensor:
    """Box blur, twice, of [c, h, w]."""
    for _ in range(2):
        plane = F.avg_pool2d(F.pad(plane[None], (radius,) * 4, mode="replicate"), 2 * radius + 1, 1)[0]
    return plane


def tile_side(picture: torch.Tensor) -> int:
    """Side of pixels and tiles: half a cell of the latents, so that an autoencoder can hold them."""
    return picture.shape[-1] // 32


def pixels(picture: torch.Tensor, rng: Rng) -> torch.Tensor:
    """Large squares of few colours."""
    side, cell = picture.shape[-1], tile_side(picture)
    small = F.interpolate(picture[None], (side // cell, side // cell), mode="area")
    contrast = ((small - 0.5) * 1.15 + 0.5).clamp(0, 1)
    return F.interpolate((contrast * 7).round() / 7, (side, side), mode="nearest")[0]


def mosaic(picture: torch.Tensor, rng: Rng) -> torch.Tensor:
    """Rows of tiles with light joints, every second row moved by half a tile."""
    side, cell = picture.shape[-1], tile_side(picture)
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    row = y // cell
    moved = x + (row % 2) * (cell // 2)
    column = moved // cell
    colour = at(blur(picture, max(cell // 4, 1)), row * cell + cell / 2 - 0.5, (column + 0.5) * cell - 0.5 - (row % 2) * (cell // 2))
    shade = 1 + 0.2 * (uniform(rng, side // cell + 1, side // cell + 2)[row, column] - 0.5)
    from_middle = [(((p % cell) + 0.5) / cell - 0.5).abs() * 2 for p in (y, moved)]
    edge = (from_middle[0] ** 6 + from_middle[1] ** 6) ** (1 / 6)
    joint = ((edge - 0.84) * 8).clamp(0, 1)
    bevel = 1 + 0.12 * (from_middle[0] + from_middle[1] < 0.9)
    return colour * shade * bevel * (1 - joint) + torch.tensor([0.88, 0.86, 0.82]).view(3, 1, 1) * joint


def cells_around(rng: Rng, side: int, cell: int, reach: int):
    """For every pixel, the jittered centres of the cells around it: (offset in pixels y, x, cell number) of each."""
    count = -(-side // cell) + 2 * reach + 1
    jitter = (uniform(rng, 2, count, count) - 0.5) * 0.75
    line = torch.arange(side).float()
    own = (line / cell).long() + reach
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            rows, columns = (own + dy)[:, None], (own + dx)[None]
            y = (rows - reach + 0.5 + jitter[0][rows, columns]) * cell
            x = (columns - reach + 0.5 + jitter[1][rows, columns]) * cell
            yield line[:, None] - y, line[None] - x, rows * count + columns


def at(picture: torch.Tensor, y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Colours of a picture at places in pixels."""
    side = picture.shape[-1] - 1
    return picture[:, y.round().long().clamp(0, side), x.round().long().clamp(0, side)]


def strokes(picture: torch.Tensor, rng: Rng, cell: int, length: float, width: float) -> tuple[torch.Tensor, torch.Tensor]:
    """(colours, coverage) of brush strokes along the contours, the later ones over the earlier."""
    side = picture.shape[-1]
    line = torch.arange(side).float()
    smooth = blur(grey(picture)[None], max(cell // 2, 1))[0]
    slope_y, slope_x = torch.gradient(smooth)
    flow = torch.atan2(slope_x, -slope_y)
    best, colour, cover = torch.full((side, side), -1.0), picture.clone(), torch.zeros(side, side)
    drawn = None
    for y, x, which in cells_around(rng, side, cell, 2):
        if drawn is None:
            total = int(which.max()) * 2
            drawn = [uniform(rng, total) for _ in range(3)]
        place = line[:, None] - y, line[None] - x
        strength = torch.hypot(*(at(s[None], *place)[0] for s in (slope_y, slope_x)))
        angle = torch.where(strength > 0.002, at(flow[None], *place)[0], 0.7 + 0.0 * y) + (drawn[0][which] - 0.5) * 0.9
        along, across = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
        inside = (along / length).square() + (across / width).square() < 1
        above = inside & (drawn[1][which] > best)
        best = torch.where(above, drawn[1][which], best)
        bristle = 1 + 0.09 * (drawn[2][which] - 0.5) * 2 + 0.05 * torch.sin(across * 2.2 + 9 * drawn[2][which])
        colour = torch.where(above, at(picture, *place) * bristle, colour)
        cover = torch.where(inside, 1.0, cover)
    return colour, cover


def oil(picture: torch.Tensor, rng: Rng) -> torch.Tensor:
    """Two layers of brush strokes, broad and fine, of stronger colours."""
    scale = picture.shape[-1] / 256
    strong = (grey(picture)[None] + (picture - grey(picture)[None]) * 1.25).clamp(0, 1)
    under, _ = strokes(strong, rng, max(round(9 * scale), 3), 15 * scale, 5 * scale)
    over, cover = strokes(strong, rng, max(round(6 * scale), 2), 9 * scale, 2.8 * scale)
    busy = (blur((strong - under).abs().mean(0, keepdim=True), max(round(3 * scale), 1))[0] * 22).clamp(0, 1)
    return (under + (over - under) * (busy * cover)[None]).clamp(0, 1)


def pencil(picture: torch.Tensor, rng: Rng) -> torch.Tensor:
    """Graphite on paper: contours, and hatching where it is dark."""
    side = picture.shape[-1]
    scale = side / 256
    light = grey(picture)
    edges = torch.hypot(*torch.gradient(blur(picture, max(round(scale), 1)), dim=(1, 2))).amax(0)
    contour = (edges * 9 / scale).clamp(0, 1)
    y, x = torch.meshgrid(torch.arange(side).float() / scale, torch.arange(side).float() / scale, indexing="ij")
    darkness, hatching = 1 - light, torch.zeros(side, side)
    for level, place in ((0.22, x + y), (0.5, x - y), (0.74, y)):  # the same everywhere, so that an autoencoder can hold it
        wave = (torch.sin(place * 2 * np.pi / HATCHING) + 0.25).clamp(0, 1)
        hatching += wave * ((darkness - level) * 5).clamp(0, 1) * 0.4
    tone = blur(darkness[None], max(round(2 * scale), 1))[0] * 0.3
    paper = torch.tensor([0.97, 0.96, 0.93]).view(3, 1, 1)
    ink = (0.85 * contour + hatching + tone).clamp(0, 0.88)
    return paper * (1 - ink) + torch.tensor([0.2, 0.2, 0.23]).view(3, 1, 1) * ink


FILTERS: dict[str, Callable[[torch.Tensor, Rng], torch.Tensor]] = {"pencil": pencil, "pixel": pixels, "mosaic": mosaic, "oil": oil}
STYLES = ("3d", "flat", *FILTERS)


def apply(style: str, picture: torch.Tensor, seed: int) -> torch.Tensor:
    """A picture [3, side, side] in 0..1 in a style. "3d" and "flat" leave it: they choose other drawings of the object."""
    if style not in FILTERS:
        return picture
    return FILTERS[style](picture, np.random.default_rng(seed)).clamp(0, 1)


if __name__ == "__main__":
    from PIL import Image

    import data
    import grounds

    rows = []
    for number, emoji in enumerate(("1f431", "1f680", "1f34e", "1f3f0", "1f916")):
        drawn = data.centred(data.picture_path(emoji), 256)
        colour = grounds.draw(list(grounds.GROUNDS)[number * 2], number, 256) if number else torch.tensor([0.5, 0.8, 0.96]).view(3, 1, 1)
        picture = (drawn[:3] + (1 - drawn[3:]) * colour).clamp(0, 1)
        rows.append(torch.cat([apply(style, picture, number) for style in STYLES], 2))
    Image.fromarray((torch.cat(rows, 1) * 255).byte().permute(1, 2, 0).numpy()).save(sys.argv[1])
