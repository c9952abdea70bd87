#!/usr/bin/env python3
"""Runs schemathesis, with all its checks, against the service that this checkout builds.

    .ci/schemathesis.py [--server FILE] [--schemathesis FILE]

Plays the contract against `chat-server` for every way to sign in, for a customer with the key of a session, and for
nobody. Each run has a server of its own on a free port of 127.0.0.1, with the demonstration data and sessions to work on;
two run at a time, and what each printed is printed when it is done.
Ends with 1 if any check failed, or if a run was too one-sided to prove anything: see `LEAST`. Without options it
builds the server and installs schemathesis, pinned, into a temporary folder.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import http.cookiejar
import io
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIGNED_IN = ROOT / ".ci" / "schemathesis.toml"
CUSTOMER = ROOT / ".ci" / "schemathesis-customer.toml"
NOBODY = ROOT / ".ci" / "schemathesis-nobody.toml"
CONTRACT = ROOT / "openapi.yaml"

# Pinned, so that a new check of theirs is a change of ours and not a surprise.
SCHEMATHESIS = "schemathesis==4.32.5"

# schemathesis itself takes one core, and the server a part of another.
RUNS_AT_ONCE = 2

RUN_SECONDS = 600
STOP_SECONDS = 15

# Made-up requests of a kind to an operation, and sequences of steps, where another run of the same installation tries as
# many as the configuration says: what is other than there is how the caller signs in.
FEW_EXAMPLES = ("--max-examples", "20")

# Which part of an operation's answers must be of a kind, at least: one that is refused from the first request to the last
# passes every check and proves nothing. Far below what is usual, so that a new pattern in the contract is no failure. No
# operation is left out: signed in, each can be carried out.
LEAST = {"2xx": 0.20, "400": 0.20, "401": 0.20}

# The same for operations with a number in their path, which is made up half of the time, or with a body, in which very much
# can be wrong.
LEAST_OF_MANY = 0.03

# Fewer requests to an operation than this mean that something was skipped.
FEWEST_REQUESTS = 50

# What these do can be done to a session once, and few sessions are there for it: a few times are enough.
ONCE = {
    "v1ChatSessionEntity_AcceptTransfer",
    "v1ChatSessionEntity_EndChatSession",
    "v1ChatSessionEntity_PickUpChatSession",
    "v1ChatSessionEntity_RejectTransfer",
    "v1ChatSessionEntity_ResetChatSession",
}
FEW_TIMES = 2

# Numbers of the demonstration data: the topic without opening hours first, and who can respond in it besides `tje0`.
TOPICS = [461, 463]
ASSOCIATES = [397, 398]

# Sessions that wait when a run begins, about as many as are picked up without a number. No more, because every list holds
# all.
WAITING_SESSIONS = 60

# Sessions for the operations that need one in a certain state, by the name that the configurations give their numbers.
# Each group is for one operation, because most leave a session in which it cannot be done again.
ACTIVE = "requested = { minutes_ago = 5 }\nstarted = { minutes_ago = 4 }\n"
MINE = f'{ACTIVE}status = "CustomerLast"\nuser = "tje0"'
OFFERED = f'{ACTIVE}status = "UserLast"\nuser = "ingrid"\ntransfer_to = "tje0"'
GROUPS = {
    "conversations": (5, MINE),
    "to_accept": (10, OFFERED),
    "to_reject": (10, OFFERED),
    "to_end": (10, MINE),
    "to_reset": (10, MINE),
    # Younger than those that wait besides: those are picked up first where no number is given.
    "to_pick_up": (10, 'status = "InQueue"\nrequested = { minutes_ago = 1 }'),
}
FIRST_NUMBER = 10_000

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
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
            **ENVIRONMENT,
            "CHAT_DATABASE": f"sqlite://{self.folder / 'chat.db'}",
            "CHAT_INSTALLATION": installation.replace("-", ""),
        }

    def command(self, *arguments):
        """Runs another command of the binary on the same database; answers the last line that it prints."""
        done = subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{arguments} ended with {done.returncode}: {done.stderr}")
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

    def import_sessions(self):
        """Gives the service sessions to work on; answers the dictionaries of their numbers."""
        entry = '[[sessions]]\ntopic = "Customer support"\n'
        entries = [f'{entry}status = "InQueue"\nrequested = {{ minutes_ago = 5 }}\n'] * WAITING_SESSIONS
        number = FIRST_NUMBER
        dictionaries = {"topics": TOPICS, "associates": ASSOCIATES}
        for group, (count, state) in GROUPS.items():
            dictionaries[group] = list(range(number, number + count))
            entries += [f"{entry}id = {session}\n{state}\n" for session in dictionaries[group]]
            number += count
        sessions = self.folder / "sessions.toml"
        sessions.write_text("".join(entries), encoding="utf-8")
        self.command("import", str(sessions))
        return dictionaries

    def start_session(self):
        """Starts a session as a customer's page does; answers its number and its key."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/ChatTopic/{TOPICS[0]}/Sessions",
            json.dumps({"CustomerName": "Kari Nordmann", "Message": "Where is my parcel?"}).encode(),
            {"Content-Type": "application/json", "Accept": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            session = json.load(answer)
        return session["ChatSessionId"], session["SessionKey"]

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


class Operation:
    """An operation of the contract, and what its answers must be like."""

    def __init__(self, method, path, definition):
        self.method = method.upper()
        self.path = path
        self.id = definition["operationId"]
        schemes = {scheme for choice in definition["security"] for scheme in choice}
        self.is_open = not schemes
        self.takes_key = "chatSessionKey" in schemes
        self.takes_much = "{" in path or "requestBody" in definition
        self.pattern = re.compile("/".join("[^/]+" if "{" in part else re.escape(part) for part in path.split("/")))

    def least(self, configuration, total):
        """How many answers of which kind it must have, at least."""
        if configuration == NOBODY and not self.is_open:
            return {"401": LEAST["401"] * total, "400": total * (LEAST_OF_MANY if self.takes_much else LEAST["400"])}
        done = total * (LEAST_OF_MANY if self.takes_much else LEAST["2xx"])
        if self.id in ONCE:
            # The customer has one session.
            done = 1 if configuration == CUSTOMER else FEW_TIMES
        return {"2xx": done, "400": LEAST["400"] * total}


def operations(schemathesis):
    """All operations of the contract, those without numbers in their paths first. schemathesis has a parser for YAML."""
    code = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin)['paths'], sys.stdout, default=str)"
    with open(CONTRACT, encoding="utf-8") as contract:
        done = subprocess.run(
            [schemathesis.parent / "python", "-c", code], stdin=contract, stdout=subprocess.PIPE, check=True
        )
    found = [
        Operation(method, path, definition)
        for path, methods in json.loads(done.stdout).items()
        for method, definition in methods.items()
    ]
    return sorted(found, key=lambda operation: operation.path.count("{"))


