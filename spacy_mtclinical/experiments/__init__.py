"""Trials of training recipes on one suite of corpora, and what they make of the scores of each task.

A trial is one training run in a folder of its own: its configuration, log, weights, and last, renamed into place, its
result. So whatever is killed goes on where it was: a folder with a result is read, one without goes on from its
checkpoint.
"""
