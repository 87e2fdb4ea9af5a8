"""Reads back what CloudWatch holds, with nothing but the standard library: a witness that shares no code with Tidemark."""

import json
import time
import urllib.error
import urllib.request

TARGET = "GraniteServiceVersion20100801."


class CloudWatchError(Exception):
    """CloudWatch refused, or did not answer."""


class CloudWatch:
    """Unsigned JSON 1.0 calls, as the local AWS takes them."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, operation, **parameters):
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": TARGET + operation,
            # MiniStack finds the service by the credential's scope.
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/monitoring/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        request = urllib.request.Request(self.endpoint, json.dumps(parameters).encode(), headers)
        try:
            with self.opener.open(request, timeout=20) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as problem:
            raise CloudWatchError(f"{operation}: {problem.code} {problem.read()[:300]!r}") from problem
        except (OSError, ValueError) as problem:
            raise CloudWatchError(f"{operation}: {problem}") from problem

    def metrics(self, namespace, name):
        """The dimension sets under which a metric was published, each as a dictionary."""
        found, token = [], {}
        while True:
            page = self.call("ListMetrics", Namespace=namespace, MetricName=name, **token)
            for metric in page.get("Metrics", []):
                found.append({d["Name"]: d["Value"] for d in metric.get("Dimensions", [])})
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}

    def total(self, namespace, name, dimensions, since, statistic="Sum"):
        """The sum of a metric over the time since then, datapoint by datapoint of a minute."""
        answer = self.call(
            "GetMetricStatistics", Namespace=namespace, MetricName=name, Period=60, Statistics=[statistic],
            Dimensions=[{"Name": k, "Value": v} for k, v in sorted(dimensions.items())],
            StartTime=int(since) - int(since) % 60, EndTime=int(time.time()) + 120,
        )
        return sum(point.get(statistic, 0) for point in answer.get("Datapoints", []))

    def totals(self, namespace, name, by, since, only=None):
        """Sums of a metric added up by one dimension, over the sets that carry exactly `only` besides."""
        sums = {}
        for dimensions in self.metrics(namespace, name):
            if by not in dimensions or any(dimensions.get(k) != v for k, v in (only or {}).items()):
                continue
            key = dimensions[by]
            sums[key] = sums.get(key, 0) + self.total(namespace, name, dimensions, since)
        return sums

    def alarms(self):
        """Every alarm by name: its state, its reason, whether it is a composite."""
        states, token = {}, {}
        while True:
            page = self.call("DescribeAlarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"], **token)
            for kind in ("MetricAlarms", "CompositeAlarms"):
                for alarm in page.get(kind, []):
                    states[alarm["AlarmName"]] = {
                        "state": alarm.get("StateValue"), "reason": alarm.get("StateReason", ""),
                        "composite": kind == "CompositeAlarms", "definition": alarm,
                    }
            if not page.get("NextToken"):
                return states
            token = {"NextToken": page["NextToken"]}

    def history(self, name):
        """The state changes of an alarm, as CloudWatch wrote them down, oldest first."""
        answer = self.call("DescribeAlarmHistory", AlarmName=name, HistoryItemType="StateUpdate")
        return sorted(answer.get("AlarmHistoryItems", []), key=lambda item: item.get("Timestamp", 0))
