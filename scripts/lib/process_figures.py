"""What Linux says of a process: CPU, memory, descriptors."""

import os
import time

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of all its threads, ended ones included; in steps of a clock tick."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def precise_cpu_seconds(pid):
    """The same in nanoseconds' steps, from the process' own clock."""
    # As clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~pid << 3) | 2)


def memory_kib(pid):
    """RssAnon, RssShmem, VmRSS and so on, in KiB."""
    found = {}
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "RssAnon", "RssFile", "RssShmem", "VmHWM"):
                found[name] = int(value.split()[0])
    return found


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def folder_bytes(path):
    """What the files of a folder occupy."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_blocks * 512
            except FileNotFoundError:
                continue
    return total
