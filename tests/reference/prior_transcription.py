"""The prior's samplers in plain PyTorch, over predicted clean embeddings: the deterministic ones, and the ancestral one with exact
coefficients.
"""

import math

import torch
from diffusers import KandinskyPriorPipeline

TRAIN = 1000


def signal_shares() -> torch.Tensor:
    """ᾱ of the cosine schedule, with β of at most 0.999."""
    def level(share: float) -> float:
        return math.cos((share + 0.008) / 1.008 * math.pi / 2) ** 2

    betas = [min(1 - level((i + 1) / TRAIN) / level(i / TRAIN), 0.999) for i in range(TRAIN)]
    return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), 0)


@torch.no_grad()
def run(
    case: dict, text: str, against: str, inputs: dict[str, torch.Tensor], prior: KandinskyPriorPipeline
) -> torch.Tensor:
    """Image embeddings of `text`, one for each row of noise."""
    count, guidance, initial = case["count"], case["prior_guidance"], inputs["prior.initial"]
    embeds, states, mask = prior._encode_prompt([text], torch.device("cpu"), count, guidance > 1, [against])
    limit = prior.scheduler.config.clip_sample_range

    def network(x: torch.Tensor, t: int) -> torch.Tensor:
        rows = torch.cat([x, x]) if guidance > 1 else x
        output = prior.prior(
            rows, timestep=t, proj_embedding=embeds, encoder_hidden_states=states, attention_mask=mask
        ).predicted_image_embedding
        if guidance > 1:
            unconditional, conditional = output.chunk(2)
            output = unconditional + guidance * (conditional - unconditional)
        return output.clamp(-limit, limit)

    steps = case["prior_steps"]
    visited = [round(i * (TRAIN - 1) / (steps - 1)) for i in reversed(range(steps))]
    if case["prior_sampler"] == "ancestral":
        sample = ancestral(network, signal_shares(), initial, visited, list(inputs["prior.noise"]))
    else:
        sampler = {"ddim": ddim, "fast": dpm_solver}[case["prior_sampler"]]
        sample = sampler(network, signal_shares(), initial, visited)
    return prior.prior.post_process_latents(sample)


def ancestral(network, shares, x, visited, draws):
    """DDPM with the posterior's variance; the last step takes the clean embedding."""
    for t, after in zip(visited, [*visited[1:], None]):
        clean = network(x, t)
        if after is None:
            return clean
        a, b = shares[t], shares[after]
        beta = 1 - a / b
        x = (b.sqrt() * beta / (1 - a)).float() * clean + ((1 - beta).sqrt() * (1 - b) / (1 - a)).float() * x
        x = x + (beta * (1 - b) / (1 - a)).sqrt().float() * draws.pop(0)
    return x


def ddim(network, shares, x, visited):
    """DDIM, eta 0, down to no noise at all."""
    for t, after in zip(visited, [*visited[1:], None]):
        a, b = shares[t], shares[after] if after is not None else torch.tensor(1.0, dtype=torch.float64)
        clean = network(x, t)
        noise = (x - a.sqrt().float() * clean) / (1 - a).sqrt().float()
        x = b.sqrt().float() * clean + (1 - b).sqrt().float() * noise
    return x


def dpm_solver(network, shares, x, visited):
    """DPM-Solver++(2M); the last step takes the clean embedding."""
    previous = None
    for t, after in zip(visited, [*visited[1:], None]):
        clean = network(x, t)
        if after is None:
            return clean
        a, b = shares[t], shares[after]
        lambda_s, lambda_t = (0.5 * (share.log() - (1 - share).log()) for share in (a, b))
        h, target = lambda_t - lambda_s, clean
        if previous is not None:
            r = (lambda_s - previous[1]) / h
            target = (1 + 1 / (2 * r)).float() * clean - (1 / (2 * r)).float() * previous[0]
        ratio = ((1 - b) / (1 - a)).sqrt()
        x = ratio.float() * x - (b.sqrt() * torch.expm1(-h)).float() * target
        previous = (clean, lambda_s)
    return x
