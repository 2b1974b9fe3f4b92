"""Three measures of decoded pictures against the real ones, and the autoencoder's figures: python measures.py --help.

Detail alone counts artefacts as well: read it together with coherence."""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

import data  # noqa: E402
import movq  # noqa: E402
from settings import PRESETS  # noqa: E402

LUMA = (0.299, 0.587, 0.114)
FINE = 1 / 8  # of the sampling frequency


def psnr(pictures: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Peak signal-to-noise ratio in dB of pictures in [-1, 1], one for each."""
    return -10 * torch.log10((pictures.clamp(-1, 1) - real).square().mean((1, 2, 3)) / 4)


def fine_spectrum(pictures: torch.Tensor) -> torch.Tensor:
    """The frequencies of the luma above FINE, [n, frequencies]."""
    luma = (pictures.clamp(-1, 1) * torch.tensor(LUMA).view(3, 1, 1)).sum(1)
    y, x = (torch.fft.fftfreq(side) for side in luma.shape[-2:])
    return torch.fft.fft2(luma - luma.mean((1, 2), keepdim=True))[:, torch.hypot(y[:, None], x[None]) > FINE]


def detail_and_coherence(pictures: torch.Tensor, real: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Energy of the fine frequencies relative to the real ones, and their correlation with them."""
    fine, true = fine_spectrum(pictures), fine_spectrum(real)
    energy, wanted = fine.abs().square().sum(1), true.abs().square().sum(1)
    return energy / wanted, (fine * true.conj()).real.sum(1) / (energy * wanted).sqrt()


def line(pictures: torch.Tensor, real: torch.Tensor) -> str:
    """Mean PSNR, median detail and median coherence."""
    parts = [detail_and_coherence(p, r) for p, r in zip(pictures.split(32), real.split(32), strict=True)]
    detail, coherence = (torch.cat(column).median() for column in zip(*parts, strict=True))
    return f"PSNR {float(psnr(pictures, real).mean()):.2f} dB  detail {float(detail):.2f}  coherence {float(coherence):.2f}"


@torch.no_grad()
def decoded(model, pictures: torch.Tensor) -> torch.Tensor:
    """Pictures through encoder and decoder."""
    return torch.cat([movq.decode(model, movq.encode(model, part)) for part in pictures.split(8)]).float()


def known_pictures(preset, count: int) -> torch.Tensor:
    """Objects of the table, each on one background."""
    chosen = data.objects(preset)[:: max(len(data.objects(preset)) // count, 1)][:count]
    return on_backgrounds(data.object_pictures(chosen, preset.size))


def unseen_pictures(preset, count: int) -> torch.Tensor:
    """Emoji that the autoencoder was not trained on, each on one background."""
    paths = [p for p in data.emoji_paths() if data.held_out(p)]
    paths = paths[:: max(len(paths) // count, 1)][:count]
    return on_backgrounds(torch.stack([data.centred(p, preset.size) for p in paths]))


def on_backgrounds(pictures: torch.Tensor) -> torch.Tensor:
    """Premultiplied pictures, each on the next one of the plain backgrounds."""
    return data.compose(pictures, data.background_colours()[torch.arange(len(pictures)) * 5 % len(data.BACKGROUND_IDS)])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, default="cpu")
    parser.add_argument("--count", type=int, default=80, help="pictures of each kind")
    parser.add_argument("--part", default="exported", help="exported, or a checkpoint: movq, decoder, sharpen, mixed")
    parser.add_argument("--folder", type=Path, help="another exported MoVQ")
    parser.add_argument("--sheet", type=Path, help="write real and decoded pictures side by side")
    options = parser.parse_args()
    torch.set_num_threads(1)
    preset = PRESETS[options.preset]
    model = movq.load(preset, options.part, options.folder)
    for name, pictures in (("known", known_pictures(preset, options.count)), ("unseen", unseen_pictures(preset, options.count))):
        result = decoded(model, pictures)
        print(f"{name} ({len(pictures)}): {line(result, pictures)}", flush=True)
        small = [F.interpolate(p, scale_factor=0.5, mode="area") for p in (result, pictures)]
        print(f"{name}, half the size: {line(*small)}", flush=True)
        if options.sheet:
            write_sheet(pictures, result, options.sheet.with_stem(f"{options.sheet.stem}-{name}"))


def write_sheet(real: torch.Tensor, result: torch.Tensor, path: Path, count: int = 16, enlarge: int = 2) -> None:
    """Rows of a real picture and the decoded one next to it."""
    from PIL import Image

    chosen = torch.arange(count) * len(real) // count
    tiles = torch.cat([real[chosen], result[chosen].clamp(-1, 1)], 3)
    rows = [torch.cat(list(tiles[start : start + 4]), 2) for start in range(0, count, 4)]
    page = ((torch.cat(rows, 1) / 2 + 0.5) * 255).round().byte().permute(1, 2, 0).numpy()
    image = Image.fromarray(page)
    image.resize((image.width * enlarge, image.height * enlarge), Image.Resampling.NEAREST).save(path)


if __name__ == "__main__":
    main()
