"""Which models and cases a seed gives."""

import random

import corpus
from model_shapes import ModelKind

DEFAULTS = {
    "task": "text_to_image", "model": "", "prompt": "", "negative": None, "width": 64, "height": 64, "count": 1, "steps": 10, "guidance": 4.0,
    "prior_steps": 5, "prior_guidance": 4.0, "sampler": "ddim", "rules": "diffusers", "strength": None, "hole": None,
    "picture_weight": None, "decoder_prompt": None,
}

MODELS = [
    ModelKind("noise"),
    ModelKind("noise-clipped", clip_sample=True, prior_clip_range=2.0),
    ModelKind("clean-inpaint", inpaint=True, prediction_type="sample"),
    ModelKind("clean-clipped", prediction_type="sample", clip_sample=True),
    ModelKind("original", original=True),
    ModelKind("original-inpaint", inpaint=True, original=True),
]
SMALL_MODELS = [
    ModelKind("noise", small=True),
    ModelKind("clean-inpaint", inpaint=True, prediction_type="sample", small=True),
    ModelKind("original", original=True, small=True),
]

# Of all modes and samplers those that the repository carries.
SMALL_MODES = {
    "dpm-10", "dpm-clean", "p-sampler-diffusers", "p-sampler-sound", "plms", "even-steps", "odd-size", "change-diffusers",
    "change-dpm", "change-original", "inpaint-corner", "outpaint-strip", "mix",
}


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
    } | modes(rng, "noise", "clean-inpaint") | {
        "original-files": {"model": "original", "prompt": en(), "width": 128},
        "original-files-inpaint": {"task": "inpaint", "model": "original-inpaint", "prompt": ru(), "hole": "corner",
                                   "width": 128, "height": 128, "steps": 5},
    })


def modes(rng: random.Random, noise: str, inpaint: str) -> dict[str, dict]:
    """Every sampler and mode: on a model that predicts noise, and on one that fills holes."""
    def text() -> str:
        return corpus.prompt(rng, rng.choice(["en", "ru"]))

    change = {"task": "change", "model": noise, "width": 64, "height": 64}
    fill = {"task": "inpaint", "model": inpaint, "width": 128, "height": 128, "steps": 5}
    return {
        "dpm-10": {"model": noise, "prompt": text(), "sampler": "dpm++"},
        "dpm-20": {"model": noise, "prompt": text(), "sampler": "dpm++", "steps": 20, "width": 128},
        "dpm-clean": {"model": inpaint, "prompt": text(), "sampler": "dpm++", "rules": "sound"},
        "p-sampler-diffusers": {"model": noise, "prompt": text(), "sampler": "p_sampler", "count": 2},
        "p-sampler-original": {"model": noise, "prompt": text(), "sampler": "p_sampler", "rules": "original", "count": 2},
        "p-sampler-sound": {"model": noise, "prompt": text(), "sampler": "p_sampler", "rules": "sound", "count": 2},
        "plms": {"model": noise, "prompt": text(), "sampler": "plms", "rules": "original"},
        "plms-clean": {"model": inpaint, "prompt": text(), "sampler": "plms", "rules": "sound", "steps": 12},
        "even-steps": {"model": noise, "prompt": text(), "rules": "sound", "steps": 12},
        "original-steps": {"model": noise, "prompt": text(), "rules": "original", "steps": 15},
        "odd-size": {"model": noise, "prompt": text(), "rules": "sound", "width": 100, "height": 70},
        "change-diffusers": change | {"prompt": text(), "strength": 0.3, "steps": 20},
        "change-strong-pair": change | {"prompt": text(), "strength": 0.7, "count": 2},
        "change-dpm": change | {"prompt": text(), "strength": 0.6, "rules": "sound", "sampler": "dpm++"},
        "change-original": change | {"prompt": text(), "strength": 0.3, "rules": "original", "steps": 20},
        "change-sound-wide": change | {"prompt": text(), "strength": 0.45, "rules": "sound", "width": 128},
        "change-plms-negative": change | {"prompt": text(), "strength": 0.5, "rules": "original", "sampler": "plms",
                                          "negative": corpus.negative(rng, "en")},
        "inpaint-corner": fill | {"prompt": text(), "hole": "corner"},
        "inpaint-middle-negative": fill | {"prompt": text(), "hole": "middle", "negative": corpus.negative(rng, "ru")},
        "outpaint-strip": fill | {"prompt": text(), "hole": "strip", "rules": "sound", "sampler": "dpm++", "width": 192},
        "inpaint-plms": fill | {"prompt": text(), "hole": "middle", "rules": "sound", "sampler": "plms"},
        "mix": {"model": noise, "prompt": text(), "picture_weight": 0.4, "decoder_prompt": ""},
        "mix-unbalanced": {"model": noise, "prompt": text(), "picture_weight": 1.5, "decoder_prompt": "", "count": 2},
        "variation": {"model": noise, "prompt": "", "picture_weight": 1.0, "decoder_prompt": "", "sampler": "dpm++"},
    }


def small_cases(rng: random.Random) -> dict[str, dict]:
    """The committed set: every mechanism once, on two very small models."""
    return complete({
        "english": {"model": "noise", "prompt": corpus.prompt(rng, "en"), "width": 128},
        "russian-negative-pair": {"model": "noise", "prompt": corpus.prompt(rng, "ru"), "count": 2, "steps": 5,
                                  "negative": corpus.negative(rng, "ru"), "guidance": 7.0, "prior_steps": 25},
        "inpaint-only": {"model": "clean-inpaint", "prompt": corpus.prompt(rng, "ru"), "height": 128},
        "unguided": {"model": "clean-inpaint", "prompt": corpus.long_prompt(rng), "steps": 20, "guidance": 1.0,
                     "prior_guidance": 1.0},
    } | {name: case for name, case in modes(rng, "noise", "clean-inpaint").items() if name in SMALL_MODES} | {
        "original-files": {"model": "original", "prompt": corpus.prompt(rng, "en"), "width": 32, "height": 32},
    })


def complete(parameters: dict[str, dict]) -> dict[str, dict]:
    """Fills in what a case leaves open."""
    cases = {name: DEFAULTS | case for name, case in parameters.items()}
    for case in cases.values():
        if case["decoder_prompt"] is None:
            case["decoder_prompt"] = case["prompt"]
    return cases
