"""Scenes to stand before: meadow, sea, night sky and others, drawn by nothing but code. Every seed gives another one.

python grounds.py FILE draws a sheet of them."""

import sys
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

Rng = np.random.Generator
Colour = tuple[float, float, float]
HORIZON = (0.45, 0.68)  # where it may lie, as a share of the height


def noise(rng: Rng, height: int, width: int, cells: tuple[int, int], octaves: int = 3) -> torch.Tensor:
    """Smooth noise of mean 0 and deviation 1, [height, width]; `cells` is how many lumps there are down and across."""
    total = torch.zeros(height, width)
    for octave in range(octaves):
        grid = torch.from_numpy(rng.standard_normal((1, 1, cells[0] * 2**octave + 2, cells[1] * 2**octave + 2))).float()
        total += F.interpolate(grid, (height, width), mode="bicubic", align_corners=True)[0, 0] * 0.5**octave
    return (total - total.mean()) / (total.std() + 1e-6)


def colours(*values: int) -> list[torch.Tensor]:
    """Colours from 0xRRGGBB."""
    return [torch.tensor([(v >> 16) & 255, (v >> 8) & 255, v & 255]).float() / 255 for v in values]


def varied(rng: Rng, colour: torch.Tensor, by: float = 0.04) -> torch.Tensor:
    """A colour a little changed."""
    return (colour + torch.from_numpy(rng.normal(0, by, 3)).float()).clamp(0, 1)


def ramp(side: int, stops: list[torch.Tensor], end: float = 1.0) -> torch.Tensor:
    """A vertical gradient through colours that are evenly spaced from the top to `end`."""
    place = (torch.linspace(0, 1, side) / end).clamp(0, 1) * (len(stops) - 1)
    low = place.floor().long().clamp(max=len(stops) - 2)
    table, share = torch.stack(stops), (place - low)[:, None]
    column = table[low] * (1 - share) + table[low + 1] * share
    return column.T[:, :, None].expand(3, side, side).clone()


def paint(picture: torch.Tensor, colour: torch.Tensor, alpha: torch.Tensor) -> None:
    """Put a colour ([3] or [3, h, w]) over a picture where alpha [h, w] says."""
    colour = colour if colour.dim() == 3 else colour[:, None, None]
    picture.lerp_(colour.expand_as(picture), alpha.clamp(0, 1)[None])


