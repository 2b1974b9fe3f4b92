"""Writes the whole model at the published size, with random weights in f16, and what the reference makes of a few inputs.

    python full_size.py --out /tmp/full

One part is in memory at a time. The reference computes in f32, from the weights that were written.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import PriorTransformer, UNet2DConditionModel, VQModel
from diffusers.pipelines.kandinsky.text_encoder import MCLIPConfig, MultilingualCLIP
from safetensors.torch import save_file
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPVisionConfig, CLIPVisionModelWithProjection
from transformers import CLIPTokenizer, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import model_folder
import random_weights
from make_cases import quiet
from model_folder import DECODER_CLASSES, PRIOR, PRIOR_CLASSES, save, save_transformer, write_index
from model_shapes import ModelKind, ModelShape
from tiny_tokenizers import CONTEXT, END, START, write_clip_tokenizer, write_json, write_xlmr_tokenizer

DECODER, INPAINT = "kandinsky-2-1", "kandinsky-2-1-inpaint"
PROMPT = "красная машина на зелёном фоне, a red car"
TIMESTEP = 499
STEP_SIDE = 768 // 8

PUBLISHED = ModelShape(
    kind=ModelKind("published", small=True),
    embedding=768,
    clip_tokens=1000,
    clip_text={"hidden_size": 768, "num_attention_heads": 12, "num_hidden_layers": 12, "intermediate_size": 3072},
    clip_vision={
        "hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24, "intermediate_size": 4096,
        "image_size": 224, "patch_size": 14,
    },
    xlmr_tokens=1000,
    xlmr={"hidden_size": 1024, "num_attention_heads": 16, "num_hidden_layers": 24, "intermediate_size": 4096},
    prior={"embedding_dim": 768, "num_attention_heads": 32, "attention_head_dim": 64, "num_layers": 20},
    unet={
        "in_channels": 4, "block_out_channels": [384, 768, 1152, 1536], "layers_per_block": 3, "attention_head_dim": 64,
        "norm_num_groups": 32, "cross_attention_dim": 768, "encoder_hid_dim": 1024,
    },
    movq={
        "block_out_channels": [128, 256, 256, 512], "layers_per_block": 2, "norm_num_groups": 32,
        "num_vq_embeddings": 16384,
    },
)

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Part:
    """One network: how to build it, how many tensors and parameters the published file of it has, what to ask it."""

    folder: str
    build: Callable[[], nn.Module]
    randomise: Callable[[nn.Module, torch.Generator], None]
    run: Callable[[nn.Module, torch.Generator], tuple[Tensors, Tensors]]
    parameters: int
    tensors: int | None = None


def main() -> None:
    """Reads the command line and writes all parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="decides weights and inputs (default: 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder to make; 9.1 GB")
    parser.add_argument("--no-inpaint", action="store_true", help="without the inpainting UNet; 6.6 GB")
    arguments = parser.parse_args()
    quiet()
    arguments.out.mkdir(parents=True)
    write_small_files(arguments.out, random.Random(arguments.seed), not arguments.no_inpaint)
    inputs, expected = {}, {}
    for part in parts(arguments.out):
        if part.folder.startswith(INPAINT) and arguments.no_inpaint:
            continue
        generator = torch.Generator().manual_seed(random.Random(f"{arguments.seed}/{part.folder}").getrandbits(32))
        given, said = make_part(arguments.out, part, generator)
        inputs |= given
        expected |= said
    reference = arguments.out / "reference"
    reference.mkdir()
    save_file(inputs, reference / "inputs.safetensors")
    save_file(expected, reference / "expected.safetensors")
    write_json(reference / "case.json", {"prompt": PROMPT, "timestep": TIMESTEP})


def write_small_files(out: Path, rng: random.Random, inpaints: bool) -> None:
    """Tokenizers, schedulers and indices: small vocabularies whose ids lie within the published ones."""
    write_clip_tokenizer(out / PRIOR / "tokenizer", rng, PUBLISHED.clip_tokens)
    model_folder.prior_scheduler(PUBLISHED).save_pretrained(out / PRIOR / "scheduler")
    CLIPImageProcessorPil().save_pretrained(out / PRIOR / "image_processor")
    write_index(out / PRIOR, "KandinskyPriorPipeline", PRIOR_CLASSES)
    write_xlmr_tokenizer(out / DECODER / "tokenizer", rng, PUBLISHED.xlmr_tokens)
    for folder in [DECODER, INPAINT] if inpaints else [DECODER]:
        model_folder.decoder_scheduler(PUBLISHED).save_pretrained(out / folder / "scheduler")
    write_index(out / DECODER, "KandinskyPipeline", DECODER_CLASSES)


