#!/usr/bin/env python3
"""Runs the commands that documents show, in order and as they stand.

    commands.py FILE.md...

Every fence ```sh is one script for `bash -eu`. A fence ```sh background starts a server: the
script must print `listening on` or `serving on`, and is interrupted (as by Ctrl-C) when the document
ends; its exit code must be 0 then. Anything else (```text, ```rust, ```console) is not run here.
"""

import os
import re
import signal
import subprocess
import sys
import threading

FENCE = re.compile(r"^```sh( background)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
READY = ("listening on", "serving on")
STARTUP_SECONDS = 1200


def start(script):
    """Starts a server and returns once it is ready."""
    server = subprocess.Popen(
        ["bash", "-euc", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    ready = threading.Event()

    def pump():
        for line in server.stdout:
            print("   ", line, end="", flush=True)
            if any(word in line.lower() for word in READY):
                ready.set()
        ready.set()

    threading.Thread(target=pump, daemon=True).start()
    if not ready.wait(STARTUP_SECONDS) or server.poll() is not None:
        sys.exit(f"not ready: {script}")
    return server


def stop(server):
    """Interrupts a server as a terminal would: the whole foreground group."""
    os.killpg(server.pid, signal.SIGINT)
    code = server.wait(60)
    if code != 0:
        sys.exit(f"a server that was interrupted exited with {code}")


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        servers = []
        for background, script in FENCE.findall(text):
            print(f"\n-- {path}: {script.strip()}", flush=True)
            if background:
                servers.append(start(script))
            else:
                subprocess.run(["bash", "-euc", script], check=True)
        for server in servers:
            stop(server)


if __name__ == "__main__":
    main()
