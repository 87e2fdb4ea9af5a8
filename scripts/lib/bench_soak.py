"""Millions of calls at 50 in flight: private memory must stay flat and every descriptor be closed again."""

import argparse
import json
import subprocess
import time

from bench_figures import growth_per_call
from bench_programs import Programs
from local_aws import NotStarted, die_with_parent

PARTS = 100
# Less than one byte a call: a leak of anything that a call makes would be tens.
LARGEST_GROWTH = 1.0


def parser():
    options = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    options.add_argument("--json", metavar="FILE", help="write the samples there as well")
    options.add_argument("--calls", type=int, default=10_000_000, help="calls in all (default 10000000)")
    options.add_argument("--in-flight", type=int, default=50, help="calls at a time (default 50)")
    options.add_argument("--tls", action="store_true", help="over TLS")
    return options


def run(arguments, folder, nginx):
    options = parser().parse_args(arguments)
    if options.calls < PARTS or options.in_flight < 1:
        parser().error(f"at least {PARTS} calls, at least 1 in flight")
    with Programs(folder, nginx, pinned=False) as programs:
        samples, status, errors, seconds = soak(programs, options)
    growth = growth_per_call([(s["calls"], s["rss_anon_kib"]) for s in samples])
    holds = status == 0 and growth < LARGEST_GROWTH
    print(f"\n{samples[-1]['calls']:,} calls in {seconds:,.0f} s.")
    print(f"Private memory: {growth:+.3f} bytes a call over the last 80% of the calls (limit {LARGEST_GROWTH:g}).")
    print("Descriptors: as many open after the client as before it." if status == 0 else f"Failed: {errors}")
    if options.json:
        report = {"calls": samples[-1]["calls"], "in_flight": options.in_flight, "seconds": seconds,
                  "bytes_per_call": growth, "holds": holds, "samples": samples}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    return 0 if holds else 1


def soak(programs, options):
    """A sample after each part, the exit status, what was said on standard error, and how long it took."""
    url = programs.stub.tls_url if options.tls else programs.stub.url
    calls = options.calls // PARTS
    command = programs.command("loop", url, calls, calls // 10 + 1, options.in_flight, ["--parts", str(PARTS)])
    samples, begun = [], time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=die_with_parent,
    )
    try:
        for line in process.stdout:
            part = json.loads(line)
            samples.append({
                "calls": calls * (len(samples) + 1), "rss_anon_kib": part["rss_anon_kib"],
                "descriptors": part["descriptors"],
            })
            if len(samples) % (PARTS // 10) == 0:
                last = samples[-1]
                state = f"{last['rss_anon_kib']:>7,} KiB   {last['descriptors']} descriptors"
                print(f"{last['calls']:>12,} calls   {state}", flush=True)
        errors = process.stderr.read().strip()
        status = process.wait()
    finally:
        process.kill()
        process.wait()
    if len(samples) < PARTS:
        raise NotStarted(f"the soak ended after {len(samples)} of {PARTS} parts: {errors}")
    return samples, status, errors, time.monotonic() - begun
