"""The MoVQ's decoder once more: its encoder, and with it every latent, stays as it is, but it learns to decode what the
UNet really draws. Half of every batch are latents sampled as at inference, each with the true picture as the target.

Two parts: `decoder` by the autoencoder's own losses, and `sharpen` after it, with a small adversarial and a feature loss."""

import torch
import torch.nn.functional as F

import clip
import conditions
import exported
import movq
import unet
import vocabulary
from adversarial import Adversary, Features
from loop import Average, Clock, autocast, hold_then_fall, load_into, load_weights, path_of, report, save
from muon import Muon
from settings import WORK

PEAK = 1e-3  # learning rate
SAMPLED, STEPS, GUIDANCE = 288, 15, 1.5
NOISE = 0.05  # of the latents
FEATURES, ADVERSARY = 0.5, 0.1  # weights of the losses that sharpen
FADE_IN = 0.15  # share of the time until the adversarial loss counts fully


@torch.no_grad()
def sampled_latents(preset, known: conditions.Conditions) -> tuple[torch.Tensor, torch.Tensor]:
    """(pairs, latents) drawn by the UNet for random captions with their true picture embeddings. Made anew for a newer UNet."""
    cache = WORK / f"drawn-{preset.size}.pt"
    if cache.exists() and not (path_of("unet").exists() and path_of("unet").stat().st_mtime > cache.stat().st_mtime):
        return torch.load(cache)
    model = load_weights("unet", unet.build(preset)).to(preset.device)
    rows = 1 + torch.randperm(len(known.pair_of) - 1)[:SAMPLED]
    results = [sample(preset, model, known, part) for part in rows.split(32)]
    drawn = known.pair_of[rows], torch.cat(results)
    torch.save(drawn, cache)
    return drawn


def sample(preset, model, known: conditions.Conditions, rows: torch.Tensor) -> torch.Tensor:
    """DDIM with guidance for the captions of some rows."""
    device, count = preset.device, len(rows)
    images = torch.cat([known.zero_image.expand(count, -1), known.images[known.pair_of[rows]]]).to(device)
    texts = known.xlmr.at(torch.cat([torch.zeros_like(rows), rows])).to(device)
    scheduler = unet.scheduler()
    scheduler.set_timesteps(STEPS)
    latents = torch.randn(count, *known.latents.shape[1:], device=device)
    for time in scheduler.timesteps:
        inputs = F.pad(latents.repeat(2, 1, 1, 1), (0, 0, 0, 0, 0, latents.shape[1] + 1))
        with autocast(preset):
            empty, told = unet.forward(model, inputs, time.to(device), texts, images).chunk(2)
        latents = scheduler.step(empty + GUIDANCE * (told - empty), time, latents).prev_sample
    return latents.cpu()


class Samples:
    """Latents with the pictures that they should become."""

    def __init__(self, preset):
        self.preset, self.pictures = preset, movq.Pictures(preset, preset.device)
        self.drawn = None
        if has_unet(preset):
            pairs, self.drawn = sampled_latents(preset, conditions.build(preset))
            self.pairs, self.real = pairs, conditions.pair_pictures(preset)

    def draw(self, model) -> tuple[torch.Tensor, torch.Tensor]:
        """(latents, pictures): drawn ones first, where there is a UNet, then encoded ones."""
        whole = torch.rand(()) < movq.WHOLE
        count = self.preset.batch["movq"] * (1 if whole else movq.crops_for_one(self.preset))
        half = max(count // 2, 1) if self.drawn is not None else 0
        encoded = self.pictures.batch(max(count - half, 1), usual_share=0.4)
        with torch.no_grad():
            latents = movq.encode(model, encoded if whole else (encoded := movq.crop(encoded, self.preset)))
        if not half:
            return latents, encoded
        rows = torch.randint(0, len(self.pairs), (half,))
        drawn, real = self.drawn[rows].to(latents), self.real[self.pairs[rows]].to(latents)
        if not whole:
            drawn, real = movq.crop_both(drawn, real, self.preset)
        return torch.cat([drawn, latents]), torch.cat([real, encoded])


def has_unet(preset) -> bool:
    """Whether there is a UNet for the latents of this autoencoder."""
    state = torch.load(path_of("unet"), map_location="cpu")["weights"] if path_of("unet").exists() else exported.weights("unet")
    return state is not None and state["conv_in.weight"].shape[1] == 2 * preset.latent_channels + 1


def train(preset, minutes: float, resume: bool) -> None:
    """Train the decoder on sampled and on encoded latents."""
    fit("decoder", "movq", preset, minutes, resume, sharper=False)


def sharpen(preset, minutes: float, resume: bool) -> None:
    """Go on with it under the adversarial and the feature loss."""
    fit("sharpen", "decoder", preset, minutes, resume, sharper=True)


def fit(part: str, before: str, preset, minutes: float, resume: bool, sharper: bool) -> None:
    """One part's training loop, beginning with the weights of the part before."""
    torch.manual_seed(7)
    model = load_weights(before, movq.build(preset)).to(preset.device)
    trained = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
    for parameter in trained:
        parameter.requires_grad_(True)
    optimizer, average, clock = Muon(trained, lr=PEAK), Average(model, 0.99), Clock(part, minutes)
    sharpener = Sharpener(preset, model) if sharper else None
    state = load_into(part, model, optimizer, clock, resume, average)
    if sharper and state is not None:
        sharpener.adversary.load_state_dict(state["extra"])
    samples = Samples(preset)
    clock.start_now()
    while clock.running():
        hold_then_fall(optimizer, PEAK, clock)
        latents, targets = samples.draw(model)
        with autocast(preset):
            decoded = movq.decode(model, latents + NOISE * torch.randn_like(latents)).float()
        loss, psnr = movq.picture_loss(decoded, targets)
        optimizer.zero_grad()
        told = sharpener.backward(loss, decoded, targets, clock) if sharper else backward(loss)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        average.update(model)
        report(clock, loss=float(loss.detach()), psnr=psnr, **told)
        if clock.time_to_save(3.0):
            save(part, model, optimizer, clock, average, sharpener and sharpener.adversary.state_dict())
    save(part, model, optimizer, clock, average, sharpener and sharpener.adversary.state_dict())


def backward(loss: torch.Tensor) -> dict[str, float]:
    """Without a sharpener."""
    loss.backward()
    return {}


class Sharpener:
    """The feature loss and the adversarial loss on top of the autoencoder's own."""

    def __init__(self, preset, model):
        self.preset, self.last = preset, model.decoder.conv_out.weight
        encoders = load_weights("clip", clip.Encoders(vocabulary.load()))
        self.features = Features(encoders.vision).to(preset.device)
        self.adversary = Adversary(preset.device, ADVERSARY)

    def backward(self, loss: torch.Tensor, decoded: torch.Tensor, real: torch.Tensor, clock: Clock) -> dict[str, float]:
        """Gradients of all losses; then the discriminator's step."""
        with autocast(self.preset):
            distance = self.features(decoded, real)
            fooled = self.adversary.loss(decoded)
        near = torch.autograd.grad(loss + FEATURES * distance, decoded, retain_graph=True)[0]
        real_seeming = torch.autograd.grad(fooled, decoded)[0]
        weight = self.adversary.weight_for(near, real_seeming, decoded, self.last) * min(1.0, clock.progress() / FADE_IN)
        decoded.backward(near + weight * real_seeming)
        with autocast(self.preset):
            judged = self.adversary.learn(decoded.detach(), real)
        return {"features": float(distance.detach()), "discriminator": judged, "weight": float(weight)}
