#!/usr/bin/env python3
"""Runs schemathesis, with all its checks, against the service that this checkout builds.

    .ci/schemathesis.py [--server FILE] [--schemathesis FILE]

Starts `chat-server` with demonstration data on a free port of 127.0.0.1, once for each kind of installation, and plays
the contract against it for every way to sign in, and for nobody. Ends with 1 if any check failed. Without options it
builds the server and installs schemathesis, pinned, into a temporary folder.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / ".ci" / "schemathesis.toml"
CONTRACT = ROOT / "openapi.yaml"

# Pinned, so that a new check of theirs is a change of ours and not a surprise.
SCHEMATHESIS = "schemathesis==4.32.5"

STARTUP_SECONDS = 30
RUN_SECONDS = 120
STOP_SECONDS = 15

# Sessions that wait when a run begins: some pickups find one, the last ones do not. Few, because every list holds all.
WAITING_SESSIONS = 40

# Nobody is signed in, truly: made-up credentials are malformed as often as not, and 400 is right for those.
NOBODY = ("--generation-with-security-parameters", "false")

# All of a run comes from one address, and checks sign in wrongly on purpose: that is not what is tried here.
ENVIRONMENT = {
    "CHAT_SIGN_IN_FREE_FAILURES_PER_USER": "1000",
    "CHAT_SIGN_IN_FREE_FAILURES_PER_ADDRESS": "100000",
    "CHAT_LOG_LEVEL": "warn",
}


def build_server():
    subprocess.run(["cargo", "build", "--locked", "--quiet", "--package", "chat-server"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "debug" / "chat-server"


def install_schemathesis(folder):
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    subprocess.run([folder / "venv/bin/pip", "install", "--quiet", SCHEMATHESIS], check=True)
    return folder / "venv/bin/schemathesis"


class Server:
    """A service of its own: an own database, an own port."""

    def __init__(self, binary, folder, installation):
        self.binary = binary
        self.folder = folder / installation
        self.folder.mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
            **ENVIRONMENT,
            "CHAT_DATABASE": f"sqlite://{self.folder / 'chat.db'}",
            "CHAT_INSTALLATION": installation,
        }

    def command(self, *arguments):
        """Runs another command of the binary on the same database; answers the last line that it prints."""
        done = subprocess.run(
            [self.binary, *arguments], env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout.strip().splitlines()[-1]

    def __enter__(self):
        log = open(self.folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--demo", "--listen", "127.0.0.1:0"],
            env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )
        line = self.process.stdout.readline()
        if "listening on " not in line:
            sys.exit(f"the server did not start: {(self.folder / 'log').read_text()}")
        self.url = line.split("listening on ")[1].strip()
        return self

    def let_sessions_wait(self):
        sessions = self.folder / "waiting.toml"
        entry = '[[sessions]]\ntopic = "Customer support"\nstatus = "InQueue"\nrequested = { minutes_ago = 5 }\n'
        sessions.write_text(entry * WAITING_SESSIONS, encoding="utf-8")
        self.command("import", str(sessions))

    def __exit__(self, *_):
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit("the server did not stop")
        if code != 0:
            sys.exit(f"the server ended with {code}: {(self.folder / 'log').read_text()}")


def play(schemathesis, server, who, *options):
    """One run; answers whether no check failed."""
    started = time.monotonic()
    print(f"\n-- {who}", flush=True)
    server.let_sessions_wait()
    command = [
        schemathesis, "--config-file", CONFIGURATION, "run", CONTRACT,
        "--url", server.url, "--checks", "all", *options,
    ]
    try:
        code = subprocess.run(command, cwd=server.folder, timeout=RUN_SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"not done after {RUN_SECONDS} s")
        code = 1
    print(f"-- {who}: {'fine' if code == 0 else 'FAILED'} after {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", type=pathlib.Path, help="a chat-server that is built already")
    arguments.add_argument("--schemathesis", type=pathlib.Path, help="a schemathesis that is installed already")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        binary = (given.server or build_server()).resolve()
        schemathesis = (given.schemathesis or install_schemathesis(folder)).absolute()
        results = []
        with Server(binary, folder, "onsite") as server:
            ticket = server.command("ticket", "issue", "tje0")
            results.append(play(schemathesis, server, "on-site, Basic", "--auth", "tje0:Tje0"))
            results.append(play(schemathesis, server, "on-site, SoTicket", "-H", f"Authorization: SoTicket {ticket}"))
            results.append(play(schemathesis, server, "on-site, nobody signed in", *NOBODY))
        with Server(binary, folder, "online") as server:
            token = server.command("token", "issue", "tje0")
            application = server.command("app", "add", "schemathesis")
            results.append(play(
                schemathesis, server, "online, Bearer",
                "-H", f"Authorization: Bearer {token}", "-H", f"SO-AppToken: {application}",
            ))
            results.append(play(schemathesis, server, "online, nobody signed in", *NOBODY))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
