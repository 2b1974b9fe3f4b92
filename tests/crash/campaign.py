"""Kill the bot again and again while people use it, and judge what they got."""

import argparse
import asyncio
import shutil
import signal
import sys
from pathlib import Path

import clock
from bot_api import PACED, ApiError, too_many
from kills import Killer
from stage import Stage
from stories import STORIES

PRIVATE_PEOPLE = 8
GROUP = -1_001_000_000_001
GROUP_PEOPLE = 2
# The share of paced requests that flood control refuses, and of those at which the server stumbles.
FLOODED = 0.02
STUMBLED = 0.01
# How long everything that was asked for may take to end after the last kill, in seconds.
DRAIN = 180.0


async def campaign(binary: Path, kills: int, seed: int, is_verbose: bool) -> bool:
    """Run a campaign; whether nothing was wrong."""
    _stop_at_sigterm()
    stage = Stage(binary, seed)
    await stage.open()
    try:
        return await _campaign(stage, kills, is_verbose)
    finally:
        await _end(stage)


async def _campaign(stage: Stage, kills: int, is_verbose: bool) -> bool:
    killer = Killer(stage.program, stage.api, stage.chance)
    stage.api.fault = lambda method, chat_id: _fault(stage, method, chat_id)
    people = [stage.person(100 + number) for number in range(PRIVATE_PEOPLE)]
    people += [stage.person(200 + number, GROUP) for number in range(GROUP_PEOPLE)]
    stopped = asyncio.Event()
    begun = clock.now()
    await stage.program.start()
    chats = [asyncio.create_task(person.chat(stopped)) for person in people]
    killing = asyncio.create_task(killer.run(kills))
    while not killing.done():
        done, _ = await asyncio.wait([killing], timeout=30)
        if not done:
            print(f"  {stage.program.kills} kills, {len(stage.ledger.families)} wishes", flush=True)
    await killing
    stage.api.fault = lambda _method, _chat_id: None
    stopped.set()
    await asyncio.gather(*chats)
    await stage.quiet(DRAIN)
    code, seconds = await stage.program.terminate()
    verdict, report = stage.judge()
    for line in report.violations(verdict) + (report.remarks(verdict) if is_verbose else []):
        print(line)
    print(report.summary(verdict, killer.at_chosen, clock.now() - begun))
    is_good = verdict.is_good
    if code != 0:
        print(f"SIGTERM at the end: exit code {code} after {seconds:.1f} s")
        is_good = False
    _clear(stage, is_good)
    return is_good


def _fault(stage: Stage, method: str, chat_id: int) -> ApiError | None:
    if method not in PACED or chat_id == 0:
        return None
    dice = stage.chance.random()
    if dice < FLOODED:
        return too_many(stage.chance.choice([1, 1, 2, 3]))
    if dice < FLOODED + STUMBLED:
        return ApiError(500, "Internal Server Error")
    return None


def _stop_at_sigterm() -> None:
    """Let SIGTERM end what is under way as Ctrl-C does, so that no program and no mount stays."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _end(stage: Stage) -> None:
    if stage.program.is_alive:
        stage.program.kill("it is over")
        await stage.program.ended()


def _clear(stage: Stage, is_good: bool) -> None:
    if is_good:
        shutil.rmtree(stage.folder, ignore_errors=True)
    else:
        print(f"log and data: {stage.folder}")


async def tell_story(name: str, binary: Path) -> bool:
    """Run one story; whether it went well."""
    _stop_at_sigterm()
    begun = clock.now()
    stage = Stage(binary, 1)
    await stage.open()
    try:
        trouble = await STORIES[name](stage)
    finally:
        await _end(stage)
    if trouble is None:
        verdict = "ok"
    elif trouble.startswith("skipped"):
        verdict = trouble
    else:
        verdict = f"FAILED: {trouble}"
    print(f"{name}: {verdict} ({clock.now() - begun:.0f} s)", flush=True)
    _clear(stage, not verdict.startswith("FAILED"))
    return not verdict.startswith("FAILED")


async def tell_stories(names: list[str], binary: Path) -> bool:
    """Run stories one after another."""
    return all([await tell_story(name, binary) for name in names])


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="the program under test")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--story", choices=[*STORIES, "all"], help="one story instead of the campaign")
    parser.add_argument("--verbose", action="store_true", help="also list stalled conversations and unanswered presses")
    arguments = parser.parse_args()
    binary = arguments.program.resolve()
    if arguments.story:
        names = list(STORIES) if arguments.story == "all" else [arguments.story]
        is_good = asyncio.run(tell_stories(names, binary))
    else:
        is_good = asyncio.run(campaign(binary, arguments.kills, arguments.seed, arguments.verbose))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
