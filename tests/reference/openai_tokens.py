"""OpenAI's tokenizer over a model's own vocabulary, in the place of transformers' one in a pipeline."""

import json
from pathlib import Path
from types import SimpleNamespace

import torch
from open_clip.tokenizer import SimpleTokenizer

from tiny_tokenizers import CONTEXT, END, START


class OpenAiTokenizer:
    """Does what the prior's pipeline asks of its tokenizer."""

    model_max_length = CONTEXT

    def __init__(self, folder: Path) -> None:
        vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        merges = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
        self.tokenizer = SimpleTokenizer()
        self.tokenizer.encoder = vocabulary
        self.tokenizer.bpe_ranks = {tuple(line.split()): rank for rank, line in enumerate(merges)}
        self.tokenizer.sot_token_id, self.tokenizer.eot_token_id = vocabulary[START], vocabulary[END]

    def __call__(self, texts: str | list[str], **_: object) -> SimpleNamespace:
        """Ids padded with zeros, and which of them are the text's."""
        ids = self.tokenizer(texts)
        lengths = (ids == self.tokenizer.eot_token_id).int().argmax(dim=1, keepdim=True) + 1
        return SimpleNamespace(input_ids=ids, attention_mask=(torch.arange(CONTEXT) < lengths).long())
