"""The decoder's UNet: latents from a picture embedding and XLM-R's text states. It predicts the clean latent (x0)."""

from dataclasses import dataclass, fields

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel

import conditions
import data
import masks
import scenes
import together
from loop import Average, Clock, autocast, linear_to_zero, load_into, path_of, plain_attention, report, save, snapshot
from muon import Muon
from settings import WIDTH

IMAGE_TOKENS = 10  # fixed in diffusers' TextImageProjection
PEAK = 1.3e-3  # learning rate
AGAIN = 2.5e-4  # the same, going on from finished weights
NOTHING, ONLY_TEXT, ONLY_IMAGE = 0.05, 0.05, 0.25  # shares of the samples; the rest has both
SCENES = 0.4  # share of the samples that are scenes, all but the varied ones with a mask
MASKED = 0.3  # share of the usual pictures with a mask


def build(preset) -> UNet2DConditionModel:
    """The block types of the real UNet with twice the latent channels and one: x_t, kept latent, mask (1 = keep)."""
    return UNet2DConditionModel(
        sample_size=preset.size // preset.latent_factor,
        in_channels=2 * preset.latent_channels + 1,
        out_channels=2 * preset.latent_channels,  # half for the latent, half for a variance that DDIM drops
        flip_sin_to_cos=True,
        freq_shift=0,
        down_block_types=("ResnetDownsampleBlock2D",) + ("SimpleCrossAttnDownBlock2D",) * 3,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D",) * 3 + ("ResnetUpsampleBlock2D",),
        block_out_channels=preset.unet_widths,
        layers_per_block=1,
        attention_head_dim=32,
        cross_attention_dim=WIDTH,
        encoder_hid_dim=WIDTH,
        encoder_hid_dim_type="text_image_proj",
        addition_embed_type="text_image",
        norm_num_groups=32,
        norm_eps=1e-5,
        resnet_time_scale_shift="scale_shift",
        act_fn="silu",
    )


