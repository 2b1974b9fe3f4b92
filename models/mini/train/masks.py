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


def strips(count: int, side: int, device, widest: float = 0.75) -> torch.Tensor:
    """Strips along one edge, from an eighth of the side wide, as outpainting leaves them empty."""
    line = torch.arange(side, device=device)
    width = (side * (0.125 + (widest - 0.125) * torch.rand(count, 1, device=device))).round()
    turn = torch.randint(0, 4, (count, 1), device=device)
    place = torch.where(turn % 2 == 0, line, line.flip(0)) < width
    return torch.where((turn < 2)[:, :, None], place[:, None, :], place[:, :, None]).expand(-1, side, side)


def sides(count: int, side: int, device) -> torch.Tensor:
    """Strips to draw, a third with a second one; a third keep a strip across, as a picture that is no square leaves it."""
    hole = strips(count, side, device)
    hole = hole | (strips(count, side, device) & sometimes(1 / 3, count, device))
    return hole & ~(strips(count, side, device, 0.5) & sometimes(1 / 3, count, device))


def around(objects: torch.Tensor) -> torch.Tensor:
    """The rectangles [n, h, w] around the objects, grown by a cell, half of them by another."""
    grown = [F.max_pool2d(objects.float()[:, None], size, 1, size // 2)[:, 0] > 0 for size in (3, 5)]
    grown = torch.where(sometimes(0.5, len(objects), objects.device), *grown)
    return grown.any(1, keepdim=True) & grown.any(2, keepdim=True)


def over(objects: torch.Tensor) -> torch.Tensor:
    """Holes over the objects [n, h, w]: their outline grown by a cell, or the rectangle around them."""
    grown = F.max_pool2d(objects.float()[:, None], 3, 1, 1)[:, 0] > 0
    return torch.where(sometimes(0.4, len(objects), objects.device), grown, around(objects))


def sometimes(share: float, count: int, device) -> torch.Tensor:
    """True for a share, [count, 1, 1]."""
    return torch.rand(count, 1, 1, device=device) < share


def random(objects: torch.Tensor) -> torch.Tensor:
    """Random holes [n, h, w] for scenes with these object cells: anywhere, at the edges, over the objects, all but them."""
    count, side, device = len(objects), objects.shape[-1], objects.device
    box = boxes(count, side, device)
    kind = torch.rand(count, 1, 1, device=device)
    hole = torch.where(kind < 0.2, box, sides(count, side, device))
    hole = torch.where(kind > 0.5, over(objects), hole)
    hole = torch.where(kind > 0.7, ~around(objects), hole)
    return torch.where(kind > 0.9, ~box, hole)
