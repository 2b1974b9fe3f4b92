"""Turns a model folder of the Hugging Face layout into the original checkpoints, as ai-forever/Kandinsky_2.1 publishes them.

Written from the original program's modules (`model/unet.py`, `model/prior.py`, `vqgan/`), the other way round than the Rust code reads
them: published names become original ones, separate projections are joined head by head.
"""

import json
import re
import shutil
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from tiny_tokenizers import write_json

PRIOR = "kandinsky-2-1-prior"
HEAD = 64  # num_head_channels of the UNet; the prior's heads are as wide
# Modules whose parameters the original converts to half precision whatever their kind.
HALF_MODULES = ("clip_to_seq.", "proj_n.", "to_model_dim_n.", "ln_model_n.", "img_layer.")


def replace_by_original(model: Path, small: bool = False) -> None:
    """Writes the original files into the folder and removes the repositories that they were made of.

    Small ones take less room than the published: their autoencoder stays in half precision.
    """
    decoders = [path for path in model.iterdir() if path.name != PRIOR]
    for decoder in decoders:
        name = "inpainting_fp16.ckpt" if "inpaint" in decoder.name else "decoder_fp16.ckpt"
        torch.save(mixed_precision(unet(load_file(decoder / "unet/diffusion_pytorch_model.safetensors"), decoder)), model / name)
    write_prior(model)
    write_clip(model)
    autoencoder = load_file(decoders[0] / "movq/diffusion_pytorch_model.safetensors")
    torch.save(movq(autoencoder, small), model / "movq_final.ckpt")
    write_text_encoder(decoders[0], model / "text_encoder")
    for folder in [*decoders, model / PRIOR]:
        shutil.rmtree(folder)


def joined(parts: list[torch.Tensor]) -> torch.Tensor:
    """Projections joined head by head: HEAD rows of the first, HEAD of the second, …, then the next head's."""
    heads = [part.reshape(-1, HEAD, *part.shape[1:]) for part in parts]
    return torch.stack(heads, dim=1).flatten(0, 2)


def along_positions(matrix: torch.Tensor) -> torch.Tensor:
    """The weight of a linear layer as that of a convolution over one position; a bias stays."""
    return matrix[..., None] if matrix.dim() == 2 else matrix


def unet(published: dict, decoder: Path) -> OrderedDict:
    """`Text2ImUNet`'s state dict."""
    layers = json.loads((decoder / "unet/config.json").read_text())["layers_per_block"]
    outside = {
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_in": "input_blocks.0.0",
        "add_embedding.text_proj": "proj_n", "add_embedding.text_norm": "ln_model_n", "add_embedding.image_proj": "img_layer",
        "encoder_hid_proj.image_embeds": "clip_to_seq", "encoder_hid_proj.text_proj": "to_model_dim_n",
        "conv_norm_out": "out.0", "conv_out": "out.2",
    }
    original, attentions = OrderedDict(), {}
    for name, tensor in published.items():
        stem, leaf = name.rsplit(".", 1)
        if stem in outside:
            original[f"{outside[stem]}.{leaf}"] = tensor
            continue
        block, inner = re.fullmatch(r"((?:down_blocks\.\d+|up_blocks\.\d+|mid_block)\.\w+\.\d+)\.(.*)", stem).groups()
        place = unet_block(block, layers, has_attention=block.replace("upsamplers.0", "attentions.0") + ".to_q.weight" in published)
        if ".attentions." in block:
            attentions.setdefault((place, leaf), {})[inner] = tensor
        else:
            original[f"{place}.{RESIDUAL[inner]}.{leaf}"] = tensor
    for (place, leaf), parts in attentions.items():
        original[f"{place}.norm.{leaf}"] = parts["group_norm"]
        original[f"{place}.qkv.{leaf}"] = along_positions(joined([parts[name] for name in ("to_q", "to_k", "to_v")]))
        original[f"{place}.encoder_kv.{leaf}"] = along_positions(joined([parts["add_k_proj"], parts["add_v_proj"]]))
        original[f"{place}.proj_out.{leaf}"] = along_positions(parts["to_out.0"])
    return original


RESIDUAL = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}


def unet_block(block: str, layers: int, has_attention: bool) -> str:
    """The numbered block of the original: blocks are counted through all levels, resampling ones included."""
    words = block.split(".")
    if words[0] == "mid_block":
        return {"resnets.0": "middle_block.0", "attentions.0": "middle_block.1", "resnets.1": "middle_block.2"}[".".join(words[1:])]
    level, kind, row = int(words[1]), words[2], int(words[3])
    if words[0] == "down_blocks":
        first = 1 + level * (layers + 1)
        return {"resnets": f"input_blocks.{first + row}.0", "attentions": f"input_blocks.{first + row}.1",
                "downsamplers": f"input_blocks.{first + layers}.0"}[kind]
    first = level * (layers + 1)
    return {"resnets": f"output_blocks.{first + row}.0", "attentions": f"output_blocks.{first + row}.1",
            "upsamplers": f"output_blocks.{first + layers}.{2 if has_attention else 1}"}[kind]


