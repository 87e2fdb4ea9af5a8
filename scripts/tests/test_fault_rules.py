"""The proxy's decisions, without sockets."""

import gzip
import json
import os
import sys
import unittest
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))

from fault_rules import Call, RuleBook, RuleError, encode_answer, error_answer, throttle_answer  # noqa: E402

SCOPE = "AWS4-HMAC-SHA256 Credential=AK/20260504/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"


def call(operation="GetItem", body=None, target="DynamoDB_20120810", **headers):
    text = json.dumps({"TableName": "Stations"} if body is None else body).encode()
    return Call(f"{target}.{operation}", text, {"authorization": SCOPE, **headers})


class CallTests(unittest.TestCase):
    def test_tables_of_a_transaction_are_named_once_each(self):
        items = [{"Put": {"TableName": "A"}}, {"Update": {"TableName": "B"}}, {"Delete": {"TableName": "A"}}]
        self.assertEqual(call("TransactWriteItems", {"TransactItems": items}).tables, ["A", "B"])

    def test_tables_of_a_batch_are_its_request_items(self):
        self.assertEqual(call("BatchGetItem", {"RequestItems": {"A": {}, "B": {}}}).tables, ["A", "B"])

    def test_a_gzipped_body_is_read(self):
        body = gzip.compress(b'{"TableName": "Z"}')
        self.assertEqual(Call("DynamoDB_20120810.GetItem", body, {"content-encoding": "gzip"}).tables, ["Z"])

    def test_bodies_that_are_not_json_objects_have_no_tables(self):
        for body in (b"", b"\xff\x00", b"[1]", b"null", b'{"TransactItems": [1, null]}'):
            self.assertEqual(Call("DynamoDB_20120810.GetItem", body, {}).tables, [])

    def test_cloudwatch_is_told_from_dynamodb(self):
        self.assertEqual(call("PutMetricData", {}, "GraniteServiceVersion20100801").service, "CloudWatch")

    def test_the_resource_carries_region_and_index(self):
        made = call("Query", {"TableName": "Stations", "IndexName": "ByDistrict"})
        self.assertEqual(
            made.resource, "arn:aws:dynamodb:eu-west-1:000000000000:table/Stations/index/ByDistrict"
        )


class RuleTests(unittest.TestCase):
    def decisions(self, match, calls, seed=1):
        book = RuleBook({"seed": seed, "rules": [{"match": match, "action": {"error": 500}}]})
        return [book.decide(c) is not None for c in calls]

    def test_the_same_seed_decides_the_same(self):
        calls = [call() for _ in range(200)]
        first = self.decisions({"probability": 0.3}, calls, seed=5)
        self.assertEqual(first, self.decisions({"probability": 0.3}, calls, seed=5))
        self.assertNotEqual(first, self.decisions({"probability": 0.3}, calls, seed=6))
        self.assertTrue(30 < sum(first) < 90)

    def test_every_nth_counts_only_what_matches(self):
        calls = [call(), call("PutItem"), call(), call(), call()]
        decided = self.decisions({"operation": "GetItem", "every": 2}, calls)
        self.assertEqual(decided, [False, False, True, False, True])

    def test_skip_and_times_bound_the_injections(self):
        self.assertEqual(
            self.decisions({"skip": 2, "times": 2}, [call() for _ in range(6)]),
            [False, False, True, True, False, False],
        )

    def test_contains_looks_into_the_body(self):
        calls = [call(body={"Key": "st-021"}), call(body={"Key": "st-001"})]
        self.assertEqual(self.decisions({"contains": "st-021"}, calls), [True, False])

    def test_operation_and_table_take_lists(self):
        calls = [call(), call("Query"), call("Query", {"TableName": "Bikes"})]
        decided = self.decisions({"operation": ["Query", "Scan"], "table": ["Bikes"]}, calls)
        self.assertEqual(decided, [False, False, True])

    def test_probability_zero_never_applies(self):
        self.assertFalse(any(self.decisions({"probability": 0}, [call() for _ in range(100)])))

    def test_rules_that_cannot_be_understood_are_refused_with_their_place(self):
        bad = [
            [{"action": {}}],
            [{"match": {"op": "GetItem"}, "action": {"error": 500}}],
            [{"action": {"reset": "middle"}}],
            [{"match": {"probability": 3}, "action": {"error": 500}}],
            [{"match": {"every": 0}, "action": {"error": 500}}],
            ["text"],
        ]
        for rules in bad:
            with self.assertRaisesRegex(RuleError, "rule 0"):
                RuleBook({"rules": rules})
        with self.assertRaises(RuleError):
            RuleBook(7)


class AnswerTests(unittest.TestCase):
    def test_a_hot_partition_names_reason_and_table(self):
        status, body = throttle_answer({"reason": "KeyRange"}, call())
        self.assertEqual(status, 400)
        self.assertEqual(
            body["__type"], "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        )
        self.assertEqual(
            body["ThrottlingReasons"],
            [
                {
                    "reason": "TableReadKeyRangeThroughputExceeded",
                    "resource": "arn:aws:dynamodb:eu-west-1:000000000000:table/Stations",
                }
            ],
        )

    def test_an_index_and_a_write_are_named_as_such(self):
        query = call("Query", {"TableName": "Stations", "IndexName": "ByDistrict"})
        reason = throttle_answer({"reason": "AccountLimit"}, query)[1]["ThrottlingReasons"][0]["reason"]
        self.assertEqual(reason, "IndexReadAccountLimitExceeded")
        write = throttle_answer({"reason": "MaxOnDemand"}, call("PutItem"))[1]["ThrottlingReasons"][0]["reason"]
        self.assertEqual(write, "TableWriteMaxOnDemandThroughputExceeded")

    def test_throttling_exception_spells_its_reasons_in_lower_case(self):
        body = throttle_answer({"type": "ThrottlingException"}, call())[1]
        self.assertIn("throttlingReasons", body)
        self.assertTrue(body["__type"].endswith("#ThrottlingException"))

    def test_cloudwatch_is_throttled_in_its_own_words(self):
        body = throttle_answer({}, call("PutMetricData", {}, "GraniteServiceVersion20100801"))[1]
        self.assertEqual(body["__type"], "Throttling")

    def test_errors_are_numbers_or_spelled_out(self):
        self.assertEqual(error_answer(503, call())[0], 503)
        status, body = error_answer({"status": 400, "type": "x#ExpiredTokenException"}, call())
        self.assertEqual((status, body["__type"]), (400, "x#ExpiredTokenException"))

    def test_the_checksum_is_of_the_bytes_on_the_wire(self):
        head, _, body = encode_answer(400, {"a": "ü"}, "id", "date").partition(b"\r\n\r\n")
        self.assertIn(f"x-amz-crc32: {zlib.crc32(body)}".encode(), head)
        self.assertIn(f"Content-Length: {len(body)}".encode(), head)


if __name__ == "__main__":
    unittest.main()