def parts(out: Path) -> list[Part]:
    """All networks, the small ones first; tensors and parameters as the published files have them."""
    movq = Part(
        f"{DECODER}/movq", lambda: VQModel(**model_folder.movq_config(PUBLISHED)), randomise_movq, run_movq,
        tensors=431, parameters=67_832_495,
    )
    clip_text = Part(
        f"{PRIOR}/text_encoder", lambda: CLIPTextModelWithProjection(clip_text_config(out)), random_weights.randomise,
        lambda model, _: run_clip_text(model, out), parameters=123_650_304,
    )
    clip_image = Part(
        f"{PRIOR}/image_encoder", lambda: CLIPVisionModelWithProjection(clip_vision_config()), random_weights.randomise,
        run_clip_image, parameters=303_966_208,
    )
    mclip = Part(
        f"{DECODER}/text_encoder", lambda: MultilingualCLIP(mclip_config()), random_weights.randomise,
        lambda model, _: run_mclip(model, out), tensors=393, parameters=560_677_632,
    )
    prior = Part(
        f"{PRIOR}/prior",
        lambda: PriorTransformer(**PUBLISHED.prior, num_embeddings=CONTEXT, additional_embeddings=4),
        random_weights.randomise_prior, run_prior, tensors=338, parameters=1_022_028_544 + 2 * 768,
    )
    return [movq, clip_text, clip_image, mclip, prior, unet(DECODER, 4, 1_228_661_768), unet(INPAINT, 9, 1_228_679_048)]


def unet(repository: str, channels: int, parameters: int) -> Part:
    """One of the two UNets. Only the first is asked for a whole step at 768×768."""
    side = STEP_SIDE if repository == DECODER else 16
    name = "unet" if repository == DECODER else "inpaint_unet"
    config = model_folder.unet_config(PUBLISHED) | {"in_channels": channels}
    return Part(
        f"{repository}/unet", lambda: UNet2DConditionModel(**config), randomise_unet,
        lambda model, generator: run_unet(model, name, (2, channels, side, side), generator),
        tensors=726, parameters=parameters,
    )


def clip_text_config(out: Path) -> CLIPTextConfig:
    """The published widths; the end of text is the small tokenizer's."""
    end = CLIPTokenizer.from_pretrained(out / PRIOR / "tokenizer").convert_tokens_to_ids([START, END])
    return CLIPTextConfig(
        **PUBLISHED.clip_text, vocab_size=49408, projection_dim=PUBLISHED.embedding, max_position_embeddings=CONTEXT,
        hidden_act="quick_gelu", bos_token_id=end[0], eos_token_id=end[1],
    )


def clip_vision_config() -> CLIPVisionConfig:
    """The published image tower."""
    return CLIPVisionConfig(**PUBLISHED.clip_vision, projection_dim=PUBLISHED.embedding, hidden_act="quick_gelu")


def mclip_config() -> MCLIPConfig:
    """The published XLM-R Large with its head."""
    return MCLIPConfig(
        transformerDimSize=1024, imageDimSize=PUBLISHED.embedding, **PUBLISHED.xlmr, vocab_size=250002,
        layer_norm_eps=1e-5, max_position_embeddings=514, type_vocab_size=1,
    )


def randomise_unet(model: nn.Module, generator: torch.Generator) -> None:
    """As in the small models: fitted to denoise, so that sampling stays in range."""
    alphas = model_folder.decoder_scheduler(PUBLISHED).alphas_cumprod
    random_weights.randomise_unet(model, True, alphas, generator)


def randomise_movq(model: nn.Module, generator: torch.Generator) -> None:
    """As in the small models, for latents as sampling with such a UNet brings them."""
    random_weights.randomise_movq(model, model_folder.latent_std(PUBLISHED), generator)


