"""A pool of scenes for the UNet, made once: moved and scaled objects, and two objects side by side.

Pictures in the middle alone teach the UNet to draw the same picture for every seed, and nothing about mixes."""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F

import clip
import data
import movq
import vocabulary
from loop import load_weights, path_of
from settings import LATENT_FACTOR, WORK

TWO = 0.4  # share of the scenes that show two objects
SMALLEST = 0.45  # scale of a moved object, relative to its usual size
VISIBLE = 0.1  # alpha from which a pixel belongs to an object


@dataclass
class Scenes:
    """Encoded scenes. A scene of one object has the same pair twice."""

    latents: torch.Tensor  # [n, 4, h, w], f16
    images: torch.Tensor  # [n, width]: embedding of the scene itself
    pairs: torch.Tensor  # [n, 2]: rows of Conditions.images
    objects: torch.Tensor  # [n, h, w], bool: latent cells that the objects touch

    def to(self, device) -> "Scenes":
        """On another device."""
        return Scenes(*(getattr(self, f.name).to(device) for f in fields(self)))


def place(pictures: torch.Tensor, scale: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
    """Premultiplied pictures [n, 4, h, w] scaled by [n] around a new centre [n, 2] (x, y in -1..1)."""
    theta = pictures.new_zeros(len(pictures), 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = 1 / scale, 1 / scale, -centre / scale[:, None]
    grid = F.affine_grid(theta, pictures.shape, align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)


def one_object(pictures: torch.Tensor) -> torch.Tensor:
    """Each picture at a random size and place, wholly inside."""
    scale = SMALLEST + (1 - SMALLEST) * torch.rand(len(pictures))
    return place(pictures, scale, (2 * torch.rand(len(pictures), 2) - 1) * (1 - scale)[:, None])


def two_objects(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Two pictures side by side, or (a third) one above the other; the second is in front."""
    count = len(first)
    along = 0.4 + 0.08 * torch.rand(count)
    across = (torch.rand(count) - 0.5) * 0.3
    centre = torch.stack([along * (1 - 2 * torch.randint(0, 2, (count,))), across], 1)
    centre = torch.where((torch.rand(count) < 1 / 3)[:, None], centre.flip(1), centre)
    scale = [0.48 + 0.12 * torch.rand(count) for _ in range(2)]
    below, above = place(first, scale[0], centre), place(second, scale[1], -centre)
    return above + below * (1 - above[:, 3:])


def composed(pictures: torch.Tensor, count: int, pairs: torch.Tensor, colours: torch.Tensor):
    """(premultiplied pictures, pairs of rows, background colours) of random scenes."""
    number = len(colours)
    chosen = pairs[torch.randint(0, len(pairs), (count,))]
    other = torch.randint(0, len(pictures), (count,))
    two = torch.rand(count) < TWO
    other = torch.where(two, other, chosen[:, 0])
    drawn = torch.where(
        two[:, None, None, None],
        two_objects(pictures[chosen[:, 0]], pictures[other]),
        one_object(pictures[chosen[:, 0]]),
    )
    rows = torch.stack([chosen[:, 0], other], 1) * number + chosen[:, 1:]
    return drawn, rows, colours[chosen[:, 1]]


def cells(alpha: torch.Tensor) -> torch.Tensor:
    """Latent cells [n, h, w] that visible pixels of alpha [n, 1, H, W] touch."""
    return F.max_pool2d(alpha, LATENT_FACTOR)[:, 0] > VISIBLE


@torch.no_grad()
def build(preset, rank: int = 0) -> Scenes:
    """Make or load the pool of one process; anew when a checkpoint it depends on is newer."""
    cache = WORK / f"scenes-{preset.size}-{preset.scenes}-{rank}.pt"
    sources = [path for path in (path_of("movq"), path_of("clip")) if path.exists()]
    if cache.exists() and all(s.stat().st_mtime < cache.stat().st_mtime for s in sources):
        return torch.load(cache, weights_only=False)
    torch.manual_seed(21 + rank)
    auto = load_weights("movq", movq.build()).to(preset.device)
    vision = load_weights("clip", clip.Encoders(vocabulary.load())).vision.to(preset.device)
    pictures = data.object_pictures(data.objects(preset), preset.size)
    pairs, colours = data.training_pairs(len(pictures), preset.held_out), data.background_colours()
    parts = []
    for _ in range(0, preset.scenes, 32):
        drawn, rows, behind = composed(pictures, 32, pairs, colours)
        shown = data.compose(drawn, behind).to(preset.device)
        latents, images = movq.encode(auto, shown).half().cpu(), vision(clip.normalised(shown)).image_embeds.cpu()
        parts.append((latents, images, rows, cells(drawn[:, 3:])))
    result = Scenes(*(torch.cat(list(column)) for column in zip(*parts, strict=True)))
    torch.save(result, cache)
    return result


def centred(preset) -> torch.Tensor:
    """Latent cells [objects, h, w] that the usual, centred pictures touch."""
    return cells(data.object_pictures(data.objects(preset), preset.size)[:, 3:])
