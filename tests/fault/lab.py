"""Inventories that faults are tried on: made once, put back after each fault, and told apart by all that they hold."""

import http.client
import json
import os
import re
import select
import shlex
import shutil
import socket
import sqlite3
import subprocess
import time

from commands import FILES, ID, INVENTORY, INVENTORY_OVER_API

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = shlex.split(os.environ.get("DIDCTL", f"{ROOT}/didctl"))
# Tables whose first column is a counter.
COUNTED = {"didctl_history", "didctl_port_events", "didctl_port_numbers", "didctl_outbox", "api_port_events"}
LIMIT_S = 300  # of one run: who takes longer hangs

VARIES = re.compile(
    r"(?<![0-9a-f])(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f])"
    r"|(?<![0-9a-f])(?P<hash>[0-9a-f]{64})(?![0-9a-f])"
    r"|(?P<time>20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?)"
    r"|(?P<url>(mysql|sqlite):[^\s']+)"
)


def usual(state, knows_ids=True):
    """The rows of all tables as text, without what clocks, hashes and the way to the server put there, in an order in which
    that has no say; ids by the order of their appearance, or without those too."""
    seen = {}

    def name(m):
        what = m.lastgroup if m.lastgroup in ("uuid", "hash", "time", "url") else "time"
        return what + str(seen.setdefault(m[0], len(seen))) if what == "uuid" and knows_ids else what

    def bare(row):
        return VARIES.sub("", row), row

    rows = (f"{table}\t{row}" for table in sorted(state) for row in sorted(state[table], key=bare))
    return VARIES.sub(name, "\n".join(rows))


class Run:
    """What became of one run of the program."""

    def __init__(self, argv, env, where):
        try:
            done = subprocess.run(argv, env=env, cwd=where, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S)
            self.code, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as e:
            self.code, out, err = "hangs", e.stdout or b"", e.stderr or b""
        self.out, self.err = (text.decode(errors="replace") for text in (out, err))

    def __str__(self):
        return f"exit {self.code}: {self.err.strip()}"


class Target:
    """One inventory with everything in it. state() is the rows of its tables, reset() what INVENTORY left. door: the URL of
    the database that has them. is_atomic: a change is there whole or not at all."""

    is_atomic = True
    inventory = INVENTORY
    door = property(lambda self: self.url)

    def __init__(self, where):
        self.where = where
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("DIDCTL")}
        self.env.update(HOME=where, LC_ALL="C.UTF-8", TZ="UTC", XDG_CONFIG_HOME=where)
        for name, content in FILES.items():
            with open(f"{where}/{name}", "wb") as f:
                f.write(content)

    def argv(self, line, *more, url=None):
        return [*PROGRAM, "-t", url or self.url, *shlex.split(line), *more]

    def run(self, line, *more, url=None, before=(), **env):
        return Run([*before, *self.argv(line, *more, url=url)], {**self.env, **env}, self.where)

    def must(self, line, *more, **env):
        done = self.run(line, *more, **env)
        if done.code:
            raise RuntimeError(f"didctl {line}: {done}")

    def fill(self):
        for line in self.inventory:
            self.must(line, *([] if line.startswith("init") else ["-y"]))

    def forget(self):
        """What was noted beside the inventory."""

    def violations(self):
        """What was asked or answered against a contract."""
        return []

    def resolve(self, change=ID):
        return self.run(f"history resolve {change}").code

    def has_change(self, change):
        return self.query(f"SELECT COUNT(*) FROM didctl_changes WHERE id = '{change}'") == [("1",)]

    def broken(self):
        """What breaks the rules of the data; empty: nothing."""
        done = subprocess.run([f"{ROOT}/tests/lib/invariants", self.door], capture_output=True, text=True,
                              env={**os.environ, "PBX_WROTE": "1"})
        return done.stdout + done.stderr


class Sqlite(Target):
    name = "SQLite"

    def __init__(self, where, _server=None, _database=None):
        super().__init__(where)
        self.path = f"{where}/inventory.db"
        self.url = f"sqlite:{self.path}"
        self.fill()
        shutil.copy(self.path, f"{where}/base.db")

    def empty(self):
        for suffix in ("", "-journal"):
            if os.path.exists(self.path + suffix):
                os.unlink(self.path + suffix)

    def reset(self):
        self.empty()
        shutil.copy(f"{self.where}/base.db", self.path)

    def sql(self, statement):
        with sqlite3.connect(self.path) as db:
            db.execute(statement)
        db.close()

    def query(self, statement):
        with sqlite3.connect(self.path) as db:
            found = [tuple(map(str, row)) for row in db.execute(statement)]
        db.close()
        return found

    def state(self):
        if not os.path.exists(self.path):
            return {}
        db = sqlite3.connect(self.path)
        try:
            if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return {"the file is corrupt": [""]}
            tables = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            return {name: [sql, *(repr(row) for row in db.execute(f'SELECT * FROM "{name}"'))] for name, sql in tables}
        finally:
            db.close()


