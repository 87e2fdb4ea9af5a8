"""The example's files agree with one another."""

import json
import os
import re
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")
EXAMPLES = os.path.join(ROOT, "Examples")
sys.path.insert(0, EXAMPLES)

import make_trace  # noqa: E402


def read(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
        return file.read()


def table_rows(text, first):
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in text.split("\n") if line.startswith("| AP")]
    return {row[0]: row for row in rows if len(row) == first}


class ExampleTests(unittest.TestCase):
    def setUp(self):
        self.contract = json.loads(read("migrationContract.json"))
        self.patterns = table_rows(read("access_patterns_with_rps.md"), 7)
        self.mapping = table_rows(read("dynamodb_data_model.md"), 5)
        self.trace = [json.loads(line) for line in read("trace.jsonl").splitlines()]

    def test_the_trace_is_made_from_its_seed_byte_for_byte(self):
        self.assertEqual(make_trace.make(), read("trace.jsonl"))

    def test_the_sums_are_the_sums_of_the_rows(self):
        text = read("access_patterns_with_rps.md")
        for column, kind in ((2, "peak"), (3, "average")):
            total = sum(float(row[column]) for row in self.patterns.values())
            self.assertIn(f"{round(total, 3):g} RPS {kind}", text)
            for label, direction in (("Reads", "Read"), ("Writes", "Write")):
                part = sum(float(row[column]) for row in self.patterns.values() if row[4] == direction)
                line = next(line for line in text.split("\n") if f"**{label}**" in line)
                self.assertIn(f"{round(part, 3):g} RPS {kind}", line)

    def test_every_pattern_has_a_rate_a_place_and_a_table_that_lists_it(self):
        listed = {pattern for table in self.contract["tables"] for pattern in table["satisfies"]}
        self.assertEqual(set(self.patterns), set(self.mapping))
        self.assertEqual(set(self.patterns), listed)
        self.assertEqual(set(self.patterns), set(make_trace.RATES))
        for pattern, rate in make_trace.RATES.items():
            self.assertEqual(float(self.patterns[pattern][2]), rate)

    def test_the_capacity_planning_is_what_the_patterns_ask(self):
        model = read("dynamodb_data_model.md")
        for table in self.contract["tables"]:
            name = table["table"]
            planned = re.search(rf"### {name} Table\n(?:.+\n)*?- \*\*Capacity Planning\*\*: (\S+) RPS reads, (\S+) RPS", model)
            for place, direction in ((1, "Read"), (2, "Write")):
                rows = [row for row in self.mapping.values() if re.search(rf"\b{name}\b", row[2])]
                asked = sum(float(self.patterns[r[0]][2]) for r in rows if self.patterns[r[0]][4] == direction)
                self.assertAlmostEqual(float(planned[place]), asked)

    def test_the_trace_names_only_what_the_contract_has(self):
        tables = {table["table"]: table for table in self.contract["tables"]}
        for call in self.trace:
            table = tables[call["table"]]
            self.assertIn(call["pattern"], self.patterns)
            self.assertEqual(self.mapping[call["pattern"]][3], call["operation"])
            if "index" in call:
                self.assertIn(call["index"], [index["index_name"] for index in table["gsis"]])
            for part in call.get("keys", [call]):
                entities = [entity["entity_type"] for entity in tables[part["table"]].get("entities", [])]
                self.assertTrue(part.get("entity") in entities if entities else "entity" not in part)

    def test_one_station_is_hot(self):
        counts = {}
        for call in self.trace:
            if call["pattern"] == "AP12":
                counts[call["key"]] = counts.get(call["key"], 0) + 1
        ranked = sorted(counts.values(), reverse=True)
        self.assertGreater(ranked[0], 0.2 * sum(ranked))
        self.assertGreater(ranked[0], 1.5 * ranked[1])

    def test_copied_attributes_say_why(self):
        for table in self.contract["tables"]:
            for owner in [table, *table.get("entities", [])]:
                for attribute in owner["attributes"]:
                    if attribute.get("denormalized"):
                        self.assertTrue(attribute.get("justification"))


if __name__ == "__main__":
    unittest.main()
