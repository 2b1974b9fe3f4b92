"""Which models and cases a seed gives."""

import random
from collections.abc import Callable

import corpus
import original_cases
from model_shapes import ModelKind

# Draws a prompt.
Text = Callable[[], str]

DEFAULTS = {
    "task": "text_to_image", "model": "", "prompt": "", "negative": None, "width": 64, "height": 64, "count": 1, "steps": 10, "guidance": 4.0,
    "prior_steps": 5, "prior_guidance": 4.0, "prior_sampler": "ancestral", "sampler": "ddim", "rules": "diffusers",
    "strength": None, "picture_size": None, "hole": None, "mask_size": None, "parts": None, "decoder_prompt": None,
}

MODELS = [
    ModelKind("noise"),
    ModelKind("noise-clipped", clip_sample=True, prior_clip_range=2.0),
    ModelKind("noise-inpaint", inpaint=True),
    ModelKind("clean-inpaint", inpaint=True, prediction_type="sample"),
    ModelKind("clean-clipped", prediction_type="sample", clip_sample=True),
    ModelKind("original", original=True),
    ModelKind("original-inpaint", inpaint=True, original=True),
]
SMALL_MODELS = [
    ModelKind("noise", small=True),
    ModelKind("clean-inpaint", inpaint=True, prediction_type="sample", small=True),
    ModelKind("original", inpaint=True, original=True, small=True),
]

