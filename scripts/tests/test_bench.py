"""The benchmarks' arithmetic, what the stub answers, and when the check fails."""

import json
import os
import re
import socket
import sys
import unittest
import zlib

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import bench  # noqa: E402
import bench_capture  # noqa: E402
import bench_check  # noqa: E402
import bench_contract  # noqa: E402
import bench_counts  # noqa: E402
import bench_document  # noqa: E402
import bench_figures as figures  # noqa: E402
import bench_runtime  # noqa: E402
import bench_stub  # noqa: E402
from local_aws import NotStarted  # noqa: E402


def run(cpu_us, calls=1000, rss=10 * 1024):
    """A contestant's line with that much CPU a call, a third of it in the kernel."""
    return {
        "calls": calls, "wall_seconds": 2 * cpu_us * calls / 1e6, "user_seconds": cpu_us * calls * 2 / 3e6,
        "system_seconds": cpu_us * calls / 3e6, "p50_us": 2 * cpu_us, "p99_us": 4 * cpu_us, "rss_kib": rss,
        "rss_anon_kib": rss // 2,
    }


class FigureTests(unittest.TestCase):
    def test_cpu_is_user_and_system_a_call(self):
        self.assertAlmostEqual(figures.cpu_microseconds(run(30)), 30)

    def test_ratios_compare_within_a_round_only(self):
        # The machine is twice as slow in the second round; both contestants are, and their ratio is not.
        rounds = [{"raw": run(10), "ours": run(13)}, {"raw": run(20), "ours": run(26)}, {"raw": run(10)}]
        for ratio in figures.ratios(rounds, "ours", "raw"):
            self.assertAlmostEqual(ratio, 1.3)
        self.assertEqual(len(figures.ratios(rounds, "ours", "raw")), 2)

    def test_the_large_contract_is_as_large_as_it_says(self):
        contract, patterns, model = bench_contract.large()
        self.assertEqual(len(contract["tables"]), 500)
        self.assertEqual(sum(len(table["attributes"]) for table in contract["tables"]), 10_000)
        self.assertEqual(patterns.count("| AP"), 1_500)
        self.assertEqual(bench_contract.large(), (contract, patterns, model))

    def test_a_summary_has_the_median_and_both_ends(self):
        self.assertEqual(figures.summary([3, 1, 8]), {"median": 3, "min": 1, "max": 8})

    def test_every_contestant_comes_first_and_last_once(self):
        orders = [figures.rotated("abc", turn) for turn in range(3)]
        for place in range(3):
            self.assertEqual(sorted(order[place] for order in orders), list("abc"))

    def test_growth_leaves_the_first_fifth_out(self):
        flat = [(calls, 50_000 if calls > 20 else calls * 2_000) for calls in range(1, 101)]
        self.assertEqual(figures.growth_per_call(flat[19:]), 10_000 * 1024 / 80)
        warm = [(100, 1_000), (200, 9_000), (600, 9_000), (1_000, 9_000)]
        self.assertEqual(figures.growth_per_call(warm), 0)

    def test_a_leak_of_eight_bytes_is_eight_bytes(self):
        samples = [(part * 100_000, 5_000 + part * 100_000 * 8 // 1024) for part in range(1, 101)]
        self.assertAlmostEqual(figures.growth_per_call(samples), 8, places=1)

    def test_growth_of_a_single_sample_is_not_known(self):
        with self.assertRaises(ValueError):
            figures.growth_per_call([(100, 5)])

    def test_what_starting_costs_does_not_count(self):
        self.assertEqual(bench_counts.per_call(lambda calls: 1_000_000 + 150 * calls), 150)


class ReportTests(unittest.TestCase):
    def report(self):
        cost = {"raw": 20, "loop": 26, "any_task": 40, "unrecorded": 25, "repository": 27, "boto3": 1000}
        rounds = {
            setting: [{name: run(cost[name] * drift) for name in names} for drift in (1, 1.5, 0.8)]
            for setting, (_, _, names) in bench_runtime.SETTINGS.items()
        }
        turns = [{"client": run(26), "unrecorded": run(25), "repository": run(27)}] * 3
        recorder = [{"recorder_ns": 80.0, "recorder_ns_two_threads": 90.0}]
        counts = {
            "raw": {"instructions": 100_000, "allocations": 37},
            "loop": {"instructions": 150_000, "allocations": 30},
            "unrecorded": {"instructions": 149_000, "allocations": 30},
        }
        return bench_runtime.make_report(rounds, turns, recorder, counts)

    def test_every_promised_key_is_there(self):
        report = self.report()
        for tls in ("", "_tls"):
            for name in ("x_libcurl_", "x_libcurl_any_task_"):
                for in_flight in ("1", "50"):
                    self.assertIn(name + in_flight + tls, report)
        self.assertLessEqual(set(bench_runtime.GOALS), set(report))
        json.dumps(report)

    def test_the_figures_are_what_their_names_say(self):
        report = self.report()
        self.assertAlmostEqual(report["x_libcurl_1"], 1.3)
        self.assertAlmostEqual(report["x_libcurl_any_task_50_tls"], 2)
        self.assertAlmostEqual(report["x_boto3"], 0.026)
        self.assertAlmostEqual(report["recorder_overhead"], 0.04)
        self.assertAlmostEqual(report["repository_overhead"], 1 / 26)
        self.assertEqual(report["recorder_instructions"], 1000)
        self.assertEqual(report["rss_mb"], 10)

    def test_the_table_has_a_row_for_every_contestant_and_says_which_goals_are_met(self):
        report = self.report()
        rows = bench_runtime.contestant_rows(report)
        self.assertEqual(len(rows), sum(len(names) for _, _, names in bench_runtime.SETTINGS.values()))
        verdicts = {row[0]: row[4] for row in bench_runtime.figure_rows(report)}
        self.assertEqual(verdicts["x_libcurl_1"], "met")
        self.assertEqual(verdicts["recorder_overhead"], "not met")
        self.assertEqual(verdicts["x_libcurl_1_tls"], "")


class DocumentTests(unittest.TestCase):
    def test_only_what_stands_between_the_marks_is_replaced(self):
        text = f"a\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nb\n"
        table = bench_document.markdown(["x", "y"], [["one", 1234]])
        new = bench_document.replaced(text, [table])
        self.assertEqual(
            new, f"a\n<!-- measured: begin -->\n| x | y |\n| --- | --- |\n| one | 1,234 |\n<!-- measured: end -->\nb\n")
        self.assertEqual(bench_document.replaced(new, [table]), new)

    def test_a_document_without_marks_is_left_alone(self):
        with self.assertRaises(NotStarted):
            bench_document.replaced("a\n<!-- measured: begin -->", ["t"])

    def test_the_committed_document_has_the_marks(self):
        with open(os.path.join(ROOT, "docs", "PERFORMANCE.md"), encoding="utf-8") as file:
            bench_document.replaced(file.read(), [])


class CheckTests(unittest.TestCase):
    def test_at_the_threshold_passes_and_above_it_fails(self):
        self.assertEqual(bench_check.judge({"a": 100.0}, {"a": 100})[1], 0)
        rows, status = bench_check.judge({"a": 100.1, "b": 1}, {"a": 100, "b": 2})
        self.assertEqual((status, rows[0][3], rows[1][3]), (1, "ABOVE", "within"))

    def test_a_threshold_without_a_figure_fails(self):
        self.assertEqual(bench_check.judge({}, {"a": 100})[1], 1)

    def test_far_below_is_said(self):
        rows, status = bench_check.judge({"a": 50}, {"a": 100})
        self.assertEqual(status, 0)
        self.assertIn("lower the threshold", rows[0][3])

    def test_every_committed_threshold_is_measured(self):
        class Counts:
            def count(self, name, what):
                return 1

        with open(bench_check.THRESHOLDS, encoding="utf-8") as file:
            thresholds = json.load(file)["at most"]
        self.assertEqual(set(thresholds), set(bench_check.measure(Counts())))


class StubTests(unittest.TestCase):
    def test_the_answer_has_its_length_and_its_checksum(self):
        self.assertEqual(len(bench_stub.answer()), 501)
        self.assertEqual(json.loads(bench_stub.answer())["Item"]["pk"], {"S": "ORDER#2026-001042"})
        self.assertEqual(bench_stub.ANSWER_HEADERS["x-amz-crc32"], str(zlib.crc32(bench_stub.answer())))

    def test_the_servers_configuration_carries_the_answer_untouched(self):
        text = bench_stub.configuration(1, 2)
        # nginx would read these in a string of single quotes.
        for special in "'\\$":
            self.assertNotIn(special, bench_stub.answer().decode())
        self.assertIn(f"return 200 '{bench_stub.answer().decode()}'", text)

    def test_a_request_is_captured_whole(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for piece in (b"POST / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\ncontent-le", b"ngth: 5\r\n\r\nhe", b"llo"):
                theirs.sendall(piece)
            self.assertEqual(bench_capture.read_request(ours), (["Host: h", "X-A: 1", "content-length: 5"], b"hello"))

    def test_raw_libcurl_is_told_to_add_nothing(self):
        lines = bench_capture.raw_headers(["Host: h", "X-A: 1", "Accept: x", "Content-Length: 5"])
        self.assertEqual(lines, ["X-A: 1", "Accept: x", "Expect:"])

    def test_a_program_that_makes_no_call_is_named(self):
        with self.assertRaises(NotStarted):
            bench_capture.capture(lambda url: [sys.executable, "-c", "raise SystemExit(2)"], seconds=1)


class CommandTests(unittest.TestCase):
    def test_the_script_knows_the_benchmarks_that_there_are(self):
        with open(os.path.join(ROOT, "scripts", "bench"), encoding="utf-8") as file:
            text = file.read()
        accepted = re.search(r"^([a-z |-]+)\) ;;$", text, re.MULTILINE).group(1).split(" | ")
        self.assertEqual(set(accepted), set(bench.BENCHMARKS))
        for name in bench.BENCHMARKS:
            self.assertRegex(text, rf"(?m)^  {name} +\w")


if __name__ == "__main__":
    unittest.main()
