#!/usr/bin/env python3
"""Writes trace.jsonl: one morning of the bike-sharing service, the same bytes for the same seed.

Stations and riders are drawn from a Zipf distribution; patterns come in the proportions of their peak rates, with a
floor so that the rare ones occur. A small model of the town keeps rides plausible: a ride ends that has begun.
"""

import argparse
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone

SEED = 20260504
CALLS = 2400
STATIONS, DISTRICTS, BIKES, RIDERS = 60, 5, 300, 400
START = datetime(2026, 5, 4, 7, 0, 0, tzinfo=timezone.utc)
DURATION_SECONDS = 7200

# Calls of each pattern, in the proportion of the peak rates in access_patterns_with_rps.md; at least 6.
RATES = {
    "AP1": 2, "AP2": 60, "AP3": 40, "AP4": 3, "AP5": 1, "AP6": 25, "AP7": 25, "AP8": 12, "AP9": 2, "AP10": 10,
    "AP11": 5, "AP12": 180, "AP13": 90, "AP14": 30, "AP15": 80, "AP16": 120, "AP17": 0.5, "AP18": 0.2,
}  # fmt: skip
FLOOR = 6


class Zipf:
    """Draws names by rank: the weight of rank r is r to the power of -exponent."""

    def __init__(self, names, exponent, rng):
        self.names, self.rng, self.bounds, total = names, rng, [], 0.0
        for rank in range(1, len(names) + 1):
            total += rank**-exponent
            self.bounds.append(total)

    def draw(self):
        point = self.rng.random() * self.bounds[-1]
        low, high = 0, len(self.bounds) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.bounds[middle] > point else (middle + 1, high)
        return self.names[low]


class Town:
    """Where the bikes stand, who rides, and what can be asked for."""

    def __init__(self, rng):
        self.rng = rng
        stations = [f"st-{n:03d}" for n in range(1, STATIONS + 1)]
        riders = [f"r-{n:04d}" for n in range(1, RIDERS + 1)]
        rng.shuffle(stations)
        rng.shuffle(riders)
        self.stations = Zipf(stations, 1.1, rng)
        self.riders = Zipf(riders, 0.6, rng)
        self.bikes = [f"bk-{n:04d}" for n in range(1, BIKES + 1)]
        self.standing = {bike: self.stations.draw() for bike in self.bikes}
        self.open, self.closed, self.passes = [], [], []
        self.next_ride, self.next_pass, self.next_rider = 1, 1, RIDERS + 1

    def call(self, pattern, at):
        return getattr(self, pattern.lower())(at)

    def ap1(self, at):
        # Now and then somebody who is registered registers again: a condition that does not hold, not a failure.
        if self.rng.random() < 0.3:
            rider = self.riders.draw()
        else:
            rider, self.next_rider = f"r-{self.next_rider:04d}", self.next_rider + 1
        return single("Riders", "PutItem", entity="RIDER", key=rider, condition="absent")

    def ap2(self, at):
        return single("Riders", "GetItem", entity="RIDER", key=self.riders.draw())

    def ap3(self, at):
        return single("Riders", "Query", entity="PASS", key=self.riders.draw())

    def ap4(self, at):
        rider, number = self.riders.draw(), f"p-{self.next_pass:05d}"
        self.next_pass += 1
        self.passes.append((rider, number))
        return single("Riders", "PutItem", entity="PASS", key=rider, sort=number)

    def ap5(self, at):
        if not self.passes:
            return None
        rider, number = self.passes.pop(self.rng.randrange(len(self.passes)))
        return single("Riders", "DeleteItem", entity="PASS", key=rider, sort=number)

    def ap6(self, at):
        bike = self.rng.choice([b for b in self.bikes if b in self.standing])
        rider, station = self.riders.draw(), self.standing.pop(bike)
        ride = f"{at:%Y%m%dT%H%M%S}-{self.next_ride:05d}"
        self.next_ride += 1
        self.open.append((rider, ride, bike, station))
        return transaction("TransactWriteItems", [
            part("PutItem", "Riders", entity="RIDE", key=rider, sort=ride),
            part("UpdateItem", "Bikes", key=bike),
            part("UpdateItem", "Stations", key=station),
        ])

    def ap7(self, at):
        if not self.open:
            return None
        # The oldest ride ends first, so that a ride's start and end lie minutes apart in the trace.
        rider, ride, bike, _ = self.open.pop(0)
        station = self.stations.draw()
        self.standing[bike] = station
        self.closed.append((rider, ride))
        return transaction("TransactWriteItems", [
            part("UpdateItem", "Riders", entity="RIDE", key=rider, sort=ride),
            part("UpdateItem", "Bikes", key=bike),
            part("UpdateItem", "Stations", key=station),
        ])

    def ap8(self, at):
        return single("Riders", "Query", entity="RIDE", key=self.riders.draw())

    def ap9(self, at):
        if not self.closed:
            return None
        return single("Riders", "Query", index="ByRide", entity="RIDE", key=self.rng.choice(self.closed)[1])

    def ap10(self, at):
        if not self.open:
            return None
        return single("Riders", "Query", index="OpenRides", entity="RIDE", key=self.rng.choice(self.open)[2])

    def ap11(self, at):
        if not self.closed:
            return None
        rider, ride = self.rng.choice(self.closed)
        return transaction("TransactGetItems", [
            part("GetItem", "Riders", entity="RIDER", key=rider),
            part("GetItem", "Riders", entity="RIDE", key=rider, sort=ride),
        ])

    def ap12(self, at):
        return single("Stations", "GetItem", key=self.stations.draw())

    def ap13(self, at):
        return single("Stations", "Query", index="ByDistrict", key=f"d-{self.rng.randint(1, DISTRICTS)}")

    def ap14(self, at):
        chosen = []
        while len(chosen) < 4:
            station = self.stations.draw()
            if station not in chosen:
                chosen.append(station)
        return transaction("BatchGetItem", [part("GetItem", "Stations", key=station) for station in chosen])

    def ap15(self, at):
        return single("Bikes", "Query", index="ByStation", key=self.stations.draw())

    def ap16(self, at):
        return single("Bikes", "UpdateItem", key=self.rng.choice(self.bikes))

    def ap17(self, at):
        return single("Bikes", "Query", index="NeedsService", key=f"depot-{self.rng.randint(1, 3)}")

    def ap18(self, at):
        return single("Bikes", "UpdateItem", key=self.rng.choice(self.bikes))


