"""The contestants: how each is started on the stub's core, and what it says of itself."""

import json
import os
import shutil
import sys
import tempfile

import bench_capture
import bench_counts
import bench_stub
from local_aws import NotStarted

HERE = os.path.dirname(os.path.realpath(__file__))
VENV_PYTHON = os.path.join(HERE, "..", "..", ".tidemark", "venv", "bin", "python")

# What distinguishes our client's ways, beside what all of them share. The loop as the tasks' executor is the one that
# the goals speak of.
RUNTIME = {
    "loop": ["--executor", "loop"],
    "any_task": ["--executor", "any"],
    "unrecorded": ["--executor", "loop", "--subjects", "unrecorded"],
    "repository": ["--executor", "loop", "--subjects", "repository"],
    # All three in one process, in turns: what one adds to another is less than two processes differ by.
    "turns": ["--executor", "loop", "--subjects", "client,unrecorded,repository"],
}
LABELS = {
    "raw": "raw libcurl, C",
    "loop": "Tidemark, loop as executor",
    "any_task": "Tidemark, any task",
    "unrecorded": "Tidemark, loop, no recorder",
    "repository": "Tidemark, loop, repository",
    "boto3": "boto3",
}


class Programs:
    """The built programs, the stub and the captured request, for as long as the block runs that uses it."""

    def __init__(self, folder, nginx, pinned=True):
        self.built = folder
        self.pinned = pinned
        self.cores = os.sched_getaffinity(0)
        self.stub = bench_stub.Stub(nginx)
        self.telemetry = None

    def __enter__(self):
        # What we start inherits it: on one core no call waits for another core to wake, which takes 30–150 µs.
        if self.pinned:
            os.sched_setaffinity(0, {max(self.cores)})
        self.stub.__enter__()
        try:
            # On tmpfs, as the runtime itself would have it.
            memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
            self.telemetry = tempfile.mkdtemp(prefix="tidemark-bench-", dir=memory)
            self.copy_request()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        os.sched_setaffinity(0, self.cores)
        self.stub.close()
        if self.telemetry:
            shutil.rmtree(self.telemetry, ignore_errors=True)

    @property
    def allocation_counter(self):
        return os.path.join(self.built, "libAllocationCounter.so")

    def copy_request(self):
        """Has raw libcurl send what our client sends, and checks that it does."""
        ours, body = bench_capture.capture(lambda url: self.command("loop", url, calls=1, warm_up=0))
        with open(self.stub.path("headers"), "w", encoding="latin-1") as file:
            file.write("\n".join(bench_capture.raw_headers(ours)) + "\n")
        with open(self.stub.path("body.json"), "wb") as file:
            file.write(body)
        raw, raw_body = bench_capture.capture(lambda url: self.command("raw", url, calls=1, warm_up=0))
        if bench_capture.without_host(raw) != bench_capture.without_host(ours) or raw_body != body:
            raise NotStarted(f"raw libcurl does not send what our client sends:\n{raw}\n{ours}")

    def command(self, name, url, calls, warm_up, in_flight=1, extra=()):
        """The contestant's command line."""
        common = ["--url", url, "--ca", self.stub.authority, "--calls", str(calls), "--warm-up", str(warm_up)]
        if name == "boto3":
            return [VENV_PYTHON, os.path.join(HERE, "bench_boto3.py"), *common]
        common += ["--in-flight", str(in_flight), *extra]
        if name == "raw":
            mode = "easy" if in_flight == 1 else "multi"
            request = ["--headers", self.stub.path("headers"), "--body", self.stub.path("body.json")]
            length = ["--answer-length", str(bench_stub.ANSWER_LENGTH)]
            return [os.path.join(self.built, "raw-libcurl"), *common, "--mode", mode, *request, *length]
        return [os.path.join(self.built, "runtime-bench"), *common, *RUNTIME[name], "--telemetry", self.telemetry]

    def measure(self, name, calls, warm_up, in_flight=1, tls=False):
        """What one pinned run of a contestant says."""
        url = self.stub.tls_url if tls else self.stub.url
        return json.loads(bench_counts.run(self.command(name, url, calls, warm_up, in_flight)))

    def take_turns(self, calls, parts, in_flight):
        """The parts of the client, the client without recorder and the repository, measured in turns in one process."""
        command = self.command("turns", self.stub.url, calls, calls, in_flight, ["--parts", str(parts)])
        rounds = [{} for _ in range(parts)]
        for place, line in enumerate(bench_counts.run(command).splitlines()):
            run = json.loads(line)
            rounds[place // 3][run["name"]] = run
        return rounds

    def time_recorder(self):
        """What the records of one call cost, by themselves; on every core, since two threads shall meet."""
        pinned = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self.cores)
        try:
            return json.loads(bench_counts.run([os.path.join(self.built, "recorder-bench"), self.telemetry]))
        finally:
            os.sched_setaffinity(0, pinned)

    def count(self, name, what):
        """Instructions or allocations a call of a contestant at 1 in flight."""

        def command(calls):
            return self.command(name, self.stub.url, calls, bench_counts.WARM_UP)

        if what == "instructions":
            return bench_counts.instructions(command)
        return bench_counts.allocations(command, self.allocation_counter)

    def profile(self, name, output):
        """Writes callgrind's profile of a contestant."""
        command = self.command(name, self.stub.url, bench_counts.MANY, bench_counts.WARM_UP)
        bench_counts.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", *command])


def machine():
    """What the figures were made on, without its name."""
    text = {}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        text["cpu"] = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
    text["cores"] = os.cpu_count()
    text["kernel"] = ".".join(os.uname().release.split(".")[:2])
    text["python"] = sys.version.split()[0]
    for name, command in (
        ("swift", ["swift", "--version"]), ("libcurl", ["curl-config", "--version"]),
        ("openssl", ["openssl", "version"]),
    ):
        text[name] = bench_counts.run(command).strip().split("\n")[0]
    return text
