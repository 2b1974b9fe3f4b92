"""Cases by the rules of the original program: every mode with every sampler it has, at several sizes."""

import random

import corpus
from model_shapes import ModelKind

MODELS = [
    ModelKind("noise"),
    ModelKind("noise-inpaint", inpaint=True),
    ModelKind("original", original=True),
    ModelKind("original-inpaint", inpaint=True, original=True),
]


def cases(rng: random.Random) -> dict[str, dict]:
    """Case name to what it sets."""
    parts = texts(rng) | mixes(rng) | changes(rng) | holes(rng)
    return {name: {"rules": "original", "model": "noise"} | case for name, case in parts.items()}


def prompt(rng: random.Random) -> str:
    """English or Russian."""
    return corpus.prompt(rng, rng.choice(["en", "ru"]))


def texts(rng: random.Random) -> dict[str, dict]:
    """From text alone."""
    def text() -> dict:
        return {"prompt": prompt(rng)}

    away = {"negative": corpus.negative(rng, "en")}
    return {
        "text-ddim": text() | {"width": 128},
        "text-ddim-cropped": text() | {"steps": 15, "width": 100, "height": 70},
        "text-ddim-one-step": text() | {"steps": 1, "prior_steps": 2},
        "text-plms": text() | {"sampler": "plms", "steps": 7, "height": 128},
        "text-plms-one-step": text() | {"sampler": "plms", "steps": 1},
        "text-p-sampler-pair": text() | {"sampler": "p_sampler", "count": 2},
        "text-added-strides": text() | {"sampler": "p_sampler", "steps": 21, "prior_steps": 21},
        "text-prior-ddim": text() | {"prior_sampler": "ddim", "prior_steps": 25},
        "text-prior-ddim-pair": text() | {"prior_sampler": "ddim", "prior_steps": 7, "count": 2, "sampler": "p_sampler"},
        "text-negative": text() | away | {"width": 128},
        "text-negative-prior-ddim": text() | away | {"prior_sampler": "ddim", "sampler": "plms", "steps": 20},
        "text-weak-guidance": text() | {"guidance": 0.6, "prior_guidance": 0.7},
        "text-no-guidance": text() | away | {"guidance": 1.0, "prior_guidance": 1.0, "sampler": "p_sampler"},
        "text-odd-marks": away | {"prompt": corpus.odd_prompt(rng)},
        "text-overlong": {"prompt": corpus.long_prompt(rng), "prior_steps": 9},
        "text-original-files": text() | {"model": "original", "prior_steps": 25, "sampler": "p_sampler"},
    }


def mixes(rng: random.Random) -> dict[str, dict]:
    """Weighted sums of texts and pictures; the decoder reads nothing."""
    def picture(index: int, weight: float) -> dict:
        return {"picture": index, "weight": weight}

    def words(weight: float) -> dict:
        return {"text": prompt(rng), "weight": weight}

    cases = {
        "mix": {"parts": [picture(0, 0.4), words(0.6)]},
        "mix-unbalanced-pair": {"parts": [words(-0.5), picture(0, 1.5)], "count": 2},
        "mix-three": {"parts": [picture(0, 0.3), picture(1, 0.3), words(0.5)], "sampler": "p_sampler", "width": 128},
        "mix-negative": {"parts": [picture(0, 0.3), words(0.7)], "negative": corpus.negative(rng, "ru")},
        "mix-prior-ddim": {"parts": [words(0.5), words(0.5)], "prior_sampler": "ddim", "sampler": "plms"},
        "variation": {"parts": [picture(0, 1.0)], "model": "original", "height": 128},
    }
    return {name: case | {"decoder_prompt": ""} for name, case in cases.items()}


def changes(rng: random.Random) -> dict[str, dict]:
    """Pictures that are changed by a share."""
    def change(strength: float, steps: int) -> dict:
        return {"task": "change", "prompt": prompt(rng), "strength": strength, "steps": steps}

    return {
        "change-ddim": change(0.3, 20),
        "change-negative": change(0.5, 10) | {"negative": corpus.negative(rng, "en")},
        "change-plms": change(0.6, 12) | {"sampler": "plms", "width": 128},
        "change-p-sampler": change(0.3, 20) | {"sampler": "p_sampler"},
        "change-p-sampler-shrunk": change(0.8, 10) | {"sampler": "p_sampler", "width": 128, "picture_size": [320, 160]},
        # A stride of 27: without a strength the list would end at 1000, which is beyond the last training step.
        "change-list-too-long": change(0.5, 37) | {"prior_sampler": "ddim"},
    }


def holes(rng: random.Random) -> dict[str, dict]:
    """Pictures of which a part is drawn anew."""
    def fill(hole: str) -> dict:
        return {"task": "inpaint", "model": "noise-inpaint", "prompt": prompt(rng), "hole": hole, "steps": 8}

    return {
        "inpaint-ddim": fill("corner") | {"width": 128},
        "inpaint-plms": fill("middle") | {"sampler": "plms"},
        "inpaint-p-sampler": fill("middle") | {"sampler": "p_sampler", "height": 128},
        "inpaint-negative": fill("corner") | {"negative": corpus.negative(rng, "ru"), "prior_sampler": "ddim"},
        "inpaint-negative-p-sampler": fill("dots") | {"negative": corpus.negative(rng, "en"), "sampler": "p_sampler"},
        "inpaint-mask-of-another-size": fill("middle") | {"mask_size": [171, 209], "picture_size": [256, 192],
                                                          "width": 128, "height": 128},
        "inpaint-original-files": fill("corner") | {"model": "original-inpaint", "sampler": "p_sampler"},
        "outpaint": fill("strip") | {"width": 192, "sampler": "p_sampler"},
    }
