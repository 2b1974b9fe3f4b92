"""The exported folder: where each part lies in it, and how training goes on from its f16 weights."""

import json
import shutil

from safetensors.torch import load_file

from settings import MINI, WORK

PRIOR, DECODER = MINI / "kandinsky-2-1-prior", MINI / "kandinsky-2-1-inpaint"
FILES = {
    "movq": {"": DECODER / "movq" / "diffusion_pytorch_model.safetensors"},
    "decoder": {"": DECODER / "movq" / "diffusion_pytorch_model.safetensors"},
    "sharpen": {"": DECODER / "movq" / "diffusion_pytorch_model.safetensors"},
    "prior": {"": PRIOR / "prior" / "diffusion_pytorch_model.safetensors"},
    "unet": {"": DECODER / "unet" / "diffusion_pytorch_model.safetensors"},
    "clip": {
        "text.": PRIOR / "text_encoder" / "model.safetensors",
        "vision.": PRIOR / "image_encoder" / "model.safetensors",
        "xlmr.": DECODER / "text_encoder" / "model.safetensors",
    },
}
TOKENIZERS = {"tokenizer-clip": PRIOR / "tokenizer", "tokenizer-xlmr": DECODER / "tokenizer"}


def weights(part: str) -> dict | None:
    """The f32 state of a part from the exported files, or none where they are missing."""
    files = FILES[part]
    if not all(path.exists() for path in files.values()):
        return None
    return {prefix + name: tensor.float() for prefix, path in files.items() for name, tensor in load_file(path).items()}


def copy_tokenizers(tokens: int) -> bool:
    """Take over the exported tokenizers into the work folder, where it has none. False if there are none of this size to take."""
    for name, folder in TOKENIZERS.items():
        if not (WORK / name).is_dir():
            vocabulary = TOKENIZERS["tokenizer-clip"] / "vocab.json"
            if not folder.is_dir() or len(json.loads(vocabulary.read_text(encoding="utf-8"))) != tokens:
                return False
            shutil.copytree(folder, WORK / name)
    return True
