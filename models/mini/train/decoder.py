"""The MoVQ's decoder once more: its encoder, and with it every latent, stays as it is, but it learns to decode what the
UNet really draws. Half of every batch are latents sampled as at inference, each with the true picture as the target."""

import torch
import torch.nn.functional as F

import conditions
import movq
import unet
from loop import Average, Clock, autocast, linear_to_zero, load_into, load_weights, report, save

PEAK = 1.2e-3  # learning rate
SAMPLED, STEPS, GUIDANCE = 288, 15, 1.5


@torch.no_grad()
def sampled_latents(preset, known: conditions.Conditions) -> tuple[torch.Tensor, torch.Tensor]:
    """(pairs, latents) drawn by the UNet for random captions with their true picture embeddings."""
    model = load_weights("unet", unet.build(preset)).to(preset.device)
    rows = 1 + torch.randperm(len(known.pair_of) - 1)[:SAMPLED]
    results = [sample(preset, model, known, part) for part in rows.split(32)]
    return known.pair_of[rows], torch.cat(results)


def sample(preset, model, known: conditions.Conditions, rows: torch.Tensor) -> torch.Tensor:
    """DDIM with guidance for the captions of some rows."""
    device, count = preset.device, len(rows)
    images = torch.cat([known.zero_image.expand(count, -1), known.images[known.pair_of[rows]]]).to(device)
    texts = known.xlmr.at(torch.cat([torch.zeros_like(rows), rows])).to(device)
    scheduler = unet.scheduler()
    scheduler.set_timesteps(STEPS)
    latents = torch.randn(count, *known.latents.shape[1:], device=device)
    for time in scheduler.timesteps:
        inputs = F.pad(latents.repeat(2, 1, 1, 1), (0, 0, 0, 0, 0, 5))
        with autocast(preset):
            empty, told = unet.forward(model, inputs, time.to(device), texts, images).chunk(2)
        latents = scheduler.step(empty + GUIDANCE * (told - empty), time, latents).prev_sample
    return latents.cpu()


def train(preset, minutes: float, resume: bool) -> None:
    """Train the decoder on sampled and on encoded latents."""
    torch.manual_seed(7)
    model = load_weights("movq", movq.build()).to(preset.device)
    trained = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
    for parameter in trained:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(trained, lr=PEAK, betas=(0.9, 0.95), weight_decay=0.01, fused=True)
    average, clock = Average(model, 0.99), Clock("decoder", minutes)
    load_into("decoder", model, optimizer, clock, resume, average)
    pictures, real = movq.Pictures(preset, preset.device), conditions.pair_pictures(preset)
    pairs, drawn = sampled_latents(preset, conditions.build(preset))
    clock.start_now()
    while clock.running():
        linear_to_zero(optimizer, PEAK, clock)
        half = max(preset.batch["movq"] // 2, 1)
        rows = torch.randint(0, len(pairs), (half,))
        encoded = pictures.batch(half, usual_share=0.4)
        with torch.no_grad():
            latents = torch.cat([drawn[rows].to(preset.device), movq.encode(model, encoded)])
        targets = torch.cat([real[pairs[rows]].to(preset.device), encoded])
        with autocast(preset):
            decoded = movq.decode(model, latents + 0.05 * torch.randn_like(latents)).float()
        loss, _ = movq.picture_loss(decoded, targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        average.update(model)
        shares = [movq.picture_loss(d.detach(), t)[1] for d, t in zip(decoded.split(half), targets.split(half), strict=True)]
        report(clock, loss=float(loss.detach()), psnr_drawn=shares[0], psnr_encoded=shares[1])
        if clock.time_to_save(3.0):
            save("decoder", model, optimizer, clock, average)
    save("decoder", model, optimizer, clock, average)
