"""CloudWatch takes nothing for days while ten services go on: nothing is dropped, the store keeps to its budget, and all of it
arrives afterwards."""

import os
import time
from collections import Counter

import torture_words as words
from process_figures import folder_bytes, memory_kib
from torture_stage import PATIENCE, Finding

SERVICES, SERIES, CALLS_A_SECOND = 10, 50, 4_000
# Of the short form, which an agent that is not built for release can deliver in a moment.
SHORT_ROUNDS, SHORT_SERIES = 1_000, 5
# A tick sends whatever waits.
DELIVERY_PATIENCE = 1_800
# As many as a real minute has: old windows are merged, and their hot keys forgotten, a few a tick.
TICKS_A_MINUTE = 60
# A minute that leaps by has a twentieth of a second's calls in it, and so fewer buckets to keep than a real one.
FULL_ROUNDS, FULL_BUDGET_MB, LEAST_BUDGET_MB = 18_720, 256, 16


def outage(stage, rounds, dice, progress):
    """So many minutes, 18,720 of which are thirteen days; then CloudWatch is back."""
    budget = max(LEAST_BUDGET_MB, FULL_BUDGET_MB * rounds // FULL_ROUNDS)
    series = SERIES if rounds >= SHORT_ROUNDS else SHORT_SERIES
    options = ["--period", "60", "--leap", str(60 // TICKS_A_MINUTE), "--store-budget-mb", str(budget)]
    writers = [
        stage.start_writer(number, 1, ["--rate", str(CALLS_A_SECOND), "--series", str(series)])
        for number in range(SERVICES)
    ]
    ticks = TICKS_A_MINUTE * rounds
    stage.control[words.ALLOWED] = ticks
    agent = stage.start_agent(options, answers="none")
    greatest = watch(stage, agent, ticks, progress)
    for writer in writers:
        writer.stop()
    made = Counter({writer.service: words.Words(writer.witness, 16)[words.WITNESS_HEADER + 1] for writer in writers})
    stage.begun = stage.ended = words.Calls({(service, 0, 0): calls for service, calls in made.items()})
    stage.writers.clear()
    stage.step(agent, 2 * TICKS_A_MINUTE)
    stage.stop_agent(agent)
    must_be("recorded", by_service(stage.ledger(), lambda calls: calls["recorded"]), made)
    must_be("pending", by_service(stage.ledger(), lambda calls: calls["pending"]), made)
    if greatest["store"] > 1.5 * budget * 1e6:
        raise Finding(f"the store grew to {greatest['store'] / 1e6:.0f} MB with a budget of {budget}")
    minutes = deliver(stage, options, rounds)
    must_be("acknowledged", by_service(stage.ledger(), lambda calls: calls["acknowledged"]), made)
    sink = Counter()
    for (service, _), calls in words.read_sink(stage.sink)[0].items():
        sink[service] += calls
    must_be("counted by the sink", sink, made)
    return (
        f"{SERVICES * series} series, {rounds / 1_440:.1f} days: witness, ledger, sink; the store at most "
        f"{greatest['store'] / 1e6:.0f} MB of {budget}, the agent {greatest['memory'] / 1024:.0f} MB; all there after "
        f"{minutes} minutes"
    )


def watch(stage, agent, ticks, progress):
    """Until all ticks are done: the greatest size of the store's files and of the agent's memory."""
    greatest, done, moved = {"store": 0, "memory": 0}, 0, time.monotonic()
    while stage.control[words.DONE] < ticks:
        if agent.poll() is not None:
            raise Finding(f"the agent ended by itself: {stage.log_tail('agent.log')}")
        if stage.control[words.DONE] > done:
            done, moved = stage.control[words.DONE], time.monotonic()
            progress(done // TICKS_A_MINUTE - 1)
        if time.monotonic() > moved + PATIENCE:
            raise Finding(f"no tick in {PATIENCE} s after {done}")
        memory = memory_kib(agent.pid)
        greatest["memory"] = max(greatest["memory"], memory["RssAnon"] + memory["RssShmem"])
        if os.path.isdir(stage.data):
            greatest["store"] = max(greatest["store"], folder_bytes(stage.data))
        time.sleep(0.1)
    progress(ticks // TICKS_A_MINUTE - 1)
    return greatest


def deliver(stage, options, rounds):
    """CloudWatch is back: how many minutes until nothing waits."""
    agent = stage.start_agent(options, answers="good")
    for minutes in range(1, 10 + rounds):
        stage.step(agent, TICKS_A_MINUTE, DELIVERY_PATIENCE)
        if minutes % 10 == 0 and not any(by_service(stage.ledger(), lambda calls: calls["pending"]).values()):
            stage.stop_agent(agent)
            return minutes
    raise Finding(f"after {rounds} minutes there is still something that waits")


def by_service(ledger, amount):
    sums = Counter()
    for entry in ledger["patterns"]:
        sums[entry["service"]] += amount(entry["calls"])
    return sums


def must_be(what, found, made):
    for service in sorted(set(found) | set(made)):
        if found[service] != made[service]:
            raise Finding(f"{service} made {made[service]} calls, {found[service]} are {what}")
