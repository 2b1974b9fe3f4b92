"""Writes small random upscalers and what spandrel makes of a picture with them: tests/reference/upscaling.

    python make_upscaling.py --seed 7 --out /tmp/cases
    python make_upscaling.py --small --out upscaling

spandrel reads the files by itself: it is an independent reader of these networks.
"""

import argparse
import json
import math
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from spandrel import ModelLoader

GROWTH = 32  # spandrel knows RRDBNet with no other


class Case:
    """One upscaler and one picture."""

    def __init__(self, name: str, network: str, scale: int, rng: np.random.Generator, small: bool):
        self.name, self.network, self.scale, self.rng, self.small = name, network, scale, rng, small
        self.features = int(rng.choice([8, 16] if small else [8, 16, 20, 32, 48, 64]))
        self.depth = 1 if small else int(rng.integers(1, 5))
        low, high = (9, 30) if small else (1, 90)
        self.size = tuple(int(side) for side in rng.integers(low, high, 2))

    def tensors(self) -> "OrderedDict[str, torch.Tensor]":
        """Random weights in which every part matters."""
        tensors = OrderedDict()

        def conv(name: str, inputs: int, outputs: int) -> None:
            scale = math.sqrt(1.6 / (9 * inputs))
            tensors[f"{name}.weight"] = torch.from_numpy(self.rng.normal(0, scale, (outputs, inputs, 3, 3))).float()
            tensors[f"{name}.bias"] = torch.from_numpy(self.rng.normal(0, 0.1, outputs)).float()

        if self.network == "compact":
            conv("body.0", 3, self.features)
            for layer in range(self.depth + 2):
                tensors[f"body.{2 * layer + 1}.weight"] = torch.from_numpy(self.rng.uniform(-0.5, 0.5, self.features)).float()
                outputs = self.features if layer <= self.depth else 3 * self.scale**2
                conv(f"body.{2 * layer + 2}", self.features, outputs)
            return tensors
        conv("conv_first", 3 * (4 // self.scale) ** 2, self.features)
        for block in range(self.depth):
            for dense in (1, 2, 3):
                for index in range(1, 6):
                    outputs = GROWTH if index < 5 else self.features
                    conv(f"body.{block}.rdb{dense}.conv{index}", self.features + (index - 1) * GROWTH, outputs)
        for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
            conv(name, self.features, self.features)
        conv("conv_last", self.features, 3)
        return tensors

    def write(self, out: Path) -> None:
        """The upscaler's file, the picture and the result."""
        folder = out / self.name
        folder.mkdir(parents=True, exist_ok=True)
        tensors = self.tensors()
        if self.small:
            tensors = OrderedDict((name, tensor.half()) for name, tensor in tensors.items())
        if self.network == "rrdb":
            # As published: averaged weights, in some files beside the raw ones.
            others = {} if self.small else {"params": OrderedDict((name, tensor * 0) for name, tensor in tensors.items())}
            torch.save(others | {"params_ema": tensors}, folder / "upscaler.pth")
        else:
            save_file(tensors, folder / "upscaler.safetensors")
        file = next(folder.glob("upscaler.*"))
        model = ModelLoader(device="cpu").load_from_file(file).model.float().eval()
        pixels = torch.from_numpy(self.rng.uniform(0, 1, (1, 3, *self.size))).float()
        with torch.inference_mode():
            first, second = model(pixels), model(pixels)
        height, width = (self.scale * side for side in self.size)
        assert first.shape == (1, 3, height, width), f"{self.name}: {tuple(first.shape)}"
        assert torch.equal(first, second) and first.isfinite().all(), f"{self.name} is not repeatable"
        assert first.std() > 0.05, f"{self.name} is flat"
        save_file({"pixels": pixels, "expected": first.contiguous()}, folder / "tensors.safetensors")
        described = {"network": self.network, "scale": self.scale, "features": self.features, "depth": self.depth}
        (folder / "upscaling.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Writes all cases of a seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--small", action="store_true", help="the few cases that the repository carries, in half precision")
    parser.add_argument("--count", type=int, default=4, help="of each network and scale")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    count = 1 if options.small else options.count
    for network in ("rrdb", "compact"):
        for scale in (2, 4):
            for number in range(count):
                name = f"{network}-x{scale}" + (f"-{number}" if count > 1 else "")
                Case(name, network, scale, rng, options.small).write(options.out)


if __name__ == "__main__":
    main()
