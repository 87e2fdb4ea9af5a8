"""Lint of contracts by the built `tidemark`: the real one, a large one, ones of growing size, and documents that mean harm; and what it
costs to write and read an item of a generated type.

Every figure of the lint is a whole process, start included: wall and CPU time from its start to its end, and the most memory it had.
Instructions, which no other work on the machine moves, tell whether the work grows faster than the documents.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import bench_coding
from bench_counts import total
from bench_document import markdown, replace_in
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
# Contracts of so many megabytes; 16 MB is the most that is read.
SIZES = (1, 2, 4, 8, 15.5)
REFUSED = (32, 50)
MEGABYTE = 1 << 20
# Instructions a megabyte at the larger of two sizes over those at the smaller.
GROWTH_OF = (1, 4)
AT_MOST_GROWTH = 1.15


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench contract", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write every figure there as well")
    options.add_argument("--rounds", type=int, default=7, help="how often each is run (default 7)")
    options.add_argument("--document", metavar="FILE", help="replace the contract's tables in docs/PERFORMANCE.md")
    return options


def run(arguments, folder, _):
    options = parser().parse_args(arguments)
    program = os.path.join(folder, "tidemark")
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as place:
        # In a process of its own: a child's peak memory starts at that of whoever starts it.
        made = subprocess.run([sys.executable, os.path.realpath(__file__), place], check=True, stdout=subprocess.PIPE)
        commands = {name: [program, "contract", "lint", *rest] for name, rest in json.loads(made.stdout).items()}
        found, series = {}, {}
        for name, command in commands.items():
            runs = [measured(command) for _ in range(options.rounds)]
            if name.startswith("usable_"):
                series[name] = {part: summary([one[part] for one in runs]) for part in ("ms", "cpu_ms", "rss_mb")}
                continue
            for part in ("ms", "cpu_ms", "rss_mb"):
                found[f"{name}_{part}"] = summary([one[part] for one in runs])
        sizes = {name: size_of(command) for name, command in commands.items()}
        counts = {size: counted(commands[usable(size)], place) for size in GROWTH_OF}
    report = {
        **{name: part["median"] for name, part in found.items()},
        "spread": {name: [part["min"], part["max"]] for name, part in found.items()},
        "options": {"rounds": options.rounds},
        "machine": machine(),
        "load": os.getloadavg()[1],
        "sizes": {name: {"megabytes": sizes[name], **series[name]} for name in series},
        "instructions": {str(size): counts[size] for size in GROWTH_OF},
    }
    report["growth"] = growth(report, sizes)
    print("\n".join(table_lines(HEADER, list(rows(report)))))
    print()
    print("\n".join(table_lines(SIZE_HEADER, list(size_rows(report)))))
    print("\n" + growth_line(report))
    report["coding"] = bench_coding.measure(folder)
    print()
    print("\n".join(bench_coding.lines(report["coding"])))
    if options.document:
        replace_in(options.document, document(report), "contract")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    return 0


def usable(size):
    return f"usable_{size:g}mb"


def size_of(command):
    """Megabytes of the documents that a command reads."""
    return sum(os.path.getsize(part) for part in command if os.path.isfile(part) and part != command[0]) / MEGABYTE


def counted(command, place):
    """User-space instructions of a run, by valgrind's cachegrind without a cache."""
    output = os.path.join(place, "counts")
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={output}"]
    strip = [shutil.which("strip") or "strip", "--strip-debug", "-o", os.path.join(place, "stripped"), command[0]]
    # valgrind 3.19 cannot read what clang writes (DWARF 5).
    subprocess.run(strip, check=True)
    done = subprocess.run(
        [*tool, strip[3], *command[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"bench: valgrind on {' '.join(command[1:3])} ended with {done.returncode}")
    return total(output)


def growth(report, sizes):
    """Instructions a megabyte at the larger size over those at the smaller."""
    small, large = (report["instructions"][str(size)] / sizes[usable(size)] for size in GROWTH_OF)
    return large / small


def growth_line(report):
    met = "met" if report["growth"] <= AT_MOST_GROWTH else "not met"
    return (
        f"Instructions a megabyte at {GROWTH_OF[1]} MB over those at {GROWTH_OF[0]} MB: {report['growth']:.2f} "
        f"(goal ≤ {AT_MOST_GROWTH}: {met}).")


def document(report):
    """What stands in docs/PERFORMANCE.md between the contract's marks."""
    made = report["machine"]
    return [
        f"Made by `scripts/bench contract --rounds {report['options']['rounds']}` on {made['cores']} cores of {made['cpu']}, "
        f"Linux {made['kernel']}, {made['swift']}; load over five minutes at its end: {report['load']:.1f}.",
        markdown(HEADER, list(rows(report))), markdown(SIZE_HEADER, list(size_rows(report))), growth_line(report),
        markdown(bench_coding.HEADER, bench_coding.rows(report["coding"]))]


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
    one = len(json.dumps(large(100)[0], indent=1)) / 100
    for megabytes in SIZES:
        contract, patterns, model = large(int(megabytes * MEGABYTE / one))
        name = usable(megabytes)
        found[name] = [
            written(f"{name}.json", json.dumps(contract, indent=1)), "--patterns", written(f"{name}.md", patterns),
            "--model", written(f"{name}_model.md", model)]
    for megabytes in (2, 4, 8, 16):
        # Brackets alone, names alone and texts alone: what takes a reader most memory for its bytes.
        size = megabytes * (1 << 20) - 64
        found[f"brackets_{megabytes}mb"] = [written(f"brackets{megabytes}.json", "[" + "[]," * (size // 3) + "[]]")]
        names = ",".join(f'"{number}":0' for number in range(size // 13))
        found[f"names_{megabytes}mb"] = [written(f"names{megabytes}.json", '{"tables":[],' + names + "}")]
        found[f"texts_{megabytes}mb"] = [written(f"texts{megabytes}.json", '{"tables":["' + "x" * size + '"]}')]
    contract = large(2_000)[0]["tables"]
    for megabytes in REFUSED:
        # A contract like the others, only larger than what is read.
        with open(os.path.join(place, f"refused{megabytes}.json"), "w", encoding="utf-8") as file:
            file.write('{"tables": [')
            while file.tell() < megabytes * MEGABYTE:
                file.write(json.dumps(contract) + ",")
            file.write("{}]}")
        found[f"refused_{megabytes}mb"] = [os.path.join(place, f"refused{megabytes}.json")]
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
        ids = [f"AP{3 * number + place}" for place in (1, 2, 3)]
        contract["tables"].append({
            "table": name, "type": "single-entity", "source_table": source, "pk": "PK", "sk": "SK",
            "gsis": [{"index_name": "ByOwner", "pk": "owner_key", "sk": "made_at", "projection": "ALL"}],
            "attributes": listed, "satisfies": ids, "estimated_item_size_bytes": 900})
        rows += [
            f"| {ids[0]} | Read one | {chance.randint(1, 90)} | 1 | Read | source_{number}_id |",
            f"| {ids[1]} | Write one | {chance.randint(1, 9)} | 1 | Write | source_{number}_id |",
            f"| {ids[2]} | Read an owner's | {chance.randint(1, 90)} | 1 | Read | owner_key |"]
        mapping += [
            f"| {ids[0]} | Read | {name} | Query |", f"| {ids[1]} | Write | {name} | PutItem |",
            f"| {ids[2]} | Read | {name}.ByOwner | Query |"]
    head = "| Pattern # | Description | Peak RPS | Average RPS | Type | Key Attributes |\n|---|---|---|---|---|---|\n"
    model = "## Mapping\n| Pattern | Description | Tables/Indexes | DynamoDB Operations |\n|---|---|---|---|\n"
    return contract, head + "\n".join(rows) + "\n", model + "\n".join(mapping) + "\n"


HEADER = ["figure", "median", "spread", "goal", ""]
SIZE_HEADER = ["documents, MB", "ms", "CPU ms", "CPU ms a MB", "peak memory, MB", "memory a MB"]


def size_rows(report):
    for part in report["sizes"].values():
        size, base = part["megabytes"], report["refused_50mb_rss_mb"]
        cpu, memory = part["cpu_ms"]["median"], part["rss_mb"]["median"]
        yield [
            f"{size:.1f}", f"{part['ms']['median']:,.0f}", f"{cpu:,.0f}", f"{cpu / size:,.0f}", f"{memory:,.0f}",
            f"{(memory - base) / size:,.1f}"]


def rows(report):
    for name, value in report.items():
        if name not in report["spread"]:
            continue
        spread, goal = report["spread"][name], GOALS.get(name)
        yield [
            name, f"{value:,.1f}", f"{spread[0]:,.1f} – {spread[1]:,.1f}", f"≤ {goal:,}" if goal is not None else "",
            "" if goal is None else "met" if value <= goal else "not met",
        ]


if __name__ == "__main__":
    print(json.dumps(cases(sys.argv[1])))
