"""The stories that the demo can play: which contract, which traffic, which faults."""

import os
from dataclasses import dataclass, field

from local_aws import ROOT

SHARED = os.environ.get("TIDEMARK_SHARED", os.path.join(ROOT, "..", "shared"))


@dataclass
class Scenario:
    """One story."""

    title: str
    service: str
    folder: str
    trace: str
    contract: str = "migrationContract.json"
    patterns: str = "access_patterns_with_rps.md"
    model: str = "dynamodb_data_model.md"
    # Calls a second: the trace takes about a hundred seconds, of which a minute comes after the faults.
    rate: int = 24
    concurrency: int = 16
    # The key that the trace makes hottest, and the table that it belongs to.
    hot_key: str = ""
    hot_table: str = ""
    hot_key_in_words: str = ""
    faults_in_words: list = field(default_factory=list)
    rules: list = field(default_factory=list)
    # Findings in the contract are part of the story rather than a failure of it.
    expects_findings: bool = False
    remark: str = ""

    def path(self, name):
        """A file of the scenario, as it is called from the project's folder."""
        return os.path.relpath(os.path.join(self.folder, name), ROOT)

    @property
    def documents(self):
        """Contract and documents as the commands take them."""
        return [self.path(self.contract), "--patterns", self.path(self.patterns), "--model", self.path(self.model)]

    @property
    def trace_path(self):
        return os.path.relpath(self.trace, ROOT)

    def missing(self):
        """The first file that is not there, or None."""
        names = [os.path.join(self.folder, name) for name in (self.contract, self.patterns, self.model)]
        return next((name for name in [*names, self.trace] if not os.path.isfile(name)), None)


def rule(name, operation, table, action, probability, **match):
    match.update(service="DynamoDB", operation=operation, table=table, probability=probability)
    return {"name": name, "match": match, "action": action}


HOT = {"throttle": {"reason": "KeyRange"}}

BIKES = Scenario(
    title="one morning of a bike-sharing service",
    service="bikes",
    folder=os.path.join(ROOT, "Examples"),
    trace=os.path.join(ROOT, "Examples", "trace.jsonl"),
    rate=24,
    hot_key="st-021",
    hot_table="Stations",
    hot_key_in_words="the central station, st-021",
    faults_in_words=[
        "the central station's partition is throttled: half of the reads of st-021",
        "the index Bikes.ByStation is ill: 65 of 100 queries answer 500",
        "2 of 100 connections break on reads of riders",
    ],
    rules=[
        rule("hot station", "GetItem", "Stations", HOT, 0.5, contains='"st-021"'),
        rule("ill index", "Query", "Bikes", {"error": 500}, 0.65, index="ByStation"),
        rule("lost connections", "GetItem", "Riders", {"reset": "before"}, 0.02),
    ],
)

MODERNIZER = Scenario(
    title="a real migration: the e-commerce contract and its recorded traffic",
    service="modernizer",
    folder=os.path.join(SHARED, "modernizer", "artifacts", "stage-02"),
    trace=os.path.join(SHARED, "modernizer", "trace.jsonl"),
    rate=45,
    hot_key="7965",
    hot_table="Products",
    hot_key_in_words="product 7965",
    faults_in_words=[
        "the partition of product 7965 is throttled: half of its reads",
        "65 of 100 scans of Categories answer 500",
    ],
    rules=[
        rule("hot product", "GetItem", "Products", HOT, 0.5, contains='"7965"'),
        rule("ill table", "Scan", "Categories", {"error": 500}, 0.65),
    ],
    expects_findings=True,
    remark="The recorded traffic holds reads only; `replay --seed` stores items that follow the contract first.",
)
