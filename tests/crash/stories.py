"""Stories: one trouble each, from its beginning to its end. A story returns what went wrong, if anything."""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import buttons
import clock
from bot_api import ApiError, too_many
from kills import Killer, Moment
from people import is_status
from stage import Stage

FAKETIME = [
    Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
    Path("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
]


async def waiting(stage: Stage) -> str | None:
    """A hundred prompts of ten people wait when the bot starts; it is killed when it confirms them."""
    for person in [stage.person(100 + number) for number in range(10)]:
        person.steps = 1
        for _ in range(10):
            person.asks()
    killer = Killer(stage.program, stage.api, stage.chance)
    await stage.program.start()
    await killer.kill_once(Moment("getupdates", "confirming"), 60.0)
    if killer.at_chosen != 1:
        return "the bot never confirmed the updates"
    return await _all_is_well(stage, 300.0)


async def full_disk(stage: Stage) -> str | None:
    """The disk is full for a while; once there is room, everything goes on without a restart."""
    data = stage.program.data
    data.mkdir()
    if not _mount("-t", "tmpfs", "-o", "size=1500k,mode=0700", "tmpfs", str(data)):
        return "skipped: a tmpfs can not be mounted here"
    try:
        await stage.program.start()
        people = [stage.person(100 + number) for number in range(4)]
        is_full, until = False, clock.now() + 90.0
        while not is_full and clock.now() < until:
            for person in people:
                person.asks()
            await asyncio.sleep(1.0)
            free = os.statvfs(data)
            is_full = free.f_bavail * free.f_frsize < 64 * 1024
        if not is_full:
            return "the disk never became full"
        for person in people:
            person.asks()
        await asyncio.sleep(5.0)
        _mount("-o", "remount,size=200m", str(data))
        await asyncio.sleep(3.0)
        late = [person.asks()[0] for person in people]
        trouble = await _all_is_well(stage, 120.0)
        if trouble is None and stage.program.life != 1:
            return "the program was started again"
        verdict, _ = stage.judge()
        if any(lost.family in late for lost in verdict.lost):
            return f"what was asked for after there was room again is lost, too: {trouble}"
        return trouble
    finally:
        stage.program.kill("the story is over")
        await stage.program.ended()
        subprocess.run(["umount", "--lazy", str(data)], check=False)


async def clock_set_back(stage: Stage) -> str | None:
    """A picture has to be sent once more, and the clock goes back a day meanwhile."""
    library = next((path for path in FAKETIME if path.exists()), None)
    if library is None:
        return "skipped: there is no libfaketime here"
    offset = stage.folder / "clock"
    offset.write_text("+0\n")
    stage.program.set_environment(
        {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
    )
    failed = asyncio.Event()

    def fault(method: str, _chat_id: int) -> ApiError | None:
        if method != "sendphoto" or failed.is_set():
            return None
        failed.set()
        offset.write_text("-86400\n")
        return ApiError(500, "Internal Server Error")

    stage.api.fault = fault
    await stage.program.start()
    person = stage.person(100)
    person.asks()
    if not await stage.until(failed.is_set, 60.0):
        return "no picture was sent"
    return await _all_is_well(stage, 25.0)


async def sigterm(stage: Stage) -> str | None:
    """SIGTERM while jobs wait and run: the program ends by itself, soon and without an error, and nothing is lost."""
    people = [stage.person(100 + number) for number in range(4)]
    await stage.program.start()
    for number in range(3):
        await stage.until(stage.api.is_polled, 30.0)
        for person in people:
            person.asks(count=1 + number % 2)
        if not await stage.until(lambda: _sees_status(stage), 30.0):
            return "no job waits or runs"
        await asyncio.sleep(stage.chance.uniform(0.2, 1.2))
        for person in people:
            person.asks()
        await asyncio.sleep(stage.chance.uniform(0.0, 0.1))
        code, seconds = await stage.program.terminate()
        if code != 0:
            return f"exit code {code} after {seconds:.1f} s"
        if seconds > 8.0:
            return f"the end took {seconds:.1f} s"
        await stage.program.start()
    trouble = await _all_is_well(stage, 120.0)
    verdict, _ = stage.judge()
    if trouble is None and verdict.copies:
        return f"{len(verdict.copies)} results came twice"
    return trouble


async def flood_control(stage: Stage) -> str | None:
    """Each method in turn meets a 429 in a busy chat: nothing else goes there before its time, and all arrives."""
    await stage.program.start()
    person = stage.person(100)
    for method in ["sendphoto", "sendmessage", "editmessagetext", "sendmediagroup"]:
        met = asyncio.Event()

        def fault(called: str, chat_id: int, method: str = method, met: asyncio.Event = met) -> ApiError | None:
            if called != method or chat_id != person.chat_id or met.is_set():
                return None
            met.set()
            return too_many(4)

        stage.api.fault = fault
        begun = clock.now()
        families = [person.asks(count)[0] for count in (1, 2, 1, 1)]
        await stage.until(met.is_set, 20.0)
        for command in ("/help", "/queue", "/settings"):
            person.says(command)
            await asyncio.sleep(0.7)
        person.presses_latest(buttons.CANCEL)
        for family in families:
            await person.gets(family, begun)
    return await _all_is_well(stage, 60.0)


STORIES: dict[str, Callable[[Stage], Awaitable[str | None]]] = {
    "waiting": waiting,
    "full-disk": full_disk,
    "clock-set-back": clock_set_back,
    "sigterm": sigterm,
    "flood-control": flood_control,
}


async def _all_is_well(stage: Stage, longest: float) -> str | None:
    """Wait for the end of everything that was asked for; the violations in words."""
    await stage.quiet(longest)
    verdict, report = stage.judge()
    if verdict.is_good:
        return None
    figures = [
        f"{verdict.lost_wishes} of {verdict.wishes} wishes lost",
        f"{sum(not copy.is_excused for copy in verdict.copies)} second copies",
        f"{sum(not leftover.is_excused for leftover in verdict.leftovers)} status messages left",
        f"{len(verdict.ignored)} retry_after ignored",
        f"{len(verdict.own_ends)} ends by itself",
    ]
    return ", ".join(figures) + "\n" + "\n".join(report.violations(verdict))


def _sees_status(stage: Stage) -> bool:
    chats = stage.world.messages.values()
    return any(is_status(message) and not message.is_deleted for chat in chats for message in chat.values())


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
