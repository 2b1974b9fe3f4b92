"""What a picture shall be about: prompt or mix to the embeddings that guide the decoder."""

import torch
from PIL import Image
from diffusers import KandinskyPriorPipeline

import original_program
import preparing
import prior_transcription
from recording import calls_of, noise_from

Tensors = dict[str, torch.Tensor]
UNCLIP = "diffusers.schedulers.scheduling_unclip"


@torch.no_grad()
def run(case: dict, inputs: Tensors, pictures: dict[str, Image.Image], prior: KandinskyPriorPipeline) -> Tensors:
    """The prior's first output for the prompt, and both image embeddings."""
    if case["rules"] == "original":
        with calls_of(prior.prior) as calls:
            original_program.of_text(case, case["prompt"], original_program.against_of(case), inputs, prior)
        first = {"prior.first": calls[0].output.predicted_image_embedding}
        return first | original_program.image_embeds(case, inputs, pictures, prior)
    tensors = of_text(case, case["prompt"], inputs, prior)
    if case["parts"] is not None:
        tensors |= mix(case, inputs, pictures, prior)
    return tensors


def of_text(case: dict, text: str, inputs: Tensors, prior: KandinskyPriorPipeline) -> Tensors:
    """Image embeddings for a text and for what it is guided against.

    With a negative prompt the pipeline runs both texts in one batch [prompt; negative]. Both halves get the same
    noise, so that the recorded draws are one row per picture, with or without a negative prompt.
    """
    with calls_of(prior.prior) as calls:
        if case["prior_sampler"] == "ancestral" and case["rules"] == "diffusers":
            halves = 1 if case["negative"] is None else 2
            with recorded(case, inputs, runs=1):
                image_embeds, negative_image_embeds = prior(
                    text, negative_prompt=case["negative"], num_images_per_prompt=case["count"],
                    num_inference_steps=case["prior_steps"], guidance_scale=case["prior_guidance"],
                    latents=torch.cat([inputs["prior.initial"]] * halves), return_dict=False,
                )
        else:
            halves, against = 1, case["negative"] or ""
            image_embeds = prior_transcription.run(case, text, against, inputs, prior)
            negative_image_embeds = prior.get_zero_embed(case["count"])
            if case["negative"] is not None:
                negative_image_embeds = prior_transcription.run(case, against, against, inputs, prior)
    rows = calls[0].output.predicted_image_embedding.split(case["count"])
    return {
        "prior.first": torch.cat(rows[::halves]),
        "image_embeds": image_embeds,
        "negative_image_embeds": negative_image_embeds,
    }


def recorded(case: dict, inputs: Tensors, runs: int):
    """The recorded noise for every one of some runs of the pipeline."""
    halves = 1 if case["negative"] is None else 2
    return noise_from([torch.cat([step] * halves) for step in inputs["prior.noise"]] * runs, UNCLIP)


def mix(case: dict, inputs: Tensors, pictures: dict[str, Image.Image], prior: KandinskyPriorPipeline) -> Tensors:
    """The weighted sum over texts and pictures: by diffusers' own function where it can, which is for one picture."""
    if case["rules"] == "diffusers" and case["count"] == 1:
        return by_interpolation(case, inputs, pictures, prior)
    total = torch.zeros_like(inputs["prior.initial"])
    for part in case["parts"]:
        if "picture" in part:
            picture = pictures[f"part-{part['picture']}"]
            pixels = preparing.clip_pixels(prior.image_processor, picture, case["rules"])
            embeds = prior.image_encoder(pixels).image_embeds
        else:
            embeds = of_text(case, part["text"], inputs, prior)["image_embeds"]
        total = total + part["weight"] * embeds
    return {"image_embeds": total}


def by_interpolation(
    case: dict, inputs: Tensors, pictures: dict[str, Image.Image], prior: KandinskyPriorPipeline
) -> Tensors:
    """`KandinskyPriorPipeline.interpolate`, which runs the prior for each text and once for the negative prompt."""
    items = [pictures[f"part-{part['picture']}"] if "picture" in part else part["text"] for part in case["parts"]]
    texts = sum(isinstance(item, str) for item in items)
    halves = 1 if case["negative"] is None else 2
    with recorded(case, inputs, runs=texts + 1):
        result = prior.interpolate(
            items, [part["weight"] for part in case["parts"]], num_inference_steps=case["prior_steps"],
            guidance_scale=case["prior_guidance"], latents=torch.cat([inputs["prior.initial"]] * halves),
            negative_prior_prompt=case["negative"], negative_prompt=case["negative"] or "",
        )
    return {"image_embeds": result.image_embeds, "negative_image_embeds": result.negative_image_embeds}
