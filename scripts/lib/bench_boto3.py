"""boto3 making the same call as the other contestants, measured as they measure themselves; run by scripts/bench."""

import argparse
import json
import os
import resource
import time

import boto3
from botocore.config import Config

TABLE, KEY = "Orders", "ORDER#2026-001042"


def read_status(name):
    with open("/proc/self/status", encoding="ascii") as file:
        return next((int(line.split()[1]) for line in file if line.startswith(name + ":")), -1)


def run(client, calls, latencies):
    for _ in range(calls):
        begun = time.perf_counter_ns()
        item = client.get_item(TableName=TABLE, Key={"pk": {"S": KEY}}, ReturnConsumedCapacity="INDEXES")["Item"]
        latencies.append(time.perf_counter_ns() - begun)
        if item["pk"]["S"] != KEY:
            raise SystemExit("the answer has not the item that was asked for")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--ca")
    parser.add_argument("--warm-up", type=int, default=100)
    parser.add_argument("--calls", type=int, default=2000)
    options = parser.parse_args()
    client = boto3.client(
        "dynamodb", endpoint_url=options.url, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLEEXAMPLE00",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", verify=options.ca,
        config=Config(proxies={}),
    )
    latencies = []
    run(client, options.warm_up, latencies)
    latencies.clear()
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    run(client, options.calls, latencies)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    latencies.sort()
    print(json.dumps({
        "calls": options.calls,
        "wall_seconds": wall,
        "user_seconds": after.ru_utime - before.ru_utime,
        "system_seconds": after.ru_stime - before.ru_stime,
        "p50_us": latencies[len(latencies) // 2] / 1000,
        "p99_us": latencies[len(latencies) * 99 // 100] / 1000,
        "rss_kib": read_status("VmRSS"),
        "rss_anon_kib": read_status("RssAnon"),
        "descriptors": len(os.listdir("/proc/self/fd")) - 1,
    }))


if __name__ == "__main__":
    main()