def places(side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """y and x of every pixel, 0..1."""
    line = (torch.arange(side) + 0.5) / side
    return line[:, None].expand(side, side), line[None].expand(side, side)


def below(side: int, curve: torch.Tensor) -> torch.Tensor:
    """1 below a curve given for each column as a share of the height."""
    return ((places(side)[0] - curve[None]) * side + 0.5).clamp(0, 1)


def ridge(rng: Rng, side: int, level: float, height: float, lumps: int = 3, octaves: int = 2) -> torch.Tensor:
    """The curve of hills around a level."""
    return level + height * noise(rng, 1, side, (1, lumps), octaves)[0]


def disc(side: int, y: float, x: float, radius: float, soft: float = 1.0) -> torch.Tensor:
    """A disc; `soft` pixels of edge."""
    far = torch.hypot(*(p - c for p, c in zip(places(side), (y, x), strict=True)))
    return ((radius - far) * side / soft + 0.5).clamp(0, 1)


def dots(rng: Rng, side: int, count: int, top: float, bottom: float, smallest: float, largest: float) -> torch.Tensor:
    """Small soft dots between two heights."""
    result, grid = torch.zeros(side, side), places(side)
    for _ in range(count):
        y, x, size = rng.uniform(top, bottom), rng.uniform(0, 1), rng.uniform(smallest, largest)
        reach = int(size * side) + 2
        rows = slice(max(int(y * side) - reach, 0), int(y * side) + reach + 1)
        columns = slice(max(int(x * side) - reach, 0), int(x * side) + reach + 1)
        far = torch.hypot(grid[0][rows, columns] - y, grid[1][rows, columns] - x)
        result[rows, columns] = torch.maximum(result[rows, columns], ((size - far) * side + 0.5).clamp(0, 1))
    return result


def clouds(rng: Rng, picture: torch.Tensor, bottom: float, colour: torch.Tensor, amount: float = 0.9) -> None:
    """Flat-bottomed heaps of discs."""
    side = picture.shape[-1]
    for _ in range(rng.integers(1, 5)):
        y, x, size = rng.uniform(0.08, bottom), rng.uniform(0, 1), rng.uniform(0.03, 0.06)
        heap = torch.zeros(side, side)
        for step in range(-2, 3):
            radius = size * (1 - 0.22 * abs(step)) * rng.uniform(0.85, 1.2)
            heap = torch.maximum(heap, disc(side, y - 0.4 * radius, x + step * size * 0.9, radius))
        paint(picture, colour, heap * (1 - below(side, torch.full((side,), y + 0.1 * size))) * amount)


def fir(side: int, y: float, x: float, height: float) -> torch.Tensor:
    """The silhouette of a fir whose foot is at (y, x)."""
    rows, columns = places(side)
    up = (y - rows) / height  # 0 at the foot, 1 at the top
    width = torch.where(up < 0.12, 0.03, 0.26 * (1 - up) * (0.75 + 0.5 * (1 - (up * 4) % 1)))
    inside = (width * height - (columns - x).abs()) * side + 0.5
    return inside.clamp(0, 1) * ((up > 0) & (up < 1))


def firs(rng: Rng, picture: torch.Tensor, count: int, level: float, height: tuple[float, float], colour: torch.Tensor) -> None:
    """A row of firs."""
    for _ in range(count):
        tree = fir(picture.shape[-1], level + rng.uniform(-0.01, 0.02), rng.uniform(0, 1), rng.uniform(*height))
        paint(picture, varied(rng, colour, 0.02), tree)


def meadow(rng: Rng, side: int) -> torch.Tensor:
    """Green hills with flowers under a blue sky."""
    level = rng.uniform(*HORIZON)
    sky, pale, far, near, white = colours(0x5BB8F0, 0xD8F1FB, 0x8CC95A, 0x57A639, 0xFFFFFF)
    picture = ramp(side, [varied(rng, sky), pale], level)
    clouds(rng, picture, level - 0.15, white)
    for step, colour in enumerate((far, (far + near) / 2, near)):
        curve = ridge(rng, side, level + 0.07 * step, 0.02)
        grass = varied(rng, colour)[:, None, None] * (1 + 0.035 * noise(rng, side, side, (30, 16), 1))
        paint(picture, grass, below(side, curve))
    for colour in colours(0xFFFFFF, 0xF7D448, 0xF2709C):
        paint(picture, colour, dots(rng, side, int(rng.integers(0, 18)), level + 0.2, 1, 0.004, 0.011))
    return picture


def water(rng: Rng, picture: torch.Tensor, level: float, top: torch.Tensor, bottom: torch.Tensor, glint: torch.Tensor) -> None:
    """Water from the horizon down, with waves that grow towards the viewer."""
    side = picture.shape[-1]
    rows = places(side)[0]
    depth = ((rows - level) / (1 - level)).clamp(0, 1)
    paint(picture, top[:, None, None] * (1 - depth) + bottom[:, None, None] * depth, below(side, torch.full((side,), level)))
    waves = torch.zeros(side, side)
    for cells, share in (((70, 8), 1 - depth), ((34, 5), depth)):
        waves += ((noise(rng, side, side, cells, 2) - 1.1) * 2).clamp(0, 1) * share
    paint(picture, glint, waves * 0.55 * (rows > level))


def sea(rng: Rng, side: int) -> torch.Tensor:
    """Open sea under a clear sky."""
    level = rng.uniform(*HORIZON)
    sky, pale, top, bottom, white = colours(0x6FC3F5, 0xE3F4FC, 0x3E9BD6, 0x135C9E, 0xFFFFFF)
    picture = ramp(side, [varied(rng, sky), pale], level)
    clouds(rng, picture, level - 0.12, white)
    water(rng, picture, level, varied(rng, top), varied(rng, bottom), white)
    return picture


def beach(rng: Rng, side: int) -> torch.Tensor:
    """Sand before the sea."""
    picture = sea(rng, side)
    sand, foam = colours(0xF0D79B, 0xFFFFFF)
    shore = ridge(rng, side, rng.uniform(0.72, 0.8), 0.012)
    paint(picture, foam, below(side, shore - 0.02))
    paint(picture, varied(rng, sand)[:, None, None] * (1 + 0.02 * noise(rng, side, side, (30, 30), 1)), below(side, shore))
    return picture


def night(rng: Rng, side: int) -> torch.Tensor:
    """A dark sky with stars over hills."""
    level = rng.uniform(0.7, 0.85)
    high, low, hill, star, moon = colours(0x0B1033, 0x31407E, 0x0A0F22, 0xFFFFFF, 0xFFF3C4)
    picture = ramp(side, [varied(rng, high, 0.02), varied(rng, low)], level)
    paint(picture, star, dots(rng, side, int(rng.integers(60, 130)), 0, level, 0.001, 0.006))
    if rng.random() < 0.4:
        y, x = rng.uniform(0.1, 0.25), rng.uniform(0.1, 0.9)
        paint(picture, moon, disc(side, y, x, 0.2, 60) * 0.25)
        paint(picture, moon, disc(side, y, x, 0.06))
    paint(picture, varied(rng, hill, 0.02), below(side, ridge(rng, side, level, 0.025)))
    return picture


def snow(rng: Rng, side: int) -> torch.Tensor:
    """Drifts, firs and falling snow."""
    level = rng.uniform(*HORIZON)
    sky, pale, drift, shade, tree, white = colours(0x9CC7E8, 0xE9F3FA, 0xF7FAFF, 0xCFE0F2, 0x5E8C84, 0xFFFFFF)
    picture = ramp(side, [varied(rng, sky), pale], level)
    firs(rng, picture, int(rng.integers(3, 12)), level + 0.03, (0.1, 0.32), tree)
    for step in range(3):
        curve = ridge(rng, side, level + 0.11 * step, 0.02)
        paint(picture, shade, below(side, curve - 0.004))
        paint(picture, drift * (1 - 0.02 * step), below(side, curve + 0.008))
    paint(picture, white, dots(rng, side, int(rng.integers(20, 70)), 0, 1, 0.002, 0.008) * 0.9)
    return picture


def desert(rng: Rng, side: int) -> torch.Tensor:
    """Dunes."""
    level = rng.uniform(*HORIZON)
    sky, pale, light, dark = colours(0x7CC4EA, 0xFCE9C8, 0xF2C879, 0xC98F45)
    picture = ramp(side, [varied(rng, sky), pale], level)
    if rng.random() < 0.5:
        paint(picture, colours(0xFFF6D0)[0], disc(side, rng.uniform(0.1, 0.25), rng.uniform(0.1, 0.9), 0.05))
    for step in range(4):
        curve = ridge(rng, side, level + 0.1 * step, 0.03, 2, 1)
        ripples = 1 + 0.03 * torch.sin(places(side)[0] * side * 0.7 + 4 * noise(rng, side, side, (3, 3), 2))
        paint(picture, varied(rng, light, 0.02)[:, None, None] * ripples, below(side, curve))
        slope = (torch.gradient(curve)[0] * side * 0.6).clamp(0, 0.8)[None] * below(side, curve)
        paint(picture, varied(rng, dark, 0.02), slope * (1 - (places(side)[0] - curve[None]) * 6).clamp(0, 1))
    return picture


def forest(rng: Rng, side: int) -> torch.Tensor:
    """Rows of firs or trunks over a green floor."""
    level = rng.uniform(0.6, 0.75)
    top, pale, far, near, floor, bark = colours(0x9FD3C0, 0xDDF0D6, 0x7FB08C, 0x2F6B46, 0x5C8A3C, 0x6B4A32)
    picture = ramp(side, [varied(rng, top), pale], level)
    for step in range(3):
        share = step / 2
        firs(
            rng,
            picture,
            14 - 3 * step,
            level - 0.05 + 0.04 * step,
            (0.25 + 0.1 * step, 0.5 + 0.15 * step),
            far * (1 - share) + near * share,
        )
    if rng.random() < 0.5:
        for _ in range(rng.integers(2, 5)):
            x, width = rng.uniform(0, 1), rng.uniform(0.015, 0.035)
            trunk = ((width - (places(side)[1] - x).abs()) * side + 0.5).clamp(0, 1) * (places(side)[0] < level + 0.06)
            paint(picture, varied(rng, bark)[:, None, None] * (1 + 0.1 * noise(rng, side, side, (10, 80), 1)), trunk)
    grass = varied(rng, floor)[:, None, None] * (1 + 0.04 * noise(rng, side, side, (30, 20), 1))
    paint(picture, grass, below(side, ridge(rng, side, level, 0.012)))
    return picture


def sunset(rng: Rng, side: int) -> torch.Tensor:
    """A low sun over the sea or over hills."""
    level = rng.uniform(*HORIZON)
    high, middle, low, sun, dark = colours(0x4B2E83, 0xE8567A, 0xFFC66B, 0xFFF0A8, 0x3A1F4A)
    picture = ramp(side, [varied(rng, high), varied(rng, middle), varied(rng, low)], level)
    x, y, size = rng.uniform(0.2, 0.8), level - rng.uniform(-0.02, 0.08), rng.uniform(0.07, 0.13)
    paint(picture, sun, disc(side, y, x, size * 2.2, side * size * 2) * 0.5)
    paint(picture, sun, disc(side, y, x, size))
    clouds(rng, picture, level - 0.2, colours(0xF58A8A)[0], 0.5)
    if rng.random() < 0.6:
        water(rng, picture, level, colours(0xD9687A)[0], dark, colours(0xFFD27A)[0])
        path = (1 - (places(side)[1] - x).abs() / (0.05 + 0.2 * (places(side)[0] - level).clamp(0))).clamp(0, 1)
        paint(picture, sun, path * 0.45 * (places(side)[0] > level))
    else:
        for step in range(3):
            paint(picture, dark * (1.5 - 0.4 * step), below(side, ridge(rng, side, level + 0.1 * step, 0.03)))
    return picture


def city(rng: Rng, side: int) -> torch.Tensor:
    """A skyline with windows over a street, by day or in the evening."""
    dusk, level = rng.random() < 0.5, rng.uniform(0.72, 0.82)
    day = colours(0x79C0EE, 0xE6F3FA, 0x9DB4C8, 0x5E7C9A, 0xDDEBF5, 0x6B6F76)
    evening = colours(0x23254F, 0xE58A7B, 0x4A4878, 0x2B2C52, 0xFFD983, 0x35374A)
    high, low, far, near, window, road = evening if dusk else day
    picture = ramp(side, [varied(rng, high), low], level)
    rows, columns = places(side)
    for colour, tallest in ((far, 0.55), (near, 0.42)):
        x = rng.uniform(-0.1, 0)
        while x < 1:
            width, top = rng.uniform(0.08, 0.17), level - rng.uniform(0.35, 1) * tallest
            inside = (columns > x) & (columns < x + width - 0.008) & (rows > top) & (rows < level)
            paint(picture, varied(rng, colour, 0.03), inside.float())
            grid = (((columns - x) / 0.026) % 1 > 0.45) & (((rows - top) / 0.036) % 1 > 0.5) & (rows < level - 0.02)
            lit = torch.from_numpy(rng.random((64, 64)) < (0.6 if dusk else 0.85))
            lit = lit[((rows - top) / 0.036).long().clamp(0, 63), ((columns - x) / 0.026).long().clamp(0, 63)]
            paint(picture, window, (inside & grid & lit & (columns > x + 0.012) & (columns < x + width - 0.02)).float() * 0.9)
            x += width
    paint(picture, varied(rng, road, 0.02), below(side, torch.full((side,), level)))
    stripe = ((rows - (level + 1) / 2 - 0.02).abs() < 0.008) & ((columns * 6 + rng.random()) % 1 < 0.55)
    paint(picture, colours(0xF5F0DC)[0], stripe.float())
    return picture


def room(rng: Rng, side: int) -> torch.Tensor:
    """A wall with a window or a picture, and a floor of planks."""
    level = rng.uniform(0.66, 0.76)
    walls = colours(0xF3DFC1, 0xCFE3E8, 0xE7CFD8, 0xD5E3C4, 0xE9E4DA)
    floor, white, sky, frame = colours(0xB98552, 0xFBFAF6, 0x9AD0F2, 0x8A5A3B)
    rows, columns = places(side)
    picture = varied(rng, walls[rng.integers(len(walls))], 0.03)[:, None, None].expand(3, side, side).clone()
    if rng.random() < 0.4:
        paint(picture, white, ((columns * rng.integers(8, 16)) % 1 < 0.5).float() * 0.25)
    y, x, height, width = rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.62), rng.uniform(0.22, 0.32), rng.uniform(0.2, 0.3)
    inside = [((rows > y - m) & (rows < y + height + m) & (columns > x - m) & (columns < x + width + m)).float() for m in (0, 0.018)]
    paint(picture, white if rng.random() < 0.6 else frame, inside[1])
    paint(picture, meadow(rng, side) if rng.random() < 0.4 else ramp(side, [sky, white]), inside[0])
    if rng.random() < 0.6:
        bars = ((columns - x - width / 2).abs() < 0.006) | ((rows - y - height / 2).abs() < 0.006)
        paint(picture, white, inside[0] * bars)
    planks = varied(rng, floor)[:, None, None] * (1 + 0.05 * noise(rng, side, side, (40, 4), 2))
    seam = ((rows - level) / (1 - level) * 5) % 1 < 0.05
    paint(picture, planks * torch.where(seam, 0.8, 1.0), below(side, torch.full((side,), level)))
    paint(picture, white, ((rows > level - 0.025) & (rows < level)).float())
    return picture


