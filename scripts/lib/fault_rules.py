"""What the fault-injecting proxy decides: which request gets which fault, and how the answer reads.

No sockets here, so that the rules can be tested as plain values.
"""

import gzip
import json
import random
import zlib

READ_OPERATIONS = {"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"}
ACCOUNT = "000000000000"
DYNAMODB_TYPE = "com.amazonaws.dynamodb.v20120810#"

MATCH_KEYS = {"service", "operation", "table", "index", "contains", "probability", "every", "skip", "times"}
ACTION_KEYS = {"throttle", "error", "delay_ms", "reset", "truncate"}


class RuleError(ValueError):
    """A rule that cannot be understood; the text says which one and why."""


class Call:
    """One request as the proxy sees it: who asked for what, on which tables."""

    def __init__(self, target, body, headers):
        self.service, self.operation = split_target(target)
        self.body = body
        self.region = region_of(headers.get("authorization", ""))
        self.invocation = headers.get("amz-sdk-invocation-id")
        self.attempt = headers.get("amz-sdk-request")
        self.tables, self.index = tables_of(self.operation, body, headers)

    @property
    def resource(self):
        """The ARN that DynamoDB would name in a throttle of this call."""
        table = self.tables[0] if self.tables else "unknown"
        arn = f"arn:aws:dynamodb:{self.region}:{ACCOUNT}:table/{table}"
        return f"{arn}/index/{self.index}" if self.index else arn


def split_target(target):
    """`DynamoDB_20120810.GetItem` -> ("DynamoDB", "GetItem")."""
    if not target or "." not in target:
        return "other", target or "none"
    prefix, operation = target.rsplit(".", 1)
    if prefix.startswith("DynamoDB"):
        return "DynamoDB", operation
    if prefix.startswith("Granite"):
        return "CloudWatch", operation
    return prefix, operation


def region_of(authorization):
    """The region in a SigV4 credential scope, `us-east-1` where there is none."""
    _, found, rest = authorization.partition("Credential=")
    parts = rest.split(",", 1)[0].split("/") if found else []
    return parts[2] if len(parts) >= 5 else "us-east-1"


def tables_of(operation, body, headers):
    """The tables that a DynamoDB request names, in order and once each, and its index."""
    if headers.get("content-encoding") == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            return [], None
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        return [], None
    if not isinstance(parsed, dict):
        return [], None
    names = []
    if isinstance(parsed.get("TableName"), str):
        names.append(parsed["TableName"])
    if isinstance(parsed.get("RequestItems"), dict):
        names.extend(parsed["RequestItems"])
    for item in parsed.get("TransactItems") or []:
        for part in item.values() if isinstance(item, dict) else []:
            if isinstance(part, dict) and isinstance(part.get("TableName"), str):
                names.append(part["TableName"])
    index = parsed.get("IndexName")
    return list(dict.fromkeys(names)), index if isinstance(index, str) else None


class Rule:
    """One rule: what it matches, what it does, and how often it did."""

    def __init__(self, position, text, seed):
        where = f"rule {position}"
        if not isinstance(text, dict):
            raise RuleError(f"{where} is not an object")
        self.match = text.get("match", {})
        self.action = text.get("action", {})
        self.name = str(text.get("name", f"rule{position}"))
        check_keys(f"{where}: match", self.match, MATCH_KEYS)
        check_keys(f"{where}: action", self.action, ACTION_KEYS)
        if not self.action:
            raise RuleError(f"{where} has no action; give one of {', '.join(sorted(ACTION_KEYS))}")
        if self.action.get("reset") not in (None, "before", "after"):
            raise RuleError(f'{where}: reset is "before" or "after" forwarding')
        if not 0 <= float(self.match.get("probability", 1)) <= 1:
            raise RuleError(f"{where}: probability lies between 0 and 1")
        if int(self.match.get("every", 1)) < 1:
            raise RuleError(f"{where}: every is at least 1")
        self.random = random.Random(f"{seed}/{position}")
        self.matched = 0
        self.injected = 0

    def applies(self, call):
        """Whether this rule acts on this call. Counts and draws, so ask once for each call."""
        wanted = self.match
        if "service" in wanted and wanted["service"] != call.service:
            return False
        if "operation" in wanted and call.operation not in one_or_many(wanted["operation"]):
            return False
        if "table" in wanted and not set(one_or_many(wanted["table"])) & set(call.tables):
            return False
        if "index" in wanted and wanted["index"] != call.index:
            return False
        if "contains" in wanted and wanted["contains"].encode() not in call.body:
            return False
        self.matched += 1
        drawn = self.random.random()
        if self.matched <= int(wanted.get("skip", 0)):
            return False
        if "times" in wanted and self.injected >= int(wanted["times"]):
            return False
        if (self.matched - int(wanted.get("skip", 0))) % int(wanted.get("every", 1)) != 0:
            return False
        if drawn >= float(wanted.get("probability", 1)):
            return False
        self.injected += 1
        return True