class Mariadb(Target):
    name = "MariaDB"

    def __init__(self, where, server, database):
        super().__init__(where)
        self.database, self.socket = database, f"{server}/s"
        self.url = f"mysql://root@/{database}?socket={self.socket}"
        self.client = subprocess.Popen(
            ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-uroot", f"-S{self.socket}", "--batch", "--raw",
             "--skip-column-names", "--unbuffered", "--force"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.empty()
        self.begin()
        self.fill()
        self.keep()

    def begin(self):
        """What stands before the empty database."""

    def ask(self, *statements):
        text = "".join(f"{s};\n" for s in statements) + "SELECT '--end--';\n"
        self.client.stdin.write(text.encode())
        self.client.stdin.flush()
        out = b""
        while not out.endswith(b"--end--\n"):
            if not select.select([self.client.stdout], [], [], LIMIT_S)[0]:
                raise RuntimeError(f"{self.name} does not answer: {statements[0]}")
            out += os.read(self.client.stdout.fileno(), 1 << 20)
        return out[:-len(b"--end--\n")].decode(errors="replace")

    def empty(self):
        with open(f"{ROOT}/tests/data/pbx.sql", encoding="utf-8") as f:
            tables = f.read()
        self.ask(f"DROP DATABASE IF EXISTS {self.database}", f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4",
                 f"USE {self.database}", tables)

    def keep(self):
        """What is there now is what reset() brings back."""
        dump = subprocess.run(["mariadb-dump", "--no-defaults", "-uroot", f"-S{self.socket}", "--compact", "--no-create-info", "--skip-extended-insert",
                               "--hex-blob", self.database], capture_output=True, text=True, check=True).stdout
        self.kept = self.contents()
        self.rows = {t: [] for t in self.kept}
        for line in dump.splitlines():
            if line.startswith("INSERT INTO `"):
                self.rows[line.split("`")[1]].append(line.rstrip(";"))

    def contents(self):
        """When nothing is at work any more: the text of each table. Counters are left out: a change that was rolled back has moved them."""
        self.settle()
        tables = self.ask("SHOW TABLES").split()
        text = self.ask(*(s for t in tables for s in (f"SELECT '--table--{t}'", f"SELECT * FROM {t} ORDER BY 1, 2")))
        found = {}
        for part in text.split("--table--")[1:]:
            name, _, rows = part.partition("\n")
            found[name] = re.sub(r"^\d+\t", "", rows, flags=re.M) if name in COUNTED else rows
        return found

    def reset(self):
        now = self.contents()
        if now.keys() != self.kept.keys():
            self.empty()
            self.fill()
            self.keep()
            return
        changed = [t for t in now if now[t] != self.kept[t]]
        if changed:
            self.sql("BEGIN", *(f"DELETE FROM {t}" for t in changed), *(line for t in changed for line in self.rows[t]), "COMMIT")

    def sql(self, *statements):
        said = self.ask("SET foreign_key_checks = 0", *statements)
        if said:
            raise RuntimeError(said)

    def query(self, statement):
        self.settle()
        return [tuple(line.split("\t")) for line in self.ask(statement).splitlines()]

    def settle(self):
        """Until no connection of a dead client is at work: what is read then stays (rule 22)."""
        for _ in range(12000):
            if self.ask("SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND "
                        f"db = '{self.database}'") == "0\n":
                return
            time.sleep(.005)
        raise RuntimeError("a transaction of a dead client is still open after a minute")

    def state(self):
        return {name: rows.splitlines() or [""] for name, rows in self.contents().items()}


class Control(http.client.HTTPConnection):
    """To the socket by which the tests' API is told what to do."""

    def __init__(self, path):
        super().__init__("control")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, method, path, told=None):
        self.request(method, path, None if told is None else json.dumps(told))
        answer = self.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {text}")
        return [json.loads(line) for line in text.splitlines()]


class Api(Mariadb):
    """The REST API of tests/api before a MariaDB, from which its state is read; and the journals that didctl keeps of it."""

    name = "API"
    is_atomic = False
    inventory = INVENTORY_OVER_API
    door = property(lambda self: f"mysql://root@/{self.database}?socket={self.socket}")

    def begin(self):
        self.api, self.journals = f"{self.where}/api", f"{self.where}/.local/state"
        self.tell("start", self.socket, self.database)
        self.url = self.tell("url").strip()
        self.env.update(DIDCTL_COUNTRY="IN", DIDCTL_API_KEY_FILE=f"{self.api}/key", XDG_STATE_HOME=self.journals)
        self.control = Control(f"{self.api}/control")

    def tell(self, verb, *words):
        return subprocess.run([f"{ROOT}/tests/lib/api", verb, self.api, *words], capture_output=True, text=True, check=True).stdout

    def keep(self):
        super().keep()
        shutil.copytree(self.journals, f"{self.where}/journals")

    def forget(self):
        """Neither the server nor didctl knows of a change that is begun anew."""
        self.switch({})
        self.control.ask("DELETE", "/log")
        shutil.rmtree(self.journals)
        shutil.copytree(f"{self.where}/journals", self.journals)

    def switch(self, state):
        self.control.ask("PUT", "/switches", state)

    def log(self):
        self.settle()
        return self.control.ask("GET", "/log")

    def violations(self):
        return [f"against the contract: {text}" for text in self.control.ask("GET", "/violations")]

    def settle(self):
        """Until no request is at work. Who died may have sent one that is not read yet: it is, by the time of the next look."""
        idle = 0
        for _ in range(30000):
            idle = idle + 1 if self.control.ask("GET", "/busy") == [0] else 0
            if idle == 3:
                return
            time.sleep(.002)
        raise RuntimeError("the API is busy with a request for more than a minute")
