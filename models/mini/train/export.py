"""Write models/mini in the published folder layout, weights in f16."""

import json
import shutil

import torch
from transformers import CLIPImageProcessor

import captions
import clip
import data
import grounds
import movq
import prior
import sentences
import styles
import unet
import vocabulary
from exported import DECODER, PRIOR
from inflection import inflected
from loop import load_weights, path_of
from settings import CLIP_PIXELS, MINI, WORK

DEFAULTS = {
    "size": 128, "steps": 25, "sampler": "dpm++", "guidance": 1.0, "prior_steps": 25, "prior_guidance": 4.0,
    "reads": ["ru", "en"],
}


def write(model, folder) -> None:
    """config.json and safetensors of one part, f16, without what the machine adds to the config."""
    model.half().save_pretrained(folder, safe_serialization=True)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("_name_or_path", None)
    if config.get("model_type") == "M-CLIP":  # as published
        config |= {"model_type": "xlm-roberta", "position_embedding_type": "absolute"}
    vocabulary.write_json(path, config)


def export(preset) -> None:
    """Export all parts."""
    tokenizers = vocabulary.load()
    encoders = load_weights("clip", clip.Encoders(tokenizers))
    write(encoders.vision, PRIOR / "image_encoder")
    write(encoders.text, PRIOR / "text_encoder")
    write(encoders.xlmr, DECODER / "text_encoder")
    write(load_weights("prior", prior.build()), PRIOR / "prior")
    last = next((part for part in ("mixed", "sharpen", "decoder") if path_of(part).exists()), "movq")
    write(load_weights(last, movq.build(preset)), DECODER / "movq")
    averaged = "unet-averaged" if path_of("unet-averaged").exists() else "unet"
    write(load_weights(averaged, unet.build(preset)), DECODER / "unet")
    prior.scheduler().save_pretrained(PRIOR / "scheduler")
    unet.scheduler().save_pretrained(DECODER / "scheduler")
    shutil.copytree(WORK / "tokenizer-clip", PRIOR / "tokenizer", dirs_exist_ok=True)
    shutil.copytree(WORK / "tokenizer-xlmr", DECODER / "tokenizer", dirs_exist_ok=True)
    write_descriptions(preset)


def write_descriptions(preset) -> None:
    """The small JSON files: pipelines, picture processor, defaults, known objects."""
    vocabulary.write_json(
        PRIOR / "model_index.json",
        {
            "_class_name": "KandinskyPriorPipeline",
            "_diffusers_version": "0.42.1",
            "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
            "image_processor": ["transformers", "CLIPImageProcessor"],
            "prior": ["diffusers", "PriorTransformer"],
            "scheduler": ["diffusers", "UnCLIPScheduler"],
            "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
        },
    )
    vocabulary.write_json(
        DECODER / "model_index.json",
        {
            "_class_name": "KandinskyInpaintPipeline",
            "_diffusers_version": "0.42.1",
            "movq": ["diffusers", "VQModel"],
            "scheduler": ["diffusers", "DDIMScheduler"],
            "text_encoder": ["kandinsky", "MultilingualCLIP"],
            "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
            "unet": ["diffusers", "UNet2DConditionModel"],
        },
    )
    processor = CLIPImageProcessor(
        size={"shortest_edge": CLIP_PIXELS},
        crop_size={"height": CLIP_PIXELS, "width": CLIP_PIXELS},
        resample=3,
        image_mean=list(clip.MEAN),
        image_std=list(clip.STD),
    )
    processor.save_pretrained(PRIOR / "image_processor")
    vocabulary.write_json(MINI / "kandinsky.json", DEFAULTS | {"size": preset.size, "largest": preset.size})
    vocabulary.write_json(MINI / "objects.json", known_objects(preset))


def mean_colours(chosen: list[data.Object]) -> torch.Tensor:
    """Mean colour of each object without its background, [objects, 3] in 0..1."""
    pictures = data.object_pictures(chosen, 64)
    return pictures[:, :3].sum((2, 3)) / pictures[:, 3:].sum((2, 3))


def contrasting_background(colour: torch.Tensor, number: int) -> str:
    """A friendly background on which an object of this colour stands out; neighbours in the list get different ones."""
    distances = (data.background_colours() - colour).norm(dim=1)
    friendly = [b for b in data.BACKGROUND_IDS if b not in ("white", "black", "grey", "brown")]
    clear = sorted(friendly, key=lambda b: -distances[data.BACKGROUND_IDS.index(b)])[:5]
    return clear[number % len(clear)]


def russian_forms(thing: data.Object) -> list[str]:
    """All names of an object in all cases, for finding it in a prompt."""
    cases = ("gent", "datv", "ablt", "loct")
    forms = [form for name in thing.ru for form in (*name, *(inflected(name[0], case) for case in cases))]
    return list(dict.fromkeys(forms))


def known_objects(preset) -> dict:
    """What the chat page suggests prompts from."""
    rows, chosen = [], data.objects(preset)
    for number, (thing, colour) in enumerate(zip(chosen, mean_colours(chosen), strict=True)):
        background = contrasting_background(colour, number)
        prompts = {language: captions.plain(thing, background, language, None, first_name=True) for language in ("ru", "en")}
        row = {"id": thing.id, "ru": thing.ru[0][0], "en": thing.en[0], "background": background, "prompt": prompts}
        rows.append(row | {"words": {"ru": russian_forms(thing), "en": list(thing.en)}})
    backgrounds = [
        {"id": b, "ru": captions.COLOURS_RU[b][0], "en": captions.colour_en(b, None, True), "rgb": list(data.BACKGROUNDS[b])}
        for b in data.BACKGROUND_IDS
    ]
    return {"objects": rows, "backgrounds": backgrounds} | (scenes_and_styles() if preset.shards else {})


def scenes_and_styles() -> dict:
    """What compositions know besides objects and colours, with the words for it in both languages."""
    scenes = [
        {"id": name, "words": {"ru": sum(sentences.SCENES_RU[name], []), "en": sum(sentences.SCENES_EN[name], [])}}
        for name in grounds.GROUNDS
    ]
    looks = [{"id": name, "words": {"ru": sentences.STYLES_RU[name], "en": sentences.STYLES_EN[name]}} for name in styles.STYLES]
    return {"scenes": scenes, "styles": looks}
