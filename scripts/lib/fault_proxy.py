"""An HTTP/1.1 proxy in front of a local AWS that counts every request and injects the faults it is told to.

Bytes pass through untouched in both directions, so signatures and checksums hold. What it saw is an independent
witness: it shares no code with the software under test.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import struct
import sys
import time
import uuid
from email.utils import formatdate

from fault_rules import Call, RuleBook, RuleError, encode_answer, error_answer, kind_of, throttle_answer

MAXIMUM_HEAD = 64 * 1024
# The local AWS closes idle connections after five seconds; a pooled one is not used again well before that.
POOL_IDLE_SECONDS = 2.0


class Message:
    """The head of a request or an answer: its raw bytes and its headers by lower-case name."""

    def __init__(self, raw):
        self.raw = raw
        lines = raw.decode("latin-1").split("\r\n")
        self.first = lines[0].split(" ", 2)
        self.headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                self.headers[name.strip().lower()] = value.strip()

    @property
    def length(self):
        return int(self.headers.get("content-length", 0))

    @property
    def closes(self):
        return self.headers.get("connection", "").lower() == "close"


class Counts:
    """How many requests were seen, forwarded and answered, for each operation and table."""

    def __init__(self):
        self.requests = 0
        self.upstream_retries = 0
        self.operations = {}
        self.tables = {}

    def operation(self, call):
        if call.operation not in self.operations:
            numbers = {"seen": 0, "forwarded": 0, "unanswered": 0}
            self.operations[call.operation] = {
                "service": call.service, **numbers, "upstream": {}, "answered": {}, "faults": {}
            }
        return self.operations[call.operation]

    def see(self, call):
        self.requests += 1
        entry = self.operation(call)
        entry["seen"] += 1
        for table in call.tables:
            row = self.tables.setdefault(table, {})
            row[call.operation] = row.get(call.operation, 0) + 1

    def add(self, call, group, name):
        table = self.operation(call)[group]
        table[str(name)] = table.get(str(name), 0) + 1

    def describe(self):
        return {
            "requests": self.requests,
            "upstream_retries": self.upstream_retries,
            "operations": self.operations,
            "tables": self.tables,
        }


class Upstream:
    """Kept-alive connections to the local AWS, shared by all clients."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.idle = []
        self.retries = 0

    async def exchange(self, request):
        """Send one request, return (head, body bytes). A pooled connection found closed is replaced once."""
        while True:
            reader, writer, reused = await self.connect()
            try:
                writer.write(request)
                await writer.drain()
                head = Message(await reader.readuntil(b"\r\n\r\n"))
                body = await read_body(reader, head)
            except (ConnectionError, asyncio.IncompleteReadError) as problem:
                writer.close()
                partial = getattr(problem, "partial", b"")
                if reused and not partial:
                    self.retries += 1
                    continue
                raise ConnectionError("the upstream closed the connection in the middle of an answer") from problem
            except BaseException:
                writer.close()
                raise
            if head.closes:
                writer.close()
            else:
                self.idle.append((reader, writer, time.monotonic()))
            return head, body

    async def connect(self):
        while self.idle:
            reader, writer, since = self.idle.pop()
            if time.monotonic() - since < POOL_IDLE_SECONDS and not reader.at_eof():
                return reader, writer, True
            writer.close()
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=MAXIMUM_HEAD)
        return reader, writer, False

    def close(self):
        for _, writer, _ in self.idle:
            writer.close()
        self.idle.clear()


async def read_body(reader, head):
    """The body's bytes as they stand on the wire, chunk sizes included where it is chunked."""
    if "chunked" in head.headers.get("transfer-encoding", "").lower():
        parts = []
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            parts.append(line + await reader.readexactly(size + 2))
            if size == 0:
                return b"".join(parts)
    if "content-length" in head.headers:
        return await reader.readexactly(head.length)
    if head.first[1] in ("204", "304"):
        return b""
    head.headers["connection"] = "close"
    return await reader.read()


