"""chDB behind ClickHouse's HTTP interface, in a process of its own.

The real engine, on a port that a test can close, and in a process that a test can kill: what a
test of outages needs where no ClickHouse server is installed. Speaks as much of the interface as
clickhouse-connect uses without compression (``?compress=false``).

    python clickhouse_http.py FOLDER PORT
"""

import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

import chdb

SETTINGS_OF_AN_INSERT = ("async_insert", "async_insert_deduplicate", "insert_deduplicate")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: "chdb.Connection"
    lock = Lock()

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, *args: object) -> None:
        pass

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = bytearray()
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(body)

    def _answer(self, body: bytes) -> None:
        fields = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        try:
            with self.lock:
                result = self._run(fields, body)
        except RuntimeError as error:
            self._send(500, str(error).encode(), {"X-ClickHouse-Exception-Code": "1"})
        else:
            self._send(200, result, {"X-ClickHouse-Format": "Native"} if result else {})

    def _run(self, fields: dict[str, str], body: bytes) -> bytes:
        if urlsplit(self.path).path == "/ping":
            return b"Ok.\n"
        if fields.get("database"):
            self.engine.query(f"USE `{fields['database']}`")
        if body.startswith(b"INSERT INTO") and not fields.get("query"):
            return self._insert(fields, body)
        query = (fields.get("query", "").encode() + b" " + body).strip().decode()
        parameters = {k[6:]: v for k, v in fields.items() if k.startswith("param_")}
        return self.engine.query(query, "TabSeparated", params=parameters).bytes() or b""

    def _insert(self, fields: dict[str, str], body: bytes) -> bytes:
        statement, _, block = body.partition(b" FORMAT Native\n")
        settings = ", ".join(f"{k} = {fields[k]}" for k in SETTINGS_OF_AN_INSERT if k in fields)
        with tempfile.NamedTemporaryFile(suffix=".native") as file:
            file.write(block)
            file.flush()
            self.engine.query(
                f"{statement.decode()} FROM INFILE '{file.name}' SETTINGS {settings} FORMAT Native"
            )
        return b""

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    Handler.engine = chdb.connect(str(folder))
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
