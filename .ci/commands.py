#!/usr/bin/env python3
"""Runs the commands that documents show, in order and as they stand.

    commands.py FILE.md...

Every fence ```sh is one script for `bash -eu`. A fence ```sh background starts a server: the
script must print `listening on` or `serving on`, and is interrupted (as by Ctrl-C) when the document
ends; its exit code must be 0 then. A fence ```yaml workflow is a workflow of GitHub Actions: each of its
`run:` is a script for `bash -e`, in order, whatever its `if:` says. `BASE` is HEAD there, and `gh` a stand-in
that only prints how it is called, so that neither a network nor a token is needed. Anything else (```text,
```rust, ```console) is not run here.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading

FENCE = re.compile(r"^```(sh|sh background|yaml workflow)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# `run:` with what follows it on the line, then the lines that are indented more.
RUN = re.compile(r"^( *)(?:- )?run: (.+)\n((?:\1 +.*\n|\n)*)", re.MULTILINE)
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
        kill(server)
        sys.exit(f"not ready: {script}")
    return server


def stop(server):
    """Interrupts a server as a terminal would: the whole foreground group."""
    os.killpg(server.pid, signal.SIGINT)
    code = server.wait(60)
    if code != 0:
        sys.exit(f"a server that was interrupted exited with {code}")


def kill(server):
    """Ends a server and what it began, if they run."""
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_workflow(workflow):
    """Runs the scripts of a workflow as a runner would, but for what needs GitHub."""
    with tempfile.TemporaryDirectory() as folder:
        stand_in = os.path.join(folder, "gh")
        with open(stand_in, "w", encoding="utf-8") as handle:
            handle.write("#!/bin/sh\necho \"    gh $*\" >&2\n")
        os.chmod(stand_in, 0o755)
        # What a script adds to the index is added to a copy.
        index = subprocess.check_output(["git", "rev-parse", "--git-path", "index"], text=True).strip()
        copy = shutil.copy(index, os.path.join(folder, "index"))
        environment = {
            **os.environ,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "GIT_INDEX_FILE": copy,
            "BASE": "HEAD",
            "COMMENTS": "repos/owner/name/issues",
            "NUMBER": "1",
            "GITHUB_STEP_SUMMARY": os.path.join(folder, "summary.md"),
        }
        scripts = [
            textwrap.dedent(block) if first == "|" else first for _, first, block in RUN.findall(workflow)
        ]
        if len(scripts) != len(re.findall(r"^ *(?:- )?run:", workflow, re.MULTILINE)):
            sys.exit("a `run:` of the workflow is not understood")
        for script in scripts:
            print(f"-- workflow: {script.strip()}", flush=True)
            subprocess.run(["bash", "-eo", "pipefail", "-c", script], check=True, env=environment)


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        servers = []
        try:
            for kind, script in FENCE.findall(text):
                if kind == "yaml workflow":
                    print(f"\n-- {path}: the workflow", flush=True)
                    run_workflow(script)
                    continue
                print(f"\n-- {path}: {script.strip()}", flush=True)
                if kind == "sh background":
                    servers.append(start(script))
                else:
                    subprocess.run(["bash", "-euc", script], check=True)
            for server in servers:
                stop(server)
        finally:
            # Whatever failed, nothing goes on.
            for server in servers:
                kill(server)


if __name__ == "__main__":
    main()
