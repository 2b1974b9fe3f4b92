"""The decoder in every mode: diffusers' pipelines where they can, the transcription elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from PIL import Image
from diffusers import (
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    KandinskyImg2ImgPipeline,
    KandinskyInpaintPipeline,
    KandinskyPipeline,
    UNet2DConditionModel,
)

import original_program
import preparing
import transcription
from recording import calls_of, noise_from

Tensors = dict[str, torch.Tensor]
Pictures = dict[str, Image.Image]
PIPELINES = "diffusers.pipelines.kandinsky"


def run(
    case: dict, inputs: Tensors, pictures: Pictures, decoder: KandinskyPipeline, model: Path, embeds: Tensors
) -> Tensors:
    """First UNet output, final latents and pixels, and what an inpainting network was told."""
    if case["task"] == "inpaint":
        folder = next(path for path in model.iterdir() if path.name.endswith("inpaint"))
        decoder.unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32)
    draw = {"diffusers": by_pipeline, "sound": by_transcription, "original": by_original_program}[case["rules"]]
    with calls_of(decoder.unet) as unet_calls, calls_of(decoder.movq.post_quant_conv) as movq_calls:
        pixels = draw(case, inputs, pictures, decoder, embeds)
    tensors = {"unet.first": unet_calls[0].output[0], "latents": movq_calls[0].args[0]}
    if case["task"] == "inpaint":
        told = unet_calls[0].kwargs.get("sample", unet_calls[0].args[0] if unet_calls[0].args else None)
        tensors["known.latents"], tensors["known.mask"] = told[: case["count"], 4:].split([4, 1], dim=1)
    if case["task"] != "text_to_image":
        tensors["encoded"] = encoded(case, inputs, pictures, decoder)
    return tensors | {"pixels": (pixels / 2 + 0.5).clamp(0, 1)[:, :, : case["height"], : case["width"]]}


def prepared(case: dict, inputs: Tensors, pictures: Pictures, decoder: KandinskyPipeline) -> torch.Tensor:
    """The given picture as the autoencoder takes it, 0 to 1."""
    picture = preparing.resized(pictures["picture"], (case["width"], case["height"]), case["rules"])
    return preparing.pixels(picture, inputs["decoder.initial"].shape[-2:], decoder.movq_scale_factor)


@torch.no_grad()
def encoded(case: dict, inputs: Tensors, pictures: Pictures, decoder: KandinskyPipeline) -> torch.Tensor:
    """Latents of the given picture."""
    return decoder.movq.encode(prepared(case, inputs, pictures, decoder) * 2 - 1).latents


def drawn_pixels(case: dict, cells: torch.Size, pictures: Pictures, decoder: KandinskyPipeline) -> torch.Tensor:
    """What is to be drawn anew, 1 = draw; nothing beyond the picture's edge."""
    hole = preparing.hole(pictures["mask"], (case["width"], case["height"]))
    bottom, right = (side * decoder.movq_scale_factor - own for side, own in zip(cells, hole.shape[-2:]))
    return torch.nn.functional.pad(hole, (0, right, 0, bottom))


def by_pipeline(
    case: dict, inputs: Tensors, pictures: Pictures, decoder: KandinskyPipeline, embeds: Tensors
) -> torch.Tensor:
    """As diffusers does it, with the sampler of the case."""
    count, negative = case["count"], case["negative"]
    parts = {name: getattr(decoder, name) for name in ("text_encoder", "tokenizer", "unet", "movq")}
    parts["scheduler"] = scheduler(case["sampler"], decoder.scheduler.config)
    arguments = {
        "prompt": [case["decoder_prompt"]] * count, "image_embeds": embeds["image_embeds"],
        "negative_image_embeds": embeds["negative_image_embeds"],
        "negative_prompt": None if negative is None else [negative] * count, "height": case["height"],
        "width": case["width"], "num_inference_steps": case["steps"], "guidance_scale": case["guidance"],
        "output_type": "pt", "return_dict": False,
    }
    with step_noise(case, inputs):
        if case["task"] == "change":
            pipeline = quiet(KandinskyImg2ImgPipeline(**parts))
            # As tensors: the pipeline swaps the sides of picture files that are not square.
            tensors = [prepared(case, inputs, pictures, decoder)] * count
            with noise_from([inputs["decoder.initial"]], f"{PIPELINES}.pipeline_kandinsky_img2img"):
                # This pipeline gives [0, 1], unlike the other two.
                return pipeline(**arguments, image=tensors, strength=case["strength"])[0] * 2 - 1
        if case["task"] == "inpaint":
            pipeline = quiet(KandinskyInpaintPipeline(**parts))
            files = {"image": [pictures["picture"]] * count, "mask_image": [pictures["mask"]] * count}
            return pipeline(**arguments, **files, latents=inputs["decoder.initial"])[0]
        return quiet(KandinskyPipeline(**parts))(**arguments, latents=inputs["decoder.initial"])[0]


