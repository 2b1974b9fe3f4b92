"""A fake Telegram, people and the program, put together for a campaign or a story."""

import asyncio
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import clock
from bot_api import BotApi
from chats import World
from judge import Judge, Verdict
from people import Person
from program import Program
from report import Report
from wishes import Ledger

# Nothing but polls for so many seconds: the bot has nothing more to say.
QUIET = 4.0
# If something is missing, it may have been put off; so long nothing more may come.
QUIET_WITH_LOSSES = 20.0


class Stage:
    """Everything that a scenario needs; its folder stays if something went wrong."""

    def __init__(self, binary: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.ledger = Ledger()
        self.api = BotApi(self.world)
        self.folder = Path(tempfile.mkdtemp(prefix="kandinsky-crash-"))
        self.program = Program(binary, self.folder, self.api)

    async def open(self) -> None:
        """Begin to serve."""
        await self.api.http.start()

    def person(self, number: int, chat_id: int | None = None) -> Person:
        """Add somebody."""
        return Person(self.world, self.ledger, number, chat_id if chat_id is not None else number, self.chance)

    def judge(self) -> tuple[Verdict, Report]:
        """Judge what has been so far."""
        judge = Judge(self.world, self.ledger, self.api, self.program)
        return judge.verdict(), Report(judge, self.program)

    async def quiet(self, longest: float) -> None:
        """Wait until the bot has taken all updates and has nothing more to say."""
        until = clock.now() + longest
        while clock.now() < until:
            await asyncio.sleep(0.5)
            calls = [call for call in self.api.calls if not call.method.startswith("getupdates")]
            idle = clock.now() - max((call.answered or call.received for call in calls), default=0.0)
            if self.world.waiting or idle < QUIET:
                continue
            if idle >= QUIET_WITH_LOSSES or not self.judge()[0].lost:
                return

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds; whether it does."""
        until = clock.now() + seconds
        while not holds():
            if clock.now() >= until:
                return False
            await asyncio.sleep(0.05)
        return True
