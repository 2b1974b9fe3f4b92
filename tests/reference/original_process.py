"""The original program's diffusion in numpy and PyTorch, from its formulas: tables in f64, samples in f32.

Spaced processes with the prior's two samplers and the decoder's `p_sampler`; DDIM and PLMS over the whole process.
"""

import math
from collections.abc import Callable

import numpy as np
import torch

TRAIN = 1000
# Predicted clean samples lie within these.
PRIOR_RANGE, DECODER_RANGE = 10, 2

Network = Callable[[torch.Tensor, int], tuple[torch.Tensor, torch.Tensor | None]]


def linear(start: float, end: float) -> np.ndarray:
    """Evenly spaced β."""
    return np.linspace(start, end, TRAIN, dtype=np.float64)


def cosine() -> np.ndarray:
    """β of the squared cosine, at most 0.999."""
    def level(share: float) -> float:
        return math.cos((share + 0.008) / 1.008 * math.pi / 2) ** 2

    return np.array([min(1 - level((i + 1) / TRAIN) / level(i / TRAIN), 0.999) for i in range(TRAIN)])


def spread(count: int) -> list[int]:
    """`count` training steps from the first to the last, by adding up the stride."""
    stride, place, steps = (TRAIN - 1) / (count - 1), 0.0, []
    for _ in range(count):
        steps.append(round(place))
        place += stride
    return sorted(set(steps))


def strided(count: int) -> list[int]:
    """Training steps at a whole stride, moved up by one: seldom as many as asked for, and the last may be beyond the end."""
    return [t + 1 for t in range(0, TRAIN, TRAIN // count)]


class SpacedProcess:
    """A process that visits some of the training steps, as one with fewer steps of its own."""

    def __init__(self, betas: np.ndarray, visited: list[int]) -> None:
        shares = np.cumprod(1 - betas)
        self.visited = [t for t in visited if t < TRAIN]
        kept = shares[self.visited]
        self.betas = 1 - kept / np.append(1.0, kept[:-1])
        self.shares = np.cumprod(1 - self.betas)
        self.before = np.append(1.0, self.shares[:-1])
        variance = self.betas * (1 - self.before) / (1 - self.shares)
        self.log_variance = np.log(np.append(variance[1], variance[1:]))
        self.of_clean = self.betas * np.sqrt(self.before) / (1 - self.shares)
        self.of_sample = (1 - self.before) * np.sqrt(1 - self.betas) / (1 - self.shares)

    def mean(self, clean: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
        """Mean of the sample before step `k`."""
        return number(self.of_clean[k]) * clean + number(self.of_sample[k]) * x


def number(value: float) -> torch.Tensor:
    """A table's entry as the program takes it: f32."""
    return torch.tensor(float(value), dtype=torch.float32)


def prior_ancestral(network: Network, x: torch.Tensor, steps: int, draws: list[torch.Tensor]) -> torch.Tensor:
    """From noise to a standardised image embedding; `draws` has one fewer than there are steps."""
    process, draws = SpacedProcess(cosine(), spread(steps)), list(draws)
    for k in reversed(range(len(process.visited))):
        clean = network(x, process.visited[k])[0].clamp(-PRIOR_RANGE, PRIOR_RANGE)
        x = process.mean(clean, x, k)
        if k:
            x = x + torch.exp(0.5 * number(process.log_variance[k])) * draws.pop(0)
    return x


def prior_ddim(network: Network, x: torch.Tensor, steps: int) -> torch.Tensor:
    """The same without noise, over the strided steps."""
    process = SpacedProcess(cosine(), strided(steps))
    for k in reversed(range(len(process.visited))):
        clean = network(x, process.visited[k])[0].clamp(-PRIOR_RANGE, PRIOR_RANGE)
        share, before = process.shares[k], process.before[k]
        noise = (number(np.sqrt(1 / share)) * x - clean) / number(np.sqrt(1 / share - 1))
        x = clean * torch.sqrt(number(before)) + torch.sqrt(1 - number(before)) * noise
    return x


def p_sampler(
    network: Network, x: torch.Tensor, process: SpacedProcess, first: int, draws: list[torch.Tensor],
    known: tuple[torch.Tensor, torch.Tensor] | None,
) -> torch.Tensor:
    """The decoder's ancestral sampler over the first `first` steps of a process; `known` are latents and which are kept."""
    draws = list(draws)
    for k in reversed(range(first)):
        noise, learned = network(x, process.visited[k])
        share = process.shares[k]
        clean = number(np.sqrt(1 / share)) * x - number(np.sqrt(1 / share - 1)) * noise
        clean = clean.clamp(-DECODER_RANGE, DECODER_RANGE)
        if known is not None:
            latents, kept = known
            clean = clean * (1 - kept) + latents * kept
        bound = max(float(np.percentile(np.abs(clean[0].numpy()), 99.5)), 1.0)
        clean = clean.clamp(-bound, bound) / bound
        x = process.mean(clean, x, k)
        if k:
            weight = (learned + 1) / 2
            low, high = number(process.log_variance[k]), number(np.log(process.betas[k]))
            x = x + torch.exp(0.5 * (weight * high + (1 - weight) * low)) * draws.pop(0)
    return x


def stepper(shares: np.ndarray, visited: list[int]) -> Callable:
    """One step of DDIM from place `k` of `visited`; below the first is the level of training step 0."""
    own = shares[visited]
    below = np.append(shares[0], own[:-1])

    def step(x: torch.Tensor, noise: torch.Tensor, k: int) -> torch.Tensor:
        clean = (x - number(np.sqrt(1 - own[k])) * noise) / torch.sqrt(number(own[k]))
        return torch.sqrt(number(below[k])) * clean + torch.sqrt(1 - number(below[k])) * noise

    return step


def ddim(network: Network, x: torch.Tensor, shares: np.ndarray, visited: list[int]) -> torch.Tensor:
    """DDIM, eta 0, no clamp."""
    step = stepper(shares, visited)
    for k in reversed(range(len(visited))):
        x = step(x, network(x, visited[k])[0], k)
    return x


def plms(network: Network, x: torch.Tensor, shares: np.ndarray, visited: list[int]) -> torch.Tensor:
    """Pseudo linear multistep; the first step is tried, and taken with the mean of the noise at its ends."""
    step, past = stepper(shares, visited), []
    for k in reversed(range(len(visited))):
        noise = network(x, visited[k])[0]
        if not past:
            trial = step(x, noise, k)
            mixed = (noise + network(trial, visited[max(k - 1, 0)])[0]) / 2
        elif len(past) == 1:
            mixed = (3 * noise - past[-1]) / 2
        elif len(past) == 2:
            mixed = (23 * noise - 16 * past[-1] + 5 * past[-2]) / 12
        else:
            mixed = (55 * noise - 59 * past[-1] + 37 * past[-2] - 9 * past[-3]) / 24
        past = [*past, noise][-3:]
        x = step(x, mixed, k)
    return x
