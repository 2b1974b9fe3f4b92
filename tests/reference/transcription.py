"""Samplers and starts in plain PyTorch, written from their papers.

For what diffusers' Kandinsky pipelines can not do: PLMS, odd sizes, even step lists, known latents in p_sampler.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

TRAIN = 1000


@dataclass(frozen=True)
class Schedule:
    """Signal shares of the training steps, what the network predicts, and the range of clean samples."""

    alphas: torch.Tensor
    prediction: str
    clip: float | None

    @classmethod
    def of(cls, config: dict) -> "Schedule":
        """From a diffusers scheduler's configuration."""
        betas = torch.linspace(config["beta_start"], config["beta_end"], TRAIN, dtype=torch.float64)
        clip = config["clip_sample_range"] if config["clip_sample"] else None
        return cls(torch.cumprod(1 - betas, 0), config["prediction_type"], clip)

    def split(self, x: torch.Tensor, value: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Clean sample (clipped) and noise."""
        a = self.alphas[t].float()
        if self.prediction == "epsilon":
            clean, noise = (x - (1 - a).sqrt() * value) / a.sqrt(), value
        else:
            clean, noise = value, (x - a.sqrt() * value) / (1 - a).sqrt()
        return (clean if self.clip is None else clean.clamp(-self.clip, self.clip)), noise


def timesteps(sampler: str, rules: str, steps: int) -> list[int]:
    """Training steps to visit, from the noisiest."""
    if sampler == "p_sampler":
        if rules == "diffusers":
            return [i * (TRAIN // steps) for i in reversed(range(steps))]
        return [round(i * (TRAIN - 1) / (steps - 1)) for i in reversed(range(steps))]
    if sampler == "dpm++":
        return [round(i * (TRAIN - 1) / steps) for i in range(steps, 0, -1)]
    if rules == "diffusers":
        return [i * (TRAIN // steps) + 1 for i in reversed(range(steps))]
    return [round(i * TRAIN / steps) + 1 for i in reversed(range(steps))]


def kept_cells(drawn: torch.Tensor, size: tuple[int, int], rules: str) -> torch.Tensor:
    """Latent cells that are kept, 1 = keep, of a mask of whole cells: holes widened over six neighbours.

    diffusers looks at the first pixel of a cell; a sound hole has every cell with a pixel to draw.
    """
    height, width = size
    if rules == "sound":
        scale = drawn.shape[-1] // width
        kept = 1 - torch.nn.functional.max_pool2d(drawn, scale)
    else:
        kept = torch.nn.functional.interpolate(1 - drawn, size, mode="nearest")
    wide = kept.clone()
    for y, x in (kept[0, 0] != 1).nonzero().tolist():
        for down, right in [(-1, 0), (0, -1), (-1, -1), (1, 0), (0, 1), (1, 1)]:
            if 0 <= y + down < height and 0 <= x + right < width:
                wide[..., y + down, x + right] = 0
    return wide


def steps_taken(case: dict) -> list[int]:
    """Training steps to visit for a strength (share that changes)."""
    visited, strength = timesteps(case["sampler"], case["rules"], case["steps"]), case["strength"]
    if strength is None:
        return visited
    if case["rules"] == "sound":
        return visited[len(visited) - max(1, round(len(visited) * strength)):]
    return visited[len(visited) - int(len(visited) * strength):]


def begin(case: dict, schedule: Schedule, latents: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Noise, or the noised picture where there is a strength."""
    if case["strength"] is None:
        return noise
    a = schedule.alphas[steps_taken(case)[0]]
    return a.sqrt().float() * latents + (1 - a).sqrt().float() * noise


def sample(
    case: dict, schedule: Schedule, network: Callable, x: torch.Tensor, draws: list[torch.Tensor],
    known: torch.Tensor | None,
) -> torch.Tensor:
    """Runs a sampler. `network(x, t)` gives the guided prediction and the variance channels; `known` is what an inpainting
    network is told: masked latents and mask.
    """
    visited = steps_taken(case)
    if case["sampler"] == "p_sampler":
        return p_sampler(schedule, network, x, visited, draws, known)
    runner = {"ddim": ddim, "plms": plms, "dpm++": dpm_solver}[case["sampler"]]
    return runner(schedule, network, x, visited)


def move(clean: torch.Tensor, noise: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    """A sample with signal share `a`."""
    return a.float().sqrt() * clean + (1 - a.float()).sqrt() * noise


def ddim(schedule, network, x, visited):
    """DDIM, eta 0; the last level is that of training step 0."""
    for t, after in zip(visited, [*visited[1:], 0]):
        clean, noise = schedule.split(x, network(x, t)[0], t)
        x = move(clean, noise, schedule.alphas[after])
    return x


def plms(schedule, network, x, visited):
    """Pseudo linear multistep: the first step is a trial and a correction, then Adams-Bashforth."""
    def noise_at(x, t):
        return schedule.split(x, network(x, t)[0], t)[1]

    def advance(x, noise, t, after):
        a = schedule.alphas[t].float()
        clean = (x - (1 - a).sqrt() * noise) / a.sqrt()
        clean = clean if schedule.clip is None else clean.clamp(-schedule.clip, schedule.clip)
        return move(clean, noise, schedule.alphas[after])

    past = []
    for t, after in zip(visited, [*visited[1:], 0]):
        noise = noise_at(x, t)
        if not past:
            trial = advance(x, noise, t, after)
            mixed = (noise + noise_at(trial, after or t)) / 2
        elif len(past) == 1:
            mixed = (3 * noise - past[-1]) / 2
        elif len(past) == 2:
            mixed = (23 * noise - 16 * past[-1] + 5 * past[-2]) / 12
        else:
            mixed = (55 * noise - 59 * past[-1] + 37 * past[-2] - 9 * past[-3]) / 24
        past = [*past, noise][-3:]
        x = advance(x, mixed, t, after)
    return x


def p_sampler(schedule, network, x, visited, draws, known):
    """Ancestral, learned range of variance, clamp to 2, dynamic threshold; for networks that predict noise.

    What is known of the picture is laid into every clean sample, after the threshold: it is no prediction.
    """
    draws = list(draws)
    for k, t in enumerate(visited):
        last = k == len(visited) - 1
        a, before = schedule.alphas[t], torch.tensor(1.0, dtype=torch.float64) if last else schedule.alphas[visited[k + 1]]
        beta = 1 - a / before
        value, variance = network(x, t)
        clean = threshold(schedule.split(x, value, t)[0].clamp(-2, 2))
        if known is not None:
            latents, kept = known.split([4, 1], dim=1)
            clean = clean * (1 - kept) + latents * kept
        c1 = (before.sqrt() * beta / (1 - a)).float()
        c2 = ((1 - beta).sqrt() * (1 - before) / (1 - a)).float()
        x = c1 * clean + c2 * x
        if not last:
            low, high = (beta * (1 - before) / (1 - a)).log().float(), beta.log().float()
            share = (variance + 1) / 2
            x = x + (0.5 * (share * high + (1 - share) * low)).exp() * draws.pop(0)
    return x


def threshold(clean: torch.Tensor) -> torch.Tensor:
    """Divides each picture by the 99.5 percentile of its absolute values where that is above 1."""
    s = torch.quantile(clean.abs().flatten(1), 0.995, dim=1).clamp(min=1).reshape(-1, 1, 1, 1)
    return clean.clamp(-s, s) / s


def dpm_solver(schedule, network, x, visited):
    """DPM-Solver++(2M), data prediction."""
    def level(t):
        a = schedule.alphas[t]
        return a.sqrt(), (1 - a).sqrt(), (a.sqrt() / (1 - a).sqrt()).log()

    previous = None
    for k, t in enumerate(visited):
        clean = schedule.split(x, network(x, t)[0], t)[0]
        _, sigma_s, lambda_s = level(t)
        alpha_t, sigma_t, lambda_t = level(visited[k + 1] if k + 1 < len(visited) else 0)
        h = lambda_t - lambda_s
        first_order = previous is None or (k == len(visited) - 1 and len(visited) < 15)
        target = clean
        if not first_order:
            r = (lambda_s - previous[1]) / h
            target = clean + (clean - previous[0]) * (0.5 / r).float()
        x = (sigma_t / sigma_s).float() * x - (alpha_t * torch.expm1(-h)).float() * target
        previous = (clean, lambda_s)
    return x
