"""Two small tokenizers trained on captions: CLIP's byte-level BPE, and a multilingual one in XLM-R's conventions."""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTokenizer, PreTrainedTokenizerFast

import captions
import data
import exported
import sentences
from settings import TEXT_LENGTH, WORK

CLIP_SPLIT = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
START, END = "<|startoftext|>", "<|endoftext|>"


def clip_bytes() -> list[str]:
    """The 256 printable stand-ins for bytes in CLIP's order: "!" is the first."""
    good = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = [b for b in range(256) if b not in good]
    return [chr(b) for b in good] + [chr(256 + i) for i in range(len(rest))]


def write_clip(lines: list[str], folder: Path, count: int) -> None:
    """vocab.json, merges.txt and tokenizer_config.json as OpenAI's CLIP has them."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CLIP_SPLIT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(vocab_size=count, end_of_word_suffix="</w>", initial_alphabet=clip_bytes(), show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    merges = [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
    pieces = clip_bytes() + [c + "</w>" for c in clip_bytes()]
    merges = merges[: count - len(pieces) - 2]
    pieces = list(dict.fromkeys(pieces + [a + b for a, b in merges])) + [START, END]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({p: i for i, p in enumerate(pieces)}, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *(" ".join(m) for m in merges)]) + "\n", encoding="utf-8")
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": TEXT_LENGTH,
        "do_lower_case": True,
        "add_prefix_space": False,
        "errors": "replace",
        "bos_token": START,
        "eos_token": END,
        "unk_token": END,
        "pad_token": "!",
    }
    write_json(folder / "tokenizer_config.json", config)
    write_json(folder / "special_tokens_map.json", {k: config[k] for k in ("bos_token", "eos_token", "unk_token", "pad_token")})


def write_xlmr(lines: list[str], folder: Path, count: int) -> None:
    """A tokenizer.json with XLM-R's special ids: BPE with a fallback to bytes, lower case, ё as е."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("ё", "е")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always")])
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=count - 1, special_tokens=special + bytes_, show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    content = json.loads(tokenizer.to_str())
    # The bytes were "special" only to get their places in the vocabulary.
    content["added_tokens"] = [t for t in content["added_tokens"] if not t["content"].startswith("<0x")]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": TEXT_LENGTH,
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "mask_token": "<mask>",
    }
    write_json(folder / "tokenizer_config.json", config)


def write_json(path: Path, content: dict) -> None:
    """Readable JSON."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def train(preset, resume: bool) -> None:
    """Write both tokenizers into the work folder. Weights fit only the tokenizers that they were trained with."""
    if resume and exported.copy_tokenizers(preset.tokens):
        return
    write = sentences.corpus if preset.shards else captions.corpus
    lines = write(data.objects(preset), 60_000)
    write_clip(lines, WORK / "tokenizer-clip", preset.tokens)
    write_xlmr(lines, WORK / "tokenizer-xlmr", preset.tokens)


def load():
    """(CLIP tokenizer, XLM-R tokenizer)."""
    return (
        CLIPTokenizer.from_pretrained(WORK / "tokenizer-clip"),
        PreTrainedTokenizerFast.from_pretrained(WORK / "tokenizer-xlmr"),
    )
