"""The mapped files of the torture: layouts as in Tests/TortureWords/Layout.swift, and sums over them."""

import mmap
import os
import struct
from collections import Counter

# The control file.
TIME, BEGUN, DONE, ALLOWED, SENDS, CONTROL_COUNT = 0, 1, 2, 3, 4, 8

PATTERNS, OUTCOMES, WITNESS_HEADER = 16, 14, 8
SINK_HEADER, SINK_SERVICES, SINK_PATTERNS = 8, 16, PATTERNS + 1


class Words:
    """64-bit words that other processes write at the same time."""

    def __init__(self, path, count):
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < count * 8:
                os.ftruncate(descriptor, count * 8)
            self.map = mmap.mmap(descriptor, count * 8)
        finally:
            os.close(descriptor)

    def __getitem__(self, place):
        return struct.unpack_from("<Q", self.map, place * 8)[0]

    def __setitem__(self, place, value):
        struct.pack_into("<Q", self.map, place * 8, value)


def attempts_of(pattern, outcome):
    return 1 + (pattern + outcome) % 3


class Calls:
    """Calls by (service, pattern, outcome), begun or ended."""

    def __init__(self, counts=()):
        self.counts = Counter(counts)

    def __add__(self, other):
        return Calls(self.counts + other.counts)

    @property
    def total(self):
        return sum(self.counts.values())

    @property
    def attempts(self):
        return sum(amount * attempts_of(kind[1], kind[2]) for kind, amount in self.counts.items())

    def by_pattern(self):
        sums = Counter()
        for (service, pattern, _), amount in self.counts.items():
            sums[service, f"AP{pattern}"] += amount
        return sums


def read_witness(path, service):
    """Calls begun and calls ended that one writer's witness tells of; both empty where it never got that far.

    The ended ones are read first: of a writer that goes on meanwhile they are a lower bound and the begun ones an upper.
    """
    ended = _read(path, service, 1)
    return _read(path, service, 0), ended


def is_ready(path):
    try:
        with open(path, "rb") as file:
            return file.read(8) == struct.pack("<Q", 1)
    except FileNotFoundError:
        return False


def _read(path, service, offset):
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return Calls()
    words = struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8])
    counts = Counter()
    for place, amount in enumerate(words[WITNESS_HEADER + offset :: 2]):
        if amount:
            kind = place % (PATTERNS * OUTCOMES)
            counts[service, kind // OUTCOMES, kind % OUTCOMES] += amount
    return Calls(counts)


def read_sink(path):
    """Calls that the sink counted by (service, pattern), and how many requests."""
    with open(path, "rb") as file:
        data = file.read()
    words = struct.unpack(f"<{len(data) // 8}Q", data)
    half = SINK_SERVICES * SINK_PATTERNS
    start = SINK_HEADER + (words[0] % 2) * half
    sums = Counter()
    for place, amount in enumerate(words[start : start + half]):
        if amount:
            pattern = place % SINK_PATTERNS
            name = f"AP{pattern}" if pattern < PATTERNS else "none"
            sums[f"service-{place // SINK_PATTERNS}", name] += amount
    return sums, words[1]
