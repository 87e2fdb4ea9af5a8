"""The arithmetic of a benchmark's rounds: ratios within a round, then the median of the rounds."""

import statistics


def cpu_microseconds(run):
    """CPU of the process a call, user and system."""
    return (run["user_seconds"] + run["system_seconds"]) * 1e6 / run["calls"]


def ratios(rounds, numerator, denominator, value=cpu_microseconds):
    """One ratio for each round that has both: the machine drifts between rounds, hardly within one."""
    return [value(r[numerator]) / value(r[denominator]) for r in rounds if numerator in r and denominator in r]


def summary(values):
    """The median with the least and the greatest."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def quartiles(values):
    """The three of them: of many short runs the outermost say only that something else ran."""
    return statistics.quantiles(values, n=4, method="inclusive")


def rotated(items, turn):
    """The items in an order that gives each of them every place in turn."""
    items = list(items)
    turn %= len(items)
    return items[turn:] + items[:turn]


def medians(runs):
    """What the table and the JSON say of one contestant's runs in one setting."""
    def median(value):
        return statistics.median(value(run) for run in runs)

    return {
        "cpu_us": median(cpu_microseconds),
        "user_us": median(lambda r: r["user_seconds"] * 1e6 / r["calls"]),
        "calls_per_second": median(lambda r: r["calls"] / r["wall_seconds"]),
        "p50_us": median(lambda r: r["p50_us"]),
        "p99_us": median(lambda r: r["p99_us"]),
        "rss_mb": median(lambda r: r["rss_kib"] / 1024),
        "rss_anon_mb": median(lambda r: r["rss_anon_kib"] / 1024),
    }


def growth_per_call(samples):
    """Bytes a call by which private memory grew over the last 80% of the calls.

    `samples` are pairs of calls made so far and KiB, the earliest first.
    """
    last = samples[-1]
    first = next(sample for sample in samples if sample[0] >= 0.2 * last[0])
    if first[0] == last[0]:
        raise ValueError("growth needs samples from the last 80% of the calls")
    return (last[1] - first[1]) * 1024 / (last[0] - first[0])
