"""Writes pictures and what Pillow and transformers make of them: tests/reference/pictures.

    python make_pictures.py
"""

from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file
from transformers.models.clip import CLIPImageProcessorPil

OUT = Path(__file__).parent / "pictures"
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
# Source and target sizes, width × height: shrinking, enlarging, odd, extreme.
SIZES = [
    ((97, 61), (32, 24)),
    ((97, 61), (193, 150)),
    ((64, 64), (63, 65)),
    ((31, 80), (7, 3)),
    ((1, 90), (20, 30)),
    ((90, 1), (40, 5)),
    ((5, 5), (64, 48)),
    ((128, 96), (128, 33)),
]
# For shrinking with whole boxes first: that fit, that are cut by the edge, along one side only, none.
REDUCED_SIZES = [
    ((120, 90), (60, 45)),
    ((120, 90), (50, 40)),
    ((121, 95), (40, 23)),
    ((101, 37), (20, 36)),
    ((35, 150), (32, 11)),
    ((64, 48), (63, 60)),
    ((128, 128), (16, 16)),
    ((97, 89), (13, 7)),
]
# Sizes for which Pillow 13 begins with the horizontal pass, as all versions before it did.
CLIP_SIZES = [(97, 61), (61, 97), (101, 30), (33, 33), (90, 89)]


def picture(size: tuple[int, int], seed: int) -> np.ndarray:
    """Noise over a gradient: every rounding and clipping is met."""
    rng = np.random.default_rng(seed)
    width, height = size
    ramp = np.linspace(0, 255, width)[None, :, None] * np.linspace(1, 0, height)[:, None, None]
    noise = rng.integers(-120, 120, (height, width, 3))
    return np.clip(ramp + noise, 0, 255).astype(np.uint8)


def reduced(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """What `resize` with a reducing gap of 1 does, one pass at a time; refused if `resize` itself is further off than that."""
    factors = tuple(max(1, own // wanted) for own, wanted in zip(image.size, target))
    small, (right, bottom) = image.reduce(factors), (own / factor for own, factor in zip(image.size, factors))
    wide = small.resize((target[0], small.height), Image.BICUBIC, box=(0, 0, right, small.height))
    result = wide.resize(target, Image.BICUBIC, box=(0, 0, target[0], bottom))
    whole = np.array(image.resize(target, Image.BICUBIC, reducing_gap=1)).astype(int)
    assert abs(whole - np.array(result)).max() <= 1
    return result


def main() -> None:
    """Writes one file of tensors, named after what was done."""
    OUT.mkdir(exist_ok=True)
    tensors = {}
    for index, (source, target) in enumerate(SIZES):
        pixels = picture(source, index)
        tensors[f"resize.{index}.source"] = pixels
        for name, filter_ in FILTERS.items():
            # One pass at a time: since version 13 Pillow sometimes begins with the vertical one, which rounds otherwise.
            wide = Image.fromarray(pixels).resize((target[0], source[1]), filter_)
            tensors[f"resize.{index}.{name}"] = np.array(wide.resize(target, filter_))
    for index, (source, target) in enumerate(REDUCED_SIZES):
        pixels = picture(source, 50 + index)
        tensors[f"reduced.{index}.source"] = pixels
        tensors[f"reduced.{index}.bicubic"] = np.array(reduced(Image.fromarray(pixels), target))
    processor = CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size=28, do_convert_rgb=True)
    for index, size in enumerate(CLIP_SIZES):
        pixels = picture(size, 100 + index)
        tensors[f"clip.{index}.source"] = pixels
        tensors[f"clip.{index}.pixels"] = processor(Image.fromarray(pixels), return_tensors="np")["pixel_values"]
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, OUT / "pictures.safetensors")


if __name__ == "__main__":
    main()
