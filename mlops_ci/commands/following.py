"""Logs that are followed while they grow: what is new is told once, in the order in which it came to be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from mlops_ci.executor.world import World

PAUSE = 2.0
"""Seconds between two looks."""


def followed(
    world: World, look: Callable[[], Sequence[str]], has_ended: Callable[[], bool], tail: int
) -> Iterator[str]:
    """Yield the last `tail` lines (0: all) that a look finds, and then what later ones find anew, until it has ended.

    A look gives every line known now, or the last of them.
    """
    is_over = has_ended()  # asked first: what was written before the end is read after it
    seen = tuple(look())
    yield from seen[-tail:] if tail else seen
    while not is_over:
        world.clock.sleep(PAUSE)
        is_over = has_ended()
        now = tuple(look())
        yield from new(seen, now)
        seen = now


def new(seen: Sequence[str], now: Sequence[str]) -> Sequence[str]:
    """Return the lines of a later look that an earlier one did not have.

    A log grows at its end; a window on its last lines moves on, too. Where neither explains what is seen, lines came in
    between, as those of several machines do: then each line counts as often as it is there.
    """
    if tuple(now[: len(seen)]) == tuple(seen):
        return now[len(seen) :]
    for kept in range(min(len(seen), len(now)), 0, -1):
        if tuple(seen[-kept:]) == tuple(now[:kept]):
            return now[kept:]
    known, found = Counter(seen), []
    for line in now:
        if known[line]:
            known[line] -= 1
        else:
            found.append(line)
    return tuple(found)
