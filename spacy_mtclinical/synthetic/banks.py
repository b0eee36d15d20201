"""Banks: what can fill each slot of a template; and `fill`, which draws from them.

There are two banks throughout, TRAIN for training documents and HELD for dev and test documents. They share
closed classes only (numbers, units, routes, departments...), which each module keeps in SHARED.
"""

import re
from random import Random
from typing import Dict, Mapping, Optional, Tuple

Bank = Mapping[str, Tuple[str, ...]]
SLOT = re.compile(r"\{(\w+)(?:#(\w+))?\}")
DIGIT = "~"


def bank(**rows: str) -> Bank:
    """Make a bank of rows whose fillers are separated by " | "."""
    return {slot: tuple(filler.strip() for filler in row.split("|")) for slot, row in rows.items()}


def fill(template: str, bank: Bank, *, rng: Random, memory: Optional[Dict[str, str]] = None) -> str:
    """Replace each {slot} by a filler drawn from the bank and each `~` by a digit.

    Fillers may hold slots. A {slot#name} gets the same filler wherever it occurs with the same memory; a slot
    without a name gets none twice within a template where the bank has enough.
    """
    memory = {} if memory is None else memory
    used: Dict[str, str] = {}

    def draw(match: "re.Match[str]") -> str:
        slot, name = match.groups()
        if name and match.group() in memory:
            return memory[match.group()]
        fillers = bank[slot]
        for _ in range(8):
            filler = digits(SLOT.sub(draw, rng.choice(fillers)), rng=rng)
            if used.get(filler) != slot:
                break
        used[filler] = slot
        if name:
            memory[match.group()] = filler
        return filler

    return digits(SLOT.sub(draw, template), rng=rng)


def digits(template: str, *, rng: Random) -> str:
    """Replace each `~` by a digit."""
    return re.sub(DIGIT, lambda _: str(rng.randrange(10)), template)
