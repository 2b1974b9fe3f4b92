"""Writes translation cases: small random Marian models, and what transformers makes of Russian texts with them.

    python make_translation.py --seed 7 --out /tmp/cases

Each case is a folder as Helsinki-NLP/opus-mt-ru-en is published, with `expected.json` beside the model's files: the tokens of
many texts, and of some the translations with one beam and with four.
"""

import argparse
import json
import random
import shutil
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import MarianConfig, MarianMTModel, MarianTokenizer
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

import translation_strings
from random_weights import randomise
from sentence_pieces import write_tokenizer

BEAMS = [1, 4]


@dataclass
class Case:
    """A kind of model, and how many texts are run through it."""

    translated: int
    tokenised: int
    weights: str = "pytorch_model.bin"
    legacy: bool = False
    dtype: torch.dtype = torch.float32
    pieces: dict = field(default_factory=dict)
    network: dict = field(default_factory=dict)
    search: dict = field(default_factory=dict)


def cases(rng: random.Random) -> dict[str, Case]:
    """The list for unseen seeds: the published kind first, then what else a folder may say."""
    return {
        "published": Case(200, 2000, legacy=True, search={"renormalize_logits": True}),
        "zipped": Case(20, 200, search={"early_stopping": True, "length_penalty": rng.choice([0.6, 2.0])}),
        "safetensors": Case(
            20, 200, weights="model.safetensors", network={"activation_function": "relu", "scale_embedding": False},
            search={"early_stopping": "never", "renormalize_logits": True, "length_penalty": rng.choice([0.8, 1.5])},
            pieces={"source": {"byte_fallback": True}},
        ),
        "symbols": Case(
            20, 200, pieces={"source": {"user_defined_symbols": ["кот", ":)", "  "], "remove_extra_whitespaces": False}},
            network={"activation_function": "gelu"}, search={"forced_eos_token_id": None, "length_penalty": -0.5},
        ),
        "suffixes": Case(20, 200, pieces={"source": {"treat_whitespace_as_suffix": True, "normalization_rule_name": "identity"}}),
    }


def small_cases(_: random.Random) -> dict[str, Case]:
    """What the repository carries."""
    rules = {"source": {"small_rules": True}, "target": {"normalization_rule_name": "identity"}}
    return {
        "small": Case(
            40, 400, legacy=True, dtype=torch.float16, pieces=rules,
            network={"d_model": 16, "encoder_layers": 2, "decoder_layers": 2}, search={"renormalize_logits": True},
        )
    }


def main() -> None:
    """Reads the command line and writes all cases of one seed."""
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="decides weights, pieces and texts (default: 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the cases; its folder translation is replaced")
    parser.add_argument("--small", action="store_true", help="only the small case that the repository carries")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    out = arguments.out / "translation"
    shutil.rmtree(out, ignore_errors=True)
    listed = (small_cases if arguments.small else cases)(random.Random(f"{arguments.seed}/cases"))
    for name, case in listed.items():
        make_case(out / name, case, random.Random(f"{arguments.seed}/{name}"))
    print(f"{len(listed)} cases, {time.monotonic() - started:.0f} s")


def make_case(folder: Path, case: Case, rng: random.Random) -> None:
    """Writes one folder and what is expected of it."""
    folder.mkdir(parents=True)
    size = 300 if case.dtype == torch.float16 else rng.randint(700, 1200)
    vocabulary = write_tokenizer(folder, rng, size, case.pieces)
    write_model(folder, case, rng, vocabulary)
    tokenizer = MarianTokenizer.from_pretrained(folder)
    model = load_model(folder, case)
    tokens = [{"text": text, "ids": tokenizer(text).input_ids} for text in translation_strings.odd(rng, case.tokenised)]
    translations = translate_all(model, tokenizer, rng, case.translated)
    expected = {"tokens": tokens, "translations": translations}
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, separators=(",", ":")))
    lengths = [len(one["beams"]["4"]) for one in translations]
    print(f"{folder.name}: {len(translations)} translations of {min(lengths)} to {max(lengths)} tokens", flush=True)


