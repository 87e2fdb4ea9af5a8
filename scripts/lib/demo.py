"""The demo: one story from a contract to an alarm and back, on a local AWS that is gone afterwards.

Every number comes from a tool's own JSON, from the proxy's counters or from CloudWatch; this file only arranges them.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import shutil
import time
import urllib.error
import urllib.request

from alarm_watch import AlarmWatch
from cloudwatch_reader import CloudWatch, CloudWatchError
from console import Console
from local_aws import ROOT, LocalAWS, NotStarted, Stopped, stop_on_signals
from scenarios import BIKES, MODERNIZER
from witnesses import (
    Comparison,
    attempts_by_operation,
    by_pattern,
    calls_by,
    fired_by_the_rules,
    grouped_transitions,
    hottest,
    names_of_transitions,
    operation_of_pattern,
    seen_by_operation,
    without_zeros,
)

NAMESPACE = "Tidemark"
ENVIRONMENT = "development"
PERIOD_SECONDS = 10
# The faults begin after the first published period and last for three and a half: three of five are whole.
FAULTS_BEGIN_SECONDS = 8
FAULTS_LAST_SECONDS = 35
# When the person on call looks, after the first fault: two whole periods are published.
LOOK_SECONDS = 27
# After the last fault the local CloudWatch looks back over five periods before it says OK.
RETURN_SECONDS = 75
TOOL_SECONDS = 120


class Broken(Exception):
    """The story cannot go on; the text says why."""


class Demo:
    """Plays one scenario and remembers what did not hold."""

    def __init__(self, scenario, tidemark, console, aws, telemetry):
        self.scenario = scenario
        self.tidemark = tidemark
        self.console = console
        self.aws = aws
        self.data = aws.path("agent")
        self.environment = {
            **aws.environment(), "TIDEMARK_DIR": telemetry, "TIDEMARK_DATA": self.data, "NO_COLOR": "1",
        }
        self.telemetry = telemetry
        self.cloudwatch = CloudWatch(aws.endpoint)
        self.checks = []
        self.tally = {}
        self.watch = None
        self.agent = None
        self.policy = os.path.join("Examples", "demo-policy.yaml")
        self.looks = {}

    # The tools

    def words(self, arguments):
        """A command as a reader would type it, with the variables that `play` has introduced."""
        text = " ".join(shlex.quote(argument) for argument in ["tidemark", *arguments])
        for name, value in self.variables():
            text = text.replace(value, name)
        return text

    def variables(self):
        """What stands for what in the commands that are shown."""
        return [
            ("$CONTRACT", " ".join(self.scenario.documents)), ("$SCOPE", " ".join(self.scope())),
            ("$DEMO", self.aws.folder),
        ]

    def run(self, *arguments, accept=(0,), show=True, limit=40):
        """Runs a command, prints it and what it said, and returns its exit status and output."""
        if show:
            self.console.command(self.words(arguments))
        try:
            done = subprocess.run(
                [self.tidemark, *arguments], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", timeout=TOOL_SECONDS, cwd=ROOT,
            )
        except subprocess.TimeoutExpired as problem:
            raise Broken(f"`{self.words(arguments)}` did not end within {TOOL_SECONDS} s") from problem
        if done.returncode not in accept:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise Broken(f"`{self.words(arguments)}` ended with {done.returncode}: {said}")
        if show:
            self.console.output(done.stdout or done.stderr, limit)
        return done.returncode, done.stdout

    def json(self, *arguments, accept=(0,)):
        """A command's JSON, or None where it gives none."""
        _, output = self.run(*arguments, "--format", "json", accept=accept, show=False)
        try:
            return json.loads(output)
        except ValueError:
            return None

    def scope(self):
        return ["--service", self.scenario.service, "--environment", ENVIRONMENT]

    def proxy(self, method, path, body=None):
        request = urllib.request.Request(
            self.aws.proxy + path, json.dumps(body).encode() if body is not None else None, method=method
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
                return json.loads(answer.read())
        except (OSError, urllib.error.URLError, ValueError) as problem:
            raise Broken(f"the fault proxy does not answer: {problem}") from problem

    def check(self, holds, text):
        self.checks.append((bool(holds), text))

    # The story

    def play(self):
        self.console.line(f"Tidemark: {self.scenario.title}", "bold")
        self.console.line("A local AWS (MiniStack) behind a fault proxy; nothing leaves this machine.", "dim")
        if self.scenario.remark:
            self.console.line(self.scenario.remark, "dim")
        self.console.line()
        names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "TIDEMARK_DIR", "TIDEMARK_DATA")
        shown = [(name, self.environment[name]) for name in names]
        for name, value in [*shown, *((name[1:], value) for name, value in self.variables())]:
            self.console.line(f"{name}={shlex.quote(value)}", "dim")
        self.contract()
        self.provision()
        self.traffic()
        self.measured()
        self.on_call()
        return self.verdict()

    def contract(self):
        self.console.heading("1", "The contract: what the tables are for, and what they must carry")
        accept = (0, 1) if self.scenario.expects_findings else (0,)
        status, _ = self.run("contract", "lint", *self.scenario.documents, accept=accept, limit=24)
        if self.scenario.expects_findings:
            self.check(status == 1, "lint says where the contract is wrong")
        else:
            self.check(status == 0, "lint finds nothing wrong in the contract")
        self.console.line()
        self.run("contract", "capacity", *self.scenario.documents, limit=17)

    def provision(self):
        self.console.heading("2", "Tables and alarms, from that contract")
        self.run("tables", "apply", self.scenario.documents[0], limit=12)
        self.console.line()
        self.run(
            "alarms", "apply", *self.scenario.documents, "--policy", self.policy, *self.scope(), limit=14
        )
        alarms = self.cloudwatch.alarms()
        composites = sum(1 for alarm in alarms.values() if alarm["composite"])
        self.console.line(
            f"  CloudWatch holds {len(alarms)} alarms, {composites} of them composites, in periods of "
            f"{PERIOD_SECONDS} s so that a story of an hour fits into two minutes.", "dim",
        )
        self.check(alarms, "alarms stand in CloudWatch")

    def start_agent(self):
        command = [
            "agent", "--period", str(PERIOD_SECONDS), *self.scope(), "--contract", *self.scenario.documents,
        ]
        self.console.command(self.words(command) + " &")
        self.agent = self.aws.processes.start(
            "agent", [self.tidemark, *command], self.aws.path("agent.log"), self.environment, cwd=ROOT
        )
        time.sleep(1)
        if self.agent.poll() is not None:
            raise Broken(f"the agent did not stay up:\n{self.aws.tail('agent.log')}")

    def replay_command(self, *extra):
        scenario = self.scenario
        return ["replay", scenario.trace_path, "--contract", *scenario.documents, *self.scope(), *extra]

    def seed(self):
        """Items for the keys of the trace, before the counting begins."""
        self.run(*self.replay_command("--seed", "--limit", "0"), limit=6)

    def traffic(self):
        self.console.heading("3", "Traffic, and a bad half minute")
        self.seed()
        self.console.line()
        self.start_agent()
        tally = self.aws.path("tally.json")
        command = self.replay_command(
            "--rate", str(self.scenario.rate), "--concurrency", str(self.scenario.concurrency), "--tally", tally
        )
        self.console.command(self.words(command) + " &")
        self.console.line()
        self.before = self.proxy("GET", "/__counts")
        self.since = time.time()
        self.began = time.monotonic()
        self.watch = AlarmWatch(self.cloudwatch, self.began)
        self.watch.start()
        replay = self.aws.processes.start(
            "replay", [self.tidemark, *command], self.aws.path("replay.log"), self.environment, cwd=ROOT
        )
        self.follow(replay)
        if replay.returncode != 0:
            raise Broken(f"the replay ended with {replay.returncode}:\n{self.aws.tail('replay.log', 6)}")
        with open(tally, encoding="utf-8") as file:
            self.tally = json.load(file)
        self.await_return()

    def elapsed(self):
        return time.monotonic() - self.began

    def event(self, text, *styles):
        self.console.line(f"  +{self.elapsed():4.0f} s   {text}", *styles)

    def follow(self, replay):
        """Keeps the story's clock while the replay runs: faults on, faults off, alarms as they change."""
        shown, phase = 0, "before"
        self.event("the morning begins, all is well")
        while replay.poll() is None:
            if phase == "before" and self.elapsed() >= FAULTS_BEGIN_SECONDS:
                phase = "faults"
                self.proxy("PUT", "/__faults", {"seed": 7, "rules": self.scenario.rules})
                for text in self.scenario.faults_in_words:
                    self.event(f"FAULT   {text}", "yellow")
            if phase == "faults" and not self.looks and self.elapsed() >= FAULTS_BEGIN_SECONDS + LOOK_SECONDS:
                self.look("incident")
            if phase == "faults" and self.elapsed() >= FAULTS_BEGIN_SECONDS + FAULTS_LAST_SECONDS:
                phase = "after"
                self.end_faults()
            shown = self.show_transitions(shown)
            self.console.status(f"  +{self.elapsed():4.0f} s   {self.proxy('GET', '/__counts')['requests']} requests")
            time.sleep(0.25)
        if phase == "faults":
            self.end_faults()
        self.shown = self.show_transitions(shown)
        self.event("the replay has ended")

    def end_faults(self):
        self.injected = self.proxy("GET", "/__faults")["rules"]
        self.proxy("DELETE", "/__faults")
        number = sum(rule["injected"] for rule in self.injected)
        self.event(f"CALM    the faults end; the proxy injected {number:,}", "green")

    def look(self, name):
        """What `summary` says at this moment, kept for the last chapter. Its exit status counts the alarms in."""
        arguments = ["summary", "--since", "10m", *self.about_contract()]
        status, _ = self.run(*arguments, accept=(0, 1), show=False)
        _, text = self.run(*arguments, "--offline", accept=(0, 1), show=False)
        self.looks[name] = (self.elapsed(), status, text)
        if name == "incident":
            self.event("LOOK    somebody is paged and asks `tidemark summary`: see chapter 5", "cyan")

    def show_transitions(self, shown):
        changes = self.watch.seen(shown)
        for seconds, new, text in grouped_transitions(changes):
            style = {"ALARM": "red", "OK": "green"}.get(new, "dim")
            self.console.line(f"  +{seconds:4.0f} s   {new:<7} {text}", style)
        return shown + len(changes)

    def await_return(self):
        """Waits until an alarm that fired is OK again; the agent goes on publishing zeros meanwhile."""
        deadline = time.monotonic() + RETURN_SECONDS
        while time.monotonic() < deadline:
            self.shown = self.show_transitions(self.shown)
            went, returned = names_of_transitions(self.watch.seen())
            # One whole period more, so that everything replayed has been published.
            if (not went or returned) and self.elapsed() > self.tally.get("seconds", 0) + PERIOD_SECONDS + 2:
                break
            self.console.status(f"  +{self.elapsed():4.0f} s   waiting for an alarm to return to OK")
            time.sleep(0.5)
        self.shown = self.show_transitions(self.shown)
        went, returned = names_of_transitions(self.watch.seen())
        pages = [name for name in went if name in self.watch.composites]
        self.check(went, f"{len(went)} alarms went to ALARM in CloudWatch itself, {len(pages)} of them composites")
        self.check(returned, f"{len(returned)} of them went back to OK in CloudWatch itself")
        self.look("after")

    def measured(self):
        self.console.heading("4", "What was measured, by witnesses that do not know each other")
        status = self.aws.processes.stop(self.agent)
        self.watch.stop()
        self.check(status == 0, "the agent shut down cleanly when asked")
        after = self.proxy("GET", "/__counts")
        summary = self.json("summary", "--since", "1h", "--offline", *self.about_contract(), accept=(0, 1)) or {}
        scope = {"Service": self.scenario.service, "Environment": ENVIRONMENT}
        published = {
            name: self.cloudwatch.totals(NAMESPACE, name, "Pattern", self.since - 60, scope)
            for name in ("Calls", "Attempts")
        }
        self.compare(
            "Calls", "calls recorded = the replay's own tally = what CloudWatch adds up to",
            **{
                "replay's tally": calls_by(self.tally, "pattern"), "agent's store": by_pattern(summary, "calls"),
                "CloudWatch": without_zeros(published["Calls"]),
            },
        )
        operations = operation_of_pattern(self.tally)
        self.compare(
            "Attempts", "attempts recorded = requests that the proxy saw",
            **{
                "proxy saw": seen_by_operation(self.before, after),
                "agent's store": attempts_by_operation(by_pattern(summary, "attempts"), operations),
                "CloudWatch": attempts_by_operation(without_zeros(published["Attempts"]), operations),
            },
        )
        self.ledger(summary)
        self.outcomes(after)
        self.real_rules()

    def about_contract(self):
        return ["--contract", *self.scenario.documents, *self.scope()]

    def ledger(self, summary):
        """The agent's own account of what became of the calls that it counted."""
        calls = summary.get("ledger", {}).get("calls", {})
        dropped = sum(calls.get("dropped", {}).values())
        parts = [calls.get(name, 0) for name in ("acknowledged", "ambiguous", "pending")]
        self.console.line(
            "  The agent's ledger: {:,} calls recorded = {:,} acknowledged by CloudWatch + {:,} ambiguous + {:,} pending "
            "+ {:,} dropped.".format(calls.get("recorded", 0), *parts, dropped)
        )
        total = self.tally.get("calls")
        self.check(
            calls.get("recorded") == total == sum(parts) + dropped, "the agent's ledger accounts for every call"
        )
        self.console.line()

    def compare(self, title, claim, **witnesses):
        comparison = Comparison(**witnesses)
        rows = comparison.rows()
        differing = comparison.differing()
        marks = {i: "red" for i, row in enumerate(rows) if row[0] in differing}
        rows = [[*row, "≠" if row[0] in differing else "="] for row in rows]
        self.console.table([title, *witnesses, ""], rows, marks)
        unasked = [name for name, counted in witnesses.items() if counted is None]
        if unasked:
            self.console.line(f"  Not asked: {', '.join(unasked)}.", "dim")
        self.console.line()
        self.check(comparison.holds, claim)

    def outcomes(self, after):
        rows = [[name, number] for name, number in sorted(calls_by(self.tally, "outcome").items())]
        self.console.table(["outcome of a call", "calls"], rows)
        faults = {}
        for numbers in after.get("operations", {}).values():
            for kind, number in numbers.get("faults", {}).items():
                faults[kind] = faults.get(kind, 0) + number
        said = ", ".join(f"{number:,} {kind}" for kind, number in sorted(faults.items())) or "none"
        self.console.line(f"  Faults that the proxy injected: {said}. The table above is what the callers saw of them, after retries and circuits.", "dim")

    def real_rules(self):
        """What CloudWatch's real rules make of the published series: the local one is a crude judge."""
        self.console.line()
        arguments = [
            "alarms", "backtest", *self.scenario.documents, "--policy", self.policy, *self.scope(),
            "--since", f"{int(self.elapsed())}s",
        ]
        self.console.command(self.words([*arguments, "--format", "json"]))
        went, returned = fired_by_the_rules(self.json(*arguments, accept=(0, 1)) or {})
        here, _ = names_of_transitions(self.watch.seen())
        prefix = f"tidemark/{self.scenario.service}/{ENVIRONMENT}/"
        rows = []
        for alarm in went:
            story = " → ".join(f"{change['at'][11:19]} {change['to']}" for change in alarm["transitions"])
            fired = "yes" if alarm["name"] in here else "no"
            rows.append([alarm["name"].removeprefix(prefix), alarm["severity"], story, fired])
        header = ["would have fired by CloudWatch's real rules", "severity", "when (UTC)", "fired here"]
        self.console.table(header, rows)
        self.console.line(
            f"  {len(went)} alarms by the real rules, {len(here)} here: MiniStack pools all dimension sets of a metric.", "dim"
        )
        both = [alarm for alarm in returned if alarm["name"] in here]
        pages = [alarm for alarm in both if alarm["severity"] == "page"]
        self.check(both, f"by CloudWatch's real rules {len(went)} alarms fire, {len(pages)} of them pages, and return")

    def on_call(self):
        self.console.heading("5", "What the person on call reads")
        for name, words, limit in (("incident", "in the middle of it", 30), ("after", "when it was over", 26)):
            if name not in self.looks:
                continue
            seconds, status, text = self.looks[name]
            ended = f"; it ended with {status}, since alarms are in ALARM" if name == "incident" and status else ""
            self.console.line(f"+{seconds:.0f} s, {words}{ended}:")
            self.console.command(self.words(["summary", "--since", "10m", "--offline", *self.about_contract()]))
            self.console.output(text, limit)
            self.console.line()
        self.check(
            "incident" in self.looks and self.looks["incident"][1] == 1,
            "during the incident the summary ended with 1, as it does when somebody has to act",
        )
        table = self.scenario.hot_table
        self.run("hotkeys", "--table", table, "--since", "15m", "--show-keys", limit=24)
        found = hottest(self.json("hotkeys", "--since", "15m", "--show-keys"), table)
        self.check(
            self.scenario.hot_key in found, f"the hottest key of {table} is {self.scenario.hot_key_in_words}"
        )

    def verdict(self):
        self.console.heading("", "What held")
        for holds, text in self.checks:
            self.console.line(f"  {'ok    ' if holds else 'FAILED'}  {text}", "green" if holds else "red")
        self.console.line()
        self.console.line("What this demo does not show", "bold")
        self.console.output(
            "MiniStack has no metrics of AWS's own (AWS/DynamoDB), so the alarms on them never speak here; it does not\n"
            "throttle, so the proxy does; and it looks at an alarm only when a datum arrives, so silence changes nothing.\n"
            "It pools all dimension sets of a metric and ignores M of N, so more fires in it than would in CloudWatch:\n"
            "`alarms backtest` applied the real rules. It is no measure of DynamoDB's speed either."
        )
        failed = sum(not holds for holds, _ in self.checks)
        self.console.line()
        return 1 if failed else 0


