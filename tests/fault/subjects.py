"""What is promised of a command: how its inventory, and what it talks to, may look after each of its exit codes."""

import os
import re
import shutil
from collections import Counter

from commands import ID
from faults import CRASH, KILLED, NO_LEAKS
from lab import usual
from outside import Mail, Provider, Switch

UNTOUCHED = {1, 4, 6, 130}
TOLD = re.compile(r"history resolve|files were written all the same")
NAMED = re.compile(r"^change-id: (\S+)$", re.M)
REMARK = re.compile(r"not live yet|didctl: (mail to|warning:|asked about|the API has written) ")


def errors(err):
    return [line for line in err.splitlines() if line.startswith("didctl: ") and not REMARK.search(line)]


class Subject:
    """A command that makes one change, on one target: its inventory before and after, and what each fault made of it."""

    always = ("-y", "--change-id", ID)
    codes = UNTOUCHED | {0, 7, KILLED}
    most_errors = 1
    knows_ids = True
    follows = True  # strace its children
    env = {}

    def __init__(self, target, command):
        self.target, self.line, self.setup = target, command.line, command.before
        self.reset()
        self.before = self.state()
        self.after = self.undisturbed()
        rules = target.broken()
        if rules or self.after == self.before:
            raise RuntimeError(rules or "it changes nothing")
        if self.after != self.undisturbed():
            raise RuntimeError("done twice it gives two results")
        self.now = None

    def reset(self):
        self.target.reset()
        self.target.forget()
        if self.setup:
            self.target.sql(self.setup)

    def inventory(self):
        return self.target.state()

    def state(self):
        return usual(self.inventory(), self.knows_ids)

    def undisturbed(self):
        self.reset()
        done = self.run()
        if done.code:
            raise RuntimeError(f"undisturbed: {done}")
        return self.state()

    def known(self, options):
        """Of the options of a kind of fault those that the command understands."""
        return options

    def run(self, options=("-q",), *more, **how):
        if how.get("before"):
            how["ASAN_OPTIONS"] = NO_LEAKS
        return self.target.run(self.line, *self.always, *self.known(options), *more, **self.env, **how)

    def prepare(self):
        """Where the inventory is as before, all else needs to be, too."""
        if self.now != self.before:
            self.reset()
        else:
            self.target.forget()

    def promise(self, done):
        """What is wrong with what a run left, or None."""
        if self.now not in (self.before, self.after):
            return "the change is there in part"
        is_there = self.now == self.after
        if done.code == 0 and not is_there:
            return "reported as done, and it is not there"
        if done.code in UNTOUCHED and is_there and not (done.code == 1 and TOLD.search(done.err)):
            return "reported as failed, and it is there"
        if done.code in (7, KILLED) and self.target.resolve() != (0 if is_there else 3):
            return f"it is {'' if is_there else 'not '}there, and history resolve does not say so"
        return None

    def is_unfinished(self, done):
        """Whether the same command again is to complete it; else the state has shown that it was not begun."""
        return done.code == KILLED

    def again(self):
        """The same command with the same id, after whatever happened: what is wrong, or None."""
        done = self.run()
        self.now = self.state()
        return f"the same command again: {done}" if done.code or self.now != self.after else None

    def afterwards(self):
        """What is wrong with what follows in any case, or None."""

    def judge(self, fault, done):
        wrong = []
        self.now = self.state()
        if done.code not in self.codes or CRASH.search(done.err):
            wrong.append("an exit code that it has no reason for, or a crash")
        told = len(errors(done.err))
        if done.code not in (0, KILLED) and not 1 <= told <= self.most_errors and not fault.silent:
            wrong.append(f"{told} lines of error")
        wrong += [self.promise(done), *self.target.violations()[:1]]
        if self.is_unfinished(done):
            wrong.append(self.again())
        wrong.append(self.afterwards())
        return [f"{fault.title}: {what}\n{done}" for what in wrong if what]


