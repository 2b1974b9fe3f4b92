"""Draw with the exported model: the official pipelines' steps, for many prompts at once."""

import json
from dataclasses import dataclass

import torch
from diffusers import DDIMScheduler, PriorTransformer, UnCLIPScheduler, UNet2DConditionModel, VQModel
from diffusers.pipelines.kandinsky.text_encoder import MultilingualCLIP
from transformers import CLIPTextModelWithProjection, CLIPTokenizer, CLIPVisionModelWithProjection, PreTrainedTokenizerFast

import clip
import conditions
import movq
from exported import DECODER, PRIOR
from settings import MINI, TEXT_LENGTH


@dataclass
class Parts:
    """All parts of the exported model, in f32."""

    text: CLIPTextModelWithProjection
    vision: CLIPVisionModelWithProjection
    prior: PriorTransformer
    prior_scheduler: UnCLIPScheduler
    clip_tokenizer: CLIPTokenizer
    xlmr: MultilingualCLIP
    xlmr_tokenizer: PreTrainedTokenizerFast
    unet: UNet2DConditionModel
    scheduler: DDIMScheduler
    movq: VQModel
    defaults: dict
    device: str

    @property
    def latent_side(self) -> int:
        """Side of the latents of a picture of the default size."""
        return self.defaults["size"] // 2 ** (len(self.movq.config.block_out_channels) - 1)


def load(device: str = "cpu") -> Parts:
    """Load the exported folder."""

    def part(kind, folder):
        return kind.from_pretrained(folder).float().eval().requires_grad_(False).to(device)

    return Parts(
        text=part(CLIPTextModelWithProjection, PRIOR / "text_encoder"),
        vision=part(CLIPVisionModelWithProjection, PRIOR / "image_encoder"),
        prior=part(PriorTransformer, PRIOR / "prior"),
        prior_scheduler=UnCLIPScheduler.from_pretrained(PRIOR / "scheduler"),
        clip_tokenizer=CLIPTokenizer.from_pretrained(PRIOR / "tokenizer"),
        xlmr=part(MultilingualCLIP, DECODER / "text_encoder"),
        xlmr_tokenizer=PreTrainedTokenizerFast.from_pretrained(DECODER / "tokenizer"),
        unet=part(UNet2DConditionModel, DECODER / "unet"),
        scheduler=DDIMScheduler.from_pretrained(DECODER / "scheduler"),
        movq=part(VQModel, DECODER / "movq"),
        defaults=json.loads((MINI / "kandinsky.json").read_text(encoding="utf-8")),
        device=device,
    )


@torch.no_grad()
def imagine(parts: Parts, prompts: list[str], seed: int = 0) -> torch.Tensor:
    """Picture embeddings of prompts by the prior, guided against the empty text."""
    generator = torch.Generator().manual_seed(seed)
    ids, mask = clip.tokens(parts.clip_tokenizer, ["", *prompts], parts.device, TEXT_LENGTH)
    out = parts.text(ids)
    rows = torch.tensor([0] * len(prompts) + list(range(1, len(prompts) + 1)), device=parts.device)
    states, pooled, mask = out.last_hidden_state[rows], out.text_embeds[rows], mask.bool()[rows]
    noisy = torch.randn(len(prompts), pooled.shape[1], generator=generator).to(parts.device)
    parts.prior_scheduler.set_timesteps(parts.defaults["prior_steps"])
    times = parts.prior_scheduler.timesteps
    for number, time in enumerate(times):
        both = parts.prior(noisy.repeat(2, 1), time, pooled, states, mask).predicted_image_embedding
        empty, told = both.chunk(2)
        clean = empty + parts.defaults["prior_guidance"] * (told - empty)
        before = times[number + 1] if number + 1 < len(times) else None
        noisy = parts.prior_scheduler.step(clean, time, noisy, generator=generator, prev_timestep=before).prev_sample
    return parts.prior.post_process_latents(noisy)


@dataclass
class Given:
    """A picture to go on from: its latents, what of them is kept (1 = keep), and how much of the way is drawn anew."""

    latents: torch.Tensor  # [n, channels, h, w]
    mask: torch.Tensor | None = None  # [n, 1, h, w]
    strength: float = 1.0


@torch.no_grad()
def paint(parts: Parts, prompts: list[str], images: torch.Tensor, seed: int = 0, given: Given | None = None) -> torch.Tensor:
    """Pictures [n, 3, size, size] in about [-1, 1] from prompts and picture embeddings."""
    generator = torch.Generator().manual_seed(seed)
    side, channels = parts.latent_side, parts.movq.config.latent_channels
    pooled, states = parts.xlmr(*clip.tokens(parts.xlmr_tokenizer, ["", *prompts], parts.device, TEXT_LENGTH))
    rows = torch.tensor([0] * len(prompts) + list(range(1, len(prompts) + 1)), device=parts.device)
    zero = conditions.zero_embedding(parts.vision, parts.device).expand_as(images)
    added = {"text_embeds": pooled[rows], "image_embeds": torch.cat([zero, images])}
    latents = torch.randn(len(prompts), channels, side, side, generator=generator).to(parts.device)
    kept = latents.new_zeros(len(prompts), channels + 1, side, side)
    parts.scheduler.set_timesteps(parts.defaults["steps"])
    times = parts.scheduler.timesteps
    if given is not None and given.mask is not None:
        kept = torch.cat([given.latents * given.mask, given.mask], 1)
    if given is not None and given.strength < 1:
        times = times[len(times) - round(len(times) * given.strength) :]
        latents = parts.scheduler.add_noise(given.latents, latents, times[:1])
    guidance = parts.defaults["guidance"]
    if guidance == 1:  # nothing to guide away from
        rows, added = rows[len(prompts) :], {name: value[len(prompts) :] for name, value in added.items()}
    for time in times:
        inputs = torch.cat([latents, kept], 1).repeat(len(rows) // len(prompts), 1, 1, 1)
        clean = parts.unet(inputs, time, states[rows], added_cond_kwargs=added).sample.chunk(2, 1)[0]
        if guidance != 1:
            empty, told = clean.chunk(2)
            clean = empty + guidance * (told - empty)
        latents = parts.scheduler.step(clean, time, latents).prev_sample
    return movq.decode(parts.movq, latents)


def draw(parts: Parts, prompts: list[str], seed: int = 0, batch: int = 25) -> tuple[torch.Tensor, torch.Tensor]:
    """(pictures, picture embeddings) of prompts."""
    pictures, embeddings = [], []
    for start in range(0, len(prompts), batch):
        part = prompts[start : start + batch]
        embeddings.append(imagine(parts, part, seed + start))
        pictures.append(paint(parts, part, embeddings[-1], seed + start))
    return torch.cat(pictures), torch.cat(embeddings)
