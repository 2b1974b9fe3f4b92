"""Data-parallel training by several one-thread processes (on a CPU faster than threads), as torchrun starts them.

Every process draws its own samples; gradients and the share of the time that has passed are averaged at every step.
"""

import os

import torch
import torch.distributed as dist

COUNT = int(os.environ.get("WORLD_SIZE", "1"))
RANK = int(os.environ.get("RANK", "0"))
FIRST = RANK == 0  # the process that reports and saves


def start(model, seed: int) -> None:
    """Join the other processes, begin with the first one's weights, and draw differently from each other."""
    if COUNT > 1:
        dist.init_process_group("gloo")
        for tensor in model.state_dict().values():
            dist.broadcast(tensor, 0)
    torch.manual_seed(seed + RANK)


def average(model, progress: float) -> float:
    """Average the gradients over the processes; returns the mean progress, the same number everywhere."""
    if COUNT == 1:
        return progress
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients] + [torch.tensor([progress])])
    dist.all_reduce(flat)
    flat /= COUNT
    for gradient, mean in zip(gradients, flat[:-1].split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))
    return float(flat[-1])
