"""The comparison of the witnesses, and how tables are printed."""

import io
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))

from console import Console, table_lines  # noqa: E402
from witnesses import (  # noqa: E402
    Comparison,
    attempts_by_operation,
    calls_by,
    fired_by_the_rules,
    grouped_transitions,
    hottest,
    names_of_transitions,
    operation_of_pattern,
    seen_by_operation,
)

TALLY = {
    "tally": [
        {"table": "A", "operation": "GetItem", "pattern": "AP1", "outcome": "success", "calls": 5},
        {"table": "A", "operation": "GetItem", "pattern": "AP1", "outcome": "throttled", "calls": 1},
        {"table": "A", "operation": "Query", "pattern": "AP2", "outcome": "success", "calls": 2},
    ]
}


class WitnessTests(unittest.TestCase):
    def test_the_tally_adds_up_by_each_field(self):
        self.assertEqual(calls_by(TALLY, "operation"), {"GetItem": 6, "Query": 2})
        self.assertEqual(calls_by(TALLY, "outcome"), {"success": 7, "throttled": 1})

    def test_attempts_of_patterns_become_attempts_of_operations(self):
        operations = operation_of_pattern(TALLY)
        self.assertEqual(attempts_by_operation({"AP1": 9, "AP2": 2.0}, operations), {"GetItem": 9, "Query": 2.0})

    def test_the_proxy_counts_between_two_readings_and_only_dynamodb(self):
        before = {"operations": {"GetItem": {"service": "DynamoDB", "seen": 3}}}
        after = {
            "operations": {
                "GetItem": {"service": "DynamoDB", "seen": 10},
                "PutMetricData": {"service": "CloudWatch", "seen": 4},
            }
        }
        self.assertEqual(seen_by_operation(before, after), {"GetItem": 7})

    def test_equal_counts_hold_and_a_missing_call_does_not(self):
        self.assertTrue(Comparison(tally={"GetItem": 6}, cloudwatch={"GetItem": 6.0}).holds)
        short = Comparison(tally={"GetItem": 6}, cloudwatch={"GetItem": 5})
        self.assertFalse(short.holds)
        self.assertEqual(short.differing(), ["GetItem", "all"])

    def test_one_witness_alone_proves_nothing(self):
        self.assertFalse(Comparison(tally={"GetItem": 6}, cloudwatch=None).holds)
        self.assertFalse(Comparison(tally={}, cloudwatch={}).holds)

    def test_names_are_in_the_order_in_which_people_count(self):
        rows = Comparison(tally={"AP10": 1, "AP2": 1, "other": 1, "AP1": 1}, cloudwatch={}).rows()
        self.assertEqual([row[0] for row in rows], ["AP1", "AP2", "AP10", "other", "all"])

    def test_an_alarm_that_stays_has_not_returned(self):
        seen = [(1, "a", "OK", "ALARM"), (2, "b", "OK", "ALARM"), (3, "a", "ALARM", "OK"), (4, "c", "ALARM", "OK")]
        self.assertEqual(names_of_transitions(seen), (["a", "b"], ["a"]))

    def test_the_condition_that_there_is_traffic_is_no_news(self):
        seen = [(1, "t/s/e/pattern/AP1/throttled-volume", "OK", "ALARM")]
        self.assertEqual(names_of_transitions(seen), ([], []))
        self.assertEqual(grouped_transitions(seen), [])

    def test_changes_of_one_moment_are_told_by_kind_pages_first(self):
        seen = [(14.1, f"t/s/e/pattern/AP{n}/failed-calls", "OK", "ALARM") for n in range(6)]
        seen += [(14.2, "t/s/e/Bikes/page", "INSUFFICIENT_DATA", "ALARM"), (15, "t/x/a", "INSUFFICIENT_DATA", "OK")]
        self.assertEqual(
            grouped_transitions(seen), [(14, "ALARM", "page of Bikes"), (14, "ALARM", "failed-calls of 6 patterns")]
        )

    def test_a_backtest_is_read_for_what_fired_and_returned(self):
        def alarm(name, *states):
            return {"name": name, "transitions": [{"at": "", "from": "", "to": state} for state in states]}

        report = {"alarms": [alarm("a", "OK", "ALARM", "OK"), alarm("b", "OK", "ALARM"), alarm("c", "OK"), alarm("d", "ALARM", "OK")]}
        went, returned = fired_by_the_rules(report)
        self.assertEqual([a["name"] for a in went], ["a", "b"])
        self.assertEqual([a["name"] for a in returned], ["a"])

    def test_the_hottest_key_is_of_the_table_itself_and_of_reads(self):
        def finding(table, key, share, direction="read", **more):
            return {"table": table, "key": key, "share": {"lower": share}, "direction": direction, **more}

        report = {
            "hotKeys": [
                finding("T", "written", 0.9, "write"), finding("T", "indexed", 0.8, index="I"),
                finding("T", "small", 0.1), finding("T", "large", 0.3), finding("U", "other", 0.7),
            ]
        }
        self.assertEqual(hottest(report, "T"), "large")
        self.assertEqual(hottest(None, "T"), "")


class ConsoleTests(unittest.TestCase):
    def test_numbers_stand_right_and_texts_left(self):
        lines = table_lines(["name", "calls"], [["GetItem", 1234], ["Q", 5]])
        self.assertEqual(lines, ["name      calls", "GetItem   1,234", "Q             5"])

    def test_a_pipe_gets_neither_colour_nor_status(self):
        stream = io.StringIO()
        console = Console(stream, {})
        console.status("working")
        console.line("done", "green")
        self.assertEqual(stream.getvalue(), "done\n")

    def test_no_color_is_honoured_on_a_terminal(self):
        stream = io.StringIO()
        stream.isatty = lambda: True
        self.assertFalse(Console(stream, {"NO_COLOR": "1"}).colour)
        self.assertTrue(Console(stream, {"TERM": "xterm"}).colour)

    def test_a_long_output_is_cut_and_says_so(self):
        stream = io.StringIO()
        Console(stream, {}).output("\n".join("abcdef"), limit=2)
        self.assertEqual(stream.getvalue(), "  a\n  b\n  … and 4 more lines\n")


if __name__ == "__main__":
    unittest.main()
