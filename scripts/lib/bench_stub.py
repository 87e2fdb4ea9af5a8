"""The server that every contestant talks to: nginx with one fixed answer, plain and over TLS.

nginx runs in a folder of its own, in the foreground, on free loopback ports; never as a service of the machine.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import zlib

from local_aws import NotStarted, Processes, free_port

START_SECONDS = 10

# A GetItem answer of an order with three lines: 501 bytes, as DynamoDB would write it.
ITEM = {
    "pk": {"S": "ORDER#2026-001042"},
    "customer": {"S": "anna.petrova@example.com"},
    "status": {"S": "SHIPPED"},
    "placed_at": {"S": "2026-11-23T09:41:07Z"},
    "total": {"N": "129.95"},
    "paid": {"BOOL": True},
    "lines": {
        "L": [
            {"M": {"sku": {"S": "B-7741"}, "quantity": {"N": "2"}, "price": {"N": "19.99"}}},
            {"M": {"sku": {"S": "K-0093"}, "quantity": {"N": "1"}, "price": {"N": "89.97"}}},
        ]
    },
    "tags": {"SS": ["gift", "insured"]},
}
ANSWER_LENGTH = 501


def answer():
    """The answer's bytes, padded by a note to the length that the figures of other machines were made with."""
    document = {"ConsumedCapacity": {"TableName": "Orders", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}}

    def text(note):
        body = {**document, "Item": {**ITEM, "note": {"S": note}}}
        return json.dumps(body, separators=(",", ":")).encode()

    return text("x" * (ANSWER_LENGTH - len(text(""))))


ANSWER_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "x-amzn-RequestId": "9KQ2V7HL4M0S3T8B5N1C6D2F8GVV4KQNSO5AEMVJF66Q9ASUAAJG",
    "x-amz-crc32": str(zlib.crc32(answer())),
}

CONFIGURATION = """
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_tokens off;
    default_type {content_type};
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate server.pem;
        ssl_certificate_key server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        add_header x-amzn-RequestId {request_id};
        add_header x-amz-crc32 {checksum};
        location / {{ return 200 '{body}'; }}
    }}
}}
"""


class Stub:
    """nginx, its certificate and its folder; gone when the block that uses it ends."""

    def __init__(self, nginx):
        self.nginx = nginx
        self.processes = Processes()
        self.folder = None
        self.url = self.tls_url = self.authority = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="tidemark-bench-")
        try:
            self.authority = make_certificates(self.folder)
            for _ in range(3):
                if self.start():
                    return self
            raise NotStarted(f"nginx did not start; the end of its log:\n{self.log()}")
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.processes.stop_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def log(self):
        try:
            with open(self.path("error.log"), encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-5:])
        except OSError:
            return ""

    def start(self):
        plain, tls = free_port(), free_port()
        with open(self.path("nginx.conf"), "w", encoding="utf-8") as file:
            file.write(configuration(plain, tls))
        command = [self.nginx, "-p", self.folder + "/", "-c", "nginx.conf", "-e", "error.log"]
        process = self.processes.start("nginx", command, self.path("output.log"))
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if answers(plain) and answers(tls):
                self.url, self.tls_url = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}"
                return True
            time.sleep(0.02)
        self.processes.stop(process)
        return False


def configuration(plain, tls):
    return CONFIGURATION.format(
        plain=plain, tls=tls, content_type=ANSWER_HEADERS["Content-Type"],
        request_id=ANSWER_HEADERS["x-amzn-RequestId"], checksum=ANSWER_HEADERS["x-amz-crc32"],
        body=answer().decode(),
    )


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def make_certificates(folder):
    """An authority and a server's certificate of a day, by the openssl tool. The authority's file."""
    names = ("ca.key", "ca.pem", "server.key", "server.csr", "server.pem")
    files = {name: os.path.join(folder, name) for name in names}
    extensions = os.path.join(folder, "extensions")
    with open(extensions, "w", encoding="utf-8") as file:
        file.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    commands = [
        ["req", "-x509", *key, "-keyout", files["ca.key"], "-out", files["ca.pem"], "-days", "1", "-subj", "/CN=bench"],
        ["req", *key, "-keyout", files["server.key"], "-out", files["server.csr"], "-subj", "/CN=localhost"],
        ["x509", "-req", "-in", files["server.csr"], "-CA", files["ca.pem"], "-CAkey", files["ca.key"], "-set_serial",
         "1", "-days", "1", "-extfile", extensions, "-out", files["server.pem"]],
    ]
    for command in commands:
        made = subprocess.run(["openssl", *command], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise NotStarted(f"openssl made no certificate: {made.stderr.strip().splitlines()[-1:]}")
    return files["ca.pem"]
