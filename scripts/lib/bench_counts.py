"""Instructions and allocations a call: what a benchmark can say on a busy machine.

Each is the difference of two runs that differ in the number of calls only: starting and warming up do not count.
"""

import json
import os
import subprocess
import tempfile

from local_aws import NotStarted

# After these the pools, caches and buffers are as large as they get.
WARM_UP = 300
FEW, MANY = 200, 1700


def per_call(count, few=FEW, many=MANY):
    """The slope of `count(calls)` between two numbers of calls."""
    return (count(many) - count(few)) / (many - few)


def instructions(command, few=FEW, many=MANY):
    """User-space instructions a call of `command(calls)`, by valgrind's cachegrind without a cache."""

    def count(calls):
        with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
            output = os.path.join(folder, "counts")
            tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={output}"]
            run([*tool, *command(calls)])
            return total(output)

    return per_call(count, few, many)


def total(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1])
    raise NotStarted(f"valgrind counted no instructions")


def allocations(command, counter, few=FEW, many=MANY):
    """Calls of malloc and its kin a call of `command(calls)`."""
    environment = {**os.environ, "LD_PRELOAD": counter}
    return per_call(lambda calls: json.loads(run(command(calls), environment))["allocations"], few, many)


def run(command, environment=None):
    """The standard output of a program that must succeed."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise NotStarted(f"{' '.join(command[:3])} … failed: {done.stderr.strip()[-500:]}")
    return done.stdout
