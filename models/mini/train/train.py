"""Train the miniature from nothing to models/mini: python train.py. See README.md one folder up."""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402  (after the thread count)

import clip  # noqa: E402
import decoder  # noqa: E402
import export  # noqa: E402
import mix  # noqa: E402
import movq  # noqa: E402
import prior  # noqa: E402
import speed  # noqa: E402
import unet  # noqa: E402
import upscaler  # noqa: E402
import vocabulary  # noqa: E402
from settings import PRESETS  # noqa: E402

PARTS = {
    "tokenizers": lambda preset, minutes, resume: vocabulary.train(preset, resume),
    "movq": movq.train,
    "clip": clip.train,
    "prior": prior.train,
    "unet": unet.train,
    "decoder": decoder.train,
    "sharpen": decoder.sharpen,
    "mix": lambda preset, minutes, resume: mix.write(preset.sharpened),
    "upscaler": upscaler.train,
    "export": lambda preset, minutes, resume: export.export(preset),
}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--preset", choices=PRESETS, default="cpu")
    parser.add_argument("--minutes", type=float, help="training time of each named part, instead of the preset's")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoints in work/, or else from the exported weights")
    return parser.parse_args()


def main() -> None:
    """Run the parts in order."""
    options = arguments()
    torch.set_num_threads(options.threads)
    speed.install()
    preset = PRESETS[options.preset]
    for part in options.parts:
        PARTS[part](preset, options.minutes or preset.minutes.get(part, 0), options.resume)


if __name__ == "__main__":
    main()
