"""A CloudWatch on loopback that takes everything and counts requests, bytes and datums; for benchmarks."""

import gzip
import http.server
import json
import threading
import time


class CloudWatchCounter:
    """Serves while the block runs that uses it. `requests` has one entry for each PutMetricData."""

    def __init__(self):
        self.requests = []
        # Seconds that an answer waits; what hangs is a shutdown's worst case.
        self.delay = 0.0
        # Whether requests are refused as throttled: an outage.
        self.throttles = False
        counter = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                arrived = time.time()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if counter.delay:
                    time.sleep(counter.delay)
                if counter.throttles:
                    self.answer(400, b'{"__type":"ThrottlingException","message":"Rate exceeded"}')
                else:
                    self.answer(200, b"{}")
                counter.requests.append({
                    "at": arrived, "answered": time.time(), "bytes": len(body), "taken": not counter.throttles,
                    "target": self.headers.get("X-Amz-Target", ""),
                    "gzip": self.headers.get("Content-Encoding") == "gzip", "body": body,
                })

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def since(self, moment, until=float("inf")):
        return [request for request in list(self.requests) if moment <= request["at"] < until]


def datum_count(request):
    """How many datums a request has."""
    body = gzip.decompress(request["body"]) if request["gzip"] else request["body"]
    try:
        return len(json.loads(body).get("MetricData", []))
    except ValueError:
        return 0
