"""Writes texts with the tokens that OpenAI's tokenizer makes of them, and its vocabulary.

    python make_tokens.py                                # the few texts that the repository carries: tokens/
    python make_tokens.py --count 5000 --out /tmp/tokens
"""

import argparse
import json
import random
from pathlib import Path

from open_clip.tokenizer import SimpleTokenizer
from transformers import CLIPTokenizer

import token_strings
from tiny_tokenizers import CONTEXT, END, START, write_json

FEW = 500
MOJIBAKE = 200


def main() -> None:
    """Reads the command line and writes one folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=FEW, help=f"how many texts (default: {FEW})")
    parser.add_argument("--seed", type=int, default=1, help="decides the texts (default: 1)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "tokens", help="folder to write")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    texts = token_strings.strings(rng, arguments.count)
    whole = arguments.count > FEW
    if whole:
        texts += [("mojibake", token_strings.mojibake(rng)) for _ in range(MOJIBAKE)]
    tokenizer = SimpleTokenizer()
    expected = [tokens(tokenizer, text) for _, text in texts]
    if not whole:
        forget_unused_merges(tokenizer, [text for _, text in texts])
        assert expected == [tokens(tokenizer, text) for _, text in texts], "a merge is missing"
    write_vocabulary(arguments.out, tokenizer)
    write_texts(arguments.out, texts, expected)


def tokens(tokenizer: SimpleTokenizer, text: str) -> list[int]:
    """Ids without the padding."""
    ids = tokenizer(text)[0].tolist()
    return ids[: ids.index(tokenizer.eot_token_id) + 1]


def forget_unused_merges(tokenizer: SimpleTokenizer, texts: list[str]) -> None:
    """Leaves only merges that are used for the texts, in their order: no other one changes any of their tokens."""
    used = set()
    for text in texts:
        for word in tokenizer.pat.findall(tokenizer.clean_fn(text)):
            used |= merges_of(tokenizer, "".join(tokenizer.byte_encoder[byte] for byte in word.encode()))
    ranks = sorted(used, key=tokenizer.bpe_ranks.get)
    tokenizer.bpe_ranks = {pair: rank for rank, pair in enumerate(ranks)}
    tokenizer.cache = {}
    kept = {"".join(pair) for pair in used} | {token for token, id_ in tokenizer.encoder.items() if id_ < 512 or id_ >= 49406}
    tokenizer.encoder = {token: id_ for token, id_ in tokenizer.encoder.items() if token in kept}


def merges_of(tokenizer: SimpleTokenizer, word: str) -> set[tuple[str, str]]:
    """The pairs that merge on the way from a word's bytes to its tokens."""
    parts, used = [*word[:-1], word[-1] + "</w>"], set()
    while pairs := [pair for pair in zip(parts, parts[1:]) if pair in tokenizer.bpe_ranks]:
        best = min(pairs, key=tokenizer.bpe_ranks.get)
        used.add(best)
        at = next(i for i in range(len(parts) - 1) if (parts[i], parts[i + 1]) == best)
        parts[at : at + 2] = ["".join(best)]
    return used


def write_vocabulary(folder: Path, tokenizer: SimpleTokenizer) -> None:
    """`vocab.json` and `merges.txt` as the published repository has them; ids stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {tokenizer.sot_token_id: START, tokenizer.eot_token_id: END}
    vocab = {names.get(id_, token): id_ for token, id_ in tokenizer.encoder.items()}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in tokenizer.bpe_ranks)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": "!"}
    write_json(folder / "tokenizer_config.json", special | {"model_max_length": CONTEXT})


def write_texts(folder: Path, texts: list[tuple[str, str]], expected: list[list[int]]) -> None:
    """`texts.json`: one text a line with its kind, the ids of OpenAI and, where they differ, those of transformers."""
    reference = CLIPTokenizer.from_pretrained(folder)
    rows = []
    for (kind, text), ids in zip(texts, expected):
        row = {"kind": kind, "text": text, "ids": ids}
        of_diffusers = reference(text, truncation=True, max_length=CONTEXT)["input_ids"]
        rows.append(row if of_diffusers == ids else row | {"diffusers": of_diffusers})
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (folder / "texts.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
