"""What a command talks to beside its inventory: a provider's program, a mail server, a switch with its files."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter

LIB = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib")


class Provider:
    """tests/lib/provider, which answers well; it notes what it was asked, before it answers."""

    def __init__(self, where):
        self.noted = f"{where}/provider.log"
        command = f"exec env -u LD_PRELOAD '{LIB}/provider' good"  # no fault is its own
        self.env = {"DIDCTL_E911_COMMAND": command, "DIDCTL_CNAM_COMMAND": command}

    def forget(self):
        if os.path.exists(self.noted):
            os.unlink(self.noted)

    def asked(self):
        """About how many numbers."""
        if not os.path.exists(self.noted):
            return 0
        with open(self.noted, encoding="utf-8") as f:
            return len(f.readlines())


class Mail:
    """tests/lib/smtp, and the outbox: which changes' messages were sent, as it has them, and how often each arrived."""

    def __init__(self, target):
        self.target, self.dir = target, tempfile.mkdtemp(dir=target.where)
        self.sent, self.arrived = {}, Counter()
        self.server = subprocess.Popen([f"{LIB}/smtp"], stdin=subprocess.PIPE, text=True)
        self.server.stdin.write(f"{self.dir}\n")
        self.server.stdin.flush()
        until(lambda: os.path.exists(f"{self.dir}/port"), "the mail server does not start")
        with open(f"{self.dir}/port", encoding="ascii") as f:
            url = f"smtp://127.0.0.1:{f.read()}"
        self.env = {"DIDCTL_SMTP": url, "DIDCTL_MAIL_FROM": "ports@op.example", "DIDCTL_MAIL_TO": "ops@op.example"}

    def forget(self):
        for name in os.listdir(self.dir):
            if name != "port":
                os.unlink(f"{self.dir}/{name}")

    def look(self):
        self.sent = {change: sent == "1" for change, sent in
                     self.target.query("SELECT change_id, sent_at IS NOT NULL FROM didctl_outbox")}
        self.arrived = Counter()
        for name in os.listdir(self.dir):
            if name.isdecimal():
                with open(f"{self.dir}/{name}", encoding="utf-8") as f:
                    self.arrived[re.search(r"^Message-ID: <\d+\.([0-9a-f-]{36})@", f.read(), re.M)[1]] += 1

    def promise(self):
        """What is wrong after one run, or None. One that was killed may not know that a message arrived."""
        for change in self.arrived:
            if change not in self.sent:
                return "a message arrived of a change that is not there"
        for change, is_sent in self.sent.items():
            if self.arrived[change] > 1:
                return "one run sent a message twice"
            if is_sent and not self.arrived[change]:
                return "a message is noted as sent, and did not arrive"
        return None

    def later(self):
        """The time has come to try again what waits."""
        self.target.sql("UPDATE didctl_outbox SET next_attempt = '2020-01-01T00:00:00Z' WHERE next_attempt IS NOT NULL")

    def deliver(self):
        """A sweep sends what waits, and nothing that is known to be sent: what is wrong, or None."""
        sent, arrived = self.sent, self.arrived
        self.later()
        done = self.target.run("port sweep -q", **self.env)
        self.look()
        if done.code or not all(self.sent.values()):
            return f"the mail is not sent by a sweep: {done}"
        for change, n in self.arrived.items():
            if n != arrived[change] + (not sent.get(change)):
                return f"the message of {change} arrived {n} times"
        return None


class Switch:
    """A directory of a switch's files, and a switch that reads them (tests/lib/ami-peer)."""

    def __init__(self, where):
        self.dir = tempfile.mkdtemp(dir=where)
        self.peer = subprocess.Popen([f"{LIB}/ami-peer", "--dir", self.dir], stdout=subprocess.PIPE, text=True)
        secret = f"{where}/secret"
        with open(secret, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write("s3cret\n")
        self.env = {"DIDCTL_ASTERISK_DIR": self.dir, "DIDCTL_AMI": f"didctl@{self.peer.stdout.readline().strip()}",
                    "DIDCTL_AMI_SECRET_FILE": secret}

    def files(self):
        """What the switch would load, by name; without the generation, a counter that changes move that came to nothing."""
        found = {}
        for name in sorted(os.listdir(self.dir)):
            if name.endswith(".conf"):
                with open(f"{self.dir}/{name}", encoding="utf-8") as f:
                    found[name] = re.sub(r"generation \d+", "generation", f.read())
        return found

    def litter(self):
        return [name for name in os.listdir(self.dir)
                if not name.endswith((".conf", ".last-good", ".rejected")) and name != ".didctl.lock"]

    def put(self, kept):
        """The files that were kept there; without kept none."""
        shutil.rmtree(self.dir)
        if kept:
            shutil.copytree(kept, self.dir)
        else:
            os.mkdir(self.dir)


def until(is_so, else_this):
    for _ in range(12000):
        if is_so():
            return
        time.sleep(.01)
    raise RuntimeError(else_this)
