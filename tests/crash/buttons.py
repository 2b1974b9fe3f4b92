"""What the bot's buttons tell: the callback data outlives the program that wrote it, so it is a stable sign."""

import re

CANCEL = re.compile(r"(?:^|:)cancel:(\d+)$")
AGAIN = re.compile(r"(?:^|:)again:(\d+)$")
FILE = re.compile(r"(?:^|:)file:(\d+)$")
INFO = re.compile(r"(?:^|:)info:(\d+)$")
VARY = re.compile(r"(?:^|:)vary:(\d+):0$")
START = re.compile(r"card:\d+:start$")
MASK_FILE = re.compile(r"card:\d+:mask$")
AREAS = re.compile(r"card:\d+:areas$")
AREA = re.compile(r"card:\d+:area:\w+$")
MASK_RIGHT = re.compile(r"card:\d+:right$")
MIX = re.compile(r"card:\d+:(?:use:|use-always:|always:)?mix$")


def job_behind(pattern: re.Pattern[str], presses: list[str]) -> int | None:
    """Return the job of the first button of this kind."""
    found = next((match for press in presses if (match := pattern.search(press))), None)
    return int(found.group(1)) if found else None


def find(pattern: re.Pattern[str], presses: list[str]) -> str | None:
    """Return what the first button of this kind sends."""
    return next((press for press in presses if pattern.search(press)), None)