def quiet(pipeline: KandinskyPipeline) -> KandinskyPipeline:
    """Without a progress bar."""
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@contextmanager
def step_noise(case: dict, inputs: Tensors) -> Iterator[None]:
    """Recorded noise for the sampler that draws some."""
    if case["sampler"] != "p_sampler":
        yield
        return
    with noise_from(list(inputs["decoder.noise"]), "diffusers.schedulers.scheduling_ddpm"):
        yield


def scheduler(sampler: str, config: dict) -> object:
    """diffusers' scheduler for a sampler, on the model's own schedule."""
    betas = {key: config[key] for key in ("beta_start", "beta_end", "beta_schedule", "prediction_type")}
    if sampler == "p_sampler":
        return DDPMScheduler(
            **betas, variance_type="learned_range", thresholding=True, dynamic_thresholding_ratio=0.995,
            sample_max_value=2.0, clip_sample=False,
        )
    if sampler == "dpm++":
        return DPMSolverMultistepScheduler(**betas, timestep_spacing="linspace", final_sigmas_type="sigma_min")
    from diffusers import DDIMScheduler

    return DDIMScheduler.from_config(config)


@torch.no_grad()
def by_original_program(
    case: dict, inputs: Tensors, pictures: Pictures, decoder: KandinskyPipeline, embeds: Tensors
) -> torch.Tensor:
    """As the original program does it."""
    latents = mask = None
    if case["task"] != "text_to_image":
        latents = encoded(case, inputs, pictures, decoder)
    if case["task"] == "inpaint":
        mask = original_program.kept_cells(pictures["mask"], inputs["decoder.initial"].shape[-2:])
    x = original_program.latents(case, inputs, latents, mask, decoder, embeds)
    return decoder.movq.decode(x, force_not_quantize=True).sample


@torch.no_grad()
def by_transcription(
    case: dict, inputs: Tensors, pictures: Pictures, decoder: KandinskyPipeline, embeds: Tensors
) -> torch.Tensor:
    """The networks driven by the transcribed samplers."""
    count = case["count"]
    prompt_embeds, states, _ = decoder._encode_prompt(
        [case["decoder_prompt"]] * count, torch.device("cpu"), 1, True, [case["negative"] or ""] * count
    )
    image_embeds = torch.cat([embeds["negative_image_embeds"], embeds["image_embeds"]])
    schedule = transcription.Schedule.of(decoder.scheduler.config)
    noise = inputs["decoder.initial"]
    latents = known = None
    if case["task"] != "text_to_image":
        latents = encoded(case, inputs, pictures, decoder)
    if case["task"] == "inpaint":
        cells = noise.shape[-2:]
        kept = transcription.kept_cells(drawn_pixels(case, cells, pictures, decoder), cells, case["rules"])
        known = torch.cat([latents * kept, kept], dim=1).expand(count, -1, -1, -1)
    x = transcription.begin(case, schedule, latents, noise)

    def network(x: torch.Tensor, t: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.cat([x, x])
        if known is not None:
            rows = torch.cat([rows, torch.cat([known, known])], dim=1)
        output = decoder.unet(
            rows, torch.tensor(t), encoder_hidden_states=states,
            added_cond_kwargs={"text_embeds": prompt_embeds, "image_embeds": image_embeds},
        ).sample
        (value, variance) = output.split(4, dim=1)
        unconditional, conditional = value.chunk(2)
        return unconditional + case["guidance"] * (conditional - unconditional), variance.chunk(2)[1]

    x = transcription.sample(case, schedule, network, x, list(inputs.get("decoder.noise", [])), known)
    return decoder.movq.decode(x, force_not_quantize=True).sample
