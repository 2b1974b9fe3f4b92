"""The campaign's clock: seconds since the campaign began."""

import time

_BEGUN = time.monotonic()


def now() -> float:
    """Return the seconds since the campaign began."""
    return time.monotonic() - _BEGUN