@torch.no_grad()
def make_part(out: Path, part: Part, generator: torch.Generator) -> tuple[Tensors, Tensors]:
    """Builds, counts, writes and asks one network; returns the inputs and what it said."""
    started = time.monotonic()
    model = part.build().eval()
    tensors, parameters = len(model.state_dict()), sum(parameter.numel() for parameter in model.parameters())
    assert parameters == part.parameters, f"{part.folder} has {parameters} parameters, not {part.parameters}"
    assert part.tensors in (None, tensors), f"{part.folder} has {tensors} tensors, not {part.tensors}"
    part.randomise(model, generator)
    write = save if hasattr(model, "register_to_config") else save_transformer
    write(model, out / part.folder, PUBLISHED)
    written = time.monotonic()
    inputs, expected = part.run(model.float(), generator)
    for name, tensor in expected.items():
        assert tensor.isfinite().all(), f"{name} is not finite"
        if tensor.is_floating_point():
            print(f"  {name:<20} deviation {tensor.std():.3f}, largest {tensor.abs().max():.2f}")
    seconds = f"{written - started:.0f} s to write, {time.monotonic() - written:.1f} s to run"
    print(f"{part.folder}: {tensors} tensors, {parameters:,} parameters, {seconds}", flush=True)
    return inputs, {name: tensor.contiguous() for name, tensor in expected.items()}


def run_movq(model: VQModel, generator: torch.Generator) -> tuple[Tensors, Tensors]:
    """A small picture to latents, and small latents to a picture."""
    pixels = 2 * torch.rand(1, 3, 64, 96, generator=generator) - 1
    latents = torch.randn(1, 4, 12, 16, generator=generator)
    inputs = {"movq.pixels": pixels, "movq.latents": latents}
    decoded = model.decode(latents, force_not_quantize=True).sample
    return inputs, {"movq.encoded": model.encode(pixels).latents, "movq.decoded": decoded}


def run_clip_text(model: CLIPTextModelWithProjection, out: Path) -> tuple[Tensors, Tensors]:
    """The prompt as the prior reads it."""
    tokenizer = CLIPTokenizer.from_pretrained(out / PRIOR / "tokenizer")
    ids = tokenizer(PROMPT, padding="max_length", max_length=CONTEXT, truncation=True, return_tensors="pt").input_ids
    said = model(ids)
    return {}, {"clip_text.tokens": ids, "clip_text.hidden": said.last_hidden_state, "clip_text.embeds": said.text_embeds}


def run_clip_image(model: CLIPVisionModelWithProjection, generator: torch.Generator) -> tuple[Tensors, Tensors]:
    """A normalised random picture."""
    pixels = torch.randn(1, 3, 224, 224, generator=generator)
    return {"clip_image.pixels": pixels}, {"clip_image.embeds": model(pixels).image_embeds}


def run_mclip(model: MultilingualCLIP, out: Path) -> tuple[Tensors, Tensors]:
    """The prompt as the decoder reads it."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(out / DECODER / "tokenizer")
    tokens = tokenizer(PROMPT, padding="max_length", max_length=CONTEXT, truncation=True, return_tensors="pt")
    pooled, hidden = model(tokens.input_ids, tokens.attention_mask)
    return {}, {"xlmr.tokens": tokens.input_ids, "xlmr.hidden": hidden, "xlmr.pooled": pooled}


def run_prior(model: PriorTransformer, generator: torch.Generator) -> tuple[Tensors, Tensors]:
    """One evaluation with guidance: the second text is longer than the first."""
    width = PUBLISHED.embedding
    inputs = {
        "prior.sample": torch.randn(2, width, generator=generator),
        "prior.hidden": torch.randn(2, CONTEXT, width, generator=generator),
        "prior.embeds": torch.randn(2, width, generator=generator),
        "prior.mask": (torch.arange(CONTEXT) < torch.tensor([[2], [20]])).float(),
    }
    sample, hidden, embeds, mask = inputs.values()
    said = model(sample, TIMESTEP, embeds, hidden, attention_mask=mask.bool())
    return inputs, {"prior.predicted": said.predicted_image_embedding}


def run_unet(
    model: UNet2DConditionModel, name: str, shape: tuple[int, ...], generator: torch.Generator
) -> tuple[Tensors, Tensors]:
    """One step under two conditions, as guidance asks for it."""
    width = PUBLISHED.embedding
    latents = torch.randn(shape, generator=generator)
    hidden = torch.randn(2, CONTEXT, model.config.encoder_hid_dim, generator=generator)
    pooled, image = torch.randn(2, 2, width, generator=generator)
    added = {"text_embeds": pooled, "image_embeds": image}
    said = model(latents, TIMESTEP, hidden, added_cond_kwargs=added).sample
    given = {"latents": latents, "hidden": hidden, "pooled": pooled.clone(), "image": image.clone()}
    return {f"{name}.{key}": tensor for key, tensor in given.items()}, {f"{name}.output": said}


if __name__ == "__main__":
    main()
