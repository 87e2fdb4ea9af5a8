"""What a contestant sends, so that raw libcurl can send the same."""

import socket
import subprocess

from bench_stub import ANSWER_HEADERS, answer
from local_aws import NotStarted


def capture(command_for, seconds=30):
    """What a contestant sends: runs `command_for(url)` against a socket that answers once. Header lines and body."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(seconds)
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            command_for(f"http://127.0.0.1:{port}"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(seconds)
                request = read_request(connection)
                connection.sendall(wire_answer())
                process.wait(seconds)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise NotStarted(f"the program that shall be measured made no call: {problem}") from problem
        finally:
            process.kill()
            errors = process.communicate()[1].decode(errors="replace")
    if process.returncode != 0:
        raise NotStarted(f"the program that shall be measured failed on its first call: {errors.strip()}")
    return request


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")[1:]
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:"))
    while len(body) < length:
        body += receive(connection)
    return lines, body


def receive(connection):
    piece = connection.recv(65536)
    if not piece:
        raise OSError("the connection ended inside the request")
    return piece


def wire_answer():
    headers = {**ANSWER_HEADERS, "Content-Length": str(len(answer()))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return b"HTTP/1.1 200 OK\r\n" + lines.encode() + b"\r\n" + answer()


def raw_headers(lines):
    """The header lines that raw libcurl is given so that it sends the same as the contestant that was captured."""
    own = ("host", "content-length")
    kept = [line for line in lines if line.split(":")[0].lower() not in own]
    names = {line.split(":")[0].lower() for line in kept}
    # A name without a value keeps libcurl from adding a header of its own.
    return kept + [f"{name}:" for name in ("Accept", "Expect") if name.lower() not in names]


def without_host(lines):
    """Header lines in any order, without the one that names the port."""
    return sorted(line for line in lines if not line.lower().startswith("host:"))
