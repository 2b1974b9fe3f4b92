"""Mixes of the decoder before and after sharpening: measure them, and choose one for the export: python mix.py --help."""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch  # noqa: E402

import measures  # noqa: E402
import movq  # noqa: E402
from loop import path_of  # noqa: E402
from settings import PRESETS  # noqa: E402

SHARES = (0.0, 0.3, 0.5, 0.7, 1.0)


def weights(share: float, before: str = "decoder", after: str = "sharpen") -> dict:
    """The mean of two checkpoints' weights, `share` of the second."""
    first, second = (torch.load(path_of(part), map_location="cpu")["weights"] for part in (before, after))
    return {name: tensor.lerp(second[name], share) for name, tensor in first.items()}


def write(share: float) -> None:
    """The checkpoint that is exported."""
    torch.save({"weights": weights(share)}, path_of("mixed"))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, default="cpu")
    parser.add_argument("--count", type=int, default=80, help="pictures of each kind")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES, help="of the sharpened decoder")
    parser.add_argument("--write", type=float, metavar="SHARE", help="only write this mix as the checkpoint that is exported")
    options = parser.parse_args()
    torch.set_num_threads(1)
    preset = PRESETS[options.preset]
    if options.write is not None:
        write(options.write)
        return
    model = movq.build(preset).eval().requires_grad_(False)
    kinds = {"known": measures.known_pictures(preset, options.count), "unseen": measures.unseen_pictures(preset, options.count)}
    for share in options.shares:
        model.load_state_dict(weights(share))
        for name, pictures in kinds.items():
            print(f"{share:.1f} {name:6s}  {measures.line(measures.decoded(model, pictures), pictures)}", flush=True)


if __name__ == "__main__":
    main()
