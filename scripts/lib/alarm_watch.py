"""Watches the alarms in CloudWatch itself while the story runs."""

import threading
import time

from cloudwatch_reader import CloudWatchError

POLL_SECONDS = 1.0


class AlarmWatch(threading.Thread):
    """Asks DescribeAlarms every second and keeps each change of state: (seconds since start, name, old, new)."""

    def __init__(self, cloudwatch, started):
        super().__init__(daemon=True, name="alarm-watch")
        self.cloudwatch = cloudwatch
        self.started = started
        self.transitions = []
        self.states = {}
        self.composites = set()
        self.problem = None
        self.lock = threading.Lock()
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            self.look()
            self.ended.wait(POLL_SECONDS)

    def look(self):
        try:
            alarms = self.cloudwatch.alarms()
        except CloudWatchError as problem:
            self.problem = str(problem)
            return
        now = time.monotonic() - self.started
        with self.lock:
            for name, alarm in sorted(alarms.items()):
                if alarm["composite"]:
                    self.composites.add(name)
                old = self.states.get(name)
                if old is not None and old != alarm["state"]:
                    self.transitions.append((now, name, old, alarm["state"]))
                self.states[name] = alarm["state"]

    def seen(self, after=0):
        """The changes from number `after` on."""
        with self.lock:
            return self.transitions[after:]

    def in_alarm(self):
        with self.lock:
            return sorted(name for name, state in self.states.items() if state == "ALARM")

    def stop(self):
        self.ended.set()
        self.join(timeout=30)
