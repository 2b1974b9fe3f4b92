"""The bot as a process that is started, killed and ended."""

import asyncio
import os
import signal
from pathlib import Path

import clock
from bot_api import TOKEN, BotApi

# How long a graceful end may take.
GRACEFUL = 15.0


class Program:
    """The program under test on one data folder."""

    def __init__(self, binary: Path, folder: Path, api: BotApi) -> None:
        self._binary = binary
        self._folder = folder
        self._api = api
        self._extra: dict[str, str] = {}
        self.data = folder / "data"
        self.log = folder / "program.log"
        self._process: asyncio.subprocess.Process | None = None
        # The end of each life, by its number, and why it ended.
        self.ends: dict[int, tuple[float, str]] = {}
        self.kills = 0

    @property
    def life(self) -> int:
        """The number of starts so far."""
        return self._api.life

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """How the process ended; none while it runs."""
        return self._process.returncode if self._process else None

    def set_environment(self, extra: dict[str, str]) -> None:
        """Start with these variables from now on."""
        self._extra = extra

    async def start(self) -> None:
        """Start a new life."""
        self._api.begin_life(self._api.life + 1)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("KANDINSKY_", "TELOXIDE_"))}
        settings = {
            "TELOXIDE_TOKEN": TOKEN,
            "TELOXIDE_API_URL": self._api.api_url(),
            "KANDINSKY_LIMIT_WAITING": "0",
            "KANDINSKY_MODERATION": "off",
            "KANDINSKY_KEEP_PROFILE": "true",
        }
        with self.log.open("ab") as log:
            log.write(f"--- life {self.life} begins at {clock.now():.3f} s\n".encode())
            log.flush()
            self._process = await asyncio.create_subprocess_exec(
                str(self._binary),
                "--data",
                str(self.data),
                cwd=self._folder,
                env=inherited | settings | self._extra,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self, why: str) -> None:
        """Send SIGKILL at once."""
        if self._process is not None and self.is_alive and self.life not in self.ends:
            self.ends[self.life] = (clock.now(), why)
            self.kills += 1
            self._process.send_signal(signal.SIGKILL)

    async def ended(self, why: str = "by itself") -> int:
        """Wait for the end of the process."""
        assert self._process is not None
        code = await self._process.wait()
        self.ends.setdefault(self.life, (clock.now(), f"ended {why} with {code}"))
        return code

    async def terminate(self) -> tuple[int | None, float]:
        """Send SIGTERM; the exit code, none if the program had to be killed, and the seconds that the end took."""
        assert self._process is not None
        begun = clock.now()
        if self.is_alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(GRACEFUL):
                code: int | None = await self.ended("at SIGTERM")
        except TimeoutError:
            self.kill("it did not end by itself")
            await self.ended()
            code = None
        return code, clock.now() - begun
