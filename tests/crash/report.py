"""What is printed: one line of figures, and each violation with its timeline."""

from chats import Call, Change, Update
from judge import Copy, Judge, Leftover, Lost, Verdict
from program import Program
from wishes import Family

# More of a kind are counted, not listed.
LISTED = 12


class Report:
    """Words for a verdict."""

    def __init__(self, judge: Judge, program: Program) -> None:
        self._judge = judge
        self._program = program

    def summary(self, verdict: Verdict, chosen: int, seconds: float) -> str:
        """Return the figures in one line."""
        excused = sum(copy.is_excused for copy in verdict.copies)
        unavoidable = sum(leftover.is_excused for leftover in verdict.leftovers)
        return (
            f"{self._program.kills} kills ({chosen} at chosen requests), {verdict.wishes} wishes: "
            f"{verdict.pictures} drawn, {verdict.cancelled} cancelled, {verdict.failed} failed, "
            f"{verdict.refused} refused, {verdict.lost_wishes} LOST; "
            f"{len(verdict.copies)} second copies ({excused} of a send that was cut), "
            f"{len(verdict.leftovers)} status messages left ({unavoidable} unavoidable), "
            f"{len(verdict.too_many)} wishes drawn as two jobs, {len(verdict.ignored)} retry_after ignored, "
            f"{len(verdict.own_ends)} ends by itself; also {len(verdict.stalls)} stalled conversations, "
            f"{len(verdict.unanswered_presses)} unanswered presses, {verdict.cancelled_and_drawn} cancelled and drawn, "
            f"{verdict.unchanged_edits} edits that change nothing; {seconds:.0f} s"
        )

    def violations(self, verdict: Verdict) -> list[str]:
        """Return a paragraph for each violation."""
        copies = [copy for copy in verdict.copies if not copy.is_excused]
        leftovers = [leftover for leftover in verdict.leftovers if not leftover.is_excused]
        lines: list[str] = []
        lines += self._listed("LOST", [self._lost(lost) for lost in verdict.lost])
        lines += self._listed("SECOND COPY", [self._copy(copy) for copy in copies])
        lines += self._listed("STATUS MESSAGE LEFT", [self._leftover(leftover) for leftover in leftovers])
        lines += self._listed("ONE WISH, SEVERAL JOBS", [self._too_many(*found) for found in verdict.too_many])
        ignored = [
            f"{it.call.method} to chat {it.call.chat_id} at {it.call.received:.3f} s in life {it.call.life}, "
            f"in a pause from {it.pause.begun:.3f} to {it.pause.until:.3f} s"
            for it in verdict.ignored
        ]
        lines += self._listed("RETRY_AFTER IGNORED", ignored)
        lines += self._listed("NEVER FETCHED", [_described(update) for update in verdict.not_handed_out])
        lines += self._listed("ENDED BY ITSELF", [f"life {life} {why}" for life, why in verdict.own_ends])
        return lines

    def remarks(self, verdict: Verdict) -> list[str]:
        """Return what is no violation by itself but worth a look."""
        stalls = [f"{self._update(stall.update)}\n    waited for {stall.waited_for}" for stall in verdict.stalls]
        lines = self._listed("STALLED", stalls)
        return lines + self._listed("UNANSWERED PRESS", [self._update(press) for press in verdict.unanswered_presses])

    def _listed(self, title: str, paragraphs: list[str]) -> list[str]:
        lines = [f"{title} · {paragraph}" for paragraph in paragraphs[:LISTED]]
        if len(paragraphs) > LISTED:
            lines.append(f"{title} · and {len(paragraphs) - LISTED} more")
        return lines

    def _lost(self, lost: Lost) -> str:
        family = lost.family
        lines = [f"{lost.missing} of {len(family.wishes)} in family {family.token}, chat {family.chat_id}"]
        lines += [f"    {self._update(wish.update)}" for wish in family.wishes]
        lines.append(f"    endings: {', '.join(lost.endings) or 'none'}; jobs seen: {_numbers(lost.jobs)}")
        return "\n".join(lines)

    def _copy(self, copy: Copy) -> str:
        text = copy.change.text.splitlines()[0] if copy.change.text else "without words"
        return (
            f"chat {copy.change.chat_id}, “{text}”\n"
            f"    first: {self._send(copy.first)}\n    again: {self._send(copy.change)}"
        )

    def _leftover(self, leftover: Leftover) -> str:
        change = leftover.change
        return f"chat {change.chat_id}, message {change.message_id}, {change.presses}: {self._send(change)}"

    def _too_many(self, family: Family, jobs: int) -> str:
        updates = "\n    ".join(self._update(wish.update) for wish in family.wishes)
        return f"{jobs} jobs for {len(family.wishes)} wishes\n    {updates}"

    def _send(self, change: Change) -> str:
        call = change.call
        answered = "never answered" if call.answered is None else f"answered {call.answered:.3f}"
        return f"{call.method} at {change.at:.3f} s, {answered}, life {call.life}{self._end_after(call)}"

    def _end_after(self, call: Call) -> str:
        end = self._judge.life_end(call.life)
        if end is None:
            return ""
        at = call.answered if call.answered is not None else call.received
        return f", ended {(end[0] - at) * 1000:.0f} ms later ({end[1]})"

    def _update(self, update: Update) -> str:
        lines = [_described(update)]
        for at, life in update.handed_out:
            lines.append(f"handed out {at:.3f} s to life {life}{self._end(at, life)}")
        if update.confirmed:
            at, life = update.confirmed
            lines.append(f"confirmed {at:.3f} s by life {life}{self._end(at, life)}")
        if update.press_answered is not None:
            lines.append(f"press answered {update.press_answered:.3f} s “{update.press_line}”")
        return "; ".join(lines)

    def _end(self, at: float, life: int) -> str:
        end = self._judge.life_end(life)
        return f" (killed {(end[0] - at) * 1000:.0f} ms later: {end[1]})" if end else ""


def _described(update: Update) -> str:
    return f"update {update.update_id} in chat {update.chat_id}: {update.what}"


def _numbers(jobs: list[int]) -> str:
    return ", ".join(map(str, jobs)) or "none"
