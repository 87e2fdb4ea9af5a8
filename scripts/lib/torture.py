"""Kills, interrupts and damages; then compares what was counted with witnesses that share no code with it.

One line a scenario. Exit status: 0 nothing lost and nothing counted twice, 1 something was, 2 usage, 3 something is
missing on this machine.
"""

import argparse
import json
import random
import sys
import time

import torture_interruptions as interruptions
import torture_kills as kills
import torture_losses as losses
import torture_outage as outages
from bench_document import markdown, replace_in
from console import Console
from local_aws import NotStarted, Stopped, stop_on_signals
from torture_stage import Finding, Programs, Stage

# Name: what is done, rounds of the full form. 0 rounds are all that there are.
SCENARIOS = {
    "kill-service": (kills.kill_service, 1000),
    "kill-agent": (kills.kill_agent, 1000),
    "kill-both": (kills.kill_both, 100),
    "kill-publishing": (kills.kill_publishing, 200),
    "process-numbers": (kills.process_numbers, 100),
    "interrupted-first-start": (interruptions.first_start, 0),
    "interrupted-later-start": (interruptions.later_start, 0),
    "lost-store": (losses.lost_store, 99),
    "damaged-store": (losses.damaged_store, 200),
    "damaged-files": (losses.damaged_files, 200),
    "outage": (outages.outage, outages.FULL_ROUNDS),
}


def parser():
    options = argparse.ArgumentParser(prog="scripts/torture", description=__doc__)
    options.add_argument("--rounds", type=int, metavar="N", help="rounds of each scenario (default: each one's own)")
    options.add_argument("--seed", type=int, metavar="S", help="repeats the random choices of a run (default: a new one)")
    options.add_argument(
        "--scenario", action="append", choices=SCENARIOS, metavar="NAME",
        help="only this one; may be given again: " + ", ".join(SCENARIOS))
    options.add_argument("--json", metavar="FILE", help="write the results there as well")
    options.add_argument("--document", metavar="FILE", help="replace the table of results in docs/RELIABILITY.md")
    options.add_argument("--keep", action="store_true", help="keep the folders of a scenario that found something")
    options.add_argument("--release", action="store_true", help="build for release (default: debug)")
    options.add_argument("--built", required=True, help=argparse.SUPPRESS)
    options.add_argument("--faults", required=True, help=argparse.SUPPRESS)
    return options


def run_scenario(name, programs, options, seed, console):
    """The result as a dictionary."""
    play, rounds = SCENARIOS[name]
    if options.rounds is not None:
        rounds = options.rounds
    stage = Stage(programs, seed, ignored=["service-9"] if name == "damaged-files" else [])
    result = {"scenario": name, "rounds": 0, "seed": seed, "result": "exact"}
    begun = time.monotonic()

    def progress(turn, of=None):
        result["rounds"] = turn + 1
        console.status(f"{name}: round {turn + 1} of {of or rounds}")

    try:
        result["compared"] = play(stage, rounds, random.Random(seed), progress)
    except Finding as finding:
        result["result"] = "FAILED"
        result["finding"] = str(finding)
    except Stopped as stopped:
        # What was seen until then was seen.
        result["stopped"] = stopped.status
        result["compared"] = f"stopped by {stopped} of {rounds or 'all'} rounds; nothing lost so far"
    finally:
        stage.stop_all()
        if result["result"] == "FAILED" and options.keep:
            result["kept"] = [stage.folder, stage.memory]
        else:
            stage.delete()
    result["calls"] = stage.begun.total
    result["seconds"] = round(time.monotonic() - begun, 1)
    return result


def line(result):
    text = (
        f"{result['scenario']:<24} {result['rounds']:>5} rounds  seed {result['seed']:<10}  {result['seconds']:>6.1f} s  "
        f"{result['result']:<6}  "
    )
    if result["result"] != "exact":
        return text + f"after {result['rounds']} rounds: {result['finding']}"
    return text + result["compared"] + (f"; {result['calls']:,} calls" if result["calls"] else "")


def main():
    options = parser().parse_args()
    if options.rounds is not None and options.rounds < 1:
        parser().error("at least 1 round")
    stop_on_signals()
    console, results = Console(), []
    try:
        programs = Programs(options.built, options.faults)
        for name in options.scenario or SCENARIOS:
            seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 31)
            result = run_scenario(name, programs, options, seed, console)
            results.append(result)
            console.line(line(result))
            for path in result.get("kept", []):
                console.line(f"  kept: {path}")
            if "stopped" in result:
                break
    except NotStarted as problem:
        print(f"torture: {problem}", file=sys.stderr)
        return 3
    except Stopped as stopped:
        return stopped.status
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"results": results, "release": options.release}, file, indent=2)
            file.write("\n")
    if options.document:
        rows = [[r["scenario"], r["rounds"], str(r["seed"]), r["calls"], r.get("compared", r.get("finding")), r["result"]]
                for r in results]
        header = ["scenario", "rounds", "seed", "calls", "compared", "result"]
        replace_in(options.document, [markdown(header, rows)], "torture")
    if results and "stopped" in results[-1]:
        return results[-1]["stopped"]
    return 1 if any(result["result"] != "exact" for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
