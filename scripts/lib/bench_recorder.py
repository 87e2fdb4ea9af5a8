"""What recording a call adds to it: its attempt, consumption, key and the call itself, beside the loop without them."""

import argparse
import json
import os
import shutil
import tempfile

import bench_counts
from bench_figures import summary
from bench_programs import machine
from console import table_lines

GOALS = {
    "recorder_ns": 150,
    "recorder_ns_two_threads": 400,
    "recorder_instructions": 2_000,
    "recorder_allocations": 0,
}
# The first thousands fill the histogram's chunks and the key ring.
FEW, MANY = 20_000, 120_000


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench recorder", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write every figure there as well")
    options.add_argument("--rounds", type=int, default=7, help="how often it is timed (default 7)")
    return options


def run(arguments, folder, _):
    options = parser().parse_args(arguments)
    program = os.path.join(folder, "recorder-bench")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    telemetry = tempfile.mkdtemp(prefix="tidemark-bench-", dir=memory)
    try:
        rounds = [json.loads(bench_counts.run([program, telemetry])) for _ in range(options.rounds)]
        counts = {kind: count(program, telemetry, kind, folder) for kind in ("record", "bare")}
    finally:
        shutil.rmtree(telemetry, ignore_errors=True)
    found = {name: summary([line[name] for line in rounds]) for name in rounds[0]}
    report = {
        **{name: part["median"] for name, part in found.items()},
        "recorder_instructions": counts["record"]["instructions"] - counts["bare"]["instructions"],
        "recorder_allocations": counts["record"]["allocations"] - counts["bare"]["allocations"],
        "bare_instructions": counts["bare"]["instructions"],
        "spread": {name: [part["min"], part["max"]] for name, part in found.items()},
        "options": {"rounds": options.rounds},
        "machine": machine(),
    }
    print("\n".join(table_lines(["figure", "median", "spread", "goal", ""], list(rows(report)))))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    return 0


def count(program, telemetry, kind, folder):
    """Instructions and allocations a call, as the difference of a long run and a short one."""

    def command(calls):
        return [program, telemetry, str(calls), kind]

    instructions = bench_counts.instructions(command, FEW, MANY)
    counter = os.path.join(folder, "libAllocationCounter.so")
    return {
        "instructions": instructions,
        "allocations": bench_counts.allocations(command, counter, FEW, MANY)}


def rows(report):
    for name, value in report.items():
        if not isinstance(value, (int, float)):
            continue
        spread, goal = report["spread"].get(name), GOALS.get(name)
        yield [
            name, f"{value:,.2f}", f"{spread[0]:,.2f} – {spread[1]:,.2f}" if spread else "",
            f"≤ {goal:,}" if goal is not None else "", "" if goal is None else "met" if value <= goal else "not met",
        ]
