"""Runs the reference on recorded noise: encoders, prior and decoder, in every mode."""

from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import KandinskyPipeline, KandinskyPriorPipeline

import decoder as decoders
from model_folder import LATENT_CHANNELS, load_decoder, load_prior
from recording import calls_of, noise_from

Tensors = dict[str, torch.Tensor]
UNCLIP = "diffusers.schedulers.scheduling_unclip"


def run(case: dict, model: Path, generator: torch.Generator) -> tuple[Tensors, Tensors]:
    """Inputs and expected outputs of one case, under the names that README.md lists."""
    prior, decoder = load_prior(model), load_decoder(model)
    inputs = draw_inputs(case, prior, decoder, generator)
    return inputs, expected(case, inputs, prior, decoder, model)


def draw_inputs(
    case: dict, prior: KandinskyPriorPipeline, decoder: KandinskyPipeline, generator: torch.Generator
) -> Tensors:
    """Every random number that the reference would have drawn, and a picture for the vision tower."""
    count, width = case["count"], prior.prior.config.embedding_dim
    side, factor = prior.image_encoder.config.image_size, decoder.movq_scale_factor
    cells = 2 ** (len(decoder.unet.config.block_out_channels) - 1)  # what the UNet halves must be a multiple of this
    shapes = {
        "prior.initial": (count, width),
        "prior.noise": (case["prior_steps"] - 1, count, width),
        "decoder.initial": (count, LATENT_CHANNELS, *(-(-case[name] // (cells * factor)) * cells for name in ("height", "width"))),
        "clip_image.pixels": (1, 3, side, side),
    }
    if case["sampler"] == "p_sampler":
        shapes["decoder.noise"] = (case["steps"] - 1, *shapes["decoder.initial"])
    inputs = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    if case["task"] != "text_to_image":
        coarse = torch.rand((1, 3, 6, 6), generator=generator)
        inputs["picture.pixels"] = F.interpolate(coarse, (case["height"], case["width"]), mode="bilinear")
    if case["task"] == "inpaint":
        inputs["picture.mask"] = hole(case["hole"], case["height"], case["width"])
    return inputs


def hole(shape: str, height: int, width: int) -> torch.Tensor:
    """A mask, 1 = draw anew."""
    mask = torch.zeros((1, 1, height, width))
    if shape == "corner":
        mask[..., : height // 2, : width // 3] = 1
    elif shape == "middle":
        mask[..., height // 4 : -height // 4, width // 4 : -width // 4] = 1
    else:  # a strip at the right, as outpainting leaves
        mask[..., -width // 3 :] = 1
    return mask


@torch.no_grad()
def expected(
    case: dict, inputs: Tensors, prior: KandinskyPriorPipeline, decoder: KandinskyPipeline, model: Path
) -> Tensors:
    """Everything that a port is compared with."""
    tensors = encoder_outputs(case, inputs, prior, decoder)
    tensors |= run_prior(case, inputs, prior)
    if case["picture_weight"] is not None:
        share = case["picture_weight"]
        tensors["image_embeds"] = share * tensors["clip_image.embeds"] + (1 - share) * tensors["image_embeds"]
    tensors |= decoders.run(case, inputs, decoder, model, tensors)
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def encoder_outputs(
    case: dict, inputs: Tensors, prior: KandinskyPriorPipeline, decoder: KandinskyPipeline
) -> Tensors:
    """Tokens, states and embeddings of both texts in both encoders, and two picture embeddings."""
    texts = {"": case["prompt"], "negative.": case["negative"] or ""}
    tensors = {
        "clip_image.embeds": prior.image_encoder(inputs["clip_image.pixels"]).image_embeds,
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


def run_prior(case: dict, inputs: Tensors, prior: KandinskyPriorPipeline) -> Tensors:
    """Image embeddings for the prompt and for what it is guided against.

    With a negative prompt the pipeline runs both texts in one batch [prompt; negative]. Both halves get the same
    noise, so that the recorded draws are one row per picture, with or without a negative prompt.
    """
    halves = 1 if case["negative"] is None else 2
    noise = [torch.cat([step] * halves) for step in inputs["prior.noise"]]
    with calls_of(prior.prior) as calls, noise_from(noise, UNCLIP):
        image_embeds, negative_image_embeds = prior(
            case["prompt"], negative_prompt=case["negative"], num_images_per_prompt=case["count"],
            num_inference_steps=case["prior_steps"], guidance_scale=case["prior_guidance"],
            latents=torch.cat([inputs["prior.initial"]] * halves), return_dict=False,
        )
    rows = calls[0].output.predicted_image_embedding.split(case["count"])
    return {
        "prior.first": torch.cat(rows[::halves]),
        "image_embeds": image_embeds,
        "negative_image_embeds": negative_image_embeds,
    }