def telemetry_folder():
    """On tmpfs where there is one: a mapping of a disk file can stall under write-back."""
    shared = "/dev/shm"
    parent = shared if os.path.isdir(shared) and os.access(shared, os.W_OK) else None
    return tempfile.mkdtemp(prefix="tidemark-demo-", dir=parent)


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo", description="From a contract to an alarm, on this machine.")
    parser.add_argument("--modernizer", action="store_true", help="play the real contract in ../shared/modernizer")
    parser.add_argument("--keep", action="store_true", help="keep logs, tally and the agent's store, and say where")
    built = os.path.join(ROOT, ".build", "release", "tidemark")
    parser.add_argument("--tidemark", default=built, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    scenario = MODERNIZER if arguments.modernizer else BIKES
    console = Console()
    if scenario.missing():
        print(f"demo: {scenario.missing()} is not here", file=sys.stderr)
        return 3
    stop_on_signals()
    started = time.monotonic()
    telemetry = None
    try:
        telemetry = telemetry_folder()
        with LocalAWS(keep=arguments.keep) as aws:
            try:
                status = Demo(scenario, arguments.tidemark, console, aws, telemetry).play()
            finally:
                console.clear_status()
                if arguments.keep:
                    console.line(f"Kept: {aws.folder}", "dim")
        console.line(f"{time.monotonic() - started:.0f} s, everything that was started is stopped.", "dim")
        return status
    except Stopped as stopped:
        console.clear_status()
        print(f"demo: stopped by {stopped}; everything that it started is stopped", file=sys.stderr)
        return stopped.status
    except (Broken, NotStarted, CloudWatchError) as problem:
        console.clear_status()
        print(f"demo: {problem}", file=sys.stderr)
        return 3 if isinstance(problem, NotStarted) else 1
    finally:
        if telemetry:
            shutil.rmtree(telemetry, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