def mountains(rng: Rng, side: int) -> torch.Tensor:
    """Snow-capped peaks behind hills."""
    level = rng.uniform(0.6, 0.75)
    sky, pale, rock, cap, hill = colours(0x6DB3E8, 0xE4F1F9, 0x7788A6, 0xF6FAFF, 0x5F9E58)
    picture = ramp(side, [varied(rng, sky), pale], level)
    clouds(rng, picture, 0.2, cap)
    columns = places(side)[1][0]
    for step in range(2):
        curve = torch.full((side,), level + 0.05)
        for _ in range(3):
            peak, x, slope = rng.uniform(0.16, 0.34) + 0.12 * step, rng.uniform(0, 1), rng.uniform(0.7, 1.2)
            curve = torch.minimum(curve, peak + slope * (columns - x).abs() + 0.012 * noise(rng, 1, side, (1, 12), 2)[0])
        inside = below(side, curve)
        paint(picture, varied(rng, rock, 0.03) * (1.1 - 0.2 * step), inside)
        slope = torch.gradient(curve)[0] > 0
        paint(picture, rock * 0.6, inside * slope[None] * 0.35)
        border = curve.min() + 0.13 + 0.02 * noise(rng, 1, side, (1, 14), 1)[0]
        paint(picture, cap, inside * (1 - below(side, border)))
    paint(
        picture,
        varied(rng, hill)[:, None, None] * (1 + 0.03 * noise(rng, side, side, (26, 16), 1)),
        below(side, ridge(rng, side, level, 0.02)),
    )
    return picture


