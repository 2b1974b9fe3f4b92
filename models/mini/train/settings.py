"""Where things lie and how large and how long everything is. Presets: `cpu`, `cpu-256` and `gpu`."""

import os
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
MINI = Path(os.environ.get("MINI_OUT", HERE.parent))  # models/mini: the exported model
WORK = Path(os.environ.get("MINI_WORK", HERE / "work"))  # downloads, caches and checkpoints; ignored by git

WIDTH = 128  # one width for both text encoders, the image embedding and the prior
TEXT_LENGTH = 77
CLIP_PIXELS = 64


@dataclass(frozen=True)
class Preset:
    """Sizes and training times (minutes of one device) of one way to train."""

    size: int  # pixels of a drawn picture
    all_emoji: bool  # every emoji of the set, or only the tables
    device: str
    unet_widths: tuple[int, ...]
    movq_widths: tuple[int, ...] = (32, 32, 64, 64)
    latent_channels: int = 4
    tables: tuple[str, ...] = ("objects.toml",)
    crop: int = 64  # side of the crops that the autoencoder is trained on
    regular: bool = False  # whether its latents are kept smooth and ordered
    tokens: int = 2304  # of each tokenizer
    shards: int = 0  # of compositions, 300 each; with none, CLIP, prior and UNet learn pairs of an object and a colour
    pool: int = 0  # shards of compositions that the autoencoder is trained on
    minutes: dict[str, float] = field(default_factory=dict)
    batch: dict[str, int] = field(default_factory=dict)
    scenes: int = 6400  # scenes in the UNet's pool, for each process
    captions: int = 24  # per pair, encoded in advance
    sharpened: float = 0.7  # share of the sharpened decoder in the one that is exported (mix.py)
    held_out: int = 2  # backgrounds never trained with each object

    @property
    def latent_factor(self) -> int:
        """Pixels of a picture's side for one of the latent's."""
        return 2 ** (len(self.movq_widths) - 1)


LARGE = {  # what the presets for 256 pixels share
    "movq_widths": (32, 32, 64, 64, 128),
    "latent_channels": 8,
    "crop": 96,
    "regular": True,
    "pool": 5,
    "shards": 40,
    "tokens": 2560,
    "tables": ("objects.toml", "more.toml"),
}
PRESETS = {
    "cpu": Preset(
        size=128,
        all_emoji=False,
        device="cpu",
        unet_widths=(64, 96, 160, 160),
        minutes={"movq": 30, "clip": 25, "prior": 15, "unet": 90, "decoder": 12, "sharpen": 12, "upscaler": 14},
        batch={"movq": 4, "clip": 96, "prior": 128, "unet": 32},
    ),
    "cpu-256": Preset(
        size=256,
        all_emoji=False,
        device="cpu",
        unet_widths=(64, 96, 160, 160),
        captions=4,
        **LARGE,
        minutes={"movq": 130, "clip": 40, "prior": 25, "unet": 240, "decoder": 25, "sharpen": 25, "upscaler": 14},
        batch={"movq": 1, "clip": 96, "prior": 128, "unet": 64},
    ),
    "gpu": Preset(
        size=256,
        all_emoji=True,
        device="cuda",
        unet_widths=(64, 96, 160, 160),
        **LARGE,
        scenes=40_000,
        captions=6,
        minutes={"movq": 10, "clip": 5, "prior": 10, "unet": 30, "decoder": 3, "sharpen": 3, "upscaler": 3},
        batch={"movq": 32, "clip": 512, "prior": 1024, "unet": 512},
    ),
}
