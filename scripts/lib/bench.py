"""Runs one of the benchmarks; `scripts/bench` has built what they need.

A benchmark is a module with a `run(arguments, folder, nginx)` that gives the exit status.
"""

import argparse
import importlib
import sys

from local_aws import NotStarted, Stopped, stop_on_signals

BENCHMARKS = {
    "runtime": "bench_runtime",
    "soak": "bench_soak",
    "check": "bench_check",
    "recorder": "bench_recorder",
    "agent": "bench_agent",
    "agent-soak": "bench_agent_soak",
    "contract": "bench_contract",
}


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--built", required=True)
    parser.add_argument("--nginx", required=True)
    parser.add_argument("name", choices=BENCHMARKS)
    options, rest = parser.parse_known_args()
    stop_on_signals()
    try:
        return importlib.import_module(BENCHMARKS[options.name]).run(rest, options.built, options.nginx)
    except NotStarted as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 3
    except Stopped as stopped:
        return stopped.status


if __name__ == "__main__":
    sys.exit(main())
