"""Writes files as torch.save does: weights in several layouts, and a pickle that would run a command.

    python make_pickle.py
"""

import os
from collections import OrderedDict
from pathlib import Path

import torch

OUT = Path(__file__).parent / "pickles"


class Malice:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple:
        return os.system, ("touch /tmp/it-was-executed",)


def main() -> None:
    """Writes all of them."""
    OUT.mkdir(exist_ok=True)
    weights = {"half": torch.tensor([[1, 2], [3, 4]], dtype=torch.float16), "bias": torch.tensor([0.5, -1.5])}
    torch.save(weights, OUT / "weights.bin")
    numbers = torch.arange(6, dtype=torch.float32).reshape(3, 2)
    layouts = {
        "transposed": numbers.T, "row": numbers[1], "parameter": torch.nn.Parameter(torch.tensor([7.0])),
        "every second": numbers[:, 0], "flag": torch.tensor([True]),
    }
    torch.save(OrderedDict(layouts), OUT / "layouts.bin")
    torch.save((torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])), OUT / "pair.th")
    torch.save(weights | {"extra": Malice()}, OUT / "malicious.bin")
    old = {"_use_new_zipfile_serialization": False}  # the format from before PyTorch 1.6
    several = {"same": weights["bias"][1:], "transposed": numbers.T, "flag": torch.tensor([1, 2], dtype=torch.int32)}
    torch.save(weights | several, OUT / "legacy.bin", **old)
    torch.save((torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])), OUT / "legacy_pair.th", **old)


if __name__ == "__main__":
    main()
