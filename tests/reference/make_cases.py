"""Writes reference cases: random small models, and what diffusers and transformers make of them.

    python make_cases.py --seed 7 --out /tmp/cases
    python make_cases.py --seed 7 --out /tmp/original --original
"""

import argparse
import multiprocessing
import os
import random
import shutil
import time
from pathlib import Path

import diffusers
import torch
import transformers
from safetensors.torch import save_file

import case_list
import original_cases
import reference_run
from model_folder import write_model
from model_shapes import draw_shape
from original_files import replace_by_original
from tiny_tokenizers import write_json


def main() -> None:
    """Reads the command line and writes all models and cases of one seed."""
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="decides weights, widths, prompts and noise (default: 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the cases; old cases in it are replaced")
    parser.add_argument("--small", action="store_true", help="only the few small cases that the repository carries")
    parser.add_argument("--original", action="store_true", help="only cases by the original program's rules")
    arguments = parser.parse_args()
    quiet()
    kinds, cases = case_list.MODELS, case_list.cases
    if arguments.small:
        kinds, cases = case_list.SMALL_MODELS, case_list.small_cases
    elif arguments.original:
        kinds, cases = original_cases.MODELS, case_list.cases_of_original
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # so small a network is faster so, and one process for each core is busy
    out, seed, listed = arguments.out, arguments.seed, cases(source(arguments.seed, "prompts"))
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        pool.starmap(make_model, [(out, kind, seed) for kind in kinds], chunksize=1)
        pool.starmap(make_case, [(out, name, case, seed) for name, case in listed.items()], chunksize=1)
    for kind in kinds:
        if kind.original:
            replace_by_original(out / "models" / kind.name, kind.small)
    print(f"{len(listed)} cases, {time.monotonic() - started:.0f} s")


def quiet() -> None:
    """Over-long prompts are meant to be cut, and small models to be small: no warnings about either."""
    diffusers.logging.set_verbosity_error()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def source(seed: int, purpose: str) -> random.Random:
    """Independent random numbers for each purpose, so that a new case leaves the old ones as they were."""
    return random.Random(f"{seed}/{purpose}")


def make_model(out: Path, kind: case_list.ModelKind, seed: int) -> None:
    """Writes one model folder."""
    started, folder = time.monotonic(), out / "models" / kind.name
    shutil.rmtree(folder, ignore_errors=True)
    rng = source(seed, f"model {kind.name}")
    write_model(folder, draw_shape(kind, rng), rng)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"model {kind.name}: {size / 1e6:.1f} MB, {time.monotonic() - started:.1f} s", flush=True)


def make_case(out: Path, name: str, case: dict, seed: int) -> None:
    """Runs the reference twice, checks the outcome and writes one case folder."""
    started, model = time.monotonic(), out / "models" / case["model"]
    inputs, pictures, expected = run(case, model, seed, name)
    check(name, expected, run(case, model, seed, name)[2])
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    save_file(inputs, folder / "inputs.safetensors")
    save_file(expected, folder / "expected.safetensors")
    for file, picture in pictures.items():
        picture.save(folder / f"{file}.png")
    reference = f"diffusers {diffusers.__version__}"
    write_json(folder / "case.json", case | {"model": f"../models/{case['model']}", "reference": reference})
    print(f"case {name}: {summary(expected)}, {time.monotonic() - started:.1f} s", flush=True)


def run(case: dict, model: Path, seed: int, name: str) -> tuple[dict, dict, dict]:
    """One run of the case's task on noise that depends on the seed and the case alone."""
    generator = torch.Generator().manual_seed(source(seed, f"noise {name}").getrandbits(32))
    return reference_run.run(case, model, generator)


def check(name: str, expected: dict, again: dict) -> None:
    """Refuses a case that is not reproducible, not finite, or whose picture is mostly black or white."""
    for key, tensor in expected.items():
        assert torch.equal(tensor, again[key]), f"{name}: {key} differs between two runs"
        assert tensor.isfinite().all(), f"{name}: {key} is not finite"
    inside = inside_share(expected["pixels"])
    assert inside > 0.5, f"{name}: only {inside:.0%} of the pixels lie within (0.02, 0.98)"


def inside_share(pixels: torch.Tensor) -> float:
    """Share of pixel values that are neither black nor white."""
    return ((pixels > 0.02) & (pixels < 0.98)).float().mean().item()


def summary(expected: dict) -> str:
    """The figures by which one sees whether a case is worth comparing with."""
    spreads = ", ".join(f"{key} {expected[key].std():.2f}" for key in ("image_embeds", "unet.first", "latents"))
    return f"std of {spreads}; {inside_share(expected['pixels']):.0%} of the pixels inside"


if __name__ == "__main__":
    main()
