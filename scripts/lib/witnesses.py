"""Compares what independent witnesses counted: the replay's tally, the agent's store, CloudWatch, the proxy.

Plain values in, rows out; nothing here calls anything.
"""

import re

# Asked by the replay before its first call, outside what it measures: does the table exist?
UNMEASURED = {"DescribeTable"}


def calls_by(tally, field):
    """The replay's own tally (`replay --tally`) added up by one of its fields: operation, pattern, outcome."""
    sums = {}
    for row in tally.get("tally", []):
        sums[row[field]] = sums.get(row[field], 0) + row["calls"]
    return sums


def operation_of_pattern(tally):
    """The operation of each pattern; a pattern with several has none here, since it cannot be split."""
    seen = {}
    for row in tally.get("tally", []):
        seen.setdefault(row["pattern"], set()).add(row["operation"])
    return {pattern: next(iter(found)) for pattern, found in seen.items() if len(found) == 1}


def attempts_by_operation(attempts_by_pattern, operations):
    """CloudWatch counts attempts by pattern, the proxy by operation: brings the first to the second."""
    if attempts_by_pattern is None:
        return None
    sums = {}
    for pattern, attempts in attempts_by_pattern.items():
        operation = operations.get(pattern)
        if operation:
            sums[operation] = sums.get(operation, 0) + attempts
    return sums


def seen_by_operation(before, after, service="DynamoDB"):
    """Requests that the proxy saw between two readings of its counters, by operation."""
    sums = {}
    for operation, numbers in after.get("operations", {}).items():
        if numbers.get("service") != service or operation in UNMEASURED:
            continue
        earlier = before.get("operations", {}).get(operation, {}).get("seen", 0)
        if numbers["seen"] > earlier:
            sums[operation] = numbers["seen"] - earlier
    return sums


def natural(name):
    """For sorting: AP2 before AP10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name)]


class Comparison:
    """One quantity as several witnesses counted it, by name, with the names in one order."""

    def __init__(self, **witnesses):
        # A witness that could not be asked is None: it is shown as such, and then nothing is proved.
        self.witnesses = witnesses
        named = [counted for counted in witnesses.values() if counted is not None]
        self.names = sorted({name for counted in named for name in counted}, key=natural)

    def rows(self):
        rows = []
        for name in self.names:
            values = [None if w is None else whole(w.get(name, 0)) for w in self.witnesses.values()]
            rows.append([name, *values])
        totals = [None if w is None else whole(sum(w.values())) for w in self.witnesses.values()]
        rows.append(["all", *totals])
        return rows

    def differing(self):
        """The names on which two witnesses do not agree."""
        return [row[0] for row in self.rows() if len({value for value in row[1:] if value is not None}) > 1]

    @property
    def holds(self):
        asked = all(counted is not None for counted in self.witnesses.values())
        return asked and len(self.witnesses) > 1 and bool(self.names) and not self.differing()


def whole(value):
    """A count read from JSON as a float is a count all the same."""
    return int(value) if isinstance(value, float) and value == int(value) else value


def is_condition(name):
    """Half of a composite that says only that there is enough traffic to judge: no news by itself."""
    return name.endswith("/throttled-volume")


def names_of_transitions(transitions):
    """The alarms that went to ALARM, and those of them that came back to OK, each in the order in which they did."""
    went, returned = [], []
    for _, name, _, new in transitions:
        if new == "ALARM" and name not in went and not is_condition(name):
            went.append(name)
        if new == "OK" and name in went and name not in returned:
            returned.append(name)
    return went, returned


def grouped_transitions(transitions):
    """Changes of the same second to the same state in one line: [(seconds, new state, text)]."""
    groups = {}
    for seconds, name, old, new in transitions:
        if is_condition(name) or (old == "INSUFFICIENT_DATA" and new == "OK"):
            continue
        owner, _, kind = name.rpartition("/")
        groups.setdefault((round(seconds), new), {}).setdefault(kind, []).append(owner.rpartition("/")[2])
    lines = []
    for (seconds, new), kinds in groups.items():
        for kind, owners in sorted(kinds.items(), key=lambda entry: (entry[0] != "page", entry[0])):
            shown = ", ".join(owners) if len(owners) <= 4 else f"{len(owners)} patterns"
            lines.append((seconds, new, f"{kind} of {shown}"))
    return lines


def fired_by_the_rules(report):
    """What `alarms backtest` says: the alarms that would have fired, and those of them that would have returned to OK."""
    went, returned = [], []
    for alarm in report.get("alarms", []):
        states = [change["to"] for change in alarm.get("transitions", [])]
        # What is in ALARM from the first instant was so before the story: the silence before there was an agent.
        if "ALARM" in states[1:] and not is_condition(alarm["name"]):
            went.append(alarm)
            if "OK" in states[states.index("ALARM") :]:
                returned.append(alarm)
    return went, returned


def hottest(report, table):
    """The key with the largest share of a table's reads, as `hotkeys` reports it."""
    findings = [
        finding for finding in (report or {}).get("hotKeys", [])
        if finding.get("table") == table and "index" not in finding and finding.get("direction") == "read"
    ]
    top = max(findings, key=lambda finding: finding.get("share", {}).get("lower", 0), default={})
    return top.get("key", "")


def by_pattern(summary, field):
    """A number of the agent's store by pattern, as `summary` gives it; None where it gives none."""
    lines = summary.get("patterns")
    return None if lines is None else without_zeros({line["pattern"]: line[field] for line in lines})


def without_zeros(counted):
    """Patterns that were published as zeros and never called are no news."""
    return {name: number for name, number in counted.items() if number}