# Of all modes and samplers those that the repository carries.
SMALL_MODES = {
    "openai-marks", "prior-ddim", "prior-fast-negative", "dpm-10", "p-sampler-diffusers", "p-sampler-sound", "plms",
    "even-steps", "odd-size", "mix-texts", "mix-negative-pair",
    "change-diffusers", "change-dpm", "change-original", "change-odd-pair", "change-p-sampler-original",
    "inpaint-corner", "inpaint-dots", "inpaint-paste", "outpaint-odd",
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


def modes(rng: random.Random, noise: str, clean: str) -> dict[str, dict]:
    """Every sampler and mode: on a model that predicts noise, and on one that predicts clean latents and fills holes."""
    def text() -> str:
        return corpus.prompt(rng, rng.choice(["en", "ru"]))

    return samplers(rng, text, noise, clean) | mixes(rng, text, noise) | changes(rng, text, noise) | holes(
        rng, text, "noise-inpaint", clean
    )


def samplers(rng: random.Random, text: Text, noise: str, clean: str) -> dict[str, dict]:
    """Samplers of prior and decoder, and whose tokens and steps they take."""
    sampled = {"model": noise, "sampler": "p_sampler"}
    return {
        "openai-marks": {"model": noise, "prompt": corpus.odd_prompt(rng), "negative": "blurry!", "rules": "original"},
        "prior-ddim": {"model": noise, "prompt": text(), "prior_sampler": "ddim", "prior_steps": 7, "count": 2},
        "prior-fast": {"model": clean, "prompt": text(), "prior_sampler": "fast", "prior_steps": 12, "rules": "sound"},
        "prior-fast-negative": {"model": noise, "prompt": text(), "negative": corpus.negative(rng, "en"),
                                "prior_sampler": "fast", "prior_steps": 6},
        "dpm-10": {"model": noise, "prompt": text(), "sampler": "dpm++"},
        "dpm-20": {"model": noise, "prompt": text(), "sampler": "dpm++", "steps": 20, "width": 128},
        "dpm-clean": {"model": clean, "prompt": text(), "sampler": "dpm++", "rules": "sound"},
        "p-sampler-diffusers": sampled | {"prompt": text(), "count": 2},
        "p-sampler-original": sampled | {"prompt": text(), "rules": "original", "count": 2},
        "p-sampler-sound": sampled | {"prompt": text(), "rules": "sound", "count": 2},
        "plms": {"model": noise, "prompt": text(), "sampler": "plms", "rules": "original"},
        "plms-clean": {"model": clean, "prompt": text(), "sampler": "plms", "rules": "sound", "steps": 12},
        "even-steps": {"model": noise, "prompt": text(), "rules": "sound", "steps": 12},
        "original-steps": {"model": noise, "prompt": text(), "rules": "original", "steps": 15},
        "odd-size": {"model": noise, "prompt": text(), "rules": "sound", "width": 100, "height": 70},
    }


def mixes(rng: random.Random, text: Text, noise: str) -> dict[str, dict]:
    """Weighted sums of texts and pictures. The decoder reads nothing then, but for the last."""
    def picture(index: int, weight: float) -> dict:
        return {"picture": index, "weight": weight}

    def words(weight: float) -> dict:
        return {"text": text(), "weight": weight}

    silent = {"model": noise, "decoder_prompt": ""}
    return {
        "mix": silent | {"parts": [picture(0, 0.4), words(0.6)]},
        "mix-unbalanced-pair": silent | {"parts": [words(-0.5), picture(0, 1.5)], "count": 2},
        "mix-texts": silent | {"parts": [words(0.5), picture(0, 0.2), words(0.2), picture(1, 0.1)]},
        "mix-negative": silent | {"parts": [picture(0, 0.3), words(0.7)], "negative": corpus.negative(rng, "en")},
        "mix-negative-pair": silent | {"parts": [words(0.3), words(0.4), picture(1, 0.3)], "rules": "original",
                                       "negative": corpus.negative(rng, "ru"), "count": 2},
        "mix-ddim": silent | {"parts": [words(0.5), words(0.5)], "prior_sampler": "ddim", "rules": "sound"},
        "variation": silent | {"parts": [picture(0, 1.0)], "sampler": "dpm++"},
        "variation-with-text": {"model": noise, "parts": [picture(0, 1.0)], "decoder_prompt": text()},
    }


def changes(rng: random.Random, text: Text, noise: str) -> dict[str, dict]:
    """Pictures that are changed by a share."""
    change = {"task": "change", "model": noise}
    sampled = change | {"sampler": "p_sampler"}
    return {
        "change-diffusers": change | {"prompt": text(), "strength": 0.3, "steps": 20},
        "change-strong-pair": change | {"prompt": text(), "strength": 0.7, "count": 2},
        "change-dpm": change | {"prompt": text(), "strength": 0.6, "rules": "sound", "sampler": "dpm++"},
        "change-original": change | {"prompt": text(), "strength": 0.3, "rules": "original", "steps": 20},
        "change-sound-wide": change | {"prompt": text(), "strength": 0.45, "rules": "sound", "width": 128},
        "change-plms-negative": change | {"prompt": text(), "strength": 0.5, "rules": "original", "sampler": "plms",
                                          "negative": corpus.negative(rng, "en")},
        "change-odd-pair": change | {"prompt": text(), "strength": 0.5, "rules": "sound", "width": 100, "height": 70,
                                     "picture_size": [150, 105], "count": 2},
        "change-shrunk": change | {"prompt": text(), "strength": 0.6, "rules": "original", "width": 128,
                                   "picture_size": [320, 160]},
        "change-p-sampler-diffusers": sampled | {"prompt": text(), "strength": 0.5},
        "change-p-sampler-original": sampled | {"prompt": text(), "strength": 0.3, "rules": "original", "steps": 20},
        "change-p-sampler-sound": sampled | {"prompt": text(), "strength": 0.4, "rules": "sound", "count": 2},
    }


def holes(rng: random.Random, text: Text, noise: str, clean: str) -> dict[str, dict]:
    """Pictures of which a part is drawn anew."""
    fill = {"task": "inpaint", "model": clean, "width": 128, "height": 128, "steps": 5}
    sampled = {"task": "inpaint", "model": noise, "sampler": "p_sampler", "hole": "middle"}
    return {
        "inpaint-corner": fill | {"prompt": text(), "hole": "corner", "height": 64},
        "inpaint-middle-negative": fill | {"prompt": text(), "hole": "middle", "negative": corpus.negative(rng, "ru")},
        "inpaint-original": fill | {"model": noise, "prompt": text(), "hole": "middle", "rules": "original"},
        "inpaint-dots": fill | {"prompt": text(), "hole": "dots", "rules": "sound", "height": 64},
        "inpaint-dots-diffusers": fill | {"prompt": text(), "hole": "dots"},
        "inpaint-pair": fill | {"prompt": text(), "hole": "corner", "width": 64, "height": 64, "count": 2},
        "inpaint-plms": fill | {"prompt": text(), "hole": "middle", "rules": "sound", "sampler": "plms"},
        "inpaint-odd": fill | {"prompt": text(), "hole": "middle", "rules": "sound", "width": 90, "height": 110,
                               "picture_size": [171, 209]},
        "inpaint-shrunk": fill | {"prompt": text(), "hole": "corner", "picture_size": [320, 260]},
        "inpaint-noise": {"task": "inpaint", "model": noise, "hole": "corner", "prompt": text()},
        "inpaint-paste": sampled | {"prompt": text(), "rules": "original"},
        "inpaint-p-sampler-diffusers": sampled | {"prompt": text()},
        "inpaint-p-sampler-sound": sampled | {"prompt": text(), "rules": "sound", "count": 2},
        "outpaint-strip": fill | {"prompt": text(), "hole": "strip", "rules": "sound", "sampler": "dpm++", "width": 192},
        "outpaint-odd": fill | {"prompt": text(), "hole": "strip", "rules": "sound", "sampler": "dpm++", "width": 120,
                                "height": 50, "count": 2},
    }


def small_cases(rng: random.Random) -> dict[str, dict]:
    """The committed set: every mechanism once, on three very small models."""
    first = {
        "english": {"model": "noise", "prompt": corpus.prompt(rng, "en"), "width": 128},
        "russian-negative-pair": {"model": "noise", "prompt": corpus.prompt(rng, "ru"), "count": 2, "steps": 5,
                                  "negative": corpus.negative(rng, "ru"), "guidance": 7.0, "prior_steps": 25},
        "inpaint-only": {"model": "clean-inpaint", "prompt": corpus.prompt(rng, "ru"), "height": 128},
        "unguided": {"model": "clean-inpaint", "prompt": corpus.long_prompt(rng), "steps": 20, "guidance": 1.0,
                     "prior_guidance": 1.0},
    }
    few = {name: case for name, case in modes(rng, "noise", "clean-inpaint").items() if name in SMALL_MODES}
    tiny = {"model": "original", "width": 32, "height": 32}
    return complete(first | few | {
        "inpaint-paste": few["inpaint-paste"] | tiny,
        "original-files": tiny | {"prompt": corpus.prompt(rng, "en")},
    } | small_cases_of_rules(rng, tiny))


def small_cases_of_rules(rng: random.Random, tiny: dict) -> dict[str, dict]:
    """What the rules decide about negative prompts, known latents, lists of steps and weak guidance."""
    def text() -> dict:
        return tiny | {"prompt": corpus.prompt(rng, "en"), "negative": corpus.negative(rng, "en"), "rules": "original"}

    return {
        "original-change-negative": text() | {"task": "change", "strength": 0.5, "steps": 37},
        "original-inpaint-negative": text() | {"task": "inpaint", "hole": "corner", "prior_sampler": "ddim", "steps": 5,
                                               "mask_size": [45, 50]},
        "original-added-strides": text() | {"sampler": "p_sampler", "steps": 21, "prior_steps": 21, "guidance": 0.6,
                                            "prior_guidance": 0.7},
        "inpaint-p-sampler-sound": text() | {"task": "inpaint", "hole": "corner", "sampler": "p_sampler", "count": 2,
                                             "rules": "sound"},
    }


def cases_of_original(rng: random.Random) -> dict[str, dict]:
    """The list by the original's rules alone."""
    return complete(original_cases.cases(rng))


def complete(parameters: dict[str, dict]) -> dict[str, dict]:
    """Fills in what a case leaves open."""
    cases = {name: DEFAULTS | case for name, case in parameters.items()}
    for case in cases.values():
        if case["decoder_prompt"] is None:
            case["decoder_prompt"] = case["prompt"]
    return cases
