"""The kinds of faults: each knows which there are for a command, and lets one happen."""

import os
import re
import subprocess

from lab import ROOT

BUILT = f"{ROOT}/build/tests/fault"
SANITIZED = "/build-asan/" in os.environ.get("DIDCTL", "")
# An error of these is none that a kernel gives.
NEVER_FAIL = ("execve", "exit_group", "rt_sigreturn", "futex", "brk", "umask", "uname", "getpid", "gettid", "getuid",
              "geteuid")
NO_LEAKS = "detect_leaks=0"  # under strace it cannot look
CRASH = re.compile(r"Sanitizer|runtime error|Assertion|corrupted|double free|free\(\)|malloc\(\)")
KILLED = -9


class Fault:
    """One fault: a title, and whether it came to pass in the run; silent where no message could be written."""

    def __init__(self, title, *how):
        self.title, self.how = title, how
        self.fired = self.silent = False


class Kind:
    """faults(): those that there are for a subject; run(): its command with one of them in it. fits(): the targets where
    it can be. options: how the command is called."""

    options = ("-q",)
    sanitized = True

    @staticmethod
    def fits(_target):
        return True


class SystemCalls(Kind):
    sanitized = False
    spared = ("exit_group",)

    @staticmethod
    def strace(subject, *words):
        trace = f"{subject.target.where}/trace"
        done = subject.run(before=("strace", *(["-f"] if subject.follows else []), "-qq", "-o", trace, *words))
        with open(trace, encoding="utf-8", errors="replace") as f:
            return done, f.readlines()

    def calls(self, subject):
        """The system calls of an undisturbed run as (name, n), from its first act on; what the loader does is not ours."""
        counts, seen, begun = {}, [], False
        for line in self.strace(subject)[1]:
            found = re.match(r"(?:\d+ +)?([a-z_0-9]+)\(", line)
            if not found:
                continue
            counts[found[1]] = counts.get(found[1], 0) + 1
            begun |= found[1] == "umask"
            if begun and found[1] not in self.spared:
                seen.append((found[1], counts[found[1]]))
        return seen

    def run(self, subject, fault):
        name, n, what = fault.how
        # It is quicker so, but sends no signal, and follows children in any case.
        quick = ["--seccomp-bpf"] if subject.follows and not what.startswith("signal") else []
        done, trace = self.strace(subject, *quick, "-e", f"trace={name}", "-e", f"inject={name}:{what}:when={n}")
        hit = [line for line in trace if "(INJECTED)" in line]
        fault.fired = bool(hit) or done.code == KILLED
        fault.silent = any("write(2," in line for line in hit)
        return done


class Kill(SystemCalls):
    name = "kill -9 at a system call"

    def faults(self, subject):
        return [Fault(f"killed at {name} {n}", name, n, "signal=KILL") for name, n in self.calls(subject)]


class Errors(SystemCalls):
    name = "a system call that fails"
    spared = NEVER_FAIL

    def faults(self, subject):
        return [Fault(f"{error} from {name} {n}", name, n, f"error={error}") for name, n in self.calls(subject)
                for error in ("EIO", "ENOSPC", "EINTR", "EMFILE", "EROFS", "ENOMEM")]


class Memory(Kind):
    name = "an allocation that fails"
    options = ("-o", "json")

    @staticmethod
    def env(target, at):
        libraries = [f"{BUILT}/alloc.so"]
        if SANITIZED:  # which looks through it to the sanitizer's allocator
            libraries.append(subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True,
                                            check=True).stdout.strip())
        return {"LD_PRELOAD": ":".join(libraries), "FAULT_ALLOC": at, "FAULT_MARK": f"{target.where}/mark",
                "ASAN_OPTIONS": "verify_asan_link_order=0:allocator_may_return_null=1",
                "LSAN_OPTIONS": f"print_suppressions=0:suppressions={ROOT}/tests/fault/leaks"}

    @staticmethod
    def mark(target):
        path = f"{target.where}/mark"
        with open(path, encoding="utf-8") as f:
            text = f.read().strip()
        os.unlink(path)
        return text

    def faults(self, subject):
        subject.run(self.options, **self.env(subject.target, "0"))
        n = int(self.mark(subject.target))
        return [Fault(f"allocation {i + 1} of {n} failed{more}", f"{i + 1}{'+' if more else ''}")
                for i in range(n) for more in ("", " and all after it")]

    def run(self, subject, fault):
        target = subject.target
        done = subject.run(self.options, **self.env(target, fault.how[0]))
        fault.fired = os.path.exists(f"{target.where}/mark") and self.mark(target) == "fired"
        return done


