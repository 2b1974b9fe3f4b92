"""A pool of scenes for inpainting and variations, made once: moved, mirrored and scaled objects, and small ones before large ones.

Pictures in the middle alone teach the UNet nothing about a second thing in a corner, or about more room around a thing; and one
picture for each embedding makes every variation the same."""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F

import clip
import data
import movq
import vocabulary
from loop import load_weights, path_of
from settings import WORK

ONE, CORNER, VARIED = range(3)  # kinds of scenes: one object; a small one in a corner before a large one; one a little changed
SHARES = (0.5, 0.25, 0.25)  # of the kinds
SMALLEST = (0.5, 0.5, 0.75)  # scale of a moved object of each kind, relative to its usual size
VISIBLE = 0.1  # alpha from which a pixel belongs to an object


@dataclass
class Scenes:
    """Encoded scenes. A scene of one object has the same pair twice."""

    latents: torch.Tensor  # [n, channels, h, w], f16
    images: torch.Tensor  # [n, width]: embedding of the scene itself
    pairs: torch.Tensor  # [n, 2]: rows of Conditions.images
    kinds: torch.Tensor  # [n]
    objects: torch.Tensor  # [n, h, w], bool: latent cells that the objects touch
    second: torch.Tensor  # [n, h, w], bool: those that the second object touches; the same where there is one

    def to(self, device) -> "Scenes":
        """On another device."""
        return Scenes(*(getattr(self, f.name).to(device) for f in fields(self)))


def place(pictures: torch.Tensor, scale: torch.Tensor, centre: torch.Tensor, flip: bool = False) -> torch.Tensor:
    """Premultiplied pictures [n, 4, h, w] scaled by [n] around a new centre [n, 2] (x, y in -1..1); half may be mirrored."""
    turn = torch.where(torch.rand(len(pictures)) < (0.5 if flip else 0.0), -1.0, 1.0)
    theta = pictures.new_zeros(len(pictures), 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = turn / scale, 1 / scale
    theta[:, 0, 2], theta[:, 1, 2] = -turn * centre[:, 0] / scale, -centre[:, 1] / scale
    grid = F.affine_grid(theta, pictures.shape, align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)


def one_object(pictures: torch.Tensor, smallest: torch.Tensor) -> torch.Tensor:
    """Each picture at a random size and place, wholly inside, half of them mirrored."""
    scale = smallest + (1 - smallest) * torch.rand(len(pictures))
    return place(pictures, scale, (2 * torch.rand(len(pictures), 2) - 1) * (1 - scale)[:, None], flip=True)


def corner(first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The first pictures about as usual, the second small in one of the corners."""
    count = len(first)
    large, small = 0.7 + 0.3 * torch.rand(count), 0.4 + 0.15 * torch.rand(count)
    sides = torch.where(torch.rand(count, 2) < 0.5, -1.0, 1.0)
    room = (1 - large)[:, None] * (2 * torch.rand(count, 2) - 1)
    edge = 0.95 + 0.1 * torch.rand(count, 2) - data.OBJECT_SHARE * small[:, None]
    return place(first, large, room, flip=True), place(second, small, sides * edge)


def over(below: torch.Tensor, above: torch.Tensor) -> torch.Tensor:
    """One premultiplied picture before another."""
    return above + below * (1 - above[:, 3:])


def composed(pictures: torch.Tensor, count: int, pairs: torch.Tensor, number: int):
    """(premultiplied pictures, the second objects of them alone, pairs of rows, kinds) of random scenes."""
    chosen = pairs[torch.randint(0, len(pairs), (count,))]
    kinds = torch.multinomial(torch.tensor(SHARES), count, replacement=True)
    other = torch.where(kinds == CORNER, torch.randint(0, len(pictures), (count,)), chosen[:, 0])
    first = pictures[chosen[:, 0]]
    alone, (below, above) = one_object(first, torch.tensor(SMALLEST)[kinds]), corner(first, pictures[other])
    two = (kinds == CORNER)[:, None, None, None]
    drawn, parts = torch.where(two, over(below, above), alone), torch.where(two, above, alone)
    rows = torch.stack([chosen[:, 0], other], 1) * number + chosen[:, 1:]
    return drawn, parts, rows, kinds


def cells(alpha: torch.Tensor, factor: int) -> torch.Tensor:
    """Latent cells [n, h, w] that visible pixels of alpha [n, 1, H, W] touch."""
    return F.max_pool2d(alpha, factor)[:, 0] > VISIBLE


@torch.no_grad()
def build(preset, rank: int = 0) -> Scenes:
    """Make or load the pool of one process; anew when a checkpoint it depends on is newer."""
    cache = WORK / f"scenes-{preset.size}-{preset.scenes}-{rank}.pt"
    sources = [path for path in (path_of("movq"), path_of("clip")) if path.exists()]
    if cache.exists() and all(s.stat().st_mtime < cache.stat().st_mtime for s in sources):
        return torch.load(cache, weights_only=False)
    torch.manual_seed(21 + rank)
    auto = load_weights("movq", movq.build(preset)).to(preset.device)
    vision = load_weights("clip", clip.Encoders(vocabulary.load())).vision.to(preset.device)
    pictures = data.object_pictures(data.objects(preset), preset.size)
    pairs, colours = data.training_pairs(len(pictures), preset.held_out), data.background_colours()
    parts = []
    for _ in range(0, preset.scenes, 32):
        drawn, second, rows, kinds = composed(pictures, 32, pairs, len(colours))
        shown = data.compose(drawn, colours[rows[:, 0] % len(colours)]).to(preset.device)
        latents, images = movq.encode(auto, shown).half().cpu(), vision(clip.normalised(shown)).image_embeds.cpu()
        parts.append((latents, images, rows, kinds, *(cells(p[:, 3:], preset.latent_factor) for p in (drawn, second))))
    result = Scenes(*(torch.cat(list(column)) for column in zip(*parts, strict=True)))
    torch.save(result, cache)
    return result


def centred(preset) -> torch.Tensor:
    """Latent cells [objects, h, w] that the usual, centred pictures touch."""
    return cells(data.object_pictures(data.objects(preset), preset.size)[:, 3:], preset.latent_factor)