def scheduler() -> DDIMScheduler:
    """The published betas; but the UNet predicts the sample, and it is clipped to the latents' range."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=True,
        clip_sample_range=2.0,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="sample",
        thresholding=False,
    )


def forward(model, latents: torch.Tensor, times: torch.Tensor, texts: conditions.Texts, images: torch.Tensor) -> torch.Tensor:
    """The predicted clean latents. One pad state stands for all pads: its weight in the attention is their number."""
    length = texts.states.shape[1]
    place = torch.arange(length, device=latents.device)[None]
    end = texts.length[:, None]
    bias = torch.where(place < end, 0.0, torch.where(place == end, conditions.pads(end).float().log(), -1e4))
    times = times.expand(len(latents))
    bias = torch.cat([bias.new_zeros(len(bias), IMAGE_TOKENS), bias], 1)
    out = model(
        latents,
        times,
        texts.states,
        added_cond_kwargs={"text_embeds": texts.pooled, "image_embeds": images},
        encoder_attention_mask=1 + bias / 1e4,  # the model makes (1 - mask) * -10000 of it
    )
    return out.sample.chunk(2, 1)[0].float()


@dataclass
class Batch:
    """Clean latents with what the UNet may be told about them."""

    clean: torch.Tensor  # [n, channels, h, w]
    images: torch.Tensor  # [n, width]: picture embeddings
    rows: torch.Tensor  # [n]: captions; 0 where none fits
    holes: torch.Tensor  # [n, h, w], bool: what an inpainting mask leaves empty; all of it where there is none
    silent: torch.Tensor  # [n]: shares without text


class Samples:
    """Random training samples from the caches: usual pictures with their captions, and scenes."""

    def __init__(self, preset, known: conditions.Conditions):
        self.device, self.batch = preset.device, preset.batch["unet"]
        self.latents, self.images = known.latents.to(self.device), known.images.to(self.device)
        self.zero, self.texts = known.zero_image.to(self.device), known.xlmr.to(self.device)
        self.pair_of = known.pair_of.to(self.device)
        self.scenes = None
        if known.cells is None:
            self.scenes = scenes.build(preset, together.RANK).to(self.device)
            self.cells = scenes.centred(preset).to(self.device).repeat_interleave(len(data.BACKGROUND_IDS), 0)
            self.captions = captions_of(self.pair_of.cpu(), len(self.images)).to(self.device)
        else:
            self.cells = known.cells.to(self.device)
        self.spread = self.images.std(0)
        self.alphas = scheduler().alphas_cumprod.to(self.device)

    def by_chance(self, share, count: int) -> torch.Tensor:
        """True for a share (or for each one's share), [count]."""
        return torch.rand(count, device=self.device) < share

    def usual(self, count: int) -> Batch:
        """Centred pictures, or compositions, with their captions."""
        rows = torch.randint(1, len(self.pair_of), (count,), device=self.device)
        pairs = self.pair_of[rows]
        holes = masks.random(self.cells[pairs])
        holes |= ~self.by_chance(MASKED, count)[:, None, None]
        silent = torch.full((count,), ONLY_IMAGE, device=self.device)
        return Batch(self.latents[pairs].float(), self.images[pairs], rows, holes, silent)

    def moved(self, count: int) -> Batch:
        """Scenes with a hole, under the embeddings and captions that usual pictures have: one object, wherever it is, or a
        small one in a corner, which is told and is to be drawn before a large one that is kept. And varied ones without a mask or a
        text, so that an embedding alone stands for more than one picture."""
        known = self.scenes
        chosen = torch.randint(0, len(known.latents), (count,), device=self.device)
        pairs, kinds = known.pairs[chosen, 1], known.kinds[chosen]
        corner, varied = kinds == scenes.CORNER, kinds == scenes.VARIED
        own = self.by_chance(0.3, count) & (kinds == scenes.ONE)
        images = torch.where(own[:, None], known.images[chosen], self.images[pairs])
        rows = self.captions[pairs, torch.randint(0, self.captions.shape[1], (count,), device=self.device)]
        holes = torch.where(corner[:, None, None], masks.over(known.second[chosen]), masks.random(known.objects[chosen]))
        holes |= varied[:, None, None]
        silent = torch.where((rows == 0) | own | varied, 1.0, ONLY_IMAGE)  # without a prompt the embedding is of the picture itself
        return Batch(known.latents[chosen].float(), images, rows, holes, silent)

    def draw(self):
        """(clean, network input, times, texts, image embeddings, mask)."""
        other = round(self.batch * SCENES) if self.scenes else 0
        both = (self.usual(self.batch - other), self.moved(other)) if other else (self.usual(self.batch),)
        parts = Batch(*(torch.cat([getattr(b, f.name) for b in both]) for f in fields(Batch)))
        clean, count = parts.clean, self.batch
        images = parts.images + 0.2 * torch.rand(count, 1, device=self.device) * self.spread * torch.randn_like(parts.images)
        times = (1000 * torch.rand(count, device=self.device) ** 0.7).long()  # more often noisy: there the layout is decided
        silent = self.by_chance(parts.silent, count)
        kind = torch.rand(count, device=self.device)
        nothing = kind < NOTHING
        blind = nothing | ((kind < NOTHING + ONLY_TEXT) & ~silent)
        images = torch.where(blind[:, None], self.zero, images)
        level = self.alphas[times].view(-1, 1, 1, 1)
        noisy = level.sqrt() * clean + (1 - level).sqrt() * torch.randn_like(clean)
        mask = (~parts.holes)[:, None].float()
        rows = torch.where(silent | nothing, 0, parts.rows)
        return clean, torch.cat([noisy, clean * mask, mask], 1), times, self.texts.at(rows), images, mask


def captions_of(pair_of: torch.Tensor, pairs: int) -> torch.Tensor:
    """Some caption rows of every pair, [pairs, 16], with repetitions; 0 where a pair has none."""
    table = torch.zeros(pairs, 16, dtype=torch.long)
    for pair in range(pairs):
        rows = (pair_of == pair).nonzero()[:, 0]
        if len(rows):
            table[pair] = rows[torch.arange(16) % len(rows)]
    return table


def weighted(errors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean squared errors [n]; what is kept counts a fifth of what is drawn."""
    weight = 1 - 0.8 * mask
    return (errors.mean(1, keepdim=True) * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3))


def train(preset, minutes: float, resume: bool) -> None:
    """x0 regression on cached latents."""
    known = conditions.build(preset)
    samples = Samples(preset, known)
    model = build(preset).to(preset.device)
    average = Average(model, 0.998)
    peak = AGAIN if resume and not path_of("unet").exists() else PEAK
    optimizer = Muon(model.parameters(), lr=peak, betas=(0.9, 0.99))
    plain_attention(preset, model)
    optimizer.param_groups[0]["peak"] = peak  # a checkpoint brings its own
    clock = Clock("unet", minutes)
    load_into("unet", model, optimizer, clock, resume, average)
    together.start(model, seed=6 + clock.step)
    clock.start_now()
    while clock.running():
        linear_to_zero(optimizer, optimizer.param_groups[0]["peak"], clock)
        clean, noisy, times, texts, images, mask = samples.draw()
        with autocast(preset):
            predicted = forward(model, noisy, times, texts, images)
        errors = weighted((predicted - clean).square(), mask)
        optimizer.zero_grad()
        errors.mean().backward()
        clock.agreed = together.average(model, min(clock.spent / clock.minutes, 1.0))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if together.FIRST:
            after_step(model, optimizer, clock, average, errors.detach(), times)
    if together.FIRST:
        save("unet", model, optimizer, clock, average)


def after_step(model, optimizer, clock: Clock, average: Average, errors: torch.Tensor, times: torch.Tensor) -> None:
    """Average, report, now and then save."""
    average.update(model)
    report(clock, every=100, mse=float(errors.mean()), **by_time(errors, times))
    if clock.time_for_snapshot():
        snapshot("unet", average, clock)
    if clock.time_to_save(3.0):
        save("unet", model, optimizer, clock, average)


def by_time(errors: torch.Tensor, times: torch.Tensor) -> dict[str, float]:
    """Mean errors at low, middle and high noise (the overall mean where a batch has none)."""
    bands = {"t<300": times < 300, "300-700": (times >= 300) & (times < 700), "t>700": times >= 700}
    return {name: float(errors[chosen].mean() if chosen.any() else errors.mean()) for name, chosen in bands.items()}
