"""Every system call with which the agent changes a file is its last one once, or fails once.

A scenario is played once to count the calls, K of them; then for 1, 2, … K and each kind of fault it is played with
that fault, and after it an agent without a fault must count everything exactly.
"""

import os
import shutil

import torture_checks as checks
import torture_words as words
from torture_stage import Finding, complain, wait

KINDS = {
    "kill": {"FAULT_KIND": "kill"},
    "after": {"FAULT_KIND": "after"},
    "torn": {"FAULT_KIND": "torn"},
    "eio": {"FAULT_KIND": "eio"},
    "enospc": {"FAULT_KIND": "enospc", "FAULT_TIMES": "20"},
}
TICKS = 4
DEAD, OWN, LIVING = 0, 1, 2


def first_start(stage, rounds, dice, progress):
    """From no store at all: its making, its schema, commits, sends, the deletion of a dead service's file."""
    return interrupt(stage, rounds, dice, progress, Template(stage, has_store=False))


def later_start(stage, rounds, dice, progress):
    """On a store that was left by a killed agent: recovery of its journal, commits, sends, a dead service's file."""
    return interrupt(stage, rounds, dice, progress, Template(stage, has_store=True))


class Template:
    """What every play begins with: a dead service's file, a living service's, perhaps a store that counted half of it."""

    def __init__(self, stage, has_store):
        self.stage = stage
        self.telemetry, self.data, self.sink = stage.telemetry + "-kept", stage.data + "-kept", stage.sink + "-kept"
        self.dead = stage.start_writer(DEAD, 1, options=["--calls", "300", "--hold", "yes"])
        self.living = stage.start_writer(LIVING, 1, options=["--calls", "300", "--hold", "yes"])
        for writer in (self.dead, self.living):
            writer.wait_until_done(300)
        if has_store:
            agent = stage.start_agent()
            stage.wait_for_ticks(agent, 2)
            stage.kill_agent(agent)
        self.dead.kill()
        self.calls = self.dead.calls()[1] + self.living.calls()[1]
        self.time = stage.control[words.TIME]
        for live, kept in ((stage.telemetry, self.telemetry), (stage.data, self.data)):
            if os.path.exists(live):
                os.rename(live, kept)
        if os.path.exists(stage.sink):
            os.rename(stage.sink, self.sink)

    def restore(self):
        stage = self.stage
        for folder in (stage.telemetry, stage.data):
            shutil.rmtree(folder, ignore_errors=True)
        # Linked, not copied: a service is alive by its lock on the file itself.
        shutil.copytree(self.telemetry, stage.telemetry, copy_function=link_or_copy)
        if os.path.exists(self.data):
            shutil.copytree(self.data, stage.data)
        for path in (stage.sink, stage.memory + "/own"):
            if os.path.exists(path):
                os.unlink(path)
        if os.path.exists(self.sink):
            shutil.copy(self.sink, stage.sink)
        for place in range(words.CONTROL_COUNT):
            stage.control[place] = 0
        stage.control[words.TIME] = self.time


def link_or_copy(source, target):
    return os.link(source, target) if source.endswith(".tidemark") else shutil.copy2(source, target)


def interrupt(stage, rounds, dice, progress, template):
    """All K, or `rounds` of them spread evenly; every kind of fault at each."""
    calls = play(stage, template, {}, "counting")
    if calls < 20:
        raise Finding(f"only {calls} calls were seen: the interposed library does not see the store's")
    places = list(range(1, calls + 1))
    if rounds and rounds < calls:
        start = dice.randrange(calls)
        places = sorted({(start + turn * calls // rounds) % calls + 1 for turn in range(rounds)})
    for turn, place in enumerate(places):
        for name, kind in KINDS.items():
            play(stage, template, {"FAULT_AT": str(place), **kind}, f"{name} at {place} of {calls}")
        progress(turn, len(places))
    return f"K = {calls}, {len(places)} of them × {', '.join(KINDS)}; witness, ledger, outcomes, attempts, sink"


def play(stage, template, faults, what):
    """One interrupted agent and one that is not; how many calls the first one made."""
    template.restore()
    counter = stage.memory + "/calls"
    if os.path.exists(counter):
        os.unlink(counter)
    environment = {
        "LD_PRELOAD": stage.programs.faults, "FAULT_COUNT": counter,
        "FAULT_FOLDERS": f"{stage.telemetry}:{stage.data}", **faults,
    }
    own = ["--own", stage.memory + "/own", "--own-service", f"service-{OWN}", "--ticks", str(TICKS)]
    agent = stage.start_agent(options=own, environment=environment)
    status = wait(agent)
    stage.agents.remove(agent)
    try:
        check(stage, template, status, faults)
    except Finding as finding:
        raise Finding(f"{what}: {finding}") from finding
    return words.Words(counter, 1)[0]


def check(stage, template, status, faults):
    if status not in (0, 3, -9) or (not faults and status != 0):
        raise Finding(f"the interrupted agent ended with status {status}: {stage.log_tail('agent.log')}")
    stage.run_agent(3)
    begun, ended = words.read_witness(stage.memory + "/own", f"service-{OWN}")
    begun, ended = begun + template.calls, ended + template.calls
    ledger = stage.ledger()
    complain(checks.check_counted(stage.recorded(ledger), begun.by_pattern(), ended.by_pattern()))
    complain(checks.check_totals(stage.totals(), begun, ended))
    stage.check_published(ledger)
    left = [name for name in os.listdir(stage.telemetry) if name.endswith(".tidemark")]
    if len(left) != 1:
        raise Finding(f"the files of ended processes are not all deleted: {left}")
