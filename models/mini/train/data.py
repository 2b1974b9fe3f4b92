"""Fluent 3D emoji (pictures) and CLDR annotations (names): fetching, loading, rendering on plain backgrounds."""

import json
import subprocess
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from settings import HERE, WORK

PACKAGES = {
    "emoji": "@lobehub/fluent-emoji-3d@1.1.0",
    "flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "noto": "@iconify-json/noto@1.2.9",
    "names": "cldr-annotations-full@48.2.0",
}
TABLES = ("objects.toml", "more.toml")
OBJECT_SHARE = 0.86  # side of the emoji's square relative to the picture

BACKGROUNDS = {  # sRGB; their names are in captions.py
    "white": (250, 250, 250),
    "black": (24, 24, 28),
    "grey": (140, 144, 150),
    "red": (214, 40, 48),
    "orange": (250, 140, 30),
    "yellow": (252, 220, 60),
    "green": (60, 165, 75),
    "light-blue": (130, 205, 245),
    "blue": (35, 75, 200),
    "purple": (125, 60, 175),
    "pink": (250, 165, 200),
    "brown": (120, 75, 45),
}
BACKGROUND_IDS = list(BACKGROUNDS)
DEFAULT_BACKGROUND = "white"  # what a prompt without a background gets


@dataclass(frozen=True)
class Object:
    """One thing the model knows: its picture and its names. Russian names are (nominative, accusative)."""

    id: str
    emoji: str
    ru: tuple[tuple[str, str], ...]
    en: tuple[str, ...]


def fetch(package: str) -> Path:
    """Unpack an npm package into the work folder once and return its folder."""
    target = WORK / "downloads" / package
    if not (target / "package").is_dir():
        target.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["npm", "pack", PACKAGES[package]], cwd=target, check=True, capture_output=True, text=True)
        with tarfile.open(target / done.stdout.split()[-1]) as archive:
            archive.extractall(target, filter="data")
    return target / "package"


def hand_written_objects(tables: tuple[str, ...] = TABLES) -> list[Object]:
    """The objects of some of the tables."""
    groups = [group for table in tables for group in tomllib.loads((HERE / table).read_text(encoding="utf-8")).values()]
    entries = [(name, entry) for group in groups for name, entry in group.items()]
    return [Object(name, e["emoji"], tuple(map(cases, e["ru"])), tuple(e["en"])) for name, e in entries]


def cases(name: str) -> tuple[str, str]:
    """Split "лиса/лису" into nominative and accusative."""
    nominative, _, accusative = name.partition("/")
    return nominative, accusative or nominative


def annotated_objects(known: list[Object]) -> list[Object]:
    """Every other emoji that has a picture and a name in both languages that no other has."""
    names = {}
    for language in ("ru", "en"):
        path = fetch("names") / "annotations" / language / "annotations.json"
        names[language] = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
    found, emoji_taken, ids_taken = [], {o.emoji for o in known}, {o.id for o in known}
    for symbol, entry in names["ru"].items():
        emoji, english = f"{ord(symbol[0]):x}", names["en"].get(symbol, {}).get("tts", [""])
        name = english[0].lower().replace(" ", "-")
        complete = len(symbol.rstrip("\ufe0f")) == 1 and name and "tts" in entry and picture_path(emoji)
        if complete and emoji not in emoji_taken and name not in ids_taken:
            found.append(Object(name, emoji, tuple((word, word) for word in entry["tts"]), tuple(english)))
            ids_taken.add(name)
    return found


def objects(preset) -> list[Object]:
    """The objects of a preset, in a fixed order."""
    chosen = hand_written_objects(preset.tables)
    if preset.all_emoji:
        chosen += annotated_objects(chosen)
    return chosen


def picture_path(emoji: str) -> Path | None:
    """File of an emoji given by its code point."""
    for name in (f"{emoji}.webp", f"{emoji}-fe0f.webp"):
        path = fetch("emoji") / "assets" / name
        if path.exists():
            return path
    return None


def emoji_paths() -> list[Path]:
    """Every emoji without skin tones and joined ones."""
    paths = sorted((fetch("emoji") / "assets").glob("*.webp"))
    return [p for p in paths if "1f3f" not in p.stem[5:] and "200d" not in p.stem]


def held_out(path: Path) -> bool:
    """Whether an emoji is kept for measuring the autoencoder: a fifteenth of those that no object shows."""
    known = {o.emoji for o in hand_written_objects()}
    return path.stem.removesuffix("-fe0f") not in known and crc32(path.stem.encode()) % 15 == 0


def load_rgba(path: Path, side: int) -> torch.Tensor:
    """A picture with premultiplied alpha, [4, side, side] in 0..1."""
    picture = Image.open(path).convert("RGBA").convert("RGBa").resize((side, side), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255


def object_pictures(chosen: list[Object], side: int) -> torch.Tensor:
    """Premultiplied emoji [objects, 4, side, side], drawn at OBJECT_SHARE of the picture and centred."""
    return torch.stack([centred(picture_path(o.emoji), side) for o in chosen])


def centred(path: Path, side: int) -> torch.Tensor:
    """One picture, at OBJECT_SHARE of the side, in the middle of [4, side, side]."""
    inner = round(side * OBJECT_SHARE / 2) * 2
    pad = (side - inner) // 2
    return F.pad(load_rgba(path, inner), (pad, pad, pad, pad))


def background_colours() -> torch.Tensor:
    """[backgrounds, 3] in 0..1."""
    return torch.tensor([BACKGROUNDS[b] for b in BACKGROUND_IDS]).float() / 255


def compose(pictures: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """Premultiplied pictures [n,4,h,w] over colours [n,3] (or [n,3,h,w]); the result is in [-1, 1]."""
    colours = colours if colours.dim() == 4 else colours[:, :, None, None]
    return (pictures[:, :3] + (1 - pictures[:, 3:]) * colours).clamp(0, 1) * 2 - 1


def held_out_backgrounds(index: int, count: int) -> list[int]:
    """Backgrounds (never the default one) that object number `index` is not trained with."""
    choices = [i for i, b in enumerate(BACKGROUND_IDS) if b != DEFAULT_BACKGROUND]
    return [choices[(index * 3 + k * 4) % len(choices)] for k in range(count)]


def training_pairs(count: int, held_out: int) -> torch.Tensor:
    """All (object, background) pairs seen in training, [n, 2]."""
    pairs = [(o, b) for o in range(count) for b in range(len(BACKGROUND_IDS)) if b not in held_out_backgrounds(o, held_out)]
    return torch.tensor(pairs)
