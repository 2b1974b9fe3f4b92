"""The MoVQ autoencoder: pictures to latents of an eighth or a sixteenth of the side, and back. No quantisation is used."""

from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import VQModel

import compositions
import data
import exported
from loop import Average, Clock, autocast, linear_to_zero, load_into, load_weights, report, save
from muon import Muon
from settings import WORK

PEAK = 2e-3  # learning rate
NOISE = 0.1  # of the latents that the decoder sees
TURNED, MASKED = 0.17, 0.17  # shares of the steps for regular latents
COMPOSED = 0.5  # share of the pictures that are compositions, where a preset has them
WHOLE = 0.5  # share of the decoder's steps on whole pictures (the norms must have seen them)
CODES = 256  # the codebook exists for the layout's sake and is never used


def build(preset) -> VQModel:
    """A tiny VQModel with the block types of the real one. Widths are multiples of 32 (SpatialNorm has 32 groups)."""
    levels = len(preset.movq_widths) - 1
    return VQModel(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * levels + ("AttnDownEncoderBlock2D",),
        up_block_types=("AttnUpDecoderBlock2D",) + ("UpDecoderBlock2D",) * levels,
        block_out_channels=preset.movq_widths,
        layers_per_block=1,
        act_fn="silu",
        latent_channels=preset.latent_channels,
        sample_size=16,
        num_vq_embeddings=CODES,
        norm_num_groups=8,
        vq_embed_dim=preset.latent_channels,
        norm_type="spatial",
    )


def load(preset, part: str, folder: Path | None = None) -> VQModel:
    """A trained autoencoder: an exported folder, or else the checkpoint of a part, or "exported"."""
    if folder is None and part != "exported":
        return load_weights(part, build(preset))
    return VQModel.from_pretrained(folder or exported.DECODER / "movq").float().eval().requires_grad_(False)


def encode(model: VQModel, pictures: torch.Tensor) -> torch.Tensor:
    """Un-quantised latents."""
    return model.encode(pictures).latents


def decode(model: VQModel, latents: torch.Tensor) -> torch.Tensor:
    """Pictures in about [-1, 1] from un-quantised latents."""
    return model.decode(latents, force_not_quantize=True).sample


class Pictures:
    """Random training pictures: known objects more often than the rest, plain and two-coloured backgrounds, compositions."""

    def __init__(self, preset, device):
        chosen = data.hand_written_objects(preset.tables)
        paths = [p for p in data.emoji_paths() if not data.held_out(p)]
        known = [data.picture_path(o.emoji) for o in chosen]
        cache = WORK / f"movq-pictures-{preset.size}-{len(known)}-{len(paths)}.pt"
        if not cache.exists():
            stack = torch.stack([data.load_rgba(p, preset.size) for p in known + paths])
            torch.save((stack * 255).round().to(torch.uint8), cache)
        self.stack, self.known, self.size = torch.load(cache).to(device), len(known), preset.size
        self.composed = torch.cat([compositions.shard(preset, part).pictures for part in range(preset.pool)]) if preset.pool else None

    def batch(self, count: int, usual_share: float = 0.5) -> torch.Tensor:
        """Pictures [count, 3, size, size] in [-1, 1]; a share of them shows known objects at about their usual size."""
        pictures = self.emoji(count, usual_share)
        if self.composed is None:
            return pictures
        chosen = self.composed[torch.randint(0, len(self.composed), (count,))].to(pictures) / 127.5 - 1
        return torch.where(torch.rand(count, 1, 1, 1, device=pictures.device) < COMPOSED, chosen, pictures)

    def emoji(self, count: int, usual_share: float) -> torch.Tensor:
        """Emoji moved, scaled and mirrored, on plain and two-coloured backgrounds."""
        device = self.stack.device
        usual = torch.rand(count, device=device) < usual_share
        index = torch.randint(0, len(self.stack), (count,), device=device)
        index = torch.where(usual, index % self.known, index)
        scale = torch.where(usual, data.OBJECT_SHARE, 0.5 + 0.8 * torch.rand(count, device=device))
        shift = (torch.rand(count, 2, device=device) - 0.5) * torch.where(usual, 0.1, 0.6)[:, None]
        flip = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
        theta = torch.zeros(count, 2, 3, device=device)
        theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = flip / scale, 1 / scale, shift
        grid = F.affine_grid(theta, (count, 4, self.size, self.size), align_corners=False)
        moved = F.grid_sample(self.stack[index].float() / 255, grid, align_corners=False)
        return data.compose(moved, self.backgrounds(usual))

    def backgrounds(self, usual: torch.Tensor) -> torch.Tensor:
        """Background pictures: the plain colours for usual pictures, random vertical gradients for the others."""
        count, device = len(usual), usual.device
        plain = data.background_colours().to(device)[torch.randint(0, len(data.BACKGROUND_IDS), (count,), device=device)]
        top, bottom = torch.rand(2, count, 3, 1, 1, device=device)
        ramp = torch.linspace(0, 1, self.size, device=device).view(1, 1, -1, 1)
        gradient = (top * (1 - ramp) + bottom * ramp).expand(-1, -1, -1, self.size)
        return torch.where(usual[:, None, None, None], plain[:, :, None, None], gradient)


