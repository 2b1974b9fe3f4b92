"""The verdict on a campaign: what was lost, what came twice, what stayed for ever."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import buttons
from bot_api import BotApi, Ignored
from chats import Call, Change, Update, World
from program import Program
from wishes import Family, Ledger, Stall, Wish

# The answer to a request counts as processed so many seconds after it was written: the program has to read it, to write
# it down, and may get no processor meanwhile.
PROCESSED = 1.0
LOCALE = Path(__file__).parents[2] / "locales" / "en" / "chat.ftl"
# Words that refuse a wish in a message of their own, by their keys in the locale.
REFUSALS = ["trouble", "inputs-gone"]


@dataclass
class Lost:
    """A family with fewer endings than wishes."""

    family: Family
    missing: int
    endings: list[str]
    jobs: list[int]


@dataclass
class Copy:
    """A result that came once more."""

    change: Change
    first: Change
    is_excused: bool


@dataclass
class Leftover:
    """A status message with its cancel button that stayed."""

    change: Change
    is_excused: bool


@dataclass
class Verdict:
    """All findings and figures."""

    wishes: int = 0
    pictures: int = 0
    cancelled: int = 0
    failed: int = 0
    refused: int = 0
    lost: list[Lost] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    too_many: list[tuple[Family, int]] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    not_handed_out: list[Update] = field(default_factory=list)
    own_ends: list[tuple[int, str]] = field(default_factory=list)
    # Not violations by themselves.
    stalls: list[Stall] = field(default_factory=list)
    unanswered_presses: list[Update] = field(default_factory=list)
    cancelled_and_drawn: int = 0
    unchanged_edits: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        unexcused = [copy for copy in self.copies if not copy.is_excused]
        leftovers = [leftover for leftover in self.leftovers if not leftover.is_excused]
        found = [self.lost, unexcused, leftovers, self.too_many, self.ignored, self.not_handed_out, self.own_ends]
        return not any(found)

    @property
    def lost_wishes(self) -> int:
        """The number of lost wishes."""
        return sum(lost.missing for lost in self.lost)


def _refusals() -> tuple[str, ...]:
    lines = LOCALE.read_text(encoding="utf-8").splitlines()
    texts = dict(line.split(" = ", 1) for line in lines if " = " in line and not line.startswith((" ", "#")))
    missing = [key for key in REFUSALS if key not in texts]
    if missing:
        raise SystemExit(f"{LOCALE} has no {', '.join(missing)}: bring REFUSALS in {Path(__file__).name} up to date")
    return tuple(texts[key] for key in REFUSALS)


class Judge:
    """Reads everything that the bot showed, in its order."""

    def __init__(self, world: World, ledger: Ledger, api: BotApi, program: Program) -> None:
        self._world = world
        self._ledger = ledger
        self._api = api
        self._program = program
        self._refusals = _refusals()
        self._of_message = dict(ledger.bound)
        self._of_job: dict[int, Family] = {}
        # What each family got, by what tells two jobs apart: a job's number, or an album's first picture.
        self._pictures: dict[str, set[str]] = {token: set() for token in ledger.families}
        self._words: dict[str, set[str]] = {token: set() for token in ledger.families}
        self._cancelled: set[int] = set()
        self._failed: set[int] = set()
        self._drawn: set[int] = set()
        presses = (update for update in world.updates if update.kind == "callback_query" and update.handed_out)
        called_off = (buttons.job_behind(buttons.CANCEL, [str(press.payload["data"])]) for press in presses)
        self._called_off = {job for job in called_off if job is not None}
        self._copies: dict[tuple[int, str], list[Change]] = {}
        self._status_begun: dict[tuple[int, int, int], Change] = {}
        self._free_words: list[Change] = []

    def verdict(self) -> Verdict:
        """Judge. The campaign must be over."""
        for change in self._world.changes:
            self._read(change)
        verdict = Verdict(stalls=self._ledger.stalls, ignored=self._api.ignored_pauses)
        verdict.own_ends = [
            (life, why) for life, (_, why) in sorted(self._program.ends.items()) if why.startswith("ended by itself")
        ]
        verdict.not_handed_out = [update for update in self._world.updates if not update.handed_out]
        presses = (update for update in self._world.updates if update.kind == "callback_query" and update.handed_out)
        verdict.unanswered_presses = [press for press in presses if press.press_answered is None]
        verdict.unchanged_edits = sum("not modified" in (call.outcome or "") for call in self._api.calls)
        verdict.cancelled_and_drawn = len(self._cancelled & self._drawn)
        verdict.cancelled, verdict.failed = len(self._cancelled), len(self._failed)
        self._judge_wishes(verdict)
        self._judge_copies(verdict)
        self._judge_leftovers(verdict)
        return verdict

    def life_end(self, life: int) -> tuple[float, str] | None:
        """When and why a life of the program ended."""
        return self._program.ends.get(life)

    # Reading.

    def _read(self, change: Change) -> None:
        if change.kind == "line":
            self._read_line(change)
            return
        key = (change.chat_id, change.message_id)
        cancel = buttons.job_behind(buttons.CANCEL, change.presses)
        again = buttons.job_behind(buttons.AGAIN, change.presses)
        family = self._family(change, cancel if cancel is not None else again)
        if family is None:
            if change.kind == "sent" and not change.presses and change.text.startswith(self._refusals):
                self._free_words.append(change)
            return
        self._of_message.setdefault(key, family)
        for job in (cancel, again):
            if job is not None:
                self._of_job.setdefault(job, family)
        if change.kind == "deleted":
            # Who cancels and sees the status message go knows what became of it.
            if cancel in self._called_off:
                self._words[family.token].add(f"job {cancel}")
            return
        if cancel is not None:
            self._status_begun.setdefault((*key, cancel), change)
        elif again is not None and buttons.find(buttons.FILE, change.presses) is None:
            self._words[family.token].add(f"job {again}")
            # A cancellation is an edit of the status message or the answer to a press; a failure is said anew.
            (self._cancelled if change.kind == "edited" else self._failed).add(again)
        elif change.kind == "sent":
            self._read_result(change, family, again)

    def _read_result(self, change: Change, family: Family, job: int | None) -> None:
        if change.has_picture and (job is not None or change.text):
            if job is not None and buttons.find(buttons.FILE, change.presses) is not None:
                self._drawn.add(job)
                self._pictures[family.token].add(f"job {job}")
            elif change.presses:
                # A mask that waits for a word is no result.
                return
            else:
                self._pictures[family.token].add(f"album {change.picture}")
            self._copies.setdefault((change.chat_id, change.picture), []).append(change)
        elif job is not None:
            self._copies.setdefault((change.chat_id, f"buttons of job {job}"), []).append(change)

    def _read_line(self, change: Change) -> None:
        job = buttons.job_behind(buttons.CANCEL, change.presses)
        if job in self._of_job and change.text:
            self._words[self._of_job[job].token].add(f"job {job}")

    def _family(self, change: Change, job: int | None) -> Family | None:
        return (
            self._ledger.of_text(change.text)
            or self._of_message.get((change.chat_id, change.message_id))
            or self._of_message.get((change.chat_id, change.reply_to or 0))
            or (self._of_job.get(job) if job is not None else None)
        )

    # Judging.

    def _judge_wishes(self, verdict: Verdict) -> None:
        free = list(self._free_words)
        for family in self._ledger.families.values():
            wishes = [wish for wish in family.wishes if wish.update.handed_out]
            verdict.wishes += len(wishes)
            pictures, words = self._pictures[family.token], self._words[family.token]
            verdict.pictures += len(pictures)
            endings = sorted(pictures | words)
            refused = [wish for wish in wishes if wish.update.press_line]
            endings += [f"line “{wish.update.press_line}”" for wish in refused]
            endings += self._free_words_for(family, wishes, len(wishes) - len(endings), free)
            verdict.refused += len(endings) - len(pictures | words)
            jobs = sorted(job for job, owner in self._of_job.items() if owner is family)
            if len(endings) < len(wishes):
                verdict.lost.append(Lost(family, len(wishes) - len(endings), endings, jobs))
            if len(pictures | words) > len(wishes):
                verdict.too_many.append((family, len(pictures | words)))

    def _free_words_for(self, family: Family, wishes: list[Wish], missing: int, free: list[Change]) -> list[str]:
        """Words of refusal that name no wish count for the oldest one of the chat that has no other ending."""
        taken = []
        while missing > 0:
            handed_out = min(wish.update.handed_out[0][0] for wish in wishes)
            word = next((w for w in free if w.chat_id == family.chat_id and w.at >= handed_out), None)
            if word is None:
                break
            free.remove(word)
            taken.append(f"word “{word.text[:40]}”")
            missing -= 1
        return taken

    def _judge_copies(self, verdict: Verdict) -> None:
        for changes in self._copies.values():
            for before, after in itertools.pairwise(changes):
                verdict.copies.append(Copy(after, changes[0], self._was_cut(before.call)))

    def _judge_leftovers(self, verdict: Verdict) -> None:
        for chat in self._world.messages.values():
            for message in chat.values():
                job = buttons.job_behind(buttons.CANCEL, message.presses())
                if job is None or message.is_deleted:
                    continue
                begun = self._status_begun.get((message.chat_id, message.message_id, job))
                if begun is not None:
                    verdict.leftovers.append(Leftover(begun, self._was_cut(begun.call)))

    def _was_cut(self, call: Call) -> bool:
        """Whether the kill came before the answer can be taken as processed."""
        end = self._program.ends.get(call.life)
        if end is None or end[1].startswith("ended"):
            return False
        return call.answered is None or end[0] - call.answered < PROCESSED
