"""Which models and cases a seed gives."""

import random

import corpus
from model_shapes import ModelKind

DEFAULTS = {
    "task": "text_to_image", "model": "", "prompt": "", "negative": None, "width": 64, "height": 64, "count": 1, "steps": 10, "guidance": 4.0,
    "prior_steps": 5, "prior_guidance": 4.0, "sampler": "ddim",
}

MODELS = [
    ModelKind("noise"),
    ModelKind("noise-clipped", clip_sample=True, prior_clip_range=2.0),
    ModelKind("clean-inpaint", inpaint=True, prediction_type="sample"),
    ModelKind("clean-clipped", prediction_type="sample", clip_sample=True),
]
SMALL_MODELS = [
    ModelKind("noise", small=True),
    ModelKind("clean-inpaint", inpaint=True, prediction_type="sample", small=True),
]


def cases(rng: random.Random) -> dict[str, dict]:
    """The whole list: case name to parameters. Prompts come from `rng`."""
    def en() -> str:
        return corpus.prompt(rng, "en")

    def ru() -> str:
        return corpus.prompt(rng, "ru")

    return complete({
        "english-square": {"model": "noise", "prompt": en(), "width": 128, "height": 128},
        "russian-wide": {"model": "noise", "prompt": ru(), "width": 192, "height": 128, "steps": 20, "prior_steps": 25,
                         "guidance": 7.0, "prior_guidance": 1.0},
        "negative-tall": {"model": "noise", "prompt": en(), "negative": corpus.negative(rng, "en"), "width": 128,
                          "height": 192},
        "unguided-pair": {"model": "noise-clipped", "prompt": ru(), "count": 2, "steps": 5, "guidance": 1.0,
                          "prior_guidance": 1.0},
        "negative-unguided-prior": {"model": "noise-clipped", "prompt": ru(), "negative": corpus.negative(rng, "ru"),
                                    "width": 128, "prior_steps": 25, "prior_guidance": 1.0},
        "overlong": {"model": "noise-clipped", "prompt": corpus.long_prompt(rng), "height": 128, "steps": 20},
        "inpaint-only": {"model": "clean-inpaint", "prompt": en(), "width": 256, "height": 192, "steps": 5},
        "negative-pair": {"model": "clean-inpaint", "prompt": ru(), "negative": corpus.negative(rng, "en"),
                          "width": 128, "count": 2, "guidance": 7.0},
        "empty": {"model": "clean-inpaint", "prompt": "", "steps": 25, "prior_steps": 25},
        "clipped-long": {"model": "clean-clipped", "prompt": ru(), "height": 128, "steps": 50, "guidance": 7.0},
        "odd-marks": {"model": "clean-clipped", "prompt": corpus.odd_prompt(rng), "width": 128, "count": 2},
        "unguided-decoder": {"model": "clean-clipped", "prompt": en(), "negative": corpus.negative(rng, "en"),
                             "width": 64, "height": 192, "guidance": 1.0},
    })


def small_cases(rng: random.Random) -> dict[str, dict]:
    """The committed set: every mechanism once, on two very small models."""
    return complete({
        "english": {"model": "noise", "prompt": corpus.prompt(rng, "en"), "width": 128},
        "russian-negative-pair": {"model": "noise", "prompt": corpus.prompt(rng, "ru"), "count": 2, "steps": 5,
                                  "negative": corpus.negative(rng, "ru"), "guidance": 7.0, "prior_steps": 25},
        "inpaint-only": {"model": "clean-inpaint", "prompt": corpus.prompt(rng, "ru"), "height": 128},
        "unguided": {"model": "clean-inpaint", "prompt": corpus.long_prompt(rng), "steps": 20, "guidance": 1.0,
                     "prior_guidance": 1.0},
    })


def complete(parameters: dict[str, dict]) -> dict[str, dict]:
    """Fills in what a case leaves open."""
    return {name: DEFAULTS | case for name, case in parameters.items()}