def answers_are_mixed(report, configuration, played):
    """Whether every operation was answered in all the ways that it should; prints how often."""
    answers = collections.defaultdict(collections.Counter)
    for entry in json.loads(report.read_text(encoding="utf-8"))["log"]["entries"]:
        method, path = entry["request"]["method"], urllib.parse.urlsplit(entry["request"]["url"]).path
        for operation in played:
            if operation.method == method and operation.pattern.fullmatch(path):
                answers[operation][entry["response"]["status"]] += 1
                break
    fine = True
    for operation in played:
        statuses = answers[operation]
        total = statuses.total()
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(f"{operation.method} {operation.path}: {total} answers ({counts})")
        if total < FEWEST_REQUESTS:
            print(f"  too few requests, at least {FEWEST_REQUESTS} are expected")
            fine = False
        for kind, least in operation.least(configuration, total).items():
            count = sum(count for status, count in statuses.items() if re.fullmatch(kind.replace("x", "."), str(status)))
            if count < least:
                print(f"  too few answers with {kind}: {count}, at least {math.ceil(least)} of {total} are expected")
                fine = False
    return fine


def play(schemathesis, server, who, configuration, played, dictionaries, *options):
    """One run; answers whether no check failed and the answers were as mixed as they should be."""
    started = time.monotonic()
    print(f"\n-- {who}")
    completed = server.folder / configuration.name
    added = "".join(f"[dictionaries.{name}]\nvalues = {values}\n" for name, values in dictionaries.items())
    completed.write_text(f"{configuration.read_text(encoding='utf-8')}\n{added}", encoding="utf-8")
    report = server.folder / "report.har"
    report.unlink(missing_ok=True)
    command = [
        schemathesis, "--config-file", completed, "run", CONTRACT, "--url", server.url,
        "--report", "har", "--report-har-path", report, *NO_CREDENTIALS, *options,
    ]
    for operation in played:
        command += ["--include-operation-id", operation.id]
    try:
        done = subprocess.run(
            command, cwd=server.folder, timeout=RUN_SECONDS, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        print(done.stdout)
        fine = answers_are_mixed(report, configuration, played) and done.returncode == 0
    except subprocess.TimeoutExpired as late:
        # Bytes, unlike what is done.
        print((late.stdout or b"").decode(errors="replace"))
        print(f"not done after {RUN_SECONDS} s")
        fine = False
    print(f"-- {who}: {'fine' if fine else 'FAILED'} after {time.monotonic() - started:.0f} s")
    return fine


def basic(server):
    return ["--auth", "tje0:Tje0"]


def ticket(server):
    return ["-H", f"Authorization: SoTicket {server.command('ticket', 'issue', 'tje0')}"]


def token(server):
    return ["-H", f"Authorization: Bearer {server.command('token', 'issue', 'tje0')}"]


def browser(server):
    return browser_session(server.url, "tje0", "Tje0")


# What all runs are made with: the server's binary, the program of schemathesis, a folder, and the contract's operations.
Tools = collections.namedtuple("Tools", "binary schemathesis folder contract")


def play_signed_in(tools, installation, name, sign_in, *options):
    """Plays all operations for somebody whom `sign_in` signs in."""
    with Server(tools.binary, tools.folder, installation) as server:
        # Where none is needed one must be right all the same: made-up ones would be refused.
        application = f"SO-AppToken: {server.command('app', 'add', 'schemathesis')}"
        options = [*sign_in(server), "-H", application, *options]
        numbers = server.import_sessions()
        who = f"{installation}, {name}"
        return play(tools.schemathesis, server, who, SIGNED_IN, tools.contract, numbers, *options)


def play_customer(tools, installation):
    """Plays what takes the key of a session, and what ends the session last, to one of its own."""
    fine = True
    keyed = [operation for operation in tools.contract if operation.takes_key]
    with Server(tools.binary, tools.folder, installation) as server:
        for once in (False, True):
            played = [operation for operation in keyed if (operation.id in ONCE) == once]
            session, key = server.start_session()
            who = f"{installation}, customer{' who ends the session' if once else ''}"
            numbers, header = {"started": [session]}, f"X-Chat-Session-Key: {key}"
            fine = play(tools.schemathesis, server, who, CUSTOMER, played, numbers, "-H", header) and fine
    return fine


def play_nobody(tools, installation):
    """Plays all operations for nobody."""
    with Server(tools.binary, tools.folder, installation) as server:
        numbers, who = server.import_sessions(), f"{installation}, nobody signed in"
        return play(tools.schemathesis, server, who, NOBODY, tools.contract, numbers)


# Who calls, by kind of installation, and what signs them in. The longest first, so that the last ones end together.
RUNS = [
    (play_signed_in, "on-site", "Basic", basic),
    (play_signed_in, "online", "Bearer", token),
    (play_signed_in, "on-site", "SoTicket", ticket, *FEW_EXAMPLES),
    (play_signed_in, "on-site", "browser session", browser, *FEW_EXAMPLES),
    (play_nobody, "on-site"),
    (play_nobody, "online"),
    (play_customer, "on-site"),
    (play_customer, "online"),
]


def printed(tools, function, *arguments):
    """One of the runs in a process of its own: whether it was fine, and what it printed. Whatever ends it is told there."""
    fine = False
    with contextlib.redirect_stdout(io.StringIO()) as output:
        try:
            fine = function(tools, *arguments)
        except (Exception, SystemExit):
            print(f"-- {function.__name__} {arguments}: FAILED\n{traceback.format_exc()}")
    return fine, output.getvalue()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", type=pathlib.Path, help="a chat-server that is built already")
    arguments.add_argument(
        "--schemathesis", type=pathlib.Path, help="a schemathesis that is installed already, in a virtual environment"
    )
    given = arguments.parse_args()
    all_fine = True
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ProcessPoolExecutor(RUNS_AT_ONCE) as runs:
        folder = pathlib.Path(folder)
        binary = (given.server or build_server()).resolve()
        schemathesis = (given.schemathesis or install_schemathesis(folder)).absolute()
        tools = Tools(binary, schemathesis, folder, operations(schemathesis))
        for run in concurrent.futures.as_completed(runs.submit(printed, tools, *run) for run in RUNS):
            fine, output = run.result()
            print(output, end="", flush=True)
            all_fine = fine and all_fine
    sys.exit(0 if all_fine else 1)


if __name__ == "__main__":
    main()
