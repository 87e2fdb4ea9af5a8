"""Instructions and allocations of a typed GetItem against Benchmarks/thresholds.json."""

import argparse
import json
import os

from bench_programs import HERE, Programs
from console import table_lines

THRESHOLDS = os.path.join(HERE, "..", "..", "Benchmarks", "thresholds.json")
# So far below its threshold a figure may rise unseen.
SLACK = 0.15

ADVICE = """
Above a threshold. Find what costs it:
    scripts/bench runtime --quick --profile /tmp/callgrind.out && callgrind_annotate --inclusive=yes /tmp/callgrind.out
Where the cost is worth it, raise the threshold in Benchmarks/thresholds.json and say why in the commit."""


def parser():
    return argparse.ArgumentParser(prog="scripts/bench check", description=__doc__)


def run(arguments, folder, nginx):
    parser().parse_args(arguments)
    with open(THRESHOLDS, encoding="utf-8") as file:
        thresholds = json.load(file)["at most"]
    with Programs(folder, nginx) as programs:
        figures = measure(programs)
    rows, status = judge(figures, thresholds)
    print("\n".join(table_lines(["figure", "measured", "threshold", ""], rows)))
    if status:
        print(ADVICE)
    return status


def measure(programs):
    loop = programs.count("loop", "allocations")
    return {
        "instructions_per_call": programs.count("loop", "instructions"),
        "allocations_per_call": loop,
        "any_task_allocations_per_call": programs.count("any_task", "allocations"),
        "recorder_allocations": loop - programs.count("unrecorded", "allocations"),
        "repository_allocations": programs.count("repository", "allocations") - loop,
    }


def judge(figures, thresholds):
    """A row for each threshold and the exit status: 1 where a figure is above its threshold, or is not there."""
    rows, status = [], 0
    for name, threshold in thresholds.items():
        figure = figures.get(name)
        if figure is None or figure > threshold:
            remark, status = "ABOVE" if figure is not None else "NOT MEASURED", 1
        elif threshold >= 10 and figure < threshold * (1 - SLACK):
            remark = "below: lower the threshold, so that what was gained is kept"
        else:
            remark = "within"
        rows.append([name, None if figure is None else round(figure, 2), threshold, remark])
    return rows, status
