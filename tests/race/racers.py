"""Processes that change one pool at once, and what each of them was told."""

import json
import os
import random
import re
import shlex
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = shlex.split(os.environ.get("DIDCTL", f"{ROOT}/didctl"))
LIMIT_S = 300  # of one run: who takes longer hangs
UNKNOWN, KILLED, HANGS = 7, -9, "hangs"

# Four blocks of the history with ten numbers each, so that changes meet within a block and across two; all in one environment.
POOL = [f"{n}" for start in (918065970995, 918065971995, 918065972995, 918065973995) for n in range(start, start + 10)]
ORGS = ("ACME", "Globex", "Initech", "Umbrella")
CHANGE_ID = re.compile(r"^change-id: (\S+)", re.M)


class Run:
    """One run of the program: what it was asked, what it said, and when."""

    def __init__(self, argv, id, code, report, said, start, end, asked):
        self.argv, self.id, self.code, self.report, self.said = argv, id, code, report, said
        self.start, self.end, self.asked = start, end, asked

    def __str__(self):
        return f"{self.start:.3f} to {self.end:.3f}: didctl {shlex.join(self.argv)}: {self.code}: {' | '.join(self.said.split(chr(10))[:4])}"


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def didctl(url, argv, asked=None, kill_after=None):
    start = time.monotonic()
    process = subprocess.Popen([*PROGRAM, "-t", url, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    code = None
    try:
        out, said = process.communicate(timeout=kill_after or LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        code = KILLED if kill_after else HANGS
        out, said = process.communicate()
    found = CHANGE_ID.search(said)
    return Run(argv, found and found[1], process.returncode if code is None else code, parsed(out), said, start,
               time.monotonic(), asked or {})


class Racer(threading.Thread):
    """Draws changes and makes them until the time is over; which ones, the seed says."""

    def __init__(self, race, number):
        super().__init__()
        self.race, self.url = race, race.target.url(number)
        self.random = random.Random(f"{race.seed}:{number}")
        self.log = []

    def run(self):
        while time.monotonic() < self.race.until:
            argv, asked = self.draw()
            # --timeout: a server that does not answer must not take more of the race than this
            argv += ["-y", "-o", "json", "--timeout", str(self.race.timeout)]
            self.note(didctl(self.url, argv, asked, self.moment()))

    def moment(self):
        return self.random.uniform(0.001, 0.1) if self.random.random() < self.race.kills else None

    def note(self, run):
        self.log.append(run)
        if run.code == 0 and run.id and run.report and run.report["changed"]:
            self.race.done.append(run.id)
        if run.code in (UNKNOWN, KILLED) and run.id and self.random.random() < 0.5:
            self.log.append(didctl(self.url, [*run.argv, "--change-id", run.id], run.asked))

    def numbers(self):
        first = self.random.randrange(len(POOL))
        n = self.random.choice((1, 1, 1, 2, 4, 8))
        return POOL[first:first + n] if self.random.random() < 0.5 else sorted(self.random.sample(POOL, n))

    def draw(self):
        """The words of a change, and what the history then has to say of its numbers."""
        pick = self.random.choice
        org, numbers = pick(ORGS), self.numbers()
        partial = ["--partial"] if self.random.random() < 0.3 else []
        kind = pick(("assign", "assign", "assign", "count", "count", "transfer", "release", "release", "release", "default",
                     "clear", "mark", "env", "edit", "undo", "undo"))
        if kind == "undo" and self.race.done:
            id = pick(self.race.done[-20:])
            return ["undo", id, *partial], {"undo": id}
        if kind == "count":
            n = pick((1, 2, 5))
            return ["assign", "--count", str(n), org], {"org": org, "count": n}
        if kind == "transfer":
            return ["assign", *numbers, org, "--transfer", *partial], {"org": org, "transfer": True}
        if kind == "release":
            return ["release", *numbers, "--hold", "0", *partial], {"org": None}
        if kind == "default":
            return ["default", "set", numbers[0]], {"default": True}
        if kind == "clear":
            return ["default", "clear", org], {"default": False}
        if kind == "mark":
            state = pick(("reserved", "available", "blocked", "assigned"))
            return ["pool", "mark", state, *numbers, *partial], {"state": state}
        if kind == "env":
            env = pick(("prod", "prod", "staging"))
            return ["env", "set", env, *numbers, *partial], {"env": env}
        if kind == "edit":
            provider = f"P{self.random.randrange(1000)}"
            return ["pool", "edit", *numbers, "--provider", provider], {"provider": provider}
        return ["assign", *numbers, org, *partial], {"org": org}


class Race:
    """So many racers for so many seconds on a target; kills is the share of runs that are killed at some moment."""

    def __init__(self, target, racers, seconds, seed, timeout=300, kills=0.02):
        self.target, self.seed, self.timeout, self.kills = target, seed, timeout, kills
        self.done = []  # ids of changes that were made, for undo
        self.until = time.monotonic() + seconds
        self.racers = [Racer(self, number) for number in range(racers)]

    def run(self):
        for racer in self.racers:
            racer.start()
        for racer in self.racers:
            racer.join()
        return sorted((run for racer in self.racers for run in racer.log), key=lambda run: run.start)


def stock(url):
    """The inventory that all begin with."""
    for argv in (["init", "--country", "IN"], ["pool", "add", *POOL, "-y"], *(["org", "add", org] for org in ORGS)):
        run = didctl(url, argv)
        if run.code:
            raise RuntimeError(f"on the way: {run}")
