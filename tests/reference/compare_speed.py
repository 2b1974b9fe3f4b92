"""Times the published networks in PyTorch and in kandinsky-bot, by turns on one machine, and prints a table of both.

    python compare_speed.py                                  # all parts, f32 and bf16, on the CPU
    python compare_speed.py --parts unet --dtypes f32 --rounds 5

Needs `cargo build --release` first, and nothing else that computes beside it. Every round starts both programs anew and
lets each do its work `--runs` times; the table has the medians over all rounds, and the most memory that was resident.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = ["unet", "movq", "prior", "text", "picture", "translate", "rrdb", "compact"]


def main() -> None:
    """Reads the command line, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--dtypes", nargs="+", choices=["f32", "bf16", "f16"], default=["f32", "bf16"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--batch", type=int, default=2, help="tensor rows; a picture with guidance has two (default: 2)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2, help="in each round (default: 2; a whole picture: 1)")
    parser.add_argument("--steps", type=int, default=4, help="denoising steps of a whole picture (default: 4)")
    parser.add_argument("--binary", type=Path, default=HERE.parent.parent / "target/release/kandinsky-bot")
    parser.add_argument("--torch", nargs="*", default=[], help="further flags of torch_bench.py, without their dashes")
    arguments = parser.parse_args()
    print("| part | type | PyTorch, s | kandinsky-bot, s | ratio | PyTorch, GB | kandinsky-bot, GB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for part in arguments.parts:
        # The translator has one format.
        for dtype in arguments.dtypes if part != "translate" else ["f32"]:
            print(row(arguments, part, dtype), flush=True)


def row(arguments: argparse.Namespace, part: str, dtype: str) -> str:
    """One line of the table."""
    runs = 1 if part == "picture" else arguments.runs
    workload = [
        "--size", arguments.size, "--batch", arguments.batch, "--runs", runs, "--dtype", dtype,
        "--device", arguments.device, "--steps", arguments.steps,
    ]
    torch = [sys.executable, HERE / "torch_bench.py", part, *workload, *(f"--{flag}" for flag in arguments.torch)]
    ours = [arguments.binary, "bench", part, *workload]
    rounds = [(measure(torch), measure(ours)) for _ in range(arguments.rounds)]
    (theirs, their_peak), (our, our_peak) = map(summary, zip(*rounds))
    name = f"{part}, {arguments.steps} steps" if part == "picture" else part
    return (
        f"| {name} | {dtype} | {theirs:.2f} | {our:.2f} | {our / theirs:.2f} "
        f"| {their_peak / 1e9:.1f} | {our_peak / 1e9:.1f} |"
    )


def measure(command: list) -> dict:
    """What a program prints of itself."""
    done = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def summary(lines: list[dict]) -> tuple[float, float]:
    """Median seconds and the highest peak, bytes."""
    return statistics.median(line["median_s"] for line in lines), max(line["peak_bytes"] for line in lines)


if __name__ == "__main__":
    main()
