"""The mean of some of the UNet's snapshots, which is often better than each: python average.py 0160 0180 0200 --shares 0.2 0.3 0.5."""

import argparse

import torch

from loop import path_of
from settings import WORK


def mean(names: list[str], shares: list[float], part: str = "unet") -> dict:
    """The weighted mean of snapshots given by their minutes."""
    states = [torch.load(WORK / "snapshots" / f"{part}-{name}.pt", map_location="cpu") for name in names]
    total = sum(shares)
    return {key: sum(share / total * state[key].float() for share, state in zip(shares, states, strict=True)) for key in states[0]}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("snapshots", nargs="+", help="their minutes, as in work/snapshots")
    parser.add_argument("--shares", type=float, nargs="+", help="weight of each (default: equal)")
    options = parser.parse_args()
    shares = options.shares or [1.0] * len(options.snapshots)
    torch.save({"weights": mean(options.snapshots, shares)}, path_of("unet-averaged"))


if __name__ == "__main__":
    main()
