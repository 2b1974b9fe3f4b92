"""Where things lie and how large and how long everything is. Two presets: `cpu` and `gpu`."""

import os
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
MINI = Path(os.environ.get("MINI_OUT", HERE.parent))  # models/mini: the exported model
WORK = Path(os.environ.get("MINI_WORK", HERE / "work"))  # downloads, caches and checkpoints; ignored by git

WIDTH = 128  # one width for both text encoders, the image embedding and the prior
TEXT_LENGTH = 77
CLIP_PIXELS = 64
LATENT_FACTOR = 8


@dataclass(frozen=True)
class Preset:
    """Sizes and training times (minutes of one device) of one way to train."""

    size: int  # pixels of a drawn picture
    all_emoji: bool  # every emoji of the set, or only objects.toml
    device: str
    unet_widths: tuple[int, ...]
    minutes: dict[str, float] = field(default_factory=dict)
    batch: dict[str, int] = field(default_factory=dict)
    scenes: int = 6400  # scenes in the UNet's pool, for each process
    captions: int = 24  # per pair, encoded in advance
    held_out: int = 2  # backgrounds never trained with each object


PRESETS = {
    "cpu": Preset(
        size=128,
        all_emoji=False,
        device="cpu",
        unet_widths=(64, 96, 160, 160),
        minutes={"movq": 30, "clip": 25, "prior": 15, "unet": 90, "decoder": 20},
        batch={"movq": 4, "clip": 96, "prior": 128, "unet": 32},
    ),
    "gpu": Preset(
        size=256,
        all_emoji=True,
        device="cuda",
        unet_widths=(64, 96, 160, 160),
        scenes=40_000,
        captions=6,
        minutes={"movq": 10, "clip": 5, "prior": 10, "unet": 30, "decoder": 5},
        batch={"movq": 32, "clip": 512, "prior": 1024, "unet": 512},
    ),
}
