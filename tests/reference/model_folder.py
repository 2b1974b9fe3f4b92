"""Writes random models in the published folder layout and loads the reference pipelines from it."""

import random
from pathlib import Path

import torch
from diffusers import DDIMScheduler, KandinskyPipeline, KandinskyPriorPipeline, PriorTransformer, UnCLIPScheduler
from diffusers import UNet2DConditionModel, VQModel
from diffusers.pipelines.kandinsky.text_encoder import MCLIPConfig, MultilingualCLIP
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer, CLIPVisionConfig
from transformers import CLIPVisionModelWithProjection, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import random_weights
from model_shapes import ModelShape
from tiny_tokenizers import CONTEXT, END, START, write_clip_tokenizer, write_json, write_xlmr_tokenizer

PRIOR = "kandinsky-2-1-prior"
LATENT_CHANNELS = 4


def write_model(folder: Path, shape: ModelShape, rng: random.Random) -> None:
    """Draws the weights of one model and writes its two repositories side by side."""
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    write_prior(folder / PRIOR, shape, rng, generator)
    write_decoder(folder / shape.decoder_folder, shape, rng, generator)


def write_prior(folder: Path, shape: ModelShape, rng: random.Random, generator: torch.Generator) -> None:
    """The repository that turns text into an image embedding."""
    vocabulary = write_clip_tokenizer(folder / "tokenizer", rng, shape.clip_tokens)
    text = CLIPTextModelWithProjection(clip_text_config(shape, vocabulary, rng))
    vision = CLIPVisionModelWithProjection(
        CLIPVisionConfig(**shape.clip_vision, projection_dim=shape.embedding, hidden_act="quick_gelu")
    )
    prior = PriorTransformer(**shape.prior, num_embeddings=CONTEXT, additional_embeddings=4)
    random_weights.randomise(text, generator)
    random_weights.randomise(vision, generator)
    random_weights.randomise_prior(prior, generator)
    save_transformer(text, folder / "text_encoder", shape)
    save_transformer(vision, folder / "image_encoder", shape)
    save(prior, folder / "prior", shape)
    side = shape.clip_vision["image_size"]
    CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side}).save_pretrained(
        folder / "image_processor"
    )
    prior_scheduler(shape).save_pretrained(folder / "scheduler")
    write_index(folder, "KandinskyPriorPipeline", PRIOR_CLASSES)


def write_decoder(folder: Path, shape: ModelShape, rng: random.Random, generator: torch.Generator) -> None:
    """The repository that turns an image embedding and text into a picture."""
    tokens = write_xlmr_tokenizer(folder / "tokenizer", rng, shape.xlmr_tokens)
    text = MultilingualCLIP(mclip_config(shape, tokens))
    unet = UNet2DConditionModel(**unet_config(shape))
    movq = VQModel(**movq_config(shape))
    scheduler = decoder_scheduler(shape)
    random_weights.randomise(text, generator)
    predicts_noise = shape.kind.prediction_type == "epsilon"
    random_weights.randomise_unet(unet, predicts_noise, scheduler.alphas_cumprod, generator)
    random_weights.randomise_movq(movq, latent_std(shape), generator)
    save_transformer(text, folder / "text_encoder", shape)
    save(unet, folder / "unet", shape)
    save(movq, folder / "movq", shape)
    scheduler.save_pretrained(folder / "scheduler")
    write_index(folder, "KandinskyPipeline", DECODER_CLASSES)


def latent_std(shape: ModelShape) -> float:
    """Roughly the spread of final latents: unclamped noise prediction by a bad network overshoots."""
    return 4.0 if shape.kind.prediction_type == "epsilon" and not shape.kind.clip_sample else 1.0


PRIOR_CLASSES = {
    "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
    "image_processor": ["transformers", "CLIPImageProcessor"],
    "prior": ["diffusers", "PriorTransformer"],
    "scheduler": ["diffusers", "UnCLIPScheduler"],
    "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
}
DECODER_CLASSES = {
    "movq": ["diffusers", "VQModel"],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["kandinsky", "MultilingualCLIP"],
    "tokenizer": ["transformers", "XLMRobertaTokenizerFast"],
    "unet": ["diffusers", "UNet2DConditionModel"],
}


def write_index(folder: Path, pipeline: str, classes: dict) -> None:
    """`model_index.json`: which class loads which subfolder."""
    write_json(folder / "model_index.json", {"_class_name": pipeline, "_diffusers_version": "0.42.1"} | classes)


def save(model: torch.nn.Module, folder: Path, shape: ModelShape) -> None:
    """Weights as safetensors; in half precision for the committed set, and where original checkpoints will hold no more."""
    (model.half() if shape.kind.small or shape.kind.original else model).save_pretrained(folder)


def save_transformer(model: torch.nn.Module, folder: Path, shape: ModelShape) -> None:
    """As `save`, with every setting spelt out: transformers leaves out those that equal its defaults."""
    save(model, folder, shape)
    config = model.config.to_dict() | {"architectures": [type(model).__name__]}
    if isinstance(model, MultilingualCLIP):
        config["model_type"] = "xlm-roberta"
    write_json(folder / "config.json", config)