def crops_for_one(preset) -> int:
    """How many crops cost about as much as a whole picture."""
    return max(preset.size**2 // preset.crop**2 // 2, 1)


def crop_both(latents: torch.Tensor, pictures: torch.Tensor, preset) -> tuple[torch.Tensor, torch.Tensor]:
    """The same random square of latents and pictures."""
    factor, side = preset.latent_factor, preset.crop // preset.latent_factor
    x, y = torch.randint(0, latents.shape[-1] - side + 1, (2,)).tolist()
    large = pictures[:, :, y * factor : (y + side) * factor, x * factor : (x + side) * factor]
    return latents[:, :, y : y + side, x : x + side], large


def crop(pictures: torch.Tensor, preset) -> torch.Tensor:
    """One random square of every picture, the same place for the whole batch, in whole cells of the latents."""
    factor, side = preset.latent_factor, preset.crop
    x, y = (factor * torch.randint(0, (pictures.shape[-1] - side) // factor + 1, (2,))).tolist()
    return pictures[:, :, y : y + side, x : x + side]


def picture_loss(decoded: torch.Tensor, pictures: torch.Tensor) -> tuple[torch.Tensor, float]:
    """L1 + edges + squares; and the PSNR in dB."""
    error = decoded.float() - pictures
    edges = (error[..., 1:] - error[..., :-1]).abs().mean() + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    square = error.square().mean()
    return error.abs().mean() + 0.5 * edges + square, float(-10 * torch.log10(square.detach() / 4))


def latent_loss(latents: torch.Tensor) -> torch.Tensor:
    """A mild pull to zero mean, mean square 0.9 and the range [-2, 2], so that the UNet finds well-shaped latents."""
    mean, power = latents.mean((0, 2, 3)), latents.square().mean((0, 2, 3))
    return mean.square().mean() + (power - 0.9).abs().mean() + F.relu(latents.abs() - 2).mean()


def turned(tensor: torch.Tensor, kind: int) -> torch.Tensor:
    """Mirrored, turned by a right angle, or half as large."""
    if kind == 2:
        return F.interpolate(tensor, scale_factor=0.5, mode="area")
    return tensor.flip(3) if kind == 0 else tensor.rot90(1, (2, 3))


def loss_of(model: VQModel, pictures: torch.Tensor, regular: bool = False) -> tuple[torch.Tensor, float]:
    """Loss of encoder and decoder; the decoder sees slightly noisy latents. `regular`: sometimes it must decode turned latents to
    the turned picture, or do with the first channels alone, so that the latents are smooth and ordered by weight."""
    latents = encode(model, pictures).float()
    seen, chance = latents + NOISE * torch.randn_like(latents), torch.rand(())
    if regular and chance < TURNED:
        kind = int(torch.randint(0, 3, ()))
        seen, pictures = turned(seen, kind), turned(pictures, kind)
    elif regular and chance < TURNED + MASKED:
        kept = int(torch.randint(2, latents.shape[1], ()))
        seen = seen * (torch.arange(latents.shape[1], device=seen.device) < kept)[:, None, None]
    loss, psnr = picture_loss(decode(model, seen), pictures)
    return loss + 0.05 * latent_loss(latents), psnr


def train(preset, minutes: float, resume: bool) -> None:
    """Train on crops, and now and then on whole pictures, in the last quarter often (the norms must have seen whole pictures)."""
    model = build(preset).to(preset.device)
    optimizer, average = Muon(model.parameters(), lr=PEAK), Average(model)
    clock = Clock("movq", minutes)
    load_into("movq", model, optimizer, clock, resume, average)
    torch.manual_seed(1 + clock.step)
    pictures = Pictures(preset, preset.device)
    clock.start_now()
    while clock.running():
        linear_to_zero(optimizer, PEAK, clock, warm_up=50)
        late = clock.progress() > 0.75
        whole = torch.rand(()) < (0.4 if late else 0.06)
        batch = pictures.batch(preset.batch["movq"] * (1 if whole else crops_for_one(preset)))
        batch = batch if whole else crop(batch, preset)
        with autocast(preset):
            loss, psnr = loss_of(model, batch, regular=preset.regular and not late)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        report(clock, loss=float(loss.detach()), psnr=psnr)
        if clock.time_to_save(2.0):
            save("movq", model, optimizer, clock, average)
    save("movq", model, optimizer, clock, average)
