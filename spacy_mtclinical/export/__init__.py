"""Predictions, or gold, from .spacy files to the native formats of the datasets."""
