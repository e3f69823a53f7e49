"""Holds what the racers were told against the history.

 12 what was said to be done is there exactly once, as it was asked; what failed is not there at all; what is unknown is there
    once at most, and `history resolve` tells which
 15 undo left what was before
and of each number: the changes stand in the order in which they were made, nobody took what another one had, and whoever was
told that nothing can or need be done was told what was true at some moment of the run.
"""

from collections import defaultdict

from racers import KILLED, UNKNOWN

DONE, PARTLY, REFUSED, NO_SERVER = 0, 5, 6, 4
FAILED = (3, NO_SERVER, REFUSED)
UNTOUCHED = (3, REFUSED)  # told by a run that has looked whether an earlier one with the same id was done
FOREVER = float("inf")
FREE = {"available", "reserved"}
STATUS = {"blocked": ("assigned", "suspended")}


class Event:
    """What one change did to one number."""

    def __init__(self, change, number, before, after):
        self.change, self.number, self.before, self.after = change, number, before or {}, after or {}


class History:
    def __init__(self, changes, rows, orgs):
        self.changes = {c["id"]: c for c in changes}
        self.orgs = orgs  # names to ids
        self.of_change, self.of_number = defaultdict(list), defaultdict(list)
        for row in rows:
            if ":" in row["block"]:
                continue
            for n in range(int(row["first"]), int(row["last"]) + 1):
                event = Event(row["change"], str(n), row["before"], row["after"])
                self.of_change[event.change].append(event)
                self.of_number[event.number].append(event)


def fits(row, asked, orgs):
    """Whether a row, or what a change wrote into it, is what was asked for."""
    pool, status = row.get("pool_status"), row.get("status")
    wanted = asked.get("state")
    if wanted:
        want_pool, want_status = STATUS.get(wanted, (wanted, "active"))
        return pool in (None, want_pool) and status in (None, want_status)
    if "org" in asked:
        org = asked["org"] and orgs[asked["org"]]
        return row.get("org_id", org) == org and (pool is None or (pool == "assigned") == bool(org))
    return all(str(row.get(key, value)) == str(value) for key, value in asked.items() if key in ("default", "env", "provider"))


