"""Encoding and decoding of a generated type beside the plain client's item codec: the same item, in the same run, by instructions."""

import os
import shutil
import subprocess
import tempfile

from bench_counts import instructions
from console import table_lines
from local_aws import NotStarted

# Of the plain codec's instructions.
AT_MOST = 1.2
MODES = ("plain-encode", "typed-encode", "plain-decode", "typed-decode")


def measure(folder):
    """Instructions an item, by mode, with the ratios of the generated type to the plain codec."""
    strip = shutil.which("strip")
    if not strip or not shutil.which("valgrind"):
        raise NotStarted("instructions are counted by valgrind, in a program without debug information: install valgrind and binutils")
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as place:
        # valgrind 3.19 cannot read what clang writes (DWARF 5).
        program = os.path.join(place, "coding-bench")
        subprocess.run([strip, "--strip-debug", "-o", program, os.path.join(folder, "coding-bench")], check=True)
        figures = {mode: instructions(lambda calls: [program, mode, str(calls)]) for mode in MODES}
    for direction in ("encode", "decode"):
        figures[f"{direction}-ratio"] = figures[f"typed-{direction}"] / figures[f"plain-{direction}"]
    return figures


HEADER = ["an item, instructions", "plain codec", "generated type", "ratio", "goal", ""]


def rows(figures):
    found = []
    for direction in ("encode", "decode"):
        ratio = figures[f"{direction}-ratio"]
        found.append([
            direction, f"{figures[f'plain-{direction}']:,.0f}", f"{figures[f'typed-{direction}']:,.0f}", f"{ratio:.2f}",
            f"≤ {AT_MOST}", "met" if ratio <= AT_MOST else "not met"])
    return found


def lines(figures):
    return table_lines(HEADER, rows(figures))
