"""The runtime beside raw libcurl and boto3: CPU, latency, instructions and allocations of a typed GetItem."""

import argparse
import json

from bench_figures import medians, quartiles, ratios, rotated, summary
from bench_document import write_tables
from bench_programs import LABELS, Programs, machine
from console import table_lines

# How many calls are in flight, and whether over TLS; with the contestants that are measured there.
SETTINGS = {
    "1": (1, False, ("raw", "loop", "any_task", "unrecorded", "repository", "boto3")),
    "50": (50, False, ("raw", "loop", "any_task", "unrecorded", "repository")),
    "1_tls": (1, True, ("raw", "loop", "any_task")),
    "50_tls": (50, True, ("raw", "loop", "any_task")),
}
# boto3 takes as long for one call as the others for tens.
BOTO3_SHARE = 0.1
WARM_UP_SHARE = 0.1
# Short, so that what else runs on the machine touches neighbours alike; as many as give the calls of a run.
CALLS_OF_A_TURN = 200

# The figures that the runtime has goals for: at most these.
GOALS = {
    "x_libcurl_1": 1.4,
    "x_libcurl_50": 1.4,
    "x_libcurl_any_task_1": 2.1,
    "x_libcurl_any_task_50": 1.4,
    "x_boto3": 1 / 25,
    "recorder_overhead": 0.02,
    "recorder_instructions": 2000,
    "recorder_ns": 150,
    "recorder_ns_two_threads": 400,
    "repository_overhead": 0.10,
    "instructions_per_call": 150_000,
    "allocations_per_call": 40,
    "rss_mb": 25,
}

CONTESTANT_HEADER = ["contestant", "in flight", "wire", "calls/s", "CPU µs", "x", "p50 µs", "p99 µs", "RSS MB"]
FIGURE_HEADER = ["figure", "median", "spread", "goal", ""]


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench runtime", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write every figure there as well")
    options.add_argument("--rounds", type=int, default=5, help="how often each contestant runs (default 5)")
    options.add_argument("--calls", type=int, default=20_000, help="calls of each run (default 20000)")
    options.add_argument("--quick", action="store_true", help="2 rounds of 2000 calls: to see whether it works")
    options.add_argument("--document", metavar="FILE", help="replace the tables in docs/PERFORMANCE.md")
    options.add_argument("--profile", metavar="FILE", help="keep callgrind's profile of the loop as executor")
    return options


def run(arguments, folder, nginx):
    options = parser().parse_args(arguments)
    if options.quick:
        options.rounds, options.calls = min(options.rounds, 2), min(options.calls, 2_000)
    if options.rounds < 1 or options.calls < 100:
        parser().error("at least 1 round of 100 calls")
    with Programs(folder, nginx) as programs:
        rounds = measure(programs, options)
        slices = max(options.calls // CALLS_OF_A_TURN, 2)
        turns = [turn for in_flight in (1, 50) for turn in programs.take_turns(CALLS_OF_A_TURN, slices, in_flight)]
        recorder = [programs.time_recorder() for _ in range(options.rounds)]
        counts = count(programs)
        if options.profile:
            programs.profile("loop", options.profile)
    report = make_report(rounds, turns, recorder, counts)
    report["options"] = {"rounds": options.rounds, "calls": options.calls}
    report["machine"] = machine()
    print_report(report)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    if options.document:
        tables = (CONTESTANT_HEADER, contestant_rows(report), FIGURE_HEADER, figure_rows(report))
        write_tables(options.document, report, *tables)
    return 0


def measure(programs, options):
    """For each setting a list of rounds, each a dictionary of the contestants' runs."""
    rounds = {setting: [] for setting in SETTINGS}
    for turn in range(options.rounds):
        for setting, (in_flight, tls, names) in SETTINGS.items():
            runs = {}
            for name in rotated(names, turn):
                calls = max(100, int(options.calls * (BOTO3_SHARE if name == "boto3" else 1)))
                warm_up = max(in_flight, int(calls * WARM_UP_SHARE))
                runs[name] = programs.measure(name, calls, warm_up, in_flight, tls)
            rounds[setting].append(runs)
        print(f"round {turn + 1} of {options.rounds}", flush=True)
    return rounds


def count(programs):
    """Instructions and allocations a call, each contestant by itself."""
    counts = {}
    for name in ("raw", "loop", "unrecorded"):
        counts[name] = {
            "instructions": programs.count(name, "instructions"),
            "allocations": programs.count(name, "allocations"),
        }
    print("instructions and allocations counted", flush=True)
    return counts


def make_report(rounds, turns, recorder, counts):
    """Every figure by its name; `spread` has the least and the greatest of the rounds, of the overheads' many short
    turns the quartiles."""
    values = {}
    for setting, list_of_runs in rounds.items():
        for name, label in (("loop", ""), ("any_task", "any_task_")):
            values[f"x_libcurl_{label}{setting}"] = ratios(list_of_runs, name, "raw")
    values["x_boto3"] = ratios(rounds["1"], "loop", "boto3")
    for name, pair in (("recorder", ("client", "unrecorded")), ("repository", ("repository", "client"))):
        values[f"{name}_overhead"] = quartiles([ratio - 1 for ratio in ratios(turns, *pair)])
    for name in ("recorder_ns", "recorder_ns_two_threads"):
        values[name] = [run[name] for run in recorder]
    summaries = {name: summary(found) for name, found in values.items()}
    contestants = {
        f"{name}_{setting}": medians([runs[name] for runs in rounds[setting]])
        for setting, (_, _, names) in SETTINGS.items() for name in names
    }
    loop, unrecorded, raw = counts["loop"], counts["unrecorded"], counts["raw"]
    return {
        **{name: found["median"] for name, found in summaries.items()},
        "recorder_instructions": loop["instructions"] - unrecorded["instructions"],
        "recorder_allocations": loop["allocations"] - unrecorded["allocations"],
        "instructions_per_call": loop["instructions"],
        "allocations_per_call": loop["allocations"],
        "x_libcurl_instructions": loop["instructions"] / raw["instructions"],
        "rss_mb": contestants["loop_50"]["rss_mb"],
        "spread": {name: [found["min"], found["max"]] for name, found in summaries.items()},
        "counts": counts,
        "contestants": contestants,
    }


def contestant_rows(report):
    rows = []
    for setting, (in_flight, tls, names) in SETTINGS.items():
        for name in names:
            run = report["contestants"][f"{name}_{setting}"]
            raw = report["contestants"][f"raw_{setting}"]
            rows.append([
                LABELS[name], in_flight, "TLS" if tls else "plain", round(run["calls_per_second"]),
                round(run["cpu_us"], 1), round(run["cpu_us"] / raw["cpu_us"], 2), round(run["p50_us"]),
                round(run["p99_us"]), round(run["rss_mb"], 1),
            ])
    return rows


def figure_rows(report):
    rows = []
    for name, value in report.items():
        if not isinstance(value, (int, float)):
            continue
        spread = report["spread"].get(name)
        goal = GOALS.get(name)
        rows.append([
            name, short(value), f"{short(spread[0])} – {short(spread[1])}" if spread else "",
            f"≤ {short(goal)}" if goal is not None else "",
            "" if goal is None else "met" if value <= goal else "not met",
        ])
    return rows


def short(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def print_report(report):
    print("\n" + "\n".join(table_lines(CONTESTANT_HEADER, contestant_rows(report))))
    print("\n" + "\n".join(table_lines(FIGURE_HEADER, figure_rows(report))))
