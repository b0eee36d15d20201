"""Attributes of thinc models that are no values: thinc saves values with the weights, and what a pipeline does shall
follow from its config. All can be pickled, as `nlp.pipe(n_process=2)` needs where processes are not forked."""

from typing import Any


class Setting:
    """A setting of the config, which is had by a call."""

    def __init__(self, value: Any):
        self.value = value

    def __call__(self) -> Any:
        return self.value
