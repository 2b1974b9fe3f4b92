"""Small tokenizers of the two published kinds, learned from the built-in corpus.

The prior reads OpenAI's byte-level BPE (`vocab.json` + `merges.txt`), the decoder an XLM-R Unigram (`tokenizer.json`).
"""

import json
import random
from collections import Counter
from itertools import combinations
from math import log
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers.models.clip.tokenization_clip import CLIPTokenizer

import corpus

CONTEXT = 77
START, END = "<|startoftext|>", "<|endoftext|>"
WORD_END = "</w>"
WORD_START = "▁"
XLMR_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def byte_symbols() -> list[str]:
    """The 256 byte symbols in CLIP's order: printable bytes first, so that "!" has id 0."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(256 - len(printable))]


def clip_merges(rng: random.Random, vocabulary: int) -> list[tuple[str, str]]:
    """Merges learned on the corpus with CLIP's own normaliser and word splitting."""
    reference = CLIPTokenizer().backend_tokenizer
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix=WORD_END))
    tokenizer.normalizer, tokenizer.pre_tokenizer = reference.normalizer, reference.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=byte_symbols(), end_of_word_suffix=WORD_END, show_progress=False
    )
    tokenizer.train_from_iterator(corpus.sentences(rng), trainer)
    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


def clip_vocabulary(merges: list[tuple[str, str]]) -> dict[str, int]:
    """CLIP's order: bytes, bytes that end a word, merged tokens, start, end (so the end has the largest id)."""
    symbols = byte_symbols()
    tokens = [*symbols, *(symbol + WORD_END for symbol in symbols), *("".join(pair) for pair in merges), START, END]
    return {token: index for index, token in enumerate(dict.fromkeys(tokens))}


def write_clip_tokenizer(folder: Path, rng: random.Random, vocabulary: int) -> dict[str, int]:
    """Writes the files of `kandinsky-2-1-prior/tokenizer`; returns the vocabulary."""
    merges = clip_merges(rng, vocabulary)
    vocab = clip_vocabulary(merges)
    folder.mkdir(parents=True)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_json(folder / "vocab.json", vocab)
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": "!"}
    write_json(folder / "special_tokens_map.json", special)
    settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": CONTEXT, "do_lower_case": True}
    write_json(folder / "tokenizer_config.json", special | settings)
    return vocab


def unigram_pieces(rng: random.Random, vocabulary: int) -> list[tuple[str, float]]:
    """XLM-R's special tokens, then the corpus's characters and commonest pieces by their log probability.

    Counted here because `tokenizers.trainers.UnigramTrainer` orders equal pieces differently in every run.
    """
    words = Counter(word for sentence in corpus.sentences(rng) for word in sentence.split())
    counts = Counter()
    for word, times in words.items():
        marked = WORD_START + word
        for start, end in combinations(range(len(marked) + 1), 2):
            counts[marked[start:end]] += times
    characters = {piece for piece in counts if len(piece) == 1}
    longer = sorted(counts.keys() - characters, key=lambda piece: (-counts[piece] * len(piece), piece))
    kept = characters.union(longer[: vocabulary - len(characters)])
    total = sum(counts[piece] for piece in kept)
    ordered = sorted(kept, key=lambda piece: (-counts[piece], piece))
    return [(token, 0.0) for token in XLMR_SPECIAL] + [(piece, log(counts[piece] / total)) for piece in ordered]


def xlmr_tokenizer(rng: random.Random, vocabulary: int) -> Tokenizer:
    """A Unigram with XLM-R's word marks, special ids and `<s> … </s>` template."""
    tokenizer = Tokenizer(models.Unigram(unigram_pieces(rng, vocabulary), unk_id=XLMR_SPECIAL.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def write_xlmr_tokenizer(folder: Path, rng: random.Random, vocabulary: int) -> int:
    """Writes the files of `kandinsky-2-1/tokenizer`; returns the number of tokens."""
    tokenizer = xlmr_tokenizer(rng, vocabulary)
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    special = {
        "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>",
        "unk_token": "<unk>", "mask_token": "<mask>",
    }
    write_json(folder / "special_tokens_map.json", special)
    settings = {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512}
    write_json(folder / "tokenizer_config.json", special | settings)
    return tokenizer.get_vocab_size()


def write_json(path: Path, value: object) -> None:
    """Indented UTF-8, as the published repositories have it."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