class Checker:
    def __init__(self, log, history, resolve):
        """resolve: asks the program what became of an id, for its exit code."""
        self.history, self.resolve = history, resolve
        self.runs = defaultdict(list)
        self.violations, self.resolved = [], 0
        for run in log:
            self.runs[run.id].append(run)

    def say(self, what, *runs):
        self.violations.append("\n".join([what, *(f"    {run}" for run in runs)]))

    def check(self):
        for run in self.runs.pop(None, ()):
            if run.code not in (KILLED, NO_SERVER):  # before it had an id
                self.say("12 ended without a change id", run)
        for id, runs in self.runs.items():
            self.change(id, runs)
        self.strangers()
        self.left_alone = self.who_left_alone()
        self.when = {id: self.interval(id, runs) for id, runs in self.runs.items()}
        for number, events in self.history.of_number.items():
            self.order(number, events)
            self.moments(number, events)
        return self

    # ---- one change

    def change(self, id, runs):
        for run in runs:
            if run.code not in (DONE, PARTLY, UNKNOWN, KILLED, *FAILED):
                self.say(f"12 ended with {run.code}", run)
            elif run.code in (DONE, PARTLY):
                self.told_done(id, run)
            elif run.code in (REFUSED, UNKNOWN) and not run.report:
                self.say("12 no report of it", run)
            elif run.code in UNTOUCHED and self.wrote(id):
                self.say("12 failed, and it is there", run)
        codes = {run.code for run in runs}
        if codes == {NO_SERVER} and self.wrote(id):
            self.say("12 failed, and it is there", *runs)
        if UNKNOWN in codes or KILLED in codes:
            self.unknown(id, runs)

    def wrote(self, id):
        return id in self.history.changes or id in self.history.of_change

    def unknown(self, id, runs):
        code = self.resolve(id)
        self.resolved += code in (0, 3)
        if code != (0 if self.wrote(id) else 3):
            self.say(f"12 history resolve {id} ends with {code}, and the change is {'' if self.wrote(id) else 'not '}there", *runs)

    def told_done(self, id, run):
        report = run.report
        if not report or (report["changed"] and report["change_id"] != id):
            return self.say("12 done, and no report of it", run)
        told = {n["number"] for n in report["numbers"] if n["result"] == "changed"}
        if len(told) != report["changed"]:
            return self.say("12 the report counts wrongly", run)
        if run.asked.get("count", len(told)) != len(told):
            self.say("12 other numbers than it was asked for", run)
        change = self.history.changes.get(id)
        if bool(told) != bool(change) and not (change and change["n"] == 0):
            return self.say(f"12 done, and it is {'' if change else 'not '}there", run)
        events = self.history.of_change[id]
        if change and change["n"] != len(events):
            self.say("11 a change whose count differs from its history", run)
        self.events(run, told, events)

    def events(self, run, told, events):
        """What it was told to have done is there; of other numbers nothing but who shows as the default caller ID."""
        written = [e.number for e in events]
        if not told <= set(written) or len(written) != len(set(written)):
            self.say("12 done, and other numbers are written", run)
        for e in events:
            if e.number not in told:
                if set(e.after) != {"default"} and "undo" not in run.asked:
                    self.say(f"14 {e.number} was changed too", run)
            elif not fits(e.after, run.asked, self.history.orgs):
                self.say(f"12 {e.number} is not what was asked for: {e.after}", run)
            elif run.asked.get("org") and "transfer" not in run.asked and e.before.get("org_id"):
                self.say(f"12 {e.number} was another's", run)
        if "undo" in run.asked:
            self.undone(run, events)

    def undone(self, run, events):
        undone = {e.number: e for e in self.history.of_change[run.asked["undo"]]}
        for e in events:
            was = undone.get(e.number)
            if not was or any(e.after.get(k) != v for k, v in was.before.items() if k in e.after) or \
                    any(e.before.get(k) != v for k, v in was.after.items() if k in e.before):
                self.say(f"15 undo left {e.number} with {e.after}", run)

    def strangers(self):
        for id, change in self.history.changes.items():
            if id not in self.runs and change["verb"] not in ("init", "pool add", "org add"):
                self.say(f"12 nobody made the change {id}: {change['verb']} of {change['n']}", *self.surroundings(id))

    def surroundings(self, id):
        """Of each number of a change, what was done to it just before and after, and by whom."""
        for e in self.history.of_change[id]:
            events = self.history.of_number[e.number]
            at = next(i for i, other in enumerate(events) if other.change == id)
            for near in events[max(0, at - 2):at + 2]:
                yield f"{near.number}: {near.change} {near.before} to {near.after}"
                yield from self.runs.get(near.change, ())

    # ---- one number

    def interval(self, id, runs):
        """From when to when the change may have been made."""
        ends = [run.end for run in runs if run.code in (DONE, PARTLY)]
        return min(run.start for run in runs), min(ends, default=FOREVER)

    def order(self, number, events):
        latest, last = -FOREVER, None
        for e in events:
            start, end = self.when.get(e.change, (-FOREVER, FOREVER))
            if end < latest:
                self.say(f"8 {number}: {last} began after {e.change} was done, and stands before it")
            if start > latest:
                latest, last = start, e.change

    def moments(self, number, events):
        """The row as it may have been while a run that left it alone was looking."""
        rows, row = [], {}
        for i, e in enumerate(events):
            row = {**row, **e.after}
            begins = self.when.get(e.change, (-FOREVER, 0))[0]
            ends = self.when.get(events[i + 1].change, (0, FOREVER))[1] if i + 1 < len(events) else FOREVER
            rows.append((begins, ends, row))
        for run, result in self.left_alone[number]:
            seen = [row for begins, ends, row in rows if begins <= run.end and ends >= run.start]
            if not any(self.is_true(row, run.asked, result) for row in seen):
                self.say(f"12 {number} was {result} and there was no moment for it: {seen}", run)

    def who_left_alone(self):
        """By number: the runs that answered that it need not or may not be changed, and which of both. Where nothing was done
        since some may not, the others are unchanged too."""
        found = defaultdict(list)
        for run in (run for runs in self.runs.values() for run in runs):
            for n in (run.report or {}).get("numbers", ()):
                if n["result"] == "unchanged" and run.code in (DONE, PARTLY) or n["code"] in ("state", "owner"):
                    found[n["number"]].append((run, n["result"]))
        return found

    def is_true(self, row, asked, result):
        if "undo" in asked or "state" in asked and result == "refused":
            return True
        if result == "unchanged":
            return fits(row, asked, self.history.orgs)
        is_active = row.get("status") == "active"
        is_free = row.get("pool_status") == "available" and is_active
        is_held = row.get("pool_status") == "assigned"
        if "org" in asked:
            return not is_held if asked["org"] is None else not is_free
        return not (is_held and is_active) if "default" in asked else True
