"""Lint of contracts by the built `tidemark`: the real one, a large one, and documents that mean harm; and what it costs to write and
read an item of a generated type.

Every figure of the lint is a whole process, start included: wall and CPU time from its start to its end, and the most memory it had.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import bench_coding
from bench_figures import summary
from bench_programs import machine
from console import table_lines

GOALS = {
    "real_ms": 100,
    "large_ms": 1_000,
    "large_rss_mb": 200,
    "refused_50mb_ms": 100,
}
TABLES, ATTRIBUTES = 500, 20


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench contract", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write every figure there as well")
    options.add_argument("--rounds", type=int, default=7, help="how often each is run (default 7)")
    return options


def run(arguments, folder, _):
    options = parser().parse_args(arguments)
    program = os.path.join(folder, "tidemark")
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as place:
        # In a process of its own: a child's peak memory starts at that of whoever starts it.
        made = subprocess.run([sys.executable, os.path.realpath(__file__), place], check=True, stdout=subprocess.PIPE)
        commands = {name: [program, "contract", "lint", *rest] for name, rest in json.loads(made.stdout).items()}
        found = {}
        for name, command in commands.items():
            runs = [measured(command) for _ in range(options.rounds)]
            for part in ("ms", "cpu_ms", "rss_mb"):
                found[f"{name}_{part}"] = summary([one[part] for one in runs])
    report = {
        **{name: part["median"] for name, part in found.items()},
        "spread": {name: [part["min"], part["max"]] for name, part in found.items()},
        "options": {"rounds": options.rounds},
        "machine": machine(),
    }
    print("\n".join(table_lines(["figure", "median", "spread", "goal", ""], list(rows(report)))))
    report["coding"] = bench_coding.measure(folder)
    print()
    print("\n".join(bench_coding.lines(report["coding"])))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    return 0


def measured(command):
    """One run: milliseconds, CPU milliseconds and megabytes. `wait4` tells of this child alone."""
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1, 2):
        raise SystemExit(f"bench: {' '.join(command)} ended with {child.returncode}")
    return {
        "ms": elapsed * 1000, "cpu_ms": (usage.ru_utime + usage.ru_stime) * 1000, "rss_mb": usage.ru_maxrss / 1024}


def cases(place):
    """Name and arguments of each case, its documents written into the folder."""
    found = {}
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    shared = os.environ.get("TIDEMARK_SHARED", os.path.join(os.path.dirname(root), "shared"))
    real = os.path.join(shared, "modernizer", "artifacts", "stage-02")
    if os.path.exists(os.path.join(real, "migrationContract.json")):
        found["real"] = [
            os.path.join(real, "migrationContract.json"), "--patterns", os.path.join(real, "access_patterns_with_rps.md"),
            "--model", os.path.join(real, "dynamodb_data_model.md")]

    def written(name, text):
        path = os.path.join(place, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    contract, patterns, model = large()
    found["large"] = [
        written("large.json", json.dumps(contract, indent=1)), "--patterns", written("large.md", patterns),
        "--model", written("large_model.md", model)]
    for megabytes in (2, 4, 8, 16):
        # Brackets alone, names alone and texts alone: what takes a reader most memory for its bytes.
        size = megabytes * (1 << 20) - 64
        found[f"brackets_{megabytes}mb"] = [written(f"brackets{megabytes}.json", "[" + "[]," * (size // 3) + "[]]")]
        names = ",".join(f'"{number}":0' for number in range(size // 13))
        found[f"names_{megabytes}mb"] = [written(f"names{megabytes}.json", '{"tables":[],' + names + "}")]
        found[f"texts_{megabytes}mb"] = [written(f"texts{megabytes}.json", '{"tables":["' + "x" * size + '"]}')]
    found["refused_50mb"] = [written("fifty.json", " " * (50 << 20))]
    return found


def large(tables=TABLES, attributes=ATTRIBUTES):
    """A contract of so many tables with so many attributes each, patterns and a model to it; the same every time."""
    chance = random.Random(7)
    contract, rows, mapping = {"tables": []}, [], []
    for number in range(tables):
        name, source = f"Table{number}", f"source_{number}"
        listed = [
            {"name": "PK", "type": "S", "source_table": source, "source_column": "id",
             "transformation": {"type": "string-format", "format": "T#{id}"}},
            {"name": "SK", "type": "S", "source_table": source, "source_column": "id",
             "transformation": {"type": "string-format", "format": "V#{made_at}#{id}"}},
            {"name": "made_at", "type": "S", "source_table": source, "source_column": "made_at"},
            {"name": "owner_key", "type": "S", "source_table": source, "source_column": "owner_id", "join": {
                "type": "foreign-key", "target_table": "owners", "join_condition": f"owners.id = {source}.owner_id",
                "select_column": "owners.code"}, "denormalized": True, "justification": "it is the index's key"},
        ]
        for place in range(attributes - len(listed)):
            listed.append({
                "name": f"attribute_{place}", "type": chance.choice(["S", "N", "BOOL"]), "source_table": source,
                "source_column": f"column_{place}"})
        ids = [f"AP{2 * number + 1}", f"AP{2 * number + 2}"]
        contract["tables"].append({
            "table": name, "type": "single-entity", "source_table": source, "pk": "PK", "sk": "SK",
            "gsis": [{"index_name": "ByOwner", "pk": "owner_key", "sk": "made_at", "projection": "ALL"}],
            "attributes": listed, "satisfies": ids, "estimated_item_size_bytes": 900})
        rows += [
            f"| {ids[0]} | Read one | {chance.randint(1, 90)} | 1 | Read | source_{number}_id |",
            f"| {ids[1]} | Write one | {chance.randint(1, 9)} | 1 | Write | source_{number}_id |"]
        mapping += [f"| {ids[0]} | Read | {name} | Query |", f"| {ids[1]} | Write | {name} | PutItem |"]
    head = "| Pattern # | Description | Peak RPS | Average RPS | Type | Key Attributes |\n|---|---|---|---|---|---|\n"
    model = "## Mapping\n| Pattern | Description | Tables/Indexes | DynamoDB Operations |\n|---|---|---|---|\n"
    return contract, head + "\n".join(rows) + "\n", model + "\n".join(mapping) + "\n"


def rows(report):
    for name, value in report.items():
        if not isinstance(value, (int, float)):
            continue
        spread, goal = report["spread"][name], GOALS.get(name)
        yield [
            name, f"{value:,.1f}", f"{spread[0]:,.1f} – {spread[1]:,.1f}", f"≤ {goal:,}" if goal is not None else "",
            "" if goal is None else "met" if value <= goal else "not met",
        ]


if __name__ == "__main__":
    print(json.dumps(cases(sys.argv[1])))
