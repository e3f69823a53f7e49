"""Where the racers meet: each target is a fresh inventory, and what can happen to its servers."""

import json
import os
import subprocess
import time

from racers import ROOT

LIB = f"{ROOT}/tests/lib"
DATABASE = "race"
TABLES = "did_numbers", "organizations", "users", "didctl_changes", "didctl_history", "didctl_details", "didctl_guards"
# Of each change and of each row of the history one object: what told.py reads.
CHANGES = "SELECT JSON_OBJECT('id', id, 'verb', verb, 'n', n) FROM didctl_changes"
HISTORY = """SELECT JSON_OBJECT('change', change_id, 'block', block, 'first', first, 'last', last, 'before', `before`,
    'after', `after`) FROM didctl_history ORDER BY seq"""
ORGS = "SELECT JSON_OBJECT('name', name, 'id', id) FROM organizations"


def output(*argv, text=None, ok=True):
    done = subprocess.run(argv, input=text, capture_output=True, text=True, stdin=None if text else subprocess.DEVNULL)
    if ok and done.returncode:
        raise RuntimeError(f"{argv}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Target:
    nodes = 1  # each holds all that there is

    def __init__(self, where):
        self.where = where
        os.chdir(where)

    def is_there(self):
        return True

    def start(self):
        pass

    def stop(self):
        pass

    def rows(self, statement):
        return [json.loads(line) for line in self.sql(statement + ";").splitlines()]

    def history(self):
        rows = self.rows(HISTORY)
        for row in rows:
            row["before"], row["after"] = (json.loads(row[k]) if row[k] else None for k in ("before", "after"))
        return self.rows(CHANGES), rows, {org["name"]: org["id"] for org in self.rows(ORGS)}

    def settled(self):
        """Waits until nobody writes any more; what then is still open is told (22)."""
        return []

    def broken(self):
        """The rows that break a rule of the data, on each node, and what differs between nodes."""
        found = []
        for node in range(self.nodes):
            found += output(f"{LIB}/invariants", self.address(node), ok=False).splitlines()
        states = [self.state(node) for node in range(self.nodes)]
        found += [f"21 node {i + 1} holds something else than node 1" for i, state in enumerate(states) if state != states[0]]
        return found


class Sqlite(Target):
    name = "SQLite"

    def address(self, _):
        return f"sqlite:{self.where}/{DATABASE}.db"

    url = address

    def sql(self, text, _=0):
        return output("sqlite3", "-batch", "-noheader", f"{self.where}/{DATABASE}.db", text)

    def state(self, _):
        return None


class Server(Target):
    """One server. $TEST_SERVER of tests/run, or one of its own, which can then be killed."""

    name, script, pid = "MariaDB", f"{LIB}/mariadb", "pid"
    # A server that is killed must not forget what it has said.
    options = ("--max-connections=500", "--innodb-flush-log-at-trx-commit=2")

    def __init__(self, where):
        super().__init__(where)
        self.lent = None if os.environ.get("RACE_FAULT") else os.environ.get("TEST_SERVER")
        self.server = self.lent or f"{where}/server"

    def address(self, node):
        return f"mysql://root@/{DATABASE}?socket={self.socket(node)}"

    def url(self, _):
        return self.address(0)

    def place(self, _):
        return self.server

    def socket(self, node):
        return f"{self.place(node)}/s"

    def client(self, node, *argv, text):
        return output("mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-uroot", f"-S{self.socket(node)}",
                      "--batch", "--raw", "--skip-column-names", *argv, text=text)

    def sql(self, text, node=0):
        return self.client(node, DATABASE, text=text)

    def state(self, node):
        tables = "; ".join(f"CHECKSUM TABLE {table}" for table in TABLES)
        return self.sql(tables, node)

    def launch(self):
        if not self.lent:
            output(self.script, "start", self.server, *self.options)

    def start(self):
        self.launch()
        self.client(0, text=f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        with open(f"{ROOT}/tests/data/pbx.sql", encoding="utf-8") as pbx:
            self.sql(pbx.read())

    def stop(self):
        if self.lent:
            self.client(0, text=f"DROP DATABASE IF EXISTS {DATABASE}")
        else:
            output(self.script, "wipe", self.server)

    def settled(self):
        until = time.monotonic() + 60
        while True:
            still = [f"22 a transaction of a dead client is still open on node {node + 1}: {line}" for node in range(self.nodes)
                     for line in self.client(node, text="SELECT trx_id, trx_state, trx_started FROM information_schema.innodb_trx"
                                                        " JOIN information_schema.processlist ON id = trx_mysql_thread_id"
                                                        f" WHERE db = '{DATABASE}'").splitlines()]
            if not still or time.monotonic() > until:
                return still
            time.sleep(0.1)

    # ---- what happens to a node

    def process(self, node):
        with open(f"{self.place(node)}/{self.pid}", encoding="ascii") as pid:
            return int(pid.read())

    def again(self, _):
        self.launch()


class Fetched(Server):
    """Servers that nobody lends, and that may have to be fetched first."""

    pid = "launched"

    def __init__(self, where):
        super().__init__(where)
        self.lent, self.server = None, f"{where}/server"

    def is_there(self):
        return subprocess.run((self.script, "fetch"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0


class Mysql9(Fetched):
    name, script, options = "MySQL 9", f"{LIB}/mysql9", ("--innodb-flush-log-at-trx-commit=2",)


class Galera(Fetched):
    """Three nodes; each racer begins with another one."""

    name, nodes, script, options = "Galera", 3, f"{LIB}/galera", ()
    # Racers leave a node little time to say that it is alive.
    waits = ("evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT5S;evs.inactive_check_period=PT0.5S;"
             "evs.install_timeout=PT5S")

    def __init__(self, where):
        super().__init__(where)
        os.environ["GALERA_WAITS"] = self.waits

    def place(self, node):
        return f"{self.server}/n{node + 1}"

    def port(self, node):
        return output(self.script, "port", self.server, str(node + 1)).strip()

    def url(self, racer):
        hosts = [f"127.0.0.1:{self.port(node)}" for node in range(self.nodes)]
        first = racer % self.nodes
        return f"mysql://root@{','.join(hosts[first:] + hosts[:first])}/{DATABASE}"

    def refound(self, without):
        """Two nodes that lost each other while the third was away wait for it: the administrator tells one of them not to."""
        self.client((without + 1) % self.nodes, text="SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'")

    def settled(self):
        output(self.script, "synced", self.server)
        return super().settled()

    def again(self, node):
        try:
            output(self.script, "node", self.server, str(node + 1))
        except RuntimeError:
            self.refound(node)
            output(self.script, "node", self.server, str(node + 1))


class Group(Galera):
    """Three primaries of MySQL 9 in one group."""

    name, script = "Group Replication", f"{LIB}/mysql9"

    def launch(self):
        output(self.script, "group", self.server, str(self.nodes))

    def port(self, node):
        return output(self.script, "port", self.place(node)).strip()

    def settled(self):
        """Every node has what any of them has."""
        for source in range(self.nodes):
            gtids = self.client(source, text="SELECT @@gtid_executed").strip().replace("\\n", "")
            for node in range(self.nodes):
                self.client(node, text=f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{gtids}', 20)")
        return Server.settled(self)

    def again(self, node):
        output(self.script, "join", self.server, str(node + 1))

    def stop(self):
        output(self.script, "wipe", self.server)


TARGETS = {"sqlite": Sqlite, "mariadb": Server, "mysql9": Mysql9, "galera": Galera, "group": Group}