class RuleBook:
    """The rules in force. The first rule that applies to a call decides it."""

    def __init__(self, text=None):
        text = {} if text is None else text
        if isinstance(text, list):
            text = {"rules": text}
        if not isinstance(text, dict) or not isinstance(text.get("rules", []), list):
            raise RuleError('faults are {"seed": 1, "rules": [{"match": {…}, "action": {…}}]}')
        self.seed = text.get("seed", 1)
        self.rules = [Rule(i, rule, self.seed) for i, rule in enumerate(text.get("rules", []))]

    def decide(self, call):
        """The rule that acts on this call, or None."""
        return next((rule for rule in self.rules if rule.applies(call)), None)

    def describe(self):
        return {
            "seed": self.seed,
            "rules": [
                {"name": r.name, "match": r.match, "action": r.action, "matched": r.matched, "injected": r.injected}
                for r in self.rules
            ],
        }


def check_keys(where, value, allowed):
    if not isinstance(value, dict):
        raise RuleError(f"{where} is not an object")
    unknown = sorted(set(value) - allowed)
    if unknown:
        raise RuleError(f"{where} does not know {', '.join(unknown)}; it knows {', '.join(sorted(allowed))}")


def one_or_many(value):
    return value if isinstance(value, list) else [value]


def kind_of(action):
    """The name under which an action is counted."""
    if "throttle" in action:
        return "throttle"
    if "error" in action:
        error = action["error"]
        return f"error{error.get('status', 500) if isinstance(error, dict) else error}"
    if "reset" in action:
        return f"reset-{action['reset']}"
    return "truncate" if action.get("truncate") else "delay"


def full_reason(reason, call):
    """`KeyRange` -> `TableReadKeyRangeThroughputExceeded`, by what the call reads or writes."""
    if reason.endswith("Exceeded"):
        return reason
    place = "Index" if call.index else "Table"
    direction = "Read" if call.operation in READ_OPERATIONS else "Write"
    middle = reason if reason.endswith("Limit") else f"{reason}Throughput"
    return f"{place}{direction}{middle}Exceeded"


def throttle_answer(throttle, call):
    """A throttle in the service's own form: status 400, the exception's type, the reasons with their resource."""
    throttle = throttle if isinstance(throttle, dict) else {}
    if call.service != "DynamoDB":
        return 400, {"__type": throttle.get("type", "Throttling"), "message": "Rate exceeded"}
    kind = throttle.get("type", "ProvisionedThroughputExceededException")
    reasons = throttle.get("ThrottlingReasons")
    if reasons is None and throttle.get("reason", "KeyRange"):
        reason = full_reason(throttle.get("reason", "KeyRange"), call)
        reasons = [{"reason": reason, "resource": throttle.get("resource", call.resource)}]
    prefix = "com.amazon.coral.availability#" if kind == "ThrottlingException" else DYNAMODB_TYPE
    body = {"__type": prefix + kind}
    if reasons:
        field = "throttlingReasons" if kind == "ThrottlingException" else "ThrottlingReasons"
        body[field] = reasons
        parts = [f"{r['reason']} on {r['resource']}" for r in reasons]
        body["message"] = "Throughput exceeds the current capacity: " + ", ".join(parts)
    else:
        body["message"] = "Throughput exceeds the current capacity of your table or index."
    return 400, body


def error_answer(error, call):
    """An error of the service: 500 and 503 by number, anything else spelled out."""
    error = error if isinstance(error, dict) else {"status": int(error)}
    status = int(error.get("status", 500))
    if call.service == "DynamoDB":
        default = DYNAMODB_TYPE + ("InternalServerError" if status != 503 else "ServiceUnavailable")
    else:
        default = "InternalServiceFault" if status != 503 else "ServiceUnavailable"
    body = {"__type": error.get("type", default), "message": error.get("message", "Injected by the fault proxy.")}
    body.update(error.get("fields", {}))
    return status, body


def encode_answer(status, body, request_id, date):
    """The bytes of an answer as DynamoDB sends it, `x-amz-crc32` of the body included."""
    payload = json.dumps(body, separators=(",", ":")).encode()
    phrase = {400: "Bad Request", 500: "Internal Server Error", 503: "Service Unavailable"}.get(status, "Fault")
    head = (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "Server: Server\r\n"
        f"Date: {date}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(payload)}\r\n"
        "Connection: keep-alive\r\n"
        f"x-amzn-RequestId: {request_id}\r\n"
        f"x-amz-crc32: {zlib.crc32(payload)}\r\n\r\n"
    )
    return head.encode() + payload
