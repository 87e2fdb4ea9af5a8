"""The torture's own judgement: a call that is lost, or counted twice, must be found, by whomever."""

import os
import struct
import sys
import tempfile
import unittest
from collections import Counter

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import torture_checks as checks  # noqa: E402
import torture_words as words  # noqa: E402
from bench_agent_soak import judge, slope  # noqa: E402


def ledger(recorded=10, acknowledged=6, ambiguous=1, pending=2, dropped=1, doubtful=3):
    calls = {
        "recorded": recorded, "acknowledged": acknowledged, "ambiguous": ambiguous, "pending": pending,
        "dropped": {"too old": dropped}, "mayHaveCounted": doubtful,
    }
    return {"patterns": [{"service": "service-1", "environment": "torture", "pattern": "AP1", "calls": calls}]}


NAME = ("service-1", "AP1")


class CheckTests(unittest.TestCase):
    def test_what_lies_between_ended_and_begun_is_right(self):
        for counted in (9, 10):
            self.assertEqual(list(checks.check_counted(Counter({NAME: counted}), Counter({NAME: 10}), Counter({NAME: 9}))), [])

    def test_a_lost_call_and_one_counted_twice_are_found(self):
        lost = list(checks.check_counted(Counter({NAME: 8}), Counter({NAME: 10}), Counter({NAME: 9})))
        self.assertIn("lost", lost[0])
        twice = list(checks.check_counted(Counter({NAME: 11}), Counter({NAME: 10}), Counter({NAME: 9})))
        self.assertIn("counted twice", twice[0])

    def test_a_pattern_that_nobody_called_is_found(self):
        self.assertTrue(list(checks.check_counted(Counter({NAME: 1}), Counter(), Counter())))

    def test_a_ledger_that_does_not_balance_is_found(self):
        self.assertEqual(list(checks.check_balance(ledger())), [])
        self.assertTrue(list(checks.check_balance(ledger(recorded=11))))

    def test_what_waited_in_a_lost_store_has_to_be_named(self):
        before = {"patterns": [{"service": "s", "pattern": "AP1", "calls": {"pending": 3, "ambiguous": 2}}]}
        for lost, holds in ((2, False), (3, True), (5, True), (6, False)):
            self.assertEqual(list(checks.check_lost(before, Counter({("s", "AP1"): lost}))) == [], holds, lost)
        self.assertTrue(list(checks.check_lost({"patterns": []}, Counter({("s", "AP2"): 1}))))
        after = {"patterns": [{"service": "s", "pattern": "AP1", "calls": {"dropped": {"gone": 4, "other": 1}}}]}
        self.assertEqual(checks.dropped(after, "gone"), Counter({("s", "AP1"): 4}))

    def test_a_killed_thread_leaves_one_call_uncertain(self):
        begun, ended = words.Calls({("service-1", 1, 0): 12}), words.Calls({("service-1", 1, 0): 10})
        self.assertEqual(list(checks.check_uncertain(begun, ended, 2)), [])
        self.assertTrue(list(checks.check_uncertain(begun, ended, 1)))

    def test_the_sink_lies_between_acknowledged_and_what_may_have_counted(self):
        def found(before, after=None):
            return list(checks.check_published(ledger(), Counter(before), Counter(after or before)))

        for amount in (6, 9):
            self.assertEqual(found({NAME: amount}), [])
        for amount in (5, 10):
            self.assertTrue(found({NAME: amount}))
        self.assertTrue(found({NAME: 6, ("service-2", "AP1"): 1}))
        # The agent was sending while the ledger was read.
        self.assertEqual(found({NAME: 5}, {NAME: 12}), [])

    def test_outcomes_and_attempts_are_held_against_the_witness(self):
        calls = words.Calls({("service-1", 1, 0): 3})
        right = {"calls": {"service-1/AP1/0": 3}, "attempts": 6}
        self.assertEqual(list(checks.check_totals(right, calls, calls)), [])
        self.assertTrue(list(checks.check_totals({**right, "attempts": 7}, calls, calls)))
        self.assertTrue(list(checks.check_totals({**right, "calls": {"service-1/AP1/1": 3}}, calls, calls)))


class WordTests(unittest.TestCase):
    def test_a_witness_is_read_as_it_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "witness")
            file = words.Words(path, words.WITNESS_HEADER + 2 * words.PATTERNS * words.OUTCOMES * 2)
            # Thread 1, pattern 3, outcome 2.
            place = words.WITNESS_HEADER + ((1 * words.PATTERNS + 3) * words.OUTCOMES + 2) * 2
            file[place], file[place + 1] = 8, 7
            begun, ended = words.read_witness(path, "service-4")
            self.assertEqual(begun.counts, Counter({("service-4", 3, 2): 8}))
            self.assertEqual(ended.counts, Counter({("service-4", 3, 2): 7}))
            self.assertEqual(begun.attempts, 8 * 3)

    def test_only_the_valid_half_of_the_sink_counts(self):
        half = words.SINK_SERVICES * words.SINK_PATTERNS
        content = [0] * (words.SINK_HEADER + 2 * half)
        content[0] = 3
        content[words.SINK_HEADER + words.SINK_PATTERNS + 1] = 99
        content[words.SINK_HEADER + half + words.SINK_PATTERNS + 1] = 5
        with tempfile.NamedTemporaryFile() as file:
            file.write(struct.pack(f"<{len(content)}Q", *content))
            file.flush()
            self.assertEqual(words.read_sink(file.name)[0], Counter({NAME: 5}))


class SoakTests(unittest.TestCase):
    def samples(self, memory, extra=lambda turn: 8_000):
        """Ten samples a minute, with the least memory and what a window in the making takes beside it."""
        flat = {"handles": 20, "store_kib": 9_000, "telemetry_kib": 30_000, "service_kib": 5_000}
        return [
            {"minute": turn / 10, "least_kib": memory(turn), "greatest_kib": memory(turn) + extra(turn), **flat}
            for turn in range(300)
        ]

    def test_flat_memory_is_flat(self):
        self.assertTrue(judge(self.samples(lambda turn: 15_000 + turn % 7))[1])

    def test_where_in_a_period_a_sample_falls_is_no_growth(self):
        """Late samples hit the making of a window each time, early ones every fifth."""
        memory = self.samples(lambda turn: 15_000, lambda turn: 9_000 if turn % 5 == 0 or turn > 200 else 0)
        self.assertTrue(judge(memory)[1])

    def test_a_leak_of_a_hundred_kilobytes_a_minute_is_found(self):
        leaking = self.samples(lambda turn: 15_000 + 10 * turn)
        self.assertFalse(judge(leaking)[1])
        self.assertAlmostEqual(slope(leaking, "least_kib"), 100)

    def test_windows_that_take_ever_more_are_found(self):
        self.assertFalse(judge(self.samples(lambda turn: 15_000, lambda turn: 5_000 + 20 * turn))[1])

    def test_more_memory_than_the_limit_is_found(self):
        self.assertFalse(judge(self.samples(lambda turn: 15_000, lambda turn: 30_000))[1])


if __name__ == "__main__":
    unittest.main()
