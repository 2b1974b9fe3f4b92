"""Runs the reference on recorded noise: encoders, prior and decoder, in every mode."""

from pathlib import Path

import torch
from PIL import Image
from diffusers import KandinskyPipeline, KandinskyPriorPipeline

import decoder as decoders
import meaning
import original_program
import preparing
from model_folder import LATENT_CHANNELS, PRIOR, load_decoder, load_prior
from openai_tokens import OpenAiTokenizer
from recording import calls_of
from transcription import steps_taken

Tensors = dict[str, torch.Tensor]
Pictures = dict[str, Image.Image]


def run(case: dict, model: Path, generator: torch.Generator) -> tuple[Tensors, Pictures, Tensors]:
    """Input tensors, input pictures and expected outputs of one case, under the names that README.md lists."""
    prior, decoder = load_prior(model), load_decoder(model)
    if case["rules"] != "diffusers":
        prior.tokenizer = OpenAiTokenizer(model / PRIOR / "tokenizer")
    inputs = draw_inputs(case, prior, decoder, generator)
    pictures = draw_pictures(case, prior, generator)
    return inputs, pictures, expected(case, inputs, pictures, prior, decoder, model)


def draw_inputs(
    case: dict, prior: KandinskyPriorPipeline, decoder: KandinskyPipeline, generator: torch.Generator
) -> Tensors:
    """Every random number that the reference would have drawn."""
    count, width, factor = case["count"], prior.prior.config.embedding_dim, decoder.movq_scale_factor
    cells = 2 ** (len(decoder.unet.config.block_out_channels) - 1)  # what the UNet halves must be a multiple of this
    sides = (-(-case[name] // (cells * factor)) * cells for name in ("height", "width"))
    shapes = {
        "prior.initial": (count, width),
        "prior.noise": (case["prior_steps"] - 1, count, width),
        "decoder.initial": (count, LATENT_CHANNELS, *sides),
    }
    if case["sampler"] == "p_sampler":
        original = case["rules"] == "original"
        draws = original_program.steps_with_noise(case) if original else len(steps_taken(case)) - 1
        shapes["decoder.noise"] = (draws, *shapes["decoder.initial"])
    if case["prior_sampler"] != "ancestral":
        del shapes["prior.noise"]
    inputs = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    if case["rules"] == "original" and case["parts"] is not None:
        inputs |= {name: one_for_all(value) for name, value in inputs.items() if name.startswith("prior.")}
    return inputs


def one_for_all(noise: torch.Tensor) -> torch.Tensor:
    """The original makes one embedding of a mix for all pictures: the noise of the first in every row."""
    return noise[..., :1, :].expand_as(noise).contiguous()


def draw_pictures(case: dict, prior: KandinskyPriorPipeline, generator: torch.Generator) -> Pictures:
    """What is mixed in, what is changed, and its mask."""
    files = [0] + [part["picture"] for part in case["parts"] or [] if "picture" in part]
    margin = 3 if case["rules"] == "original" else None
    pictures = {
        f"part-{k}": preparing.draw_clip_picture(prior.image_processor, generator, margin) for k in range(max(files) + 1)
    }
    size = case["width"], case["height"]
    if case["task"] != "text_to_image":
        own = tuple(case["picture_size"] or size)
        pictures["picture"] = preparing.draw_picture(own, generator)
        assert case["rules"] == "sound" or preparing.begins_horizontally(pictures["picture"], size), f"{own} to {size}"
    if case["task"] == "inpaint":
        of_mask = tuple(case["mask_size"] or (own if case["rules"] == "sound" else size))
        pictures["mask"] = preparing.draw_mask(case["hole"], of_mask)
    return pictures


@torch.no_grad()
def expected(
    case: dict, inputs: Tensors, pictures: Pictures, prior: KandinskyPriorPipeline, decoder: KandinskyPipeline, model: Path
) -> Tensors:
    """Everything that a port is compared with."""
    tensors = encoder_outputs(case, pictures, prior, decoder)
    tensors |= meaning.run(case, inputs, pictures, prior)
    tensors |= decoders.run(case, inputs, pictures, decoder, model, tensors)
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def encoder_outputs(
    case: dict, pictures: Pictures, prior: KandinskyPriorPipeline, decoder: KandinskyPipeline
) -> Tensors:
    """Tokens, states and embeddings of the texts in both encoders, and two picture embeddings."""
    texts = {"": case["prompt"]} | ({} if case["negative"] is None else {"negative.": case["negative"]})
    pixels = preparing.clip_pixels(prior.image_processor, pictures["part-0"], case["rules"])
    tensors = {
        "clip_image.pixels": pixels,
        "clip_image.embeds": prior.image_encoder(pixels).image_embeds,
        "clip_image.zero": prior.get_zero_embed(),
    }
    for which, text in texts.items():
        tokens, embeds, hidden = encode(prior, text)
        tensors |= {f"clip_text.{which}{name}": value for name, value in
                    {"tokens": tokens, "embeds": embeds, "hidden": hidden}.items()}
        tokens, pooled, hidden = encode(decoder, text)
        tensors |= {f"xlmr.{which}{name}": value for name, value in
                    {"tokens": tokens, "pooled": pooled, "hidden": hidden}.items()}
    return tensors


def encode(pipeline: KandinskyPriorPipeline | KandinskyPipeline, text: str) -> tuple[torch.Tensor, ...]:
    """Token ids, the vector and the states of one text, as the pipeline itself makes them."""
    with calls_of(pipeline.text_encoder) as calls:
        vector, states, _ = pipeline._encode_prompt(text, torch.device("cpu"), 1, False)
    tokens = calls[0].args[0] if calls[0].args else calls[0].kwargs["input_ids"]
    return tokens, vector, states