def mixed_precision(state: OrderedDict) -> OrderedDict:
    """Half precision for convolutions inside the blocks and for the conditioning modules, single for everything else."""
    def is_half(name: str) -> bool:
        if name.startswith(HALF_MODULES):
            return True
        convolutions = (".in_layers.2.", ".out_layers.3.", ".skip_connection.", ".qkv.", ".encoder_kv.", ".proj_out.")
        return name.startswith("input_blocks.0.0.") or any(part in name for part in convolutions)
    return OrderedDict((name, tensor.half() if is_half(name) else tensor.float()) for name, tensor in state.items())


def write_prior(model: Path) -> None:
    """`prior_fp16.ckpt` and the statistics of CLIP's image embeddings."""
    published = load_file(model / PRIOR / "prior/diffusion_pytorch_model.safetensors")
    pair = tuple(published.pop(name)[0].float() for name in ("clip_mean", "clip_std"))
    torch.save(pair, model / "ViT-L-14_stats.th")
    outside = {
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "proj_in": "clip_img_proj",
        "embedding_proj": "text_emb_proj", "encoder_hidden_states_proj": "text_enc_proj", "norm_out": "final_ln",
        "proj_to_clip_embeddings": "out_proj",
    }
    inside = {"attn1.to_out.0": "attn.c_proj", "ff.net.0.proj": "mlp.c_fc", "ff.net.2": "mlp.c_proj", "norm1": "ln_1", "norm3": "ln_2"}
    state = OrderedDict(positional_embedding=published.pop("positional_embedding"), prd_emb=published.pop("prd_embedding"))
    for name, tensor in published.items():
        stem, leaf = name.rsplit(".", 1)
        if stem in outside:
            state[f"{outside[stem]}.{leaf}"] = tensor
            continue
        index, inner = re.fullmatch(r"transformer_blocks\.(\d+)\.(.*)", stem).groups()
        block = f"transformer.resblocks.{index}"
        if inner in inside:
            state[f"{block}.{inside[inner]}.{leaf}"] = tensor
        elif inner == "attn1.to_q":
            parts = [published[name.replace("to_q", f"to_{which}")] for which in "qkv"]
            state[f"{block}.attn.c_qkv.{leaf}"] = joined(parts)
    torch.save(OrderedDict((f"model.{name}", tensor.half()) for name, tensor in state.items()), model / "prior_fp16.ckpt")


def movq(published: dict, small: bool) -> OrderedDict:
    """The autoencoder's state dict."""
    levels = 1 + max(int(name.split(".")[2]) for name in published if name.startswith("decoder.up_blocks."))
    return OrderedDict(movq_tensor(name, tensor if small else tensor.float(), levels) for name, tensor in published.items())


def movq_tensor(name: str, tensor: torch.Tensor, levels: int) -> tuple[str, torch.Tensor]:
    """One tensor under its original name; projections of attention become 1×1 convolutions."""
    encoder = name.startswith("encoder.")
    name = re.sub(r"up_blocks\.(\d+)", lambda found: f"up.{levels - 1 - int(found[1])}", name)
    if re.search(r"\.to_(q|k|v|out\.0)\.", name) and tensor.dim() == 2:
        tensor = tensor[..., None, None]
    for pattern, replacement in [
        (r"down_blocks\.", "down."), (r"mid_block\.resnets\.0", "mid.block_1"), (r"mid_block\.resnets\.1", "mid.block_2"),
        (r"mid_block\.attentions\.0", "mid.attn_1"), (r"\.resnets\.", ".block."), (r"\.attentions\.", ".attn."),
        (r"\.(downsample|upsample)rs\.0", r".\1"), (r"conv_shortcut", "nin_shortcut"), (r"conv_norm_out", "norm_out"),
        (r"\.to_(q|k|v)\.", r".\1."), (r"\.to_out\.0\.", ".proj_out."), (r"\.spatial_norm\.", ".norm."),
        (r"\.group_norm\.", ".norm." if encoder else ".group_norm."),
    ]:
        name = re.sub(pattern, replacement, name)
    return name, tensor


def write_clip(model: Path) -> None:
    """Both towers in one file, with the tokenizer that pads with the end token, as in openai/clip-vit-large-patch14."""
    folder = model / "clip-vit-large-patch14"
    folder.mkdir()
    prior = model / PRIOR
    text, vision = ((prior / tower / "model.safetensors") for tower in ("text_encoder", "image_encoder"))
    towers = load_file(text) | load_file(vision)
    save_file(towers | {"logit_scale": torch.tensor(4.6)}, folder / "model.safetensors", {"format": "pt"})
    config = {f"{kind}_config": json.loads((prior / tower / "config.json").read_text())
              for kind, tower in (("text", "text_encoder"), ("vision", "image_encoder"))}
    width = config["text_config"]["projection_dim"]
    write_json(folder / "config.json", {"model_type": "clip", "projection_dim": width} | config)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(prior / "tokenizer" / name, folder / name)
    shutil.copy(prior / "image_processor/preprocessor_config.json", folder)
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "pad_token": "<|endoftext|>"})


def write_text_encoder(decoder: Path, folder: Path) -> None:
    """XLM-R's own configuration, which knows nothing of the head; pickled weights; the tokenizer beside them."""
    shutil.copytree(decoder / "tokenizer", folder)
    weights = load_file(decoder / "text_encoder/model.safetensors")
    torch.save(OrderedDict(weights), folder / "pytorch_model.bin")
    config = json.loads((decoder / "text_encoder/config.json").read_text())
    for key in ("numDims", "transformerDimensions"):
        config.pop(key, None)
    write_json(folder / "config.json", config)
