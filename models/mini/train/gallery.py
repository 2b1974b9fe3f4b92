"""The pictures of the commands in docs/commands.md on one sheet: python gallery.py PROGRAM."""

import argparse
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from settings import HERE, MINI

ROOT = HERE.parents[2]
COMMANDS, SHEET, MASK = ROOT / "docs/commands.md", HERE.parent / "modes.png", HERE.parent / "corner.png"
TILE, GAP, LINE = 128, 16, 22  # pixels; LINE is for the caption
COLUMNS = 5


def commands() -> list[list[str]]:
    """The lines of the first block of docs/commands.md that calls kandinsky-bot with a picture to write, as arguments."""
    for block in COMMANDS.read_text(encoding="utf-8").split("```sh\n")[1:]:
        lines = [shlex.split(line) for line in block.split("```")[0].splitlines() if line.startswith("kandinsky-bot ")]
        if lines and all("-o" in line for line in lines):
            return lines
    raise ValueError(f"{COMMANDS} has no block of picture commands")


def run(program: Path, line: list[str], folder: Path) -> list[Path]:
    """What one command writes, in order. The model is the exported one, which a newly built program has inside."""
    before = set(folder.iterdir())
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KANDINSKY_")}
    subprocess.run([program, *line[1:]], cwd=folder, check=True, env=plain | {"KANDINSKY_MODEL": str(MINI)})
    return sorted(set(folder.iterdir()) - before)


def tiles(program: Path) -> list[tuple[str, Image.Image]]:
    """Every picture with the name of its command."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mask = folder / MASK.relative_to(ROOT)
        mask.parent.mkdir(parents=True)
        mask.write_bytes(MASK.read_bytes())
        for line in commands():
            written = run(program, line, folder)
            for number, path in enumerate(written, 1):
                label = line[1] if len(written) == 1 else f"{line[1]}, {number} of {len(written)}"
                found.append((label, Image.open(path).convert("RGB")))
    return found


def sheet(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """All pictures at their own size, in rows, each over its caption, on white."""
    places, x, y = [], 0, 0
    for _, picture in pictures:
        wide = -(-picture.width // TILE)
        if x + wide > COLUMNS:
            x, y = 0, y + 1
        places.append((GAP + x * (TILE + GAP), GAP + y * (TILE + LINE + GAP)))
        x += wide
    page = Image.new("RGB", (COLUMNS * (TILE + GAP) + GAP, (y + 1) * (TILE + LINE + GAP) + GAP // 2), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for (label, picture), (left, top) in zip(pictures, places, strict=True):
        room = -(-picture.width // TILE) * (TILE + GAP) - GAP
        page.paste(picture, (left + (room - picture.width) // 2, top + (TILE - picture.height) // 2))
        pen.text((left + room // 2, top + TILE + 5), label, fill=(70, 70, 70), font=font, anchor="ma")
    return page


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, help="kandinsky-bot, built")
    parser.add_argument("--sheet", type=Path, default=SHEET, help="file to write (modes.png)")
    options = parser.parse_args()
    sheet(tiles(options.program.resolve())).save(options.sheet, optimize=True)


if __name__ == "__main__":
    main()
