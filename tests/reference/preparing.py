"""Random picture files, and what the programs make of them before a network sees them."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

# Width and height of pictures for the vision tower, in both orientations.
CLIP_SIZES = [(97, 61), (61, 97), (101, 30), (33, 33), (90, 89), (60, 40), (45, 50)]


def draw_picture(size: tuple[int, int], generator: torch.Generator) -> Image.Image:
    """Soft spots of colour with a little noise."""
    width, height = size
    coarse = F.interpolate(torch.rand((1, 3, 6, 6), generator=generator), (height, width), mode="bilinear")
    pixels = coarse + 0.03 * torch.randn((1, 3, height, width), generator=generator)
    return Image.fromarray((pixels.clamp(0, 1)[0] * 255).round().byte().permute(1, 2, 0).numpy())


def draw_mask(shape: str, size: tuple[int, int]) -> Image.Image:
    """White = draw anew. Only some edges lie on the latent's grid."""
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    if shape == "corner":
        mask[: height // 2, : width // 3] = 255
    elif shape == "middle":
        mask[height // 4 : -height // 4, width // 4 + 3 : -width // 4 - 1] = 255
    elif shape == "dots":  # smaller than a cell: some are on no cell's first pixel
        mask[height // 3 : height // 3 + 2, :: width // 5] = 255
        mask[-height // 5 :, width // 2 : width // 2 + 3] = 255
    else:  # a strip at the right, as outpainting leaves
        mask[:, -width // 3 :] = 255
    return Image.fromarray(mask)


def resized(picture: Image.Image, size: tuple[int, int], rules: str) -> Image.Image:
    """At the size that is worked on. The published programs average whole pixels first, and shrink the rest bicubically."""
    if rules == "sound":
        return horizontally_first(picture, size, Image.LANCZOS)
    return picture.resize(size, Image.BICUBIC, reducing_gap=1)


def horizontally_first(picture: Image.Image, size: tuple[int, int], filter_: int) -> Image.Image:
    """As Pillow before version 13, which sometimes begins with the vertical pass, and rounds otherwise."""
    return picture.resize((size[0], picture.height), filter_).resize(size, filter_)


def begins_horizontally(picture: Image.Image, size: tuple[int, int]) -> bool:
    """Whether the published programs' resizing gives the same with any version of Pillow."""
    factors = [max(1, own // wanted) for own, wanted in zip(picture.size, size)]
    if any(own % factor for own, factor in zip(picture.size, factors)):
        return False
    return horizontally_first(picture.reduce(tuple(factors)), size, Image.BICUBIC) == resized(picture, size, "original")


def pixels(picture: Image.Image, cells: tuple[int, int], scale: int) -> torch.Tensor:
    """From 0 to 1, `[1, 3, h, w]`, the last row and column repeated until the latent's cells are full."""
    values = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None] / 255
    bottom, right = cells[0] * scale - picture.height, cells[1] * scale - picture.width
    return F.pad(values, (0, right, 0, bottom), mode="replicate")


def hole(mask: Image.Image, size: tuple[int, int]) -> torch.Tensor:
    """`[1, 1, h, w]`, 1 = draw anew. A pixel of a scaled mask is drawn if any is that it stands for."""
    drawn = np.array(mask) > 127
    for axis, wanted in ((0, size[1]), (1, size[0])):
        own = drawn.shape[axis]
        spans = [(i * own // wanted, max(-(-(i + 1) * own // wanted), i * own // wanted + 1)) for i in range(wanted)]
        drawn = np.stack([drawn.take(range(*span), axis).any(axis) for span in spans], axis)
    return torch.from_numpy(drawn).float()[None, None]


def draw_clip_picture(
    processor: CLIPImageProcessorPil, generator: torch.Generator, margin: int | None = None
) -> Image.Image:
    """A picture for the vision tower that every version of Pillow prepares alike.

    `margin` is what the pixels outside of the middle square shall leave when they are divided by four: at 3 the two ways
    to halve an odd margin differ.
    """
    side = processor.size["shortest_edge"]
    while True:
        if margin is None:
            size = CLIP_SIZES[int(torch.randint(len(CLIP_SIZES), (), generator=generator))]
        else:
            size = tuple(torch.randint(30, 130, (2,), generator=generator).tolist())
        target = tuple(length * side // min(size) for length in size)
        if margin is not None and (max(target) - side) % 4 != margin:
            continue
        picture = draw_picture(size, generator)
        if horizontally_first(picture, target, Image.BICUBIC) == picture.resize(target, Image.BICUBIC):
            return picture


def clip_pixels(processor: CLIPImageProcessorPil, picture: Image.Image, rules: str) -> torch.Tensor:
    """As the vision tower takes it."""
    if rules != "diffusers":
        return clip_pixels_of_original(processor, picture)
    return processor(picture, return_tensors="pt")["pixel_values"].float()


def clip_pixels_of_original(processor: CLIPImageProcessorPil, picture: Image.Image) -> torch.Tensor:
    """As OpenAI's preparation does it: half of an odd margin is rounded to the even number."""
    side, short = processor.size["shortest_edge"], min(picture.size)
    picture = picture.resize(tuple(int(side * length / short) for length in picture.size), Image.BICUBIC)
    left, top = (round((length - side) / 2.0) for length in picture.size)
    square = picture.crop((left, top, left + side, top + side))
    values = torch.from_numpy(np.array(square)).permute(2, 0, 1).float() / 255
    mean, deviation = (torch.tensor(numbers)[:, None, None] for numbers in (processor.image_mean, processor.image_std))
    return ((values - mean) / deviation)[None]
