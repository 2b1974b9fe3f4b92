"""Draw some of the prompts that the chat page offers: python tiles.py PROGRAM. Writes ../tiles; PROGRAM is the built kandinsky-bot."""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from settings import MINI

COUNT = 24
SEED = 5
QUALITY = 88


def main() -> None:
    """Every few objects one, so that they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the built kandinsky-bot")
    parser.add_argument("--ids", nargs="*", help="objects of objects.json instead of every few")
    options = parser.parse_args()
    objects = json.loads((MINI / "objects.json").read_text())["objects"]
    chosen = [thing for thing in objects if thing["id"] in options.ids] if options.ids else objects[:: -(-len(objects) // COUNT)]
    folder = MINI / "tiles"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        for thing in chosen:
            prompt = thing["prompt"]["en"]
            drawn = Path(scratch) / "tile.png"
            subprocess.run([options.program, "draw", prompt, "--seed", str(SEED), "-o", str(drawn)], check=True, stdout=subprocess.DEVNULL)
            Image.open(drawn).convert("RGB").save(folder / f"{prompt.replace(' ', '-')}.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
