"""A local AWS for the demo and the tests: MiniStack on a free loopback port, the fault proxy in front of it, and for the
tests moto as a second opinion.

Every process is started here, stopped here by its own id, and dies with us (PR_SET_PDEATHSIG) if we are killed.
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
START_SECONDS = 30
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1

# MiniStack checks no signature; the SDK's rules want something to sign with.
DUMMY_IDENTITY = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
}


class NotStarted(Exception):
    """A process did not come up; the text says which and why."""


class Stopped(Exception):
    """We were asked to stop by a signal."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number


def stop_on_signals():
    """Turns SIGINT, SIGTERM and SIGHUP into one `Stopped`; further ones are ignored while we clean up."""

    def handler(number, _):
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        raise Stopped(number)

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, handler)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def die_with_parent():
    """Runs in the child: the kernel ends it when we die, and the terminal's Ctrl-C reaches only us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def get(url, timeout=2):
    """The body at an address, or None while nothing answers there."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=timeout) as answer:
            return answer.read()
    except (OSError, urllib.error.URLError):
        return None


class Processes:
    """The processes that we started, stopped in the opposite order."""

    def __init__(self):
        self.running = []

    def start(self, name, command, log, environment=None, **options):
        with open(log, "ab") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=options.pop("stdout", output), stderr=output,
                env=environment, preexec_fn=die_with_parent, **options,
            )
        self.running.append((name, process))
        return process

    def stop(self, process):
        """SIGTERM, and SIGKILL where that is not heard. The exit status, None where there was nothing to stop."""
        self.running = [(n, p) for n, p in self.running if p is not process]
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return process.returncode

    def stop_all(self):
        for _, process in reversed(list(self.running)):
            self.stop(process)


class LocalAWS:
    """MiniStack and the proxy, with a folder of their own for logs and data."""

    def __init__(self, keep=False, moto=False):
        self.keep = keep
        self.wants_moto = moto
        self.processes = Processes()
        self.folder = None
        self.endpoint = None
        self.proxy = None
        self.moto = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="tidemark-")
        try:
            self.endpoint = self.start_ministack()
            self.proxy = self.start_proxy()
            if self.wants_moto:
                self.moto = self.start_moto()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.processes.stop_all()
        if self.folder and not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    @property
    def request_log(self):
        """The proxy's log: one JSON line for each request that it saw."""
        return self.path("requests.jsonl")

    def environment(self):
        """The environment of a program that shall find this AWS: DynamoDB through the proxy, CloudWatch directly."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TIDEMARK_TEST_"))}
        return {
            **inherited,
            **DUMMY_IDENTITY,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_DYNAMODB": self.proxy,
            # Neither the user's profiles nor an instance's role have a say here.
            "AWS_CONFIG_FILE": self.path("no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": self.path("no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start_ministack(self):
        program = os.environ.get("TIDEMARK_MINISTACK", self.program("ministack"))
        return self.start_server("ministack", "MiniStack", "/_ministack/health", lambda port: (
            [program], {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "LOG_LEVEL": "WARNING"},
        ))

    def start_moto(self):
        return self.start_server("moto", "moto", "/moto-api/data.json", lambda port: (
            [self.program("moto_server"), "--host", "127.0.0.1", "--port", str(port)], {},
        ))

    @staticmethod
    def program(name):
        return os.path.join(ROOT, ".tidemark", "venv", "bin", name)

    def start_server(self, name, title, health, make_command):
        """Starts a server on a free port and waits until it answers. `make_command` gives command and variables."""
        for _ in range(3):
            port = free_port()
            command, variables = make_command(port)
            environment = {
                **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
                **variables, "TMPDIR": self.folder, "PYTHONDONTWRITEBYTECODE": "1",
            }
            try:
                process = self.processes.start(name, command, self.path(f"{name}.log"), environment)
            except OSError as problem:
                raise NotStarted(f"{title} cannot be started from {command[0]}: {problem.strerror}") from problem
            deadline = time.monotonic() + START_SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                if get(f"http://127.0.0.1:{port}{health}"):
                    return f"http://127.0.0.1:{port}"
                time.sleep(0.05)
            self.processes.stop(process)
        raise NotStarted(f"{title} did not start; the end of its log:\n{self.tail(f'{name}.log')}")

    def start_proxy(self):
        command = [sys.executable, os.path.join(ROOT, "scripts", "fault-proxy"), "--upstream", self.endpoint]
        command += ["--log", self.request_log]
        process = self.processes.start("fault-proxy", command, self.path("proxy.log"), stdout=subprocess.PIPE)
        line = process.stdout.readline()
        if not line:
            raise NotStarted(f"the fault proxy did not start; the end of its log:\n{self.tail('proxy.log')}")
        return json.loads(line)["url"]

    def tail(self, name, lines=10):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except OSError:
            return ""


def run_command(command):
    """Runs a command with the local AWS beside it; its exit status is ours."""
    stop_on_signals()
    try:
        with LocalAWS(moto=True) as aws:
            environment = {
                **os.environ,
                "TIDEMARK_TEST_ENDPOINT": aws.endpoint,
                "TIDEMARK_TEST_MOTO": aws.moto,
                "TIDEMARK_TEST_PROXY": aws.proxy,
                "TIDEMARK_TEST_REQUEST_LOG": aws.request_log,
            }
            # A group of its own, so that what the command starts in turn is stopped with it.
            child = subprocess.Popen(command, env=environment, start_new_session=True)
            try:
                return child.wait()
            finally:
                stop_group(child)
    except NotStarted as problem:
        print(f"local AWS: {problem}", file=sys.stderr)
        return 3
    except Stopped as stopped:
        return stopped.status


def stop_group(child):
    """Ends a command that leads its own process group, and whatever is left of that group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        # The leader is gone; its group may still hold others that shut down.
        time.sleep(0.2)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: local_aws.py COMMAND [ARGUMENT…]   runs it with TIDEMARK_TEST_ENDPOINT, _PROXY, _MOTO set")
    sys.exit(run_command(sys.argv[1:]))
