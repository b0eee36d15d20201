"""Multitask clinical information extraction for spaCy: one shared encoder, a light head a task."""

from .documents import make_pair

__version__ = "0.1.0"

__all__ = ["make_pair"]
