"""SentencePiece models for both languages, trained on the built-in corpus, and a vocabulary for both as Marian's."""

import io
import json
import random
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece

import corpus
from translation_strings import LINKS, WORDS

# What NFKC makes of some letters, and spaces of other kinds: the whole table would be larger than everything else.
SMALL_RULES = "ﬁﬂ½¼№…２Ａｂ①Ⅳ㎏ªº²³™й"
SPACES = "\u00a0\u2003\u3000\t\u200b"


def write_tokenizer(folder: Path, rng: random.Random, size: int, options: dict) -> int:
    """Writes source.spm, target.spm and vocab.json; returns how many tokens there are."""
    pieces = []
    for language, name in [("ru", "source"), ("en", "target")]:
        sentences = [corpus.prompt(rng, language) for _ in range(1500)]
        if language == "ru":
            sentences += [" ".join(rng.sample(WORDS + LINKS, 5)) for _ in range(500)]
        model = train(sentences, size // 2, options.get(name, {}))
        (folder / f"{name}.spm").write_bytes(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        pieces += [processor.id_to_piece(index) for index in range(len(processor))]
    # Some pieces are no tokens, and the order has nothing to do with that of the pieces.
    special = ["</s>", "<unk>", "<s>", "<pad>"]
    tokens = sorted(set(pieces) - set(special))
    rng.shuffle(tokens)
    tokens = ["</s>", "<unk>", *tokens[len(tokens) // 20 :], "<pad>"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, indent=0))
    (folder / "tokenizer_config.json").write_text(json.dumps({"source_lang": "ru", "target_lang": "en"}))
    return len(tokens)


def train(sentences: list[str], size: int, options: dict) -> bytes:
    """A unigram model."""
    options = {"normalization_rule_name": "nmt_nfkc", **options}
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        if options.pop("small_rules", False):
            rules.write("".join(f"{rule}\n" for rule in small_rules()))
            rules.flush()
            options["normalization_rule_tsv"] = rules.name
            options.pop("normalization_rule_name")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences), model_writer=model, vocab_size=size, model_type="unigram",
            hard_vocab_limit=False, minloglevel=2, num_threads=1, **options,
        )
    return model.getvalue()


def small_rules() -> list[str]:
    """Source and replacement in hexadecimal, as the trainer reads them."""
    rules = {letter: unicodedata.normalize("NFKC", letter) for letter in SMALL_RULES}
    rules |= dict.fromkeys(SPACES, " ")
    # Sequences, also such that one begins another, and a letter that goes.
    rules |= {"и\u0306": "й", "е\u0308": "ё", "и\u0306\u0301": "й", "\u00ad": "", "...": "…"}
    code = lambda text: " ".join(f"{ord(letter):X}" for letter in text)
    return [f"{code(source)}\t{code(target)}" for source, target in sorted(rules.items()) if source != target]