class Proxy:
    """Serves clients, asks the rules, forwards, counts and logs."""

    def __init__(self, upstream, log):
        self.upstream = upstream
        self.log = log
        self.book = RuleBook()
        self.counts = Counts()
        self.clients = set()

    async def serve(self, reader, writer):
        self.clients.add(writer)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                head = Message(raw)
                if "chunked" in head.headers.get("transfer-encoding", "").lower():
                    writer.write(b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    break
                if head.headers.get("expect", "").lower() == "100-continue":
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    raw = b"\r\n".join(x for x in raw.split(b"\r\n") if not x.lower().startswith(b"expect:"))
                body = await reader.readexactly(head.length)
                if head.first[1].startswith("/__"):
                    stay = self.control(head, body, writer)
                else:
                    stay = await self.pass_on(raw, head, body, writer)
                if not stay:
                    break
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            self.clients.discard(writer)
            writer.close()

    async def pass_on(self, raw, head, body, writer):
        """One request through rules and upstream. False ends the client's connection."""
        started = time.monotonic()
        call = Call(head.headers.get("x-amz-target"), body, head.headers)
        self.counts.see(call)
        entry = {
            "time": round(time.time(), 6), "id": self.counts.requests, "service": call.service,
            "operation": call.operation, "tables": call.tables, "index": call.index,
            "invocation": call.invocation, "attempt": call.attempt, "fault": None, "rule": None,
            "upstream": None, "status": None, "bytes": len(body),
        }
        rule = self.book.decide(call)
        action = rule.action if rule else {}
        if rule:
            entry["fault"], entry["rule"] = kind_of(action), rule.name
            self.counts.add(call, "faults", entry["fault"])
        try:
            return await self.act(action, raw + body, call, writer, entry) and not head.closes
        finally:
            if entry["status"] is None:
                self.counts.operation(call)["unanswered"] += 1
            else:
                self.counts.add(call, "answered", entry["status"])
            entry["ms"] = round((time.monotonic() - started) * 1000, 3)
            self.write_log(entry)

    async def act(self, action, request, call, writer, entry):
        if action.get("delay_ms"):
            await asyncio.sleep(float(action["delay_ms"]) / 1000)
        if "throttle" in action or "error" in action:
            if "throttle" in action:
                status, answer = throttle_answer(action["throttle"], call)
            else:
                status, answer = error_answer(action["error"], call)
            writer.write(encode_answer(status, answer, str(uuid.uuid4()), formatdate(usegmt=True)))
            entry["status"] = status
            return True
        if action.get("reset") == "before":
            reset(writer)
            return False
        self.counts.operation(call)["forwarded"] += 1
        try:
            head, body = await self.upstream.exchange(request)
        except OSError as problem:
            entry["upstream"] = f"failed: {problem}"
            self.counts.add(call, "upstream", "failed")
            reset(writer)
            return False
        finally:
            self.counts.upstream_retries = self.upstream.retries
        entry["upstream"] = int(head.first[1])
        self.counts.add(call, "upstream", entry["upstream"])
        if action.get("reset") == "after":
            reset(writer)
            return False
        if action.get("truncate"):
            writer.write(head.raw + body[: len(body) // 2])
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            return False
        if writer.is_closing():
            return False
        writer.write(head.raw + body)
        entry["status"] = entry["upstream"]
        return not head.closes

    def control(self, head, body, writer):
        """`/__faults`, `/__counts`, `/__health`: how the proxy is told and asked."""
        method, path = head.first[0], head.first[1].split("?")[0]
        status, answer = 200, {}
        if path == "/__faults" and method == "PUT":
            try:
                self.book = RuleBook(json.loads(body))
                answer = self.book.describe()
            except (RuleError, ValueError, TypeError) as problem:
                status, answer = 400, {"error": str(problem)}
        elif path == "/__faults" and method == "DELETE":
            self.book = RuleBook()
        elif path == "/__faults":
            answer = self.book.describe()
        elif path == "/__counts" and method == "DELETE":
            self.counts = Counts()
        elif path == "/__counts":
            answer = self.counts.describe()
        elif path == "/__health":
            answer = {"upstream": f"http://{self.upstream.host}:{self.upstream.port}"}
        else:
            status, answer = 404, {"error": "the control addresses are /__faults, /__counts and /__health"}
        payload = json.dumps(answer).encode()
        phrase = {200: "OK", 400: "Bad Request", 404: "Not Found"}[status]
        writer.write(
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n".encode() + payload
        )
        return not head.closes

    def write_log(self, entry):
        if self.log:
            self.log.write(json.dumps(entry, separators=(",", ":")) + "\n")
            self.log.flush()

    def close(self):
        for writer in list(self.clients):
            writer.close()
        self.upstream.close()


def reset(writer):
    """Close with RST rather than FIN, as a lost connection looks."""
    linger = struct.pack("ii", 1, 0)
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def run(arguments):
    host, _, port = arguments.upstream.removeprefix("http://").rstrip("/").partition(":")
    log = open(arguments.log, "a", encoding="utf-8") if arguments.log else None
    proxy = Proxy(Upstream(host, int(port or 80)), log)
    if arguments.faults:
        with open(arguments.faults, encoding="utf-8") as file:
            proxy.book = RuleBook(json.load(file))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", arguments.port, limit=MAXIMUM_HEAD)
    bound = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": bound, "url": f"http://127.0.0.1:{bound}"}), flush=True)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    server.close()
    proxy.close()
    if log:
        log.close()


def main():
    parser = argparse.ArgumentParser(
        prog="fault-proxy",
        description="Forward HTTP/1.1 requests to a local AWS, count them all, and inject faults.",
        epilog='Example: curl -X PUT 127.0.0.1:PORT/__faults -d \'{"seed": 7, "rules": [{"match": {"operation": '
        '"GetItem", "probability": 0.05}, "action": {"throttle": {"reason": "KeyRange"}}}]}\'',
    )
    parser.add_argument("--upstream", required=True, help="http://127.0.0.1:4566")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0, the default, picks a free one")
    parser.add_argument("--log", help="append one JSON line for each request to this file")
    parser.add_argument("--faults", help="a JSON file of rules in force from the start")
    try:
        asyncio.run(run(parser.parse_args()))
    except (OSError, RuleError, ValueError) as problem:
        sys.exit(f"fault-proxy: {problem}")


if __name__ == "__main__":
    main()
