"""The proxy on real sockets, in front of a small server of the test's own."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SCRIPTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..")


class Echo(BaseHTTPRequestHandler):
    """Answers every POST with what it received."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Signature-Seen", self.headers.get("Authorization", ""))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class ProxyTests(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        self.server.daemon_threads = True
        self.server.received = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.folder = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.folder.name, "requests.jsonl")
        upstream = f"http://127.0.0.1:{self.server.server_port}"
        self.proxy = subprocess.Popen(
            [sys.executable, os.path.join(SCRIPTS, "fault-proxy"), "--upstream", upstream, "--log", self.log],
            stdout=subprocess.PIPE,
        )
        self.port = json.loads(self.proxy.stdout.readline())["port"]

    def tearDown(self):
        self.proxy.send_signal(signal.SIGTERM)
        self.assertEqual(self.proxy.wait(timeout=20), 0)
        self.proxy.stdout.close()
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def control(self, method, path, body=None):
        connection = self.connect()
        connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        result = answer.status, json.loads(answer.read())
        connection.close()
        return result

    def post(self, connection, operation="GetItem", body=b'{"TableName": "T"}', **headers):
        target = f"DynamoDB_20120810.{operation}"
        connection.request("POST", "/", body, {"X-Amz-Target": target, "Authorization": "abc", **headers})
        answer = connection.getresponse()
        return answer, answer.read()

    def counts(self, operation="GetItem"):
        return self.control("GET", "/__counts")[1]["operations"][operation]

    def test_bytes_and_headers_pass_through_on_one_kept_connection(self):
        connection = self.connect()
        for size in (0, 1, 70_000, 1_500_000):
            body = b"x" * size
            answer, received = self.post(connection, body=body)
            self.assertEqual((answer.status, received), (200, body))
            self.assertEqual(answer.getheader("X-Signature-Seen"), "abc")
        host = self.server.received[0][0]["Host"]
        self.assertEqual(host, f"127.0.0.1:{self.port}")
        connection.close()
        counted = self.counts()
        self.assertEqual((counted["seen"], counted["forwarded"], counted["answered"]), (4, 4, {"200": 4}))

    def test_every_request_is_one_line_of_the_log(self):
        connection = self.connect()
        self.post(connection, "PutItem", **{"amz-sdk-invocation-id": "one"})
        self.control("PUT", "/__faults", [{"name": "hot", "action": {"throttle": {}}}])
        self.post(connection, "PutItem", **{"amz-sdk-invocation-id": "two"})
        connection.close()
        self.control("GET", "/__counts")
        with open(self.log, encoding="utf-8") as file:
            first, second = (json.loads(line) for line in file)
        self.assertEqual((first["operation"], first["tables"], first["invocation"]), ("PutItem", ["T"], "one"))
        self.assertEqual((first["status"], first["upstream"], first["fault"]), (200, 200, None))
        self.assertEqual((second["status"], second["upstream"]), (400, None))
        self.assertEqual((second["fault"], second["rule"]), ("throttle", "hot"))

    def test_an_injected_throttle_keeps_the_connection(self):
        self.control("PUT", "/__faults", [{"match": {"every": 2}, "action": {"throttle": {}}}])
        connection = self.connect()
        self.assertEqual([self.post(connection)[0].status for _ in range(4)], [200, 400, 200, 400])
        self.assertEqual(len(self.server.received), 2)
        self.control("DELETE", "/__faults")
        self.assertEqual(self.post(connection)[0].status, 200)
        connection.close()

    def test_a_reset_before_is_not_forwarded_and_one_after_is(self):
        for moment, forwarded in (("before", 0), ("after", 1)):
            self.control("DELETE", "/__counts")
            self.server.received.clear()
            self.control("PUT", "/__faults", [{"action": {"reset": moment}}])
            connection = self.connect()
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                self.post(connection)
            connection.close()
            counted = self.counts()
            self.assertEqual((counted["seen"], counted["forwarded"]), (1, forwarded))
            self.assertEqual((counted["unanswered"], len(self.server.received)), (1, forwarded))

    def test_a_truncated_answer_promises_more_than_it_sends(self):
        self.control("PUT", "/__faults", [{"action": {"truncate": True}}])
        connection = self.connect()
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            self.post(connection, body=b"y" * 1000)
        connection.close()

    def test_a_delayed_request_is_answered_all_the_same(self):
        self.control("PUT", "/__faults", [{"action": {"delay_ms": 20}}])
        connection = self.connect()
        self.assertEqual(self.post(connection)[0].status, 200)
        self.assertEqual(self.counts()["faults"], {"delay": 1})
        connection.close()

    def test_bad_rules_are_refused_and_change_nothing(self):
        self.control("PUT", "/__faults", [{"name": "kept", "action": {"error": 500}}])
        status, answer = self.control("PUT", "/__faults", [{"action": {"explode": 1}}])
        self.assertEqual(status, 400)
        self.assertIn("explode", answer["error"])
        self.assertEqual(self.control("GET", "/__faults")[1]["rules"][0]["name"], "kept")

    def test_an_upstream_that_is_gone_is_counted(self):
        self.server.shutdown()
        self.server.server_close()
        connection = self.connect()
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            self.post(connection)
        self.assertEqual(self.counts()["upstream"], {"failed": 1})


if __name__ == "__main__":
    unittest.main()
