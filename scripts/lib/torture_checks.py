"""What must hold between witnesses, ledger, totals and sink. Pure: values in, sentences of what is wrong out."""

from collections import Counter


def recorded(ledger):
    """Recorded calls by (service, pattern)."""
    return Counter({
        (entry["service"], entry["pattern"]): entry["calls"]["recorded"]
        for entry in ledger["patterns"] if entry["calls"]["recorded"]
    })


def dropped(ledger, reason):
    """Calls given up for a reason, by (service, pattern)."""
    return Counter({
        (entry["service"], entry["pattern"]): entry["calls"]["dropped"][reason]
        for entry in ledger["patterns"] if entry["calls"]["dropped"].get(reason)
    })


def check_lost(before, lost):
    """All that waited in a store when it was lost is named, and nothing that was through; by (service, pattern)."""
    waited = {(entry["service"], entry["pattern"]): entry["calls"] for entry in before["patterns"]}
    for name in sorted(set(waited) | set(lost)):
        calls = waited.get(name, {"pending": 0, "ambiguous": 0})
        if not calls["pending"] <= lost[name] <= calls["pending"] + calls["ambiguous"]:
            yield f"{' '.join(name)}: {calls['pending']} calls waited in the lost store, {lost[name]} are called lost"


def check_balance(ledger):
    """recorded = acknowledged + ambiguous + pending + dropped, for each service and pattern."""
    for entry in ledger["patterns"]:
        calls = entry["calls"]
        parts = calls["acknowledged"] + calls["ambiguous"] + calls["pending"] + sum(calls["dropped"].values())
        if calls["recorded"] != parts:
            yield f"the ledger of {entry['service']} {entry['pattern']} does not balance: {calls}"


def check_counted(counted, begun, ended):
    """Everything is counted that had ended, and nothing that had not begun; by (service, pattern)."""
    for name in sorted(set(counted) | set(begun) | set(ended)):
        if not begun[name] >= counted[name] >= ended[name]:
            yield (
                f"{' '.join(name)}: {begun[name]} calls begun, {ended[name]} ended, {counted[name]} counted: "
                + ("lost" if counted[name] < ended[name] else "counted twice")
            )


def check_uncertain(begun, ended, threads):
    """A killed thread leaves one call at most that had begun and not ended."""
    uncertain = begun.total - ended.total
    if uncertain > threads:
        yield f"{uncertain} calls are uncertain, and {threads} threads were killed"


def check_totals(totals, begun, ended):
    """Calls by outcome, and attempts, which are written before the call is complete."""
    counted = Counter()
    for name, amount in totals["calls"].items():
        service, pattern, outcome = name.split("/")
        counted[service, pattern, outcome] += amount
    named = [
        Counter({(service, f"AP{pattern}", str(outcome)): n for (service, pattern, outcome), n in calls.counts.items()})
        for calls in (begun, ended)
    ]
    yield from check_counted(counted, *named)
    if not begun.attempts >= totals["attempts"] >= ended.attempts:
        yield f"{begun.attempts} attempts begun, {ended.attempts} ended, {totals['attempts']} counted"


def check_published(ledger, before, after):
    """acknowledged ≤ what the sink counted ≤ acknowledged + what may have counted, by (service, pattern).

    `before` and `after` are the sink's counts when the reading of the ledger began and when it had ended.
    """
    for entry in ledger["patterns"]:
        name, calls = (entry["service"], entry["pattern"]), entry["calls"]
        highest = calls["acknowledged"] + calls["mayHaveCounted"]
        if calls["acknowledged"] > after[name] or before[name] > highest:
            yield (
                f"{' '.join(name)}: the sink counted {before[name]} to {after[name]} calls, {calls['acknowledged']} are "
                f"acknowledged and {calls['mayHaveCounted']} may have counted"
            )
    known = {(entry["service"], entry["pattern"]) for entry in ledger["patterns"]}
    for name, amount in before.items():
        if name not in known and amount:
            yield f"{' '.join(name)}: the sink counted {amount} calls that the ledger does not know"
