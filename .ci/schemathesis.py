#!/usr/bin/env python3
"""Runs schemathesis, with all its checks, against the service that this checkout builds.

    .ci/schemathesis.py [--server FILE] [--schemathesis FILE]

Starts `chat-server` with demonstration data on a free port of 127.0.0.1, once for each kind of installation, and plays
the contract against it for every way to sign in, and for nobody. Ends with 1 if any check failed, or if a run was too
one-sided to prove anything: see `SHARES`. Without options it builds the server and installs schemathesis, pinned, into a
temporary folder.
"""

import argparse
import collections
import http.cookiejar
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIGNED_IN = ROOT / ".ci" / "schemathesis.toml"
NOBODY = ROOT / ".ci" / "schemathesis-nobody.toml"
CONTRACT = ROOT / "openapi.yaml"

# Pinned, so that a new check of theirs is a change of ours and not a surprise.
SCHEMATHESIS = "schemathesis==4.32.5"

# Each must be answered, and not only with refusals.
OPERATIONS = [("GET", "/api/v1/ChatSession/ForCurrentUser"), ("POST", "/api/v1/ChatSession/Pickup")]

RUN_SECONDS = 300
STOP_SECONDS = 15

# Sessions that wait when a run begins: some pickups find one, the last ones do not. Few, because every list holds all.
WAITING_SESSIONS = 40

# Which part of an operation's answers must be of a kind, at least: a run that is refused from the first request to the
# last passes every check and proves nothing. Far below what is usual, so that a new pattern in the contract is no failure.
SHARES = {
    SIGNED_IN: {"2xx": 0.20, "400": 0.20},
    NOBODY: {"401": 0.20, "400": 0.20},
}

# Fewer requests than this mean that something was skipped.
FEWEST_REQUESTS = 100

# Who signs in does so well, and nobody else at all: made-up credentials and keys are malformed as often as not, and 400 is
# right for those.
NO_CREDENTIALS = ("--generation-with-security-parameters", "false")

# All of a run comes from one address and one user, and checks sign in wrongly on purpose: limits are not tried here, and
# a 429 would hide what is.
ENVIRONMENT = {
    "CHAT_LIMITS_MAX_CONCURRENT_REQUESTS_PER_USER": "1000",
    "CHAT_SIGN_IN_FREE_FAILURES_PER_USER": "100000",
    "CHAT_SIGN_IN_FREE_FAILURES_PER_ADDRESS": "100000",
    "CHAT_CUSTOMERS_STARTS_PER_MINUTE": "1000000",
    "CHAT_CUSTOMERS_REQUESTS_PER_MINUTE": "1000000",
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


def browser_session(url, user, password):
    """Signs in on the page; answers the headers that a browser and the page's own scripts send afterwards."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{url}/signin").read().decode()
    form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    form |= {"user": user, "password": password}
    browser.open(f"{url}/signin", urllib.parse.urlencode(form).encode()).read()
    cookies = {cookie.name: cookie.value for cookie in jar}
    return ["-H", f"Cookie: session={cookies['session']}", "-H", f"X-XSRF-TOKEN: {cookies['XSRF-TOKEN']}"]


def shares_are_met(report, shares):
    """Whether every operation was answered in all the ways that it should; prints how often."""
    answers = collections.defaultdict(collections.Counter)
    for entry in json.loads(report.read_text(encoding="utf-8"))["log"]["entries"]:
        path = urllib.parse.urlsplit(entry["request"]["url"]).path
        answers[entry["request"]["method"], path][entry["response"]["status"]] += 1
    fine = True
    for operation in OPERATIONS:
        statuses = answers[operation]
        total = statuses.total()
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(f"{' '.join(operation)}: {total} answers ({counts})")
        if total < FEWEST_REQUESTS:
            print(f"  too few requests, at least {FEWEST_REQUESTS} are expected")
            fine = False
        for kind, least in shares.items():
            count = sum(count for status, count in statuses.items() if re.fullmatch(kind.replace("x", "."), str(status)))
            if count < least * total:
                print(f"  too few answers with {kind}: {count}, at least {least:.0%} of {total} are expected")
                fine = False
    return fine


def play(schemathesis, server, who, configuration, *options):
    """One run; answers whether no check failed and the answers were as mixed as they should be."""
    started = time.monotonic()
    print(f"\n-- {who}", flush=True)
    server.let_sessions_wait()
    report = server.folder / "report.har"
    report.unlink(missing_ok=True)
    command = [
        schemathesis, "--config-file", configuration, "run", CONTRACT, "--url", server.url, "--checks", "all",
        "--report", "har", "--report-har-path", report, *options,
    ]
    try:
        fine = subprocess.run(command, cwd=server.folder, timeout=RUN_SECONDS, check=False).returncode == 0
        fine = shares_are_met(report, SHARES[configuration]) and fine
    except subprocess.TimeoutExpired:
        print(f"not done after {RUN_SECONDS} s")
        fine = False
    print(f"-- {who}: {'fine' if fine else 'FAILED'} after {time.monotonic() - started:.0f} s", flush=True)
    return fine


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
        def run(server, who, configuration, *options):
            results.append(play(schemathesis, server, who, configuration, *options))

        with Server(binary, folder, "onsite") as server:
            # Where none is needed one must be right all the same: made-up ones would be refused.
            application = ["-H", f"SO-AppToken: {server.command('app', 'add', 'schemathesis')}"]
            ticket = server.command("ticket", "issue", "tje0")
            session = browser_session(server.url, "tje0", "Tje0")
            run(server, "on-site, Basic", SIGNED_IN, "--auth", "tje0:Tje0", *application, *NO_CREDENTIALS)
            run(server, "on-site, SoTicket", SIGNED_IN, "-H", f"Authorization: SoTicket {ticket}", *application, *NO_CREDENTIALS)
            run(server, "on-site, browser session", SIGNED_IN, *session, *application, *NO_CREDENTIALS)
            run(server, "on-site, nobody signed in", NOBODY, *NO_CREDENTIALS)
        with Server(binary, folder, "online") as server:
            application = ["-H", f"SO-AppToken: {server.command('app', 'add', 'schemathesis')}"]
            token = server.command("token", "issue", "tje0")
            run(server, "online, Bearer", SIGNED_IN, "-H", f"Authorization: Bearer {token}", *application, *NO_CREDENTIALS)
            run(server, "online, nobody signed in", NOBODY, *NO_CREDENTIALS)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