def clip_text_config(shape: ModelShape, vocabulary: dict[str, int], rng: random.Random) -> CLIPTextConfig:
    """The published file may carry the historical end id 2, which means "take the largest id"."""
    return CLIPTextConfig(
        **shape.clip_text, vocab_size=len(vocabulary), projection_dim=shape.embedding, max_position_embeddings=CONTEXT,
        hidden_act="quick_gelu", bos_token_id=vocabulary[START], eos_token_id=rng.choice([2, vocabulary[END]]),
    )


def mclip_config(shape: ModelShape, tokens: int) -> MCLIPConfig:
    """XLM-R with a linear layer to the width of the image embedding."""
    return MCLIPConfig(
        transformerDimSize=shape.xlmr["hidden_size"], imageDimSize=shape.embedding, **shape.xlmr, vocab_size=tokens,
        layer_norm_eps=1e-5, max_position_embeddings=CONTEXT + 2, type_vocab_size=1,
    )


def unet_config(shape: ModelShape) -> dict:
    """The published UNet's settings around the drawn widths."""
    inner = len(shape.unet["block_out_channels"]) - 1
    return shape.unet | {
        "sample_size": 64, "out_channels": 2 * LATENT_CHANNELS,
        "down_block_types": ["ResnetDownsampleBlock2D"] + ["SimpleCrossAttnDownBlock2D"] * inner,
        "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
        "up_block_types": ["SimpleCrossAttnUpBlock2D"] * inner + ["ResnetUpsampleBlock2D"],
        "encoder_hid_dim_type": "text_image_proj", "addition_embed_type": "text_image",
        "resnet_time_scale_shift": "scale_shift",
    }


def movq_config(shape: ModelShape) -> dict:
    """The published MoVQ's settings around the drawn widths."""
    inner = len(shape.movq["block_out_channels"]) - 1
    return shape.movq | {
        "down_block_types": ["DownEncoderBlock2D"] * inner + ["AttnDownEncoderBlock2D"],
        "up_block_types": ["AttnUpDecoderBlock2D"] + ["UpDecoderBlock2D"] * inner,
        "latent_channels": LATENT_CHANNELS, "vq_embed_dim": LATENT_CHANNELS, "norm_type": "spatial", "sample_size": 32,
    }


def prior_scheduler(shape: ModelShape) -> UnCLIPScheduler:
    """The published scheduler of the prior; only the clamp differs between models."""
    return UnCLIPScheduler(
        clip_sample=True, clip_sample_range=shape.kind.prior_clip_range, prediction_type="sample",
        variance_type="fixed_small_log", num_train_timesteps=1000,
    )


def decoder_scheduler(shape: ModelShape) -> DDIMScheduler:
    """The published scheduler of the decoder; what the UNet predicts and the clamp differ between models."""
    return DDIMScheduler(
        num_train_timesteps=1000, beta_schedule="linear", beta_start=0.00085, beta_end=0.012, set_alpha_to_one=False,
        steps_offset=1, prediction_type=shape.kind.prediction_type, clip_sample=shape.kind.clip_sample,
        clip_sample_range=2.0,
    )


def load_prior(model: Path) -> KandinskyPriorPipeline:
    """The reference pipeline from text to image embedding, in f32, with exactly the stored weights."""
    folder = model / PRIOR
    pipeline = KandinskyPriorPipeline(
        prior=PriorTransformer.from_pretrained(folder / "prior", torch_dtype=torch.float32),
        image_encoder=CLIPVisionModelWithProjection.from_pretrained(folder / "image_encoder", dtype=torch.float32),
        text_encoder=CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder", dtype=torch.float32),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        scheduler=UnCLIPScheduler.from_pretrained(folder / "scheduler"),
        image_processor=CLIPImageProcessorPil.from_pretrained(folder / "image_processor"),
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def load_decoder(model: Path) -> KandinskyPipeline:
    """The reference pipeline from image embedding and text to pixels, in f32, with exactly the stored weights."""
    folder = next(path for path in model.iterdir() if path.name != PRIOR)
    pipeline = KandinskyPipeline(
        text_encoder=MultilingualCLIP.from_pretrained(folder / "text_encoder", dtype=torch.float32),
        tokenizer=PreTrainedTokenizerFast.from_pretrained(folder / "tokenizer"),
        unet=text_to_image_unet(folder / "unet"),
        scheduler=DDIMScheduler.from_pretrained(folder / "scheduler"),
        movq=VQModel.from_pretrained(folder / "movq", torch_dtype=torch.float32),
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def text_to_image_unet(folder: Path) -> UNet2DConditionModel:
    """The UNet with four input channels.

    Without a picture the five extra channels of an inpainting UNet are zero, so leaving out their weights is exact.
    """
    unet = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32)
    unet.conv_in.weight = torch.nn.Parameter(unet.conv_in.weight[:, :LATENT_CHANNELS].clone())
    unet.register_to_config(in_channels=LATENT_CHANNELS)
    return unet
