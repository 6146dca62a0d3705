"""The reports site: server.py VERSION HOST PORT PID_FILE. The file is there for as long as the site is."""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION, HOST, PORT, PID_FILE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        answers = {"/healthz": "ok", "/version": VERSION, "/": json.dumps({"version": VERSION, "host": HOST})}
        body = answers.get(self.path.partition("?")[0], "Not found").encode()
        self.send_response(200 if self.path.partition("?")[0] in answers else 404)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Version", VERSION)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """The load balancer's checks would be a line each."""


def main() -> None:
    server = ThreadingHTTPServer((HOST, PORT), Site)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"Reports {VERSION} on {HOST}:{PORT}, pid {os.getpid()}", flush=True)
    with open(PID_FILE, "w") as file:
        file.write(str(os.getpid()))
    server.serve_forever(poll_interval=0.05)
    os.remove(PID_FILE)


main()
