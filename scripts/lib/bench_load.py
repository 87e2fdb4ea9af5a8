"""Services under an even load, the agent beside them, and a CloudWatch that counts: for as long as the block runs."""

import json
import os
import shutil
import signal
import subprocess
import tempfile

from cloudwatch_counter import CloudWatchCounter
from local_aws import NotStarted, die_with_parent

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI", "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Load:
    """`services` processes that make `calls_a_second` over `series`, all together."""

    def __init__(self, folder, services=10, series=1_000, calls_a_second=20_000, configuration=""):
        self.built, self.services = folder, services
        self.series, self.calls_a_second = series, calls_a_second
        self.configuration = configuration
        self.writers, self.agents = [], []
        for name in ("tidemark", "torture-writer", "torture-agent"):
            if not os.path.exists(self.program(name)):
                raise NotStarted(f"{self.program(name)} is not built")

    def program(self, name):
        return os.path.join(self.built, name)

    def __enter__(self):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.memory = tempfile.mkdtemp(prefix="tidemark-bench-", dir=memory)
        self.folder = tempfile.mkdtemp(prefix="tidemark-bench-")
        self.telemetry, self.data = self.memory + "/telemetry", self.folder + "/data"
        os.mkdir(self.telemetry, 0o700)
        self.configuration_path = self.folder + "/agent.yaml"
        with open(self.configuration_path, "w", encoding="utf-8") as file:
            file.write(self.configuration)
        self.cloudwatch = CloudWatchCounter()
        self.cloudwatch.__enter__()
        try:
            for number in range(self.services):
                self.writers.append(self.start_writer(number))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.writers + self.agents:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.cloudwatch.__exit__()
        for folder in (self.memory, self.folder):
            shutil.rmtree(folder, ignore_errors=True)

    def start_writer(self, number, seed=0):
        return self.spawn([
            self.program("torture-writer"), "--directory", self.telemetry, "--service", f"service-{number}",
            "--rate", str(self.calls_a_second // self.services), "--series", str(self.series // self.services),
            "--seed", str(1 + number + 1_000 * seed), "--witness", self.witness(number, seed),
        ], "writer.log")

    def witness(self, number, seed=0):
        return f"{self.memory}/witness-{number}-{seed}"

    def start_agent(self, *options, wrapper=()):
        # Its settings come from the file, so that the benchmark measures what a user runs.
        command = [
            *wrapper, self.program("tidemark"), "agent", "--telemetry-dir", self.telemetry, "--data", self.data,
            "--log-level", "notice", *(["--config", self.configuration_path] if self.configuration else []), *options,
        ]
        environment = {"AWS_ENDPOINT_URL_CLOUDWATCH": self.cloudwatch.url, **CREDENTIALS}
        agent = self.spawn(command, "agent.log", environment)
        self.agents.append(agent)
        return agent

    def start_measured_agent(self, seconds):
        """The same agent in a program that times its ticks: a line of JSON each."""
        command = [
            self.program("torture-agent"), "measure", "--telemetry", self.telemetry, "--data", self.data + "-measured",
            "--sink", self.memory + "/sink", "--seconds", str(seconds),
        ]
        with open(self.folder + "/measured.log", "ab") as log:
            agent = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, preexec_fn=die_with_parent,
                text=True)
        self.agents.append(agent)
        return agent

    def spawn(self, command, log, environment=None):
        with open(f"{self.folder}/{log}", "ab") as output:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=die_with_parent,
                env={**os.environ, **(environment or {})})

    def stop(self, process, number=signal.SIGTERM, patience=30):
        process.send_signal(number)
        status = process.wait(patience)
        if process in self.agents:
            self.agents.remove(process)
        return status

    def must_live(self, agent):
        if agent.poll() is not None:
            with open(self.folder + "/agent.log", encoding="utf-8", errors="replace") as file:
                raise NotStarted(f"the agent ended with status {agent.returncode}: {file.read().strip()[-500:]}")

    def ledger(self):
        """The ledger, and whether it balances."""
        done = subprocess.run(
            [self.program("tidemark"), "ledger", "--data", self.data, "--format", "json"], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise NotStarted(f"tidemark ledger: {done.stderr.strip()}")
        return json.loads(done.stdout), done.returncode == 0
