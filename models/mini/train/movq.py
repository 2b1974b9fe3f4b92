"""The MoVQ autoencoder: pictures to 4-channel latents of an eighth of the side, and back. No quantisation is used."""

import torch
import torch.nn.functional as F
from diffusers import VQModel

import data
from loop import Clock, autocast, linear_to_zero, load_into, report, save
from settings import WORK

CODES = 256  # the codebook exists for the layout's sake and is never used


def build() -> VQModel:
    """A tiny VQModel with the block types of the real one. Widths are multiples of 32 (SpatialNorm has 32 groups)."""
    return VQModel(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 3 + ("AttnDownEncoderBlock2D",),
        up_block_types=("AttnUpDecoderBlock2D",) + ("UpDecoderBlock2D",) * 3,
        block_out_channels=(32, 32, 64, 64),
        layers_per_block=1,
        act_fn="silu",
        latent_channels=4,
        sample_size=16,
        num_vq_embeddings=CODES,
        norm_num_groups=8,
        vq_embed_dim=4,
        norm_type="spatial",
    )


def encode(model: VQModel, pictures: torch.Tensor) -> torch.Tensor:
    """Un-quantised latents."""
    return model.encode(pictures).latents


def decode(model: VQModel, latents: torch.Tensor) -> torch.Tensor:
    """Pictures in about [-1, 1] from un-quantised latents."""
    return model.decode(latents, force_not_quantize=True).sample


class Pictures:
    """Random training pictures: known objects more often than the rest, plain and two-coloured backgrounds."""

    def __init__(self, preset, device):
        chosen = data.hand_written_objects()
        paths = sorted((data.fetch("emoji") / "assets").glob("*.webp"))
        paths = [p for p in paths if "1f3f" not in p.stem[5:] and "200d" not in p.stem]  # no skin tones, no joined ones
        known = [data.picture_path(o.emoji) for o in chosen]
        cache = WORK / f"movq-pictures-{preset.size}.pt"
        if not cache.exists():
            stack = torch.stack([data.load_rgba(p, preset.size) for p in known + paths])
            torch.save((stack * 255).round().to(torch.uint8), cache)
        self.stack, self.known, self.size = torch.load(cache).to(device), len(known), preset.size

    def batch(self, count: int, usual_share: float = 0.5) -> torch.Tensor:
        """Pictures [count, 3, size, size] in [-1, 1]; a share of them shows known objects at about their usual size."""
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


def crop(pictures: torch.Tensor, side: int) -> torch.Tensor:
    """One random square of every picture, the same place for the whole batch."""
    room = pictures.shape[-1] - side
    x, y = torch.randint(0, room + 1, (2,)).tolist()
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


def loss_of(model: VQModel, pictures: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Loss of encoder and decoder; the decoder sees slightly noisy latents."""
    latents = encode(model, pictures).float()
    loss, psnr = picture_loss(decode(model, latents + 0.1 * torch.randn_like(latents)), pictures)
    return loss + 0.05 * latent_loss(latents), psnr


def train(preset, minutes: float, resume: bool) -> None:
    """Train on crops, and on whole pictures for a third of the steps (the norms must have seen whole pictures)."""
    torch.manual_seed(1)
    model = build().to(preset.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.95), weight_decay=0.01)
    clock = Clock("movq", minutes)
    load_into("movq", model, optimizer, clock, resume)
    pictures = Pictures(preset, preset.device)
    while clock.running():
        linear_to_zero(optimizer, 2e-3, clock)
        whole = torch.rand(()) < (0.3 if clock.progress() < 0.7 else 0.6)
        batch = pictures.batch(preset.batch["movq"] * (1 if whole else 2))
        batch = batch if whole else crop(batch, preset.size // 2)
        with autocast(preset):
            loss, psnr = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        report(clock, loss=float(loss.detach()), psnr=psnr)
        if clock.time_to_save():
            save("movq", model, optimizer, clock)
    save("movq", model, optimizer, clock)