def single(table, operation, **rest):
    return {"table": table, "operation": operation, **rest}


def part(operation, table, **rest):
    return {"operation": operation, "table": table, **rest}


def transaction(operation, parts):
    """Several items in one call. The first one's table and key stand for the call."""
    return {"table": parts[0]["table"], "operation": operation, "key": parts[0]["key"], "keys": parts}


def counts(total):
    """How many calls each pattern makes, summing to `total`."""
    rates = sum(RATES.values())
    wanted = {pattern: max(FLOOR, int(total * rate / rates)) for pattern, rate in RATES.items()}
    wanted["AP12"] += total - sum(wanted.values())
    return wanted


def make(calls=CALLS, seed=SEED):
    rng = random.Random(seed)
    town = Town(rng)
    queue = [pattern for pattern, number in counts(calls).items() for _ in range(number)]
    rng.shuffle(queue)
    # Triangular in time: the rush is at its height two thirds into the morning.
    times = sorted(rng.triangular(0, DURATION_SECONDS, DURATION_SECONDS * 2 / 3) for _ in queue)
    lines, waiting = [], []
    for second in times:
        at = START + timedelta(microseconds=int(second * 1_000_000))
        line = None
        # A call that has nothing to ask for yet (no ride has ended) waits for a later turn.
        for pattern in list(waiting):
            line = town.call(pattern, at)
            if line:
                waiting.remove(pattern)
                break
        while line is None and queue:
            pattern = queue.pop()
            line = town.call(pattern, at)
            if line is None:
                waiting.append(pattern)
        if line is None:
            raise SystemExit("the morning ended before everything was asked")
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        lines.append(json.dumps({"at": stamp, "pattern": pattern, **line}, separators=(", ", ": ")))
    return "\n".join(lines) + "\n"


def main():
    here = os.path.dirname(os.path.realpath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", default=os.path.join(here, "trace.jsonl"), help="- writes to standard output")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    text = make(arguments.calls, arguments.seed)
    if arguments.output == "-":
        sys.stdout.write(text)
    else:
        with open(arguments.output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)


if __name__ == "__main__":
    main()