class Tables(Subject):
    """init: many statements that MariaDB cannot roll back; the next run completes it."""

    always = ()
    knows_ids = False

    def reset(self):
        self.target.empty()

    def known(self, options):
        return ("-q",)

    def promise(self, done):
        return None

    def is_unfinished(self, done):
        return True


class OverApi(Subject):
    """The API has no transaction: a change that was broken off is there in part, and how far it came is told."""

    codes = Subject.codes | {3, 5}  # 3: a row is not there any more

    def __init__(self, target, command):
        super().__init__(target, command)
        self.moves_calls = self.is_live()

    def is_live(self):
        """Whether the last that was written is the switch's files."""
        worked = [entry["operation"] for entry in self.target.log() if entry["worked"] and entry["method"] != "GET"]
        return worked[-1:] == ["regenerateGateway"]

    def promise(self, done):
        is_there, is_told = self.now == self.after, done.code == 1 and TOLD.search(done.err)
        if done.code == 0 and not is_there:
            return "reported as done, and it is not there"
        if done.code == 0 and self.moves_calls and not self.is_live():
            return "reported as done, and the calls were not moved"
        if done.code in UNTOUCHED | {3} and self.now != self.before and not is_told:
            return "reported as failed, and something was done"
        if done.code == 5 and self.now == self.before:
            return "reported as done in part, and nothing was"
        if done.code in (5, 7, KILLED) or is_told:
            return self.resolved()
        return None

    def resolved(self):
        want, told = {self.before: 3, self.after: 0}.get(self.now, 5), self.target.resolve()
        return f"history resolve says {told}, not {want}" if told != want else None

    def again(self):
        return super().again() or ("the calls were not moved" if self.moves_calls and not self.is_live() else None)

    def is_unfinished(self, done):
        return done.code != 0


class Each(Subject):
    """A command that makes a change of each thing that waits, so that any of them may be there: its promise is row by row."""

    always = ()
    codes = Subject.codes | {5}
    most_errors = 3  # what is refused of one change, by an API too, keeps no other from being made
    knows_ids = False
    # By how many changes, and when, is no matter.
    notes = {"didctl_changes", "didctl_history", "didctl_guards", "didctl_seals", "didctl_meta", "sqlite_sequence"}

    def __init__(self, target, command):
        super().__init__(target, command)
        self.rows_after = self.rows
        self.reset()
        self.state()
        self.rows_before = self.rows

    def state(self):
        inventory = self.inventory()
        kept = {table: rows for table, rows in inventory.items() if table not in self.notes}
        self.rows = Counter(usual(kept, knows_ids=False).splitlines())
        return usual(inventory, knows_ids=False)

    def is_mixed(self):
        """What is wrong with rows of which some are as before and some as after, or None. An API may have one on its way."""
        if not self.target.is_atomic:
            return None
        strange = self.rows - (self.rows_before | self.rows_after)
        lost = (self.rows_before & self.rows_after) - self.rows
        if strange or lost:
            return f"rows that are neither as before nor as after: {[*strange, *lost][:2]}"
        return None if self.now in (self.before, self.after) else self.target.broken() or None

    def promise(self, done):
        is_told = done.code == 1 and TOLD.search(done.err)
        if self.is_mixed():
            return self.is_mixed()
        if done.code == 0 and self.rows != self.rows_after and not errors(done.err):
            return "reported as done, and it is not there"
        if done.code in (1, 4, 6) and self.now != self.before and not is_told:
            return "reported as failed, and something was done"
        if done.code == 5 and self.rows == self.rows_before:
            return "reported as done in part, and nothing was"
        return self.resolved(done) if done.code == 7 and self.target.is_atomic else None

    def resolved(self, done):
        """Of the change that it named last."""
        change = NAMED.findall(done.err)[-1]
        is_there, told = self.target.has_change(change), self.target.resolve(change)
        return None if told == (0 if is_there else 3) else f"history resolve says {told}, and there are {is_there} of it"

    def is_unfinished(self, done):
        return done.code != 0 or self.rows != self.rows_after

    def again(self):
        done = self.run()
        self.now = self.state()
        return f"the same command again: {done}" if done.code or self.rows != self.rows_after else None