def write_model(folder: Path, case: Case, rng: random.Random, vocabulary: int) -> None:
    """Draws a network and writes it with its two configurations."""
    heads, width = rng.choice([2, 4]), rng.choice([24, 32, 40])
    pad, limit = vocabulary - 1, rng.randint(24, 40)
    network = {
        "d_model": width, "encoder_layers": rng.randint(1, 3), "decoder_layers": rng.randint(1, 3),
        "activation_function": "swish", "scale_embedding": True, **case.network,
    }
    config = MarianConfig(
        vocab_size=vocabulary, decoder_vocab_size=vocabulary, max_position_embeddings=512,
        encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=2 * width,
        decoder_ffn_dim=3 * width, pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0, forced_eos_token_id=0,
        **network,
    )
    model = MarianMTModel(config).eval()
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    randomise(model, generator)
    for module in model.modules():
        if isinstance(module, MarianSinusoidalPositionalEmbedding):
            module.weight.data = module.create_weight()
    model.final_logits_bias.normal_(std=0.5, generator=generator)
    end_by_itself(model, limit, rng)
    state = {name: tensor.to(case.dtype).contiguous() for name, tensor in model.state_dict().items()}
    if case.weights == "model.safetensors":
        shared = {"lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}
        save_file({name: t for name, t in state.items() if name not in shared and "positions" not in name}, folder / case.weights)
    else:
        # Published files have neither the last layer nor copies: the embeddings are one tensor with three names.
        state.pop("lm_head.weight")
        for side in ["encoder", "decoder"]:
            state[f"model.{side}.embed_tokens.weight"] = state["model.shared.weight"]
        torch.save(state, folder / case.weights, _use_new_zipfile_serialization=not case.legacy)
    search = {
        "bad_words_ids": [[pad], [0], [5, 6]], "bos_token_id": 0, "decoder_start_token_id": pad, "eos_token_id": 0,
        "forced_eos_token_id": 0, "max_length": limit, "num_beams": 6, "pad_token_id": pad, **case.search,
    }
    write_json(folder / "generation_config.json", search)
    write_json(folder / "config.json", {**config.to_diff_dict(), "model_type": "marian", **plain(config)})


def end_by_itself(model: MarianMTModel, limit: int, rng: random.Random) -> None:
    """Makes the end likelier until some texts end before the limit."""
    pad = model.config.pad_token_id
    texts = [torch.tensor([[*(rng.randrange(2, pad) for _ in range(12)), 0]]) for _ in range(6)]
    for _ in range(20):
        found = [model.generate(ids, num_beams=4, max_length=limit, bad_words_ids=[[pad]]) for ids in texts]
        if sum(ids.shape[1] < limit for ids in found) >= 3:
            return
        model.final_logits_bias[0, 0] += 0.75


def plain(config: MarianConfig) -> dict:
    """The values that published files always have, whether they are the defaults or not."""
    names = [
        "vocab_size", "decoder_vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads",
        "decoder_attention_heads", "encoder_ffn_dim", "decoder_ffn_dim", "activation_function", "scale_embedding",
        "max_position_embeddings", "pad_token_id", "eos_token_id", "decoder_start_token_id",
    ]
    return {name: getattr(config, name) for name in names}


def load_model(folder: Path, case: Case) -> MarianMTModel:
    """The reference's own reading of the folder, in f32."""
    if case.legacy:
        # The reference's loader maps files into memory, and this format can not be mapped.
        config = MarianConfig.from_pretrained(folder)
        model = MarianMTModel(config)
        state = torch.load(folder / case.weights, weights_only=True)
        left = model.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=False)
        assert not left.unexpected_keys and left.missing_keys in ([], ["lm_head.weight"]), left
        model.tie_weights()
        model.generation_config = transformers.GenerationConfig.from_pretrained(folder)
        return model.eval()
    return MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()


def translate_all(model: MarianMTModel, tokenizer: MarianTokenizer, rng: random.Random, count: int) -> list[dict]:
    """Translations of so many texts, all of them the same in 32 and in 64 bits: rounding decides none."""
    found, skipped = [], 0
    exact = MarianMTModel(model.config).double().eval()
    exact.load_state_dict({name: tensor.double() for name, tensor in model.state_dict().items()})
    exact.generation_config = model.generation_config
    while len(found) < count:
        text = translation_strings.russian(rng)
        inputs = tokenizer(text, return_tensors="pt")
        beams = {}
        for number in BEAMS:
            with torch.inference_mode():
                ids, same = (one.generate(**inputs, num_beams=number)[0].tolist() for one in [model, exact])
            if ids != same:
                break
            beams[str(number)] = ids
        if len(beams) < len(BEAMS):
            skipped += 1
            assert skipped < count, "rounding decides too often"
            continue
        texts = {number: tokenizer.decode(ids, skip_special_tokens=True) for number, ids in beams.items()}
        found.append({"text": text, "beams": beams, "texts": texts})
    return found


def write_json(path: Path, value: object) -> None:
    """A JSON file as those that are published."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
