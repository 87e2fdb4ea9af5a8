"""The agent at full rate for half an hour: memory, handles and disk must stay flat, and every call be counted.

Once a minute a service is killed and another one started; every fifth minute CloudWatch throttles everything. The store's
budget is small, so that its steady size is reached early.
"""

import argparse
import json
import statistics
import time

import torture_words as words
from bench_load import Load
from console import Console, table_lines
from process_figures import descriptors, folder_bytes, memory_kib

BUDGET_MB = 16
# In the steady part: what memory may grow by in half an hour, relative and absolute, whichever is more. A window in the
# making takes some megabytes for some tenths of a second, each time as many as its series have datums; so that a sample
# depends on where in a period it falls. What each minute had at its least, and at its greatest, does not.
MEMORY_GROWTH, MEMORY_KIB = 0.03, 1_024
GREATEST_GROWTH, GREATEST_KIB = 0.10, 2_048
MEMORY_EVERY_S = 0.25
HANDLE_GROWTH = 0
# At its greatest, in the second in which a window is published; what docs/PERFORMANCE.md aims at is half of it.
MEMORY_LIMIT_KIB = 40 * 1_024
# Of the budget, with the journal and what a roll-up needs beside it.
DISK_LIMIT = 1.5
HEADER = ["", "unit", "first fifth", "last fifth", "slope a minute", "greatest", "limit", ""]


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench agent-soak", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write the samples there as well")
    options.add_argument("--minutes", type=float, default=30, help="how long (default 30)")
    options.add_argument("--every", type=float, default=5, help="seconds between samples (default 5)")
    options.add_argument("--period", type=int, default=10, choices=(10, 20, 30, 60), help="publishing period (default 10)")
    return options


def run(arguments, folder, _):
    options = parser().parse_args(arguments)
    console = Console()
    with Load(folder, configuration=f"store-budget-mb: {BUDGET_MB}\nperiod: {options.period}\n") as load:
        samples, incarnations = soak(load, options, console)
        findings, calls = settle(load, incarnations)
    rows, flat = judge(samples)
    console.line("\n" + "\n".join(table_lines(HEADER, rows)))
    console.line(f"\n{calls:,} calls in {options.minutes:g} minutes: " + ("; ".join(findings) or "every one counted once."))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"options": vars(options), "calls": calls, "findings": findings, "rows": rows, "samples": samples},
                      file, indent=2)
            file.write("\n")
    return 0 if flat and not findings else 1