class Answers(Each):
    """sync: what a provider's program answers. Nothing is stored of what nobody was asked about."""

    follows = False  # the program has system calls of its own

    def __init__(self, target, command):
        self.provider = Provider(target.where)
        self.env = self.provider.env
        super().__init__(target, command)

    def prepare(self):
        super().prepare()
        self.provider.forget()

    def promise(self, done):
        if (self.rows - self.rows_before).total() > self.provider.asked():
            return "more answers are stored than were asked for"
        return super().promise(done)


class WithMail:
    """Of a Subject whose changes are told by mail: the message is in the outbox exactly when the change is, and arrives,
    whatever happened."""

    def __init__(self, target, command):
        self.mail = Mail(target)
        self.env = self.mail.env
        super().__init__(target, command)

    def inventory(self):
        """That there is a message belongs to the change; what became of it does not."""
        self.mail.look()
        written = self.target.query("SELECT change_id, recipient, subject FROM didctl_outbox ORDER BY id")
        return {**super().inventory(), "didctl_outbox": ["\t".join(row) for row in written]}

    def prepare(self):
        super().prepare()
        self.mail.forget()

    def promise(self, done):
        return super().promise(done) or self.mail.promise()

    def again(self):
        self.mail.later()
        return super().again()

    def afterwards(self):
        if all(self.mail.sent.values()):
            return None
        self.now = None  # a sweep does more than to send
        return self.mail.deliver()


class Mailed(WithMail, Subject):
    pass


class Swept(WithMail, Each):
    """port sweep: a change of each order whose day has come, and all mail that waits."""


class Files(Subject):
    """regen: each file is the old or the new one, whole, and the next regen makes all of them new."""

    always = ("-y",)
    knows_ids = False

    def __init__(self, target, command):
        self.switch = Switch(target.where)
        self.env, self.kept = self.switch.env, f"{target.where}/kept"
        super().__init__(target, command)
        self.files_after = self.switch.files()
        self.switch.put(self.kept)
        self.files_before = self.switch.files()

    def reset(self):
        """The old files are those of the inventory before the change that the setup is."""
        self.target.reset()
        self.switch.put(None)
        self.target.must(self.line, "-y", "-q", **self.env)
        self.target.must(self.setup, "-y", "-q")
        if not os.path.exists(self.kept):
            shutil.copytree(self.switch.dir, self.kept)

    def prepare(self):
        super().prepare()
        self.switch.put(self.kept)

    def known(self, options):
        return ("-q",)

    def inventory(self):
        inventory = super().inventory()
        inventory["didctl_meta"] = [re.sub(r"(live\W+)\d+", r"\1", row) for row in inventory["didctl_meta"]]
        return {**inventory, **{name: [text] for name, text in self.switch.files().items()}}

    def is_mixed(self):
        files = self.switch.files()
        for name, text in files.items():
            if text not in (self.files_before.get(name), self.files_after[name]):
                return f"{name} is neither the old nor the new one"
        missing = self.files_before.keys() - files.keys()
        return f"missing: {missing}" if missing else None

    def promise(self, done):
        if self.is_mixed():
            return self.is_mixed()
        if done.code == 0 and self.now != self.after:
            return "reported as done, and it is not"
        # Without memory nothing is put back.
        is_told = TOLD.search(done.err) or "out of memory" in done.err
        if done.code in UNTOUCHED and self.switch.files() != self.files_before and not is_told:
            return "reported as failed, and files were replaced"
        return None

    def is_unfinished(self, done):
        return done.code != 0

    def again(self):
        wrong = super().again()
        return wrong or (f"litter: {self.switch.litter()}" if self.switch.litter() else None)


def subject_of(target, command):
    """By what is promised of the command, and whether the target has transactions."""
    how = {"tables": Tables, "answers": Answers, "mailed": Mailed, "files": Files,
           "swept": Swept if target.is_atomic else Each}  # the mail of an API is its own
    return how.get(command.how, Subject if target.is_atomic else OverApi)(target, command)
