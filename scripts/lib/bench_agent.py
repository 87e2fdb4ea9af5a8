"""What the agent costs beside 10 services that make 20,000 calls/s over 1,000 series, publishing to a loopback
CloudWatch that counts."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from bench_document import markdown, replace_in
from bench_load import Load
from bench_programs import machine
from bench_figures import summary
from cloudwatch_counter import datum_count
from console import table_lines
from process_figures import cpu_seconds, memory_kib, precise_cpu_seconds

# Figure: goal (at most), as docs/PERFORMANCE.md has it.
GOALS = {
    "agent_cpu_percent": 0.5,
    "tick_ms": 3,
    "commit_ms": 100,
    "private_and_shared_mb": 20,
    "binary_stripped_mb": 70,
    "shutdown_durable_ms": 100,
    "summary_ms": 300,
}
HEADER = ["figure", "median", "spread", "goal", ""]


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench agent", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write every figure there as well")
    options.add_argument("--document", metavar="FILE", help="replace the agent's table in docs/PERFORMANCE.md")
    options.add_argument("--minutes", type=int, default=4, help="how long the agent is watched (default 4)")
    options.add_argument("--measured-minutes", type=int, default=3, help="how long ticks are timed (default 3)")
    options.add_argument("--series", type=int, default=1_000)
    options.add_argument("--calls", type=int, default=20_000, help="calls a second, of all services (default 20000)")
    options.add_argument("--profile", metavar="FILE", help="keep a `perf record` of the agent, where perf may be used")
    options.add_argument("--static", metavar="PROGRAM", help="a statically linked `tidemark`, whose size is told too")
    return options


def run(arguments, folder, _):
    options = parser().parse_args(arguments)
    if options.minutes < 2 or options.measured_minutes < 2:
        parser().error("at least 2 minutes: a period is one")
    with Load(folder, series=options.series, calls_a_second=options.calls) as load:
        watched = watch(load, options)
        shutdowns = [shut_down(load) for _ in range(5)]
        summaries = [time_summary(load) for _ in range(11)]
        ledger, balanced = load.ledger()
        ticks = time_ticks(load, options.measured_minutes)
    report = make_report(watched, shutdowns, summaries, ticks)
    report["ledger_balanced"] = balanced
    report["calls_recorded"] = ledger["calls"]["recorded"]
    report["binary"] = binaries(folder, options.static)
    report["binary_stripped_mb"] = report["binary"]["stripped_mb"]
    report["options"] = {"minutes": options.minutes, "series": options.series, "calls_a_second": options.calls}
    report["machine"] = {**machine(), "load": os.getloadavg()[0]}
    print_report(report)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    if options.document:
        replace_in(options.document, [provenance(report), markdown(HEADER, list(rows(report)))], "agent")
    return 0 if balanced else 1


def provenance(report):
    machine, options = report["machine"], report["options"]
    return (
        f"Made by `scripts/bench agent --minutes {options['minutes']}` on {machine['cores']} cores of {machine['cpu']}, "
        f"Linux {machine['kernel']}, {machine['swift']}; {options['calls_a_second']:,} calls/s over "
        f"{options['series']:,} series. The load of the machine was {machine['load']:.1f} at the end."
    )


def watch(load, options):
    """The built agent, for some minutes: CPU by the second, memory, requests by the minute."""
    agent = load.start_agent()
    # The first period is not whole, and pages are touched for the first time.
    sleep_to_minute(load, agent)
    time.sleep(30)
    profile = start_profile(agent, options)
    begun, cpu = time.time(), cpu_seconds(agent.pid)
    seconds, memory = [], []
    last = precise_cpu_seconds(agent.pid)
    while time.time() - begun < options.minutes * 60:
        # Between two ticks, which come with the second.
        now = time.time()
        time.sleep(1.5 - now % 1 if now % 1 > 0.5 else 0.5 - now % 1)
        load.must_live(agent)
        used = precise_cpu_seconds(agent.pid)
        seconds.append((time.time(), used - last))
        last = used
        memory.append(memory_kib(agent.pid))
        if len(seconds) % 60 == 0:
            print(f"minute {len(seconds) // 60} of {options.minutes}", flush=True)
    ended = time.time()
    percent = 100 * (cpu_seconds(agent.pid) - cpu) / (ended - begun)
    if profile:
        profile.wait(60)
    load.stop(agent)
    minutes = []
    first = (int(begun) // 60 + 1) * 60
    for start in range(first, int(ended) - 59, 60):
        requests = [r for r in load.cloudwatch.since(start, start + 60) if "PutMetricData" in r["target"]]
        minutes.append({
            "requests": len(requests), "bytes": sum(r["bytes"] for r in requests),
            "datums": sum(datum_count(r) for r in requests),
            "publish_ms": 1_000 * (max(r["answered"] for r in requests) - min(r["at"] for r in requests)) if requests else 0,
        })
    return {"cpu_percent": percent, "seconds": seconds, "memory": memory, "minutes": minutes}


def start_profile(agent, options):
    if not options.profile or not shutil.which("perf"):
        return None
    return subprocess.Popen(
        ["perf", "record", "--freq", "2000", "-g", "--output", options.profile, "--pid", str(agent.pid), "--", "sleep",
         str(options.minutes * 60 - 10)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sleep_to_minute(load, agent):
    end = time.time() // 60 * 60 + 60
    while time.time() < end:
        load.must_live(agent)
        time.sleep(0.2)


def shut_down(load):
    """An agent that has some seconds of data: from SIGTERM until the store has it, and until the process has ended."""
    agent = load.start_agent()
    time.sleep(6)
    load.must_live(agent)
    # Replaced right after the commit, and before a datum of it is made.
    mark = load.telemetry + "/agent.mark"
    asked, before = time.time(), stamp(mark)
    agent.terminate()
    durable = None
    while agent.poll() is None:
        if durable is None and stamp(mark) != before:
            durable = time.time()
        time.sleep(0.0005)
    ended = time.time()
    load.agents.remove(agent)
    return {"durable_ms": 1_000 * ((durable or ended) - asked), "ended_ms": 1_000 * (ended - asked)}


def stamp(path):
    try:
        facts = os.stat(path)
        return facts.st_ino, facts.st_mtime_ns
    except FileNotFoundError:
        return 0, 0


def time_summary(load):
    begun = time.monotonic()
    subprocess.run(
        [load.program("tidemark"), "summary", "--offline", "--data", load.data], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return 1_000 * (time.monotonic() - begun)


def time_ticks(load, minutes):
    """Each tick's wall time and CPU, and the store's share of those that commit."""
    agent = load.start_measured_agent(minutes * 60 + 30)
    output, _ = agent.communicate(timeout=minutes * 60 + 300)
    load.agents.remove(agent)
    # The first tick takes what the services had counted before it began.
    return [json.loads(line) for line in output.splitlines()][1:]


def make_report(watched, shutdowns, summaries, ticks):
    whole = [s["RssAnon"] + s["RssShmem"] for s in watched["memory"]]
    quiet = [cpu * 1_000 for at, cpu in watched["seconds"] if 2 <= at % 60 < 59]
    busy = [cpu * 1_000 for at, cpu in watched["seconds"] if at % 60 < 1]
    plain = [tick for tick in ticks if tick["commit"] is None]
    commits = [tick for tick in ticks if tick["commit"]]
    minutes = watched["minutes"]
    datums = statistics.median(m["datums"] for m in minutes)
    values = {
        "tick_ms": [tick["tick_ms"] for tick in plain],
        "tick_cpu_ms": [tick["cpu_ms"] for tick in plain],
        "commit_ms": [tick["commit"]["wall_ms"] for tick in commits],
        "commit_cpu_ms": [tick["commit"]["cpu_ms"] for tick in commits],
        "commit_store_ms": [tick["commit"]["store_ms"] for tick in commits],
        # The datums of the period made, frozen and sent, where that falls into the same tick.
        "after_commit_cpu_ms": [tick["cpu_ms"] - tick["commit"]["cpu_ms"] for tick in commits],
        "second_cpu_ms": quiet,
        "minute_cpu_ms": busy,
        "publish_ms": [m["publish_ms"] for m in minutes],
        "requests_per_minute": [m["requests"] for m in minutes],
        "gzip_kb_per_minute": [m["bytes"] / 1_000 for m in minutes],
        "datums_per_minute": [m["datums"] for m in minutes],
        "private_and_shared_mb": [kib / 1024 for kib in whole],
        "rss_mb": [s["VmRSS"] / 1024 for s in watched["memory"]],
        "shutdown_durable_ms": [s["durable_ms"] for s in shutdowns],
        "shutdown_ended_ms": [s["ended_ms"] for s in shutdowns],
        "summary_ms": summaries,
    }
    found = {name: summary(list(amounts)) for name, amounts in values.items() if amounts}
    return {
        "agent_cpu_percent": watched["cpu_percent"],
        **{name: part["median"] for name, part in found.items()},
        "gzip_bytes_per_datum": 1_000 * found["gzip_kb_per_minute"]["median"] / datums if datums else 0,
        "spread": {name: [part["min"], part["max"]] for name, part in found.items()},
    }


def binaries(folder, static):
    """Sizes of the program as it was built, and stripped."""
    found = {"mb": size(os.path.join(folder, "tidemark")), "stripped_mb": stripped(os.path.join(folder, "tidemark"))}
    if static:
        found.update({"static_mb": size(static), "static_stripped_mb": stripped(static)})
    return found


def size(path):
    return os.path.getsize(path) / 1e6


def stripped(path):
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        target = os.path.join(folder, "tidemark")
        subprocess.run(["strip", "-o", target, path], stdin=subprocess.DEVNULL, check=True)
        return size(target)


def rows(report):
    for name, value in {**report, **{f"binary_{k}": v for k, v in report["binary"].items()}}.items():
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            continue
        spread, goal = report["spread"].get(name), GOALS.get(name)
        # A goal holds for the greatest of them too where it is a tick's or memory's.
        worst = spread[1] if spread and name in ("private_and_shared_mb",) else value
        yield [
            name, short(value), f"{short(spread[0])} – {short(spread[1])}" if spread else "",
            f"≤ {short(goal)}" if goal is not None else "",
            "" if goal is None else "met" if worst <= goal else "not met",
        ]


def short(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def print_report(report):
    print("\n" + "\n".join(table_lines(HEADER, list(rows(report)))))
    print(f"\n{report['calls_recorded']:,} calls recorded; the ledger "
          + ("balances." if report["ledger_balanced"] else "does NOT balance."))
