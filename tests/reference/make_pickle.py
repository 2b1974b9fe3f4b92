"""Writes two files as torch.save does: weights, and a pickle that would run a command.

    python make_pickle.py
"""

import os
from pathlib import Path

import torch

OUT = Path(__file__).parent / "pickles"


class Malice:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple:
        return os.system, ("touch /tmp/it-was-executed",)


def main() -> None:
    """Writes both files."""
    OUT.mkdir(exist_ok=True)
    weights = {"half": torch.tensor([[1, 2], [3, 4]], dtype=torch.float16), "bias": torch.tensor([0.5, -1.5])}
    torch.save(weights, OUT / "weights.bin")
    torch.save(weights | {"extra": Malice()}, OUT / "malicious.bin")


if __name__ == "__main__":
    main()
