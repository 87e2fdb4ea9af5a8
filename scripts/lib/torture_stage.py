"""The processes of one scenario: writers with their witnesses, the agent, and the ledger that is read from its store."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter

import torture_checks as checks
import torture_words as words
from local_aws import NotStarted, die_with_parent

# Longer than anything takes here, so that what hangs is found.
PATIENCE = 60
# 2026-01-01: any whole minute serves.
START_OF_TIME = 1_767_225_600 * 1_000_000_000
FALSE_PID = 4242
STORE = "tidemark.sqlite"


class Finding(Exception):
    """Something was lost, counted twice, or ended that should not have."""


class Programs:
    """What was built."""

    def __init__(self, folder, faults):
        self.tidemark = os.path.join(folder, "tidemark")
        self.writer = os.path.join(folder, "torture-writer")
        self.agent = os.path.join(folder, "torture-agent")
        self.faults = faults
        for path in (self.tidemark, self.writer, self.agent, faults):
            if not os.path.exists(path):
                raise NotStarted(f"{path} is not built")


class Writer:
    """One incarnation of a service, and its witness."""

    def __init__(self, stage, process, service, witness, threads):
        self.stage, self.process, self.service, self.witness, self.threads = stage, process, service, witness, threads

    def wait_until_ready(self):
        wait_for("a writer that records", lambda: words.is_ready(self.witness) or self.ended())
        if self.ended():
            raise NotStarted(f"a writer ended by itself: {self.stage.log_tail('writer.log')}")

    def wait_until_done(self, calls):
        """Waits until all of its threads have made their calls."""
        wait_for("a writer's calls", lambda: self.calls()[1].total == calls or self.ended())
        if self.ended():
            raise NotStarted(f"a writer ended by itself: {self.stage.log_tail('writer.log')}")

    def ended(self):
        return self.process.poll() is not None

    def file(self):
        """Its telemetry file, while there is one. Only a writer that has a number of its own is known by it."""
        names = [n for n in os.listdir(self.stage.telemetry) if n.startswith(f"{self.process.pid}-")]
        return os.path.join(self.stage.telemetry, names[0]) if names else None

    def kill(self):
        end(self.process, signal.SIGKILL)

    def stop(self):
        if end(self.process, signal.SIGTERM) != 0:
            raise Finding(f"a writer that was asked to end failed: {self.stage.log_tail('writer.log')}")

    def calls(self):
        return words.read_witness(self.witness, self.service)


class Stage:
    """Folders, processes and expectations of one scenario."""

    def __init__(self, programs, seed, answers="mixed", ignored=()):
        self.programs, self.seed, self.answers = programs, seed, answers
        # Services of which nothing is promised, since their files are damaged.
        self.ignored = set(ignored)
        self.folder = tempfile.mkdtemp(prefix="tidemark-torture-")
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.memory = tempfile.mkdtemp(prefix="tidemark-torture-", dir=memory)
        self.telemetry, self.data = self.memory + "/telemetry", self.folder + "/data"
        self.sink = self.memory + "/sink"
        os.mkdir(self.telemetry, 0o700)
        self.control = words.Words(self.memory + "/control", words.CONTROL_COUNT)
        self.control[words.TIME] = START_OF_TIME
        self.writers, self.agents, self.launched = [], [], 0
        # What incarnations that are gone and checked had begun and ended.
        self.begun, self.ended = words.Calls(), words.Calls()
        self.killed_threads = 0
        # A store is made before the first tick begins.
        self.has_ticked = False
        # What was counted of each service when none of it was alive: from there a round is judged by itself.
        self.settled, self.since_begun, self.since_ended = Counter(), words.Calls(), words.Calls()

    # Processes

    def start_writer(self, number, threads=3, options=(), environment=None):
        self.launched += 1
        service, witness = f"service-{number}", f"{self.memory}/witness-{self.launched}"
        command = [
            self.programs.writer, "--directory", self.telemetry, "--witness", witness, "--service", service,
            "--control", self.control.path, "--threads", str(threads), "--seed", str(self.seed + self.launched),
            # A full ring of keys a tick would be most of what the agent does here, and nothing is promised of it.
            "--keys", "64", *options,
        ]
        # They take every core that they get: what watches them, and the agent, come first.
        process = self._spawn(command, "writer.log", environment, nice=15)
        writer = Writer(self, process, service, witness, threads)
        self.writers.append(writer)
        return writer

    def start_agent(self, options=(), environment=None, answers=None, log="agent.log"):
        command = [
            self.programs.agent, "run", "--telemetry", self.telemetry, "--data", self.data, "--control",
            self.control.path, "--sink", self.sink, "--seed", str(self.seed), "--answers", answers or self.answers,
            *options,
        ]
        # A tick in which the last agent was killed has ended.
        self.control[words.DONE] = self.control[words.BEGUN]
        agent = self._spawn(command, log, environment)
        self.agents.append(agent)
        return agent

    def run_agent(self, ticks, **how):
        """An agent of so many ticks that ends in good order."""
        agent = self.start_agent(options=["--ticks", str(ticks), *how.pop("options", ())], **how)
        status = wait(agent)
        self.agents.remove(agent)
        if status != 0:
            raise Finding(f"the agent ended with status {status}: {self.log_tail('agent.log')}")

    def _spawn(self, command, log, environment, nice=0):
        def prepare():
            die_with_parent()
            os.nice(nice)

        with open(f"{self.folder}/{log}", "ab") as output:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=prepare,
                env={**os.environ, **(environment or {})},
            )

    def kill_agent(self, agent):
        status = end(agent, signal.SIGKILL)
        self.has_ticked = self.has_ticked or self.control[words.BEGUN] > 0
        self.agents.remove(agent)
        if status != -signal.SIGKILL:
            raise Finding(f"the agent ended by itself with status {status}: {self.log_tail('agent.log')}")

    def stop_agent(self, agent):
        status = end(agent, signal.SIGTERM)
        self.agents.remove(agent)
        if status != 0:
            raise Finding(f"the agent that was asked to end ended with status {status}: {self.log_tail('agent.log')}")

    def wait_for_ticks(self, agent, more):
        """Waits until so many whole ticks have passed that began after now."""
        goal = self.control[words.BEGUN] + more
        self.wait_while(agent, lambda: self.control[words.DONE] >= goal, f"{more} more ticks")

    def step(self, agent, ticks, patience=PATIENCE):
        """Lets an agent that waits for leave make so many ticks."""
        self.control[words.ALLOWED] += ticks
        goal = self.control[words.ALLOWED]
        self.wait_while(agent, lambda: self.control[words.DONE] >= goal, f"{ticks} ticks", patience=patience)

    def wait_for_sends(self, agent, more):
        """Waits until so many more sends have begun, or six ticks had none to make."""
        sends, ticks = self.control[words.SENDS] + more, self.control[words.DONE] + 6
        self.wait_while(
            agent, lambda: self.control[words.SENDS] >= sends or self.control[words.DONE] >= ticks, "a send")

    def wait_for_journal(self, agent):
        """Waits until the store's journal is written to."""
        path = f"{self.data}/{STORE}-wal"

        def changed():
            facts = os.stat(path) if os.path.exists(path) else None
            return facts and (facts.st_size, facts.st_mtime_ns)

        before = changed()
        self.wait_while(agent, lambda: changed() != before, "a commit", pause=0.0001)

    def wait_while(self, agent, condition, what, pause=0.001, patience=PATIENCE):
        def done():
            if agent.poll() is not None:
                raise Finding(f"the agent ended by itself: {self.log_tail('agent.log')}")
            return condition()

        wait_for(what, done, pause, patience)

    def retired(self, agent):
        """Waits until the files of dead writers are counted and deleted."""
        dead = [writer for writer in self.writers if writer.ended()]
        self.wait_while(agent, lambda: not any(w.file() for w in dead), "the files of ended processes to be deleted")

    # What is known

    def close_writers(self):
        """Takes writers that have ended out of the account of those that go on."""
        for writer in [w for w in self.writers if w.ended()]:
            begun, ended = writer.calls()
            if writer.process.returncode == -signal.SIGKILL:
                self.killed_threads += writer.threads
            self.begun, self.ended = self.begun + begun, self.ended + ended
            self.since_begun, self.since_ended = self.since_begun + begun, self.since_ended + ended
            os.unlink(writer.witness) if os.path.exists(writer.witness) else None
            self.writers.remove(writer)

    def ended_now(self):
        """What all writers of the stage have ended by now."""
        return sum((writer.calls()[1] for writer in self.writers), self.ended)

    def begun_now(self):
        return sum((writer.calls()[0] for writer in self.writers), self.begun)

    def has_store(self):
        """Whether an agent came as far as its first tick, and so has made one."""
        return self.has_ticked and os.path.exists(f"{self.data}/{STORE}")

    def ledger(self):
        """As `tidemark ledger` tells it; it must balance."""
        # An agent that lives goes on sending: the sink of the ledger's moment lies between this one and a later one.
        self.sink_before = words.read_sink(self.sink)[0] if os.path.exists(self.sink) else Counter()
        output, status = self.output([self.programs.tidemark, "ledger", "--data", self.data, "--format", "json"])
        if status not in (0, 1):
            raise Finding(f"tidemark ledger ended with status {status}: {output.strip()[-300:]}")
        ledger = json.loads(output)
        complain(checks.check_balance(ledger))
        if status == 1:
            raise Finding("tidemark ledger says that it does not balance")
        return ledger

    def recorded(self, ledger):
        counted = checks.recorded(ledger)
        return Counter({name: amount for name, amount in counted.items() if name[0] not in self.ignored})

    def totals(self):
        output, status = self.output([self.programs.agent, "totals", "--data", self.data])
        if status != 0:
            raise Finding(f"the totals cannot be read: {output.strip()[-300:]}")
        return json.loads(output)

    def output(self, command):
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False, timeout=PATIENCE,
        )
        return done.stdout, done.returncode

    def check_settled(self, totals=False):
        """No writer lives and the agent has counted everything: this round by itself, and all rounds together."""
        self.close_writers()
        assert not self.writers
        ledger = self.ledger()
        counted = self.recorded(ledger)
        complain(checks.check_uncertain(self.begun, self.ended, self.killed_threads))
        round_counted = counted.copy()
        round_counted.subtract(self.settled)
        complain(checks.check_counted(round_counted, self.since_begun.by_pattern(), self.since_ended.by_pattern()))
        complain(checks.check_counted(counted, self.begun.by_pattern(), self.ended.by_pattern()))
        if totals:
            complain(checks.check_totals(self.totals(), self.begun, self.ended))
        self.check_published(ledger)
        self.settled, self.since_begun, self.since_ended = counted, words.Calls(), words.Calls()
        return ledger

    def check_bounds(self, least):
        """Writers live: at least `least` is counted, and nothing that has not begun."""
        ledger = self.ledger()
        begun = self.begun_now().by_pattern()
        complain(checks.check_counted(self.recorded(ledger), begun, least.by_pattern()))
        self.check_published(ledger)
        return ledger

    def check_published(self, ledger):
        if os.path.exists(self.sink):
            complain(checks.check_published(ledger, self.sink_before, words.read_sink(self.sink)[0]))

    def drop_writer(self, writer):
        """Takes a writer of which nothing is promised out of every account."""
        self.writers.remove(writer)

    def log_size(self, name):
        return os.path.getsize(f"{self.folder}/{name}")

    def log_tail(self, name, lines=3):
        with open(f"{self.folder}/{name}", encoding="utf-8", errors="replace") as file:
            return " | ".join(file.read().strip().split("\n")[-lines:])

    # The end

    def stop_all(self):
        for process in self.agents + [writer.process for writer in self.writers]:
            if process.poll() is None:
                process.kill()
            process.wait()

    def delete(self):
        for folder in (self.folder, self.memory):
            shutil.rmtree(folder, ignore_errors=True)


def complain(sentences):
    found = list(sentences)
    if found:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise Finding("; ".join(found[:3]) + more)


def wait_for(what, condition, pause=0.001, patience=PATIENCE):
    limit = time.monotonic() + patience
    while not condition():
        if time.monotonic() > limit:
            raise Finding(f"waited {patience} s in vain for {what}")
        time.sleep(pause)


def wait(process):
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired as problem:
        process.kill()
        process.wait()
        raise Finding(f"a process hung for {PATIENCE} s: {process.args[:2]}") from problem


def end(process, number):
    """Sends the signal where the process still lives; its status."""
    if process.poll() is None:
        process.send_signal(number)
    return wait(process)
