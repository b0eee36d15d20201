"""Callbacks: memory that is free goes back to the system."""

import platform
import subprocess
import sys

import pytest

from spacy_mtclinical.callbacks import create_trim_memory_v1

HOLES = """
import numpy
from spacy_mtclinical.callbacks import create_trim_memory_v1

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

trim = create_trim_memory_v1(every=10)
kept = []
for _ in range(2000):
    kept.append((numpy.ones(3000), numpy.ones(20)))
kept = [small for _, small in kept]  # holes between what is still used
before = resident()
trim(None, {"step": 7})
between = resident()
trim(None, {"step": 20})
print(before - between, between - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_free_memory_goes_back_every_so_many_steps():
    run = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True)
    other_step, its_step = map(int, run.stdout.split())
    assert other_step < 2**20 < 20 * 2**20 < its_step


def test_steps_have_to_be_positive():
    with pytest.raises(ValueError, match="expected a number of steps above 0, got 0"):
        create_trim_memory_v1(every=0)
