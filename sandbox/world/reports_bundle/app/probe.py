"""probe.py HOST PORT: wait until the site answers its health check."""

import socket
import sys
import time

deadline = time.monotonic() + 12
while True:
    try:
        with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            if b" 200 " in connection.recv(1024):
                sys.exit(0)
    except OSError as error:
        problem = str(error)
    if time.monotonic() > deadline:
        sys.exit(f"The site does not answer: {problem}")
    time.sleep(0.05)
