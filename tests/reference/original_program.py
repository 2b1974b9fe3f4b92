"""What the original program does with its arguments: texts, pictures, masks and noise to latents, with the samplers of
`original_process`. The networks are those of the reference pipelines.
"""

import numpy as np
import torch
from PIL import Image
from diffusers import KandinskyPipeline, KandinskyPriorPipeline

import original_process as process
import preparing

Tensors = dict[str, torch.Tensor]
Pictures = dict[str, Image.Image]
CPU = torch.device("cpu")


@torch.no_grad()
def image_embeds(case: dict, inputs: Tensors, pictures: Pictures, prior: KandinskyPriorPipeline) -> Tensors:
    """Both image embeddings of a case.

    There are two arguments for what to avoid, one for the prior and one for the decoder; a case gives its negative prompt
    to both. A picture that is changed takes neither, and where a part is drawn anew the second has no effect.
    """
    count, negative = case["count"], case["negative"] or ""
    against = against_of(case)
    zero = prior.image_encoder(torch.zeros(1, 3, *[prior.image_encoder.config.image_size] * 2)).image_embeds
    opposite = zero.repeat(count, 1)
    if case["task"] == "text_to_image" and negative:
        opposite = of_text(case, negative, against, inputs, prior)
    if case["parts"] is None:
        return {"image_embeds": of_text(case, case["prompt"], against, inputs, prior), "negative_image_embeds": opposite}
    total = 0
    for part in case["parts"]:
        if "picture" in part:
            pixels = preparing.clip_pixels_of_original(prior.image_processor, pictures[f"part-{part['picture']}"])
            embeds = prior.image_encoder(pixels).image_embeds
        else:
            embeds = of_text(case, part["text"], against, inputs, prior)
        total = total + part["weight"] * embeds
    return {"image_embeds": total.expand(count, -1), "negative_image_embeds": opposite}


def against_of(case: dict) -> str:
    """What the prior is guided against: nothing but the empty text where a picture is changed."""
    return "" if case["task"] == "change" else case["negative"] or ""


@torch.no_grad()
def of_text(case: dict, text: str, against: str, inputs: Tensors, prior: KandinskyPriorPipeline) -> torch.Tensor:
    """The prior: always guided, whatever the scale."""
    scale, initial = case["prior_guidance"], inputs["prior.initial"]
    embeds, states, mask = prior._encode_prompt([text], CPU, case["count"], True, [against])

    def network(x: torch.Tensor, t: int) -> tuple[torch.Tensor, None]:
        output = prior.prior(
            torch.cat([x, x]), timestep=t, proj_embedding=embeds, encoder_hidden_states=states, attention_mask=mask
        ).predicted_image_embedding
        unconditional, conditional = output.chunk(2)
        return unconditional + scale * (conditional - unconditional), None

    if case["prior_sampler"] == "ddim":
        sample = process.prior_ddim(network, initial, case["prior_steps"])
    else:
        assert case["prior_sampler"] == "ancestral"
        sample = process.prior_ancestral(network, initial, case["prior_steps"], inputs["prior.noise"])
    return sample * prior.prior.clip_std + prior.prior.clip_mean


def kept_cells(mask: Image.Image, cells: tuple[int, int]) -> torch.Tensor:
    """`[1, 1, h, w]`, 1 = keep: the nearest pixel of a mask of any size, with six neighbours of every hole."""
    kept = torch.from_numpy((np.array(mask) <= 127).astype(np.float32))[None, None]
    kept = torch.nn.functional.interpolate(kept, cells, mode="nearest")[0, 0]
    wide, (height, width) = kept.clone(), cells
    for i in range(height):
        for j in range(width):
            for down, right in [(-1, 0), (0, -1), (-1, -1), (1, 0), (0, 1), (1, 1)]:
                if kept[i, j] != 1 and 0 <= i + down < height and 0 <= j + right < width:
                    wide[i + down, j + right] = 0
    return wide[None, None]


def first_steps(case: dict) -> int:
    """How many steps of the process a changed picture takes; all without a strength.

    The program asks for the share that is kept, a case for the share that changes.
    """
    total = len(process.spread(case["steps"])) if case["sampler"] == "p_sampler" else process.TRAIN
    return total if case["strength"] is None else int(total * (1 - (1 - case["strength"])))


def steps_with_noise(case: dict) -> int:
    """How many draws `p_sampler` makes."""
    return first_steps(case) - 1


@torch.no_grad()
def latents(case: dict, inputs: Tensors, encoded: torch.Tensor | None, mask: torch.Tensor | None,
            decoder: KandinskyPipeline, embeds: Tensors) -> torch.Tensor:
    """The decoder: always guided, against the empty text."""
    count, x, first = case["count"], inputs["decoder.initial"], first_steps(case)
    config = decoder.scheduler.config
    betas = process.linear(config["beta_start"], config["beta_end"])
    if case["strength"] is not None:
        t = process.spread(case["steps"])[first - 1] if case["sampler"] == "p_sampler" else first - 1
        share = np.cumprod(1 - process.linear(1e-4, 0.02))[t]
        x = process.number(np.sqrt(share)) * encoded + process.number(np.sqrt(1 - share)) * x
    known = None if mask is None else (encoded, mask)
    network = unet(case, decoder, embeds, None if mask is None else torch.cat([encoded * mask, mask], dim=1))
    if case["sampler"] == "p_sampler":
        spaced = process.SpacedProcess(betas, process.spread(case["steps"]))
        return process.p_sampler(network, x, spaced, first, inputs["decoder.noise"], known)
    visited = process.strided(case["steps"])
    if case["strength"] is not None:
        visited = [t for t in visited if t <= first]
    run = {"ddim": process.ddim, "plms": process.plms}[case["sampler"]]
    return run(network, x.expand(count, -1, -1, -1), np.cumprod(1 - betas), visited)


def unet(case: dict, decoder: KandinskyPipeline, embeds: Tensors, known: torch.Tensor | None) -> process.Network:
    """The guided UNet: the noise, and the variance of the conditional half."""
    count = case["count"]
    pooled, states, _ = decoder._encode_prompt([case["decoder_prompt"]] * count, CPU, 1, True, [""] * count)
    images = torch.cat([embeds["negative_image_embeds"], embeds["image_embeds"]])

    def network(x: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows = x if known is None else torch.cat([x, known.expand(len(x), -1, -1, -1)], dim=1)
        output = decoder.unet(
            torch.cat([rows, rows]), torch.tensor(t), encoder_hidden_states=states,
            added_cond_kwargs={"text_embeds": pooled, "image_embeds": images},
        ).sample
        noise, learned = output.split(4, dim=1)
        unconditional, conditional = noise.chunk(2)
        return unconditional + case["guidance"] * (conditional - unconditional), learned.chunk(2)[1]

    return network