def soak(load, options, console):
    """A sample every few seconds, and the writers that there were: service, seed, whether killed."""
    agent = load.start_agent()
    incarnations = {number: [(number, 0)] for number in range(load.services)}
    samples, begun, minute = [], time.monotonic(), 0
    while time.monotonic() - begun < options.minutes * 60:
        least, greatest = watch_memory(agent.pid, options.every)
        load.must_live(agent)
        elapsed = time.monotonic() - begun
        if int(elapsed // 60) > minute:
            minute = int(elapsed // 60)
            replace_service(load, incarnations, minute)
            load.cloudwatch.throttles = minute % 5 == 4
            # Their bodies are of no more use.
            del load.cloudwatch.requests[:-100]
        samples.append({
            "minute": elapsed / 60, "least_kib": least, "greatest_kib": greatest, "rss_kib": memory_kib(agent.pid)["VmRSS"],
            "handles": descriptors(agent.pid), "store_kib": folder_bytes(load.data) / 1024,
            "telemetry_kib": folder_bytes(load.telemetry) / 1024,
            "service_kib": memory_kib(load.writers[-1].pid)["RssAnon"],
        })
        last = samples[-1]
        console.status(
            f"minute {elapsed / 60:.1f} of {options.minutes:g}: {last['least_kib']:,}–{last['greatest_kib']:,} KiB, "
            f"{last['handles']} handles, store {last['store_kib']:,.0f} KiB")
    load.cloudwatch.throttles = False
    return samples, incarnations


def watch_memory(pid, seconds):
    """The least and the greatest private memory of a few seconds, KiB."""
    seen, end = [], time.monotonic() + seconds
    while not seen or time.monotonic() < end:
        memory = memory_kib(pid)
        seen.append(memory["RssAnon"] + memory["RssShmem"])
        time.sleep(MEMORY_EVERY_S)
    return min(seen), max(seen)


def replace_service(load, incarnations, minute):
    number = minute % (load.services - 1)
    load.stop(load.writers[number], 9)
    incarnations[number].append((number, minute))
    load.writers[number] = load.start_writer(number, seed=minute)


def settle(load, incarnations):
    """Everything ends in good order; then the ledger stands against the witnesses."""
    for writer in load.writers:
        load.stop(writer)
    agent = load.agents[0]
    # Two periods: what the services ended with is committed and published.
    time.sleep(25)
    load.must_live(agent)
    load.stop(agent)
    ledger, balanced = load.ledger()
    findings = [] if balanced else ["the ledger does not balance"]
    for number, list_of in incarnations.items():
        service = f"service-{number}"
        counts = [words.read_witness(load.witness(*incarnation), service) for incarnation in list_of]
        begun, ended = sum(b.total for b, _ in counts), sum(e.total for _, e in counts)
        counted = sum(e["calls"]["recorded"] for e in ledger["patterns"] if e["service"] == service)
        if not begun >= counted >= ended or begun - ended > len(list_of) - 1:
            findings.append(f"{service}: {begun} begun, {ended} ended, {counted} counted")
    return findings, ledger["calls"]["recorded"]


def judge(samples):
    """A row for each thing that must stay flat, and whether all of them do."""
    rows, flat = [], True
    samples = [sample | extremes for sample, extremes in zip(samples, extremes_of_minutes(samples))]
    for name, unit, growth, absolute, limit in (
        ("least_kib", "KiB", MEMORY_GROWTH, MEMORY_KIB, None),
        ("greatest_kib", "KiB", GREATEST_GROWTH, GREATEST_KIB, MEMORY_LIMIT_KIB),
        ("handles", "", HANDLE_GROWTH, 1, None),
        # History fills its budget and stays there.
        ("store_kib", "KiB", None, None, DISK_LIMIT * BUDGET_MB * 1024),
        ("telemetry_kib", "KiB", 0.15, 2_048, None),
        ("service_kib", "KiB", MEMORY_GROWTH, MEMORY_KIB, None),
    ):
        first, last = fifths(samples, name)
        greatest = max(sample[name] for sample in samples)
        grows = last > BUDGET_MB * 1024 if growth is None else last - first > max(growth * first, absolute)
        holds = not grows and (limit is None or greatest <= limit)
        flat &= holds
        rows.append([
            name, unit, round(first), round(last), f"{slope(samples, name):+.2f}", round(greatest),
            "" if limit is None else round(limit), "flat" if holds else "NOT FLAT",
        ])
    return rows, flat


def extremes_of_minutes(samples):
    """For each sample the least and the greatest memory of its minute."""
    minutes = {}
    for sample in samples:
        minutes.setdefault(int(sample["minute"]), []).append(sample)
    for sample in samples:
        mates = minutes[int(sample["minute"])]
        yield {"least_kib": min(s["least_kib"] for s in mates), "greatest_kib": max(s["greatest_kib"] for s in mates)}


def fifths(samples, name):
    """The medians of the second fifth, when everything has been touched once, and of the last."""
    size = max(len(samples) // 5, 1)
    return (statistics.median(s[name] for s in samples[size : 2 * size]),
            statistics.median(s[name] for s in samples[-size:]))


def slope(samples, name):
    """Of the line through the last 80%, a minute."""
    rest = samples[len(samples) // 5 :]
    if len(rest) < 2:
        return 0.0
    return statistics.linear_regression([s["minute"] for s in rest], [s[name] for s in rest]).slope
