"""The decoder's UNet: latents from a picture embedding and XLM-R's text states. It predicts the clean latent (x0)."""

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel

import conditions
import together
from loop import Average, Clock, autocast, linear_to_zero, load_into, plain_attention, report, save
from settings import LATENT_FACTOR, WIDTH

IMAGE_TOKENS = 10  # fixed in diffusers' TextImageProjection
PEAK = 1.3e-3  # learning rate
NOTHING, ONLY_TEXT, ONLY_IMAGE = 0.05, 0.08, 0.45  # shares of the samples; the rest has both


def build(preset) -> UNet2DConditionModel:
    """The block types of the real UNet with 9 input channels: x_t, kept latent, mask (1 = keep)."""
    return UNet2DConditionModel(
        sample_size=preset.size // LATENT_FACTOR,
        in_channels=9,
        out_channels=8,  # four for the latent, four for a variance that DDIM drops
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
    return out.sample[:, :4].float()


def random_masks(count: int, side: int, device) -> torch.Tensor:
    """Masks [count, 1, side, side], 1 = keep: none kept for three quarters; else holes or kept windows of random size."""
    corner = (torch.rand(2, count, device=device) * side * 0.75).floor()
    extent = (1 + torch.rand(2, count, device=device) * side * 0.9).floor()
    line = torch.arange(side, device=device)
    inside = [(line >= c[:, None]) & (line < (c + e)[:, None]) for c, e in zip(corner, extent, strict=True)]
    box = inside[0][:, :, None] & inside[1][:, None, :]
    keep = torch.where(torch.rand(count, 1, 1, device=device) < 0.6, ~box, box)
    keep &= torch.rand(count, 1, 1, device=device) < 0.25
    return keep[:, None].float()


class Samples:
    """Random training samples from the caches."""

    def __init__(self, preset, known: conditions.Conditions):
        self.device, self.batch = preset.device, preset.batch["unet"]
        self.latents, self.images = known.latents.to(self.device), known.images.to(self.device)
        self.zero, self.texts = known.zero_image.to(self.device), known.xlmr.to(self.device)
        self.pair_of = known.pair_of.to(self.device)
        self.spread = self.images.std(0)
        self.alphas = scheduler().alphas_cumprod.to(self.device)

    def draw(self):
        """(clean, network input, times, texts, image embeddings)."""
        rows = torch.randint(1, len(self.pair_of), (self.batch,), device=self.device)
        pairs = self.pair_of[rows]
        clean = self.latents[pairs]
        images = self.images[pairs]
        images = images + 0.2 * torch.rand(len(rows), 1, device=self.device) * self.spread * torch.randn_like(images)
        kind = torch.rand(len(rows), device=self.device)
        images = torch.where((kind < NOTHING + ONLY_TEXT)[:, None], self.zero, images)
        silent = (kind < NOTHING) | (kind > 1 - ONLY_IMAGE)
        times = (1000 * torch.rand(len(rows), device=self.device) ** 0.7).long()  # more often noisy: there the layout is decided
        level = self.alphas[times].view(-1, 1, 1, 1)
        noisy = level.sqrt() * clean + (1 - level).sqrt() * torch.randn_like(clean)
        mask = random_masks(len(rows), clean.shape[-1], self.device)
        return clean, torch.cat([noisy, clean * mask, mask], 1), times, self.texts.at(torch.where(silent, 0, rows)), images


def train(preset, minutes: float, resume: bool) -> None:
    """x0 regression on cached latents."""
    known = conditions.build(preset)
    samples = Samples(preset, known)
    model = build(preset).to(preset.device)
    average = Average(model, 0.998)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    plain_attention(preset, model)
    clock = Clock("unet", minutes)
    load_into("unet", model, optimizer, clock, resume, average)
    together.start(model, seed=6 + clock.step)
    while clock.running():
        linear_to_zero(optimizer, PEAK, clock)
        clean, noisy, times, texts, images = samples.draw()
        with autocast(preset):
            predicted = forward(model, noisy, times, texts, images)
        errors = (predicted - clean).square().mean((1, 2, 3))
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
    if clock.time_to_save(3.0):
        save("unet", model, optimizer, clock, average)


def by_time(errors: torch.Tensor, times: torch.Tensor) -> dict[str, float]:
    """Mean errors at low, middle and high noise (the overall mean where a batch has none)."""
    bands = {"t<300": times < 300, "300-700": (times >= 300) & (times < 700), "t>700": times >= 700}
    return {name: float(errors[chosen].mean() if chosen.any() else errors.mean()) for name, chosen in bands.items()}
