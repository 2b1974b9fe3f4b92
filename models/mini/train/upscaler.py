"""The upscaler: SRVGGNetCompact of Real-ESRGAN (names and tensors as there), four times as large, and sharper than what the decoder draws.

python upscaler.py FILE draws a sheet of pictures that were not trained on, before and after."""

import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

import data
import drawings
import movq
from loop import Average, Clock, linear_to_zero, load_into, load_weights, report, save
from settings import MINI, WORK

FILE = MINI / "upscaler.safetensors"
SCALE = 4
FEATURES, LAYERS = 32, 8
PEAK = 1e-3  # learning rate
SIDE = 128  # of the small pictures
NATIVE = 256  # side of solid drawings
CROP, BATCH = 32, 12  # of the small pictures
PICTURES = 400
FLAT, KNOWN = 0.4, 0.5  # shares of flat drawings, and of objects of the tables
VERSIONS = (0.25, 0.5, 0.25)  # shares of clean, decoded and blurred inputs
NOISE = 0.1  # in the decoder's latents at most


class SRVGGNetCompact(nn.Module):
    """Convolutions at the small size, one pixel shuffle, and the nearest pixels added."""

    def __init__(self, features: int = FEATURES, layers: int = LAYERS, scale: int = SCALE):
        super().__init__()
        self.scale, self.body = scale, nn.ModuleList([nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features, 0.1)])
        for _ in range(layers):
            self.body += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features, 0.1)]
        self.body.append(nn.Conv2d(features, 3 * scale**2, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, 3, h, w] in 0..1 to four times the sides."""
        hidden = x
        for layer in self.body:
            hidden = layer(hidden)
        return F.pixel_shuffle(hidden, self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")


def held_out(name: str) -> bool:
    """Whether a drawing is kept for looking at."""
    return zlib.crc32(name.encode()) % 15 == 0


class Large:
    """Large pictures, each with one drawing on a colour or a gradient. Solid drawings have no more than NATIVE pixels, flat ones as
    many as are asked for: they are SVG."""

    def __init__(self, preset, rng: np.random.Generator, kept: bool):
        self.rng = rng
        chosen = [data.picture_path(o.emoji) for o in data.hand_written_objects(preset.tables)]
        paths = [path for path in data.emoji_paths() if held_out(path.stem) == kept]
        self.known = [path for path in chosen if held_out(path.stem) == kept]
        self.solid = paths
        codes = {drawings.plain(path.stem) for path in self.known}
        flat = [icons for icons in map(drawings.icons, drawings.FLAT_SETS)]
        self.known_flat = [icons[code] for icons in flat for code in sorted(codes) if code in icons]
        self.flat = [svg for icons in flat for code, svg in icons.items() if held_out(code) == kept]

    def picture(self) -> tuple[torch.Tensor, bool]:
        """[3, side, side] in 0..1, and whether the drawing is a flat one, so that the finest details are true."""
        is_flat, is_known = self.rng.random() < FLAT, self.rng.random() < KNOWN
        side = SIDE * SCALE
        inner = round(side * (data.OBJECT_SHARE if self.rng.random() < 0.5 else self.rng.uniform(0.6, 1.0)) / 2) * 2
        if is_flat:
            svg = self.any_of(self.known_flat if is_known else self.flat)
            drawing = drawings.premultiplied(drawings.render(svg, inner), inner).float() / 255
        else:
            drawing = data.load_rgba(self.any_of(self.known if is_known else self.solid), inner)
        drawing = drawing.flip(2) if self.rng.random() < 0.5 else drawing
        pad = (side - inner) // 2
        drawing = F.pad(drawing, (pad, pad, pad, pad))
        return (drawing[:3] + (1 - drawing[3:]) * self.ground(side)).clamp(0, 1), is_flat

    def any_of(self, table: list):
        """One of a list."""
        return table[self.rng.integers(len(table))]

    def ground(self, side: int) -> torch.Tensor:
        """A colour of the table, or a vertical gradient between any two."""
        colours = data.background_colours()
        if self.rng.random() < 0.7:
            return colours[self.rng.integers(len(colours))][:, None, None].repeat(1, side, side)
        top, bottom = torch.from_numpy(self.rng.random((2, 3, 1, 1))).float()
        ramp = torch.linspace(0, 1, side).view(1, -1, 1)
        return (top * (1 - ramp) + bottom * ramp).expand(-1, -1, side).clone()


def smaller(pictures: torch.Tensor, factor: int) -> torch.Tensor:
    """So many times as small."""
    return F.interpolate(pictures, scale_factor=1 / factor, mode="bicubic", antialias=True)


def decoded(model, pictures: torch.Tensor, noise: float) -> torch.Tensor:
    """What the decoder makes of small pictures [n, 3, s, s] in 0..1, from latents as uncertain as drawn ones."""
    latents = movq.encode(model, pictures * 2 - 1)
    return (movq.decode(model, latents + noise * torch.randn_like(latents)) / 2 + 0.5).clamp(0, 1)


def blurred(pictures: torch.Tensor, sigma: float) -> torch.Tensor:
    """A Gaussian blur."""
    line = torch.exp(-torch.arange(-4, 5).float().square() / (2 * sigma**2))
    kernel = (line / line.sum()).expand(3, 1, 1, -1)
    padded = F.pad(pictures, (4, 4, 4, 4), mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)


@torch.no_grad()
def pairs(preset, count: int, kept: bool, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Large pictures [n, 3, s, s], whether each is flat, and small ones, [n, 3 versions, 3, s / 4, s / 4]: clean, from the decoder,
    and blurred. Bytes."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = movq.load(preset, "exported")
    source, large, flat, small = Large(preset, rng, kept), [], [], []
    for _ in range(0, count, 4):
        four, is_flat = zip(*(source.picture() for _ in range(4)), strict=True)
        four = torch.stack(four)
        clean = smaller(four, SCALE).clamp(0, 1)
        versions = torch.stack([clean, decoded(model, clean, 0.0 if kept else rng.uniform(0, NOISE)), blurred(clean, rng.uniform(0.4, 1.2))], 1)
        large.append((four * 255).round().byte())
        flat.append(torch.tensor(is_flat))
        small.append((versions * 255).round().byte())
    return torch.cat(large), torch.cat(flat), torch.cat(small)


def prepared(preset) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Training pairs, made once."""
    cache = WORK / f"upscaler-pairs-{SIDE}-{PICTURES}.pt"
    if not cache.exists():
        torch.save(pairs(preset, PICTURES, False, 7), cache)
    return torch.load(cache)


def batch(large: torch.Tensor, flat: torch.Tensor, small: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Crops of both, turned and mirrored together, in 0..1, and which are flat."""
    found, versions = [], torch.tensor(VERSIONS).multinomial(BATCH, replacement=True).tolist()
    indices = torch.randint(0, len(large), (BATCH,)).tolist()
    for index, version in zip(indices, versions, strict=True):
        x, y = torch.randint(0, SIDE - CROP + 1, (2,)).tolist()
        low = small[index, version, :, y : y + CROP, x : x + CROP]
        high = large[index, :, SCALE * y : SCALE * (y + CROP), SCALE * x : SCALE * (x + CROP)]
        turns, mirrored = int(torch.randint(0, 4, ())), bool(torch.rand(()) < 0.5)
        found.append([part.rot90(turns, (1, 2)).flip(2) if mirrored else part.rot90(turns, (1, 2)) for part in (low, high)])
    low, high = zip(*found, strict=True)
    return torch.stack(low).float() / 255, torch.stack(high).float() / 255, flat[indices]


def loss_of(made: torch.Tensor, high: torch.Tensor, flat: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Flat drawings are compared at the large size, solid ones at the size that they have themselves."""
    made, high, half = made.float() * 2 - 1, high * 2 - 1, SIDE * SCALE // NATIVE
    parts = [movq.picture_loss(smaller(made, half), smaller(high, half))]
    if flat.any():
        parts.append(movq.picture_loss(made[flat], high[flat]))
    return sum(loss for loss, _ in parts), parts[0][1]


def begin(model: SRVGGNetCompact) -> None:
    """Each layer keeps the scale of what passes through it: without norms the usual start would fade. It begins with the nearest pixels."""
    convolutions = [layer for layer in model.body if isinstance(layer, nn.Conv2d)]
    for layer in convolutions:
        nn.init.kaiming_normal_(layer.weight, a=0.1)
        nn.init.zeros_(layer.bias)
    nn.init.zeros_(convolutions[-1].weight)


def train(preset, minutes: float, resume: bool) -> None:
    """Train on crops of pairs."""
    WORK.mkdir(exist_ok=True)
    model = SRVGGNetCompact()
    begin(model)
    optimizer, average = torch.optim.AdamW(model.parameters(), lr=PEAK, betas=(0.9, 0.99)), Average(model, 0.99)
    clock = Clock("upscaler", minutes)
    load_into("upscaler", model, optimizer, clock, resume, average)
    tensors = prepared(preset)
    torch.manual_seed(1 + clock.step)
    clock.start_now()
    while clock.running():
        linear_to_zero(optimizer, PEAK, clock, warm_up=50)
        low, high, flat = batch(*tensors)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            made = model(low)
        loss, psnr = loss_of(made, high, flat)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        report(clock, loss=float(loss.detach()), psnr=psnr)
        if clock.time_to_save(2.0):
            save("upscaler", model, optimizer, clock, average)
    save("upscaler", model, optimizer, clock, average)
    export()


def export() -> None:
    """Write the weights, f16, beside the model."""
    model = load_weights("upscaler", SRVGGNetCompact())
    save_file({name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}, FILE, {"format": "pt"})


@torch.no_grad()
def sheet(preset, path: str, count: int = 6) -> None:
    """Rows of held-out pictures: nearest, Lanczos, the network, the large one; for each version of the input."""
    model = SRVGGNetCompact().eval()
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(FILE).items()})
    large, _, small = pairs(preset, 8, True, 11)
    rows, corner = [], slice(SIDE // 4, 3 * SIDE // 4)
    for number in range(count):
        for version in range(small.shape[1]):
            low = small[number, version][:, corner, corner]
            image = Image.fromarray(low.permute(1, 2, 0).numpy())
            sides = (image.width * SCALE, image.height * SCALE)
            made = (model(low[None].float() / 255)[0].clamp(0, 1) * 255).round().byte()
            high = large[number][:, SCALE * corner.start : SCALE * corner.stop, SCALE * corner.start : SCALE * corner.stop]
            lanczos = torch.from_numpy(np.array(image.resize(sides, Image.Resampling.LANCZOS))).permute(2, 0, 1)
            nearest = low.repeat_interleave(SCALE, 1).repeat_interleave(SCALE, 2)
            error = (made.float() - high.float()).square().mean()
            plain = (lanczos.float() - high.float()).square().mean()
            print(f"{number} version {version}: {10 * torch.log10(255**2 / error):.2f} dB, Lanczos {10 * torch.log10(255**2 / plain):.2f} dB")
            rows.append(torch.cat([nearest, lanczos, made, high], 2))
    Image.fromarray(torch.cat(rows, 1).permute(1, 2, 0).numpy()).save(path)


if __name__ == "__main__":
    from settings import PRESETS

    sheet(PRESETS["cpu"], sys.argv[1])
