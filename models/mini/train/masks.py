"""Masks for training the inpainting UNet, on the latent grid: 1 = keep, 0 = draw."""

import torch
import torch.nn.functional as F


def boxes(count: int, side: int, device) -> torch.Tensor:
    """Random rectangles [count, side, side], bool."""
    corner = (torch.rand(2, count, device=device) * side * 0.75).floor()
    extent = (2 + torch.rand(2, count, device=device) * side * 0.8).floor()
    line = torch.arange(side, device=device)
    inside = [(line >= c[:, None]) & (line < (c + e)[:, None]) for c, e in zip(corner, extent, strict=True)]
    return inside[0][:, :, None] & inside[1][:, None, :]


def sides(count: int, side: int, device) -> torch.Tensor:
    """Strips along an edge, an eighth to three quarters wide, as outpainting leaves them empty; a third has two such strips."""
    line = torch.arange(side, device=device)
    width = (side * (0.125 + 0.625 * torch.rand(2, count, device=device))).round()
    turn = torch.randint(0, 4, (2, count), device=device)
    holes = []
    for w, t in zip(width, turn, strict=True):
        place = torch.where((t % 2 == 0)[:, None], line, line.flip(0)) < w[:, None]
        holes.append(torch.where((t < 2)[:, None, None], place[:, None, :], place[:, :, None]).expand(-1, side, side))
    both = torch.rand(count, 1, 1, device=device) < 1 / 3
    return holes[0] | (holes[1] & both)


def over(objects: torch.Tensor) -> torch.Tensor:
    """Holes over the objects [n, h, w]: their outline grown by a cell, or the rectangle around them."""
    grown = F.max_pool2d(objects.float()[:, None], 3, 1, 1)[:, 0] > 0
    around = grown.any(1, keepdim=True) & grown.any(2, keepdim=True)
    return torch.where(torch.rand(len(objects), 1, 1, device=objects.device) < 0.5, grown, around)


def random(objects: torch.Tensor, share: float) -> torch.Tensor:
    """Masks [n, 1, h, w] for scenes with these object cells; nothing is kept in all but a share of them."""
    count, side, device = len(objects), objects.shape[-1], objects.device
    box = boxes(count, side, device)
    kind = torch.rand(count, 1, 1, device=device)
    hole = torch.where(kind < 0.3, box, sides(count, side, device))
    hole = torch.where(kind > 0.6, over(objects), hole)
    hole = torch.where(kind > 0.85, ~box, hole)
    hole |= torch.rand(count, 1, 1, device=device) >= share
    return (~hole)[:, None].float()