def space(rng: Rng, side: int) -> torch.Tensor:
    """Stars, a nebula and planets."""
    dark, star = colours(0x070818, 0xFFFFFF)
    picture = varied(rng, dark, 0.01)[:, None, None].expand(3, side, side).clone()
    for colour in colours(0x5B2A86, 0x1F4E8C):
        paint(picture, varied(rng, colour), (noise(rng, side, side, (2, 2), 4) * 0.3).clamp(0, 0.6))
    paint(picture, star, dots(rng, side, int(rng.integers(80, 170)), 0, 1, 0.001, 0.006))
    for _ in range(rng.integers(0, 3)):
        y, x, size = rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.12)
        colour = varied(rng, colours(0xE0A060, 0x70A8D8, 0xC86070)[rng.integers(3)])
        paint(picture, colour, disc(side, y, x, size))
        paint(picture, dark, disc(side, y, x, size) * (1 - disc(side, y - size / 4, x - size / 4, size, 8)) * 0.6)
    return picture


def underwater(rng: Rng, side: int) -> torch.Tensor:
    """Light from above, bubbles, weeds and sand."""
    light, deep, sand, white = colours(0x6FD6EE, 0x0E5A96, 0xD9C48A, 0xFFFFFF)
    picture = ramp(side, [varied(rng, light), varied(rng, deep)])
    rows, columns = places(side)
    rays = torch.sin((columns + 0.35 * rows) * rng.uniform(14, 24) + rng.uniform(0, 6)).clamp(0, 1)
    paint(picture, white, rays * (0.25 * (1 - rows)))
    level = rng.uniform(0.82, 0.9)
    for _ in range(rng.integers(2, 7)):
        x, top = rng.uniform(0, 1), rng.uniform(0.55, 0.75)
        bend = x + 0.015 * torch.sin(rows * 30 + rng.uniform(0, 6))
        weed = ((0.014 * (rows - top).clamp(0) * 4 - (columns - bend).abs()) * side + 0.5).clamp(0, 1) * (rows > top)
        paint(picture, varied(rng, colours(0x2F8F5B)[0]), weed)
    paint(
        picture,
        varied(rng, sand)[:, None, None] * (1 + 0.02 * noise(rng, side, side, (30, 30), 1)),
        below(side, ridge(rng, side, level, 0.012)),
    )
    rings = dots(rng, side, int(rng.integers(5, 25)), 0.05, level, 0.004, 0.014)
    paint(picture, white, rings * 0.5)
    return picture


GROUNDS: dict[str, Callable[[Rng, int], torch.Tensor]] = {
    f.__name__: f for f in (meadow, sea, beach, night, snow, desert, forest, sunset, city, room, mountains, space, underwater)
}
FLOATING = ("night", "space", "underwater")  # nothing casts a shadow there


def draw(ground: str, seed: int, side: int) -> torch.Tensor:
    """One ground, [3, side, side] in 0..1."""
    return GROUNDS[ground](np.random.default_rng(seed), side).clamp(0, 1)


if __name__ == "__main__":
    from PIL import Image

    rows = [torch.cat([draw(name, seed, 192) for seed in range(6)], 2) for name in GROUNDS]
    Image.fromarray((torch.cat(rows, 1) * 255).byte().permute(1, 2, 0).numpy()).save(sys.argv[1])