class Wire(Kind):
    """Through tests/fault/wire, one for each target."""

    @staticmethod
    def fits(target):
        return target.name == "MariaDB"

    @staticmethod
    def proxy(target):
        if not hasattr(target, "wire"):
            target.wire = subprocess.Popen([f"{BUILT}/wire", target.socket], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           text=True, bufsize=1)
            target.wire_url = f"mysql://root@127.0.0.1:{target.wire.stdout.readline().strip()}/{target.database}"
        return target.wire

    def tell(self, target, line):
        proxy = self.proxy(target)
        proxy.stdin.write(line + "\n")
        return proxy.stdout.readline().split()

    def watch(self, subject, rule):
        target = subject.target
        self.tell(target, rule)
        done = subject.run(self.options, "--timeout", "1", url=target.wire_url)
        return done, [int(n) for n in self.tell(target, "report")]

    def run(self, subject, fault):
        done, (fault.fired, _, _, _, leaked) = self.watch(subject, fault.how[0])
        self.tell(subject.target, "pass")
        if leaked:
            done.err += f"{leaked} bytes of a file were sent\n"
            done.code = "leaks a file"
        return done

    def counts(self, subject):
        return self.watch(subject, "pass")[1][1:4]


class Cut(Wire):
    name = "a connection that is cut at a packet"

    def faults(self, subject):
        packets = self.counts(subject)[0]
        return [Fault(f"{how} {when} packet {k} of {packets}, {often}", f"cut {k} {when} {how} {often}")
                for k in range(1, packets + 1) for when in ("before", "after") for how in ("rst", "fin", "silence")
                for often in ("once", "always") if how != "silence" or k % 8 == 1]  # a second for each


# What a server may answer, and what it has done then: instead: nothing, undone: rolled back, gone: nothing, and it closes,
# done: all of it, header: rolled back, after the header of a result.
CODES = {
    "instead": (1040, 1203, 1213, 1020, 1180, 1205, 3572, 1317, 1969, 3024, 1047, 1053, 1290, 1836, 1105, 1062, 1586, 1267, 1366,
                1048, 1264, 1406, 1451, 1452, 4025, 3819, 1146, 1054, 1044, 1045, 1142, 1227, 1064, 1021, 1114, 1041, 1153, 1206,
                2006, 2013, 2027, 0, 65535),
    "undone": (1213, 1020, 3101, 1180),
    "gone": (1053, 1927, 4031, 1040),
    "done": (1317, 1047, 1053, 1105, 1180, 2013, 1927),
    "infile": (0,),
}
LIES = 16
AT_HEADER = (1213, 1205, 1317, 1105, 1064)


class Answer(Wire):
    name = "a server that answers what it should not"

    def faults(self, subject):
        _, commands, results = self.counts(subject)
        told = [(k, what, code) for k in range(commands + 1) for what, codes in CODES.items() for code in codes]
        told += [(k, "lie", i) for k in range(commands + 1) for i in range(LIES)]
        told += [(k, "header", code) for k in range(1, results + 1) for code in AT_HEADER]
        told = [(*how, often) for how in told for often in ("once", "always")]
        told += [(k, "instead", 1317, "twice") for k in range(1, commands + 1)]  # what is refused is also the ROLLBACK
        return [Fault(f"{what} {code} to command {k} of {commands}, {often}", f"answer {k} {what} {code} {often}")
                for k, what, code, often in told]


# What becomes of a request, as switches of the tests' API (tests/api/faults.js).
ELSEWHERE = "http://127.0.0.2:9/api/v1"
REQUESTS = {
    "lost": {"drop": True}, "done, and its answer lost": {"cut": 0}, "done, and its answer reset": {"cut": 0, "reset": True},
    "done, and its answer cut": {"cut": 120}, "left while it is done": {"leave_ms": 0}, "done twice": {"twice": True},
    "refused, and to be sent again": {"status": 503, "retry_after": 0}, "one too many": {"status": 429, "retry_after": 0},
    "led elsewhere": {"status": 307, "location": ELSEWHERE},
    **{f"answered by {status}": {"status": status} for status in (400, 401, 403, 404, 405, 409, 412, 422, 500, 502, 503)},
    **{f"done, and answered by {status}": {"then_status": status} for status in (500, 502, 504)},
    **{f"done, and its answer {text}": {"text": text} for text in ("html", "empty", "duplicate", "deep", "trailing", "latin1", "nul")},
    **{f"done, and its answer {n:+} bytes long": {"length": n} for n in (-10, 10)},
}
LATE = {"not begun in time": {"delay_ms": 1500}, "answered too late": {"after_ms": 1500}}  # more than a second for each


class Requests(Kind):
    name = "a request that is lost, cut, refused or done twice"

    @staticmethod
    def fits(target):
        return target.name == "API"

    def faults(self, subject):
        subject.target.forget()
        subject.run(self.options)
        n = len(subject.target.log())
        told = [(k, what, rule) for k in range(n) for what, rule in (REQUESTS | (LATE if k % 8 == 0 else {})).items()]
        return [Fault(f"request {k + 1} of {n} {what}, {'always' if lasts else 'once'}{'' if keeps else ', keys unknown'}",
                      k, rule, lasts, keeps)
                for k, what, rule in told for lasts in (False, True) for keeps in (True, False)
                if keeps or "twice" not in rule]  # without keys nobody knows whose row is gone

    def run(self, subject, fault):
        k, rule, lasts, keeps = fault.how
        target = subject.target
        target.switch({"rules": [{**rule, "skip": k, **({} if lasts else {"times": 1})}], "keeps_keys": keeps})
        done = subject.run(self.options, "--timeout", "1")
        fault.fired = len(target.log()) > k
        target.switch({})
        return done


KINDS = [Kill(), Errors(), Memory(), Cut(), Answer(), Requests()]
