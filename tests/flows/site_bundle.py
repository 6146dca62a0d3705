"""A site as a tutorial makes it for servers: one folder with everything in it, scripts without a first line."""

import io
import zipfile

APPSPEC = """version: 0.0
os: linux
files:
  - source: /
    destination: /var/www/html
hooks:
  ApplicationStop:
    - location: scripts/stop_server
      timeout: 10
      runas: ec2-user
  AfterInstall:
    - location: scripts/set_owner
      timeout: 5
      runas: root
  ApplicationStart:
    - location: scripts/start_server
      timeout: 10
      runas: ec2-user
"""
SET_OWNER = "chown -R ec2-user:ec2-user /var/www/html\n"
START = """cd "$INSTANCE_ROOT/var/www/html"
"${PYTHON:-python3}" -S -E -m http.server 8000 --bind "${HOST:-0.0.0.0}" > /dev/null 2>&1 &
echo $! > .pid
"""
STOP = """kill "$(cat "$INSTANCE_ROOT/var/www/html/.pid")"
"""


def site(version: str, **scripts: str) -> bytes:
    files = {
        "appspec.yml": APPSPEC,
        "index.html": version,
        "healthz": "ok",
        "scripts/set_owner": SET_OWNER,
        "scripts/start_server": START,
        "scripts/stop_server": STOP,
    } | {f"scripts/{name}": text for name, text in scripts.items()}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        for name, text in files.items():
            entry = zipfile.ZipInfo(f"site-main/{name}", (2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, text)
    return archive.getvalue()
