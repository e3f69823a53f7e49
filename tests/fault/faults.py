"""The kinds of faults: each knows which there are for a command, and lets one happen."""

import os
import re
import subprocess

from lab import ROOT, Mariadb

BUILT = f"{ROOT}/build/tests/fault"
SANITIZED = "/build-asan/" in os.environ.get("DIDCTL", "")
# An error of these is none that a kernel gives.
NEVER_FAIL = ("execve", "exit_group", "rt_sigreturn", "futex", "brk", "umask", "uname", "getpid", "gettid", "getuid",
              "geteuid")
NO_LEAKS = "detect_leaks=0"  # under strace it cannot look


class Fault:
    """One fault: a title, and whether it came to pass in the run; silent where no message could be written."""

    def __init__(self, title, *how):
        self.title, self.how = title, how
        self.fired = self.silent = False


class Kind:
    """run(): the command with the fault in it. targets: where it can be. options: how the command is called."""

    options = ("-q",)
    sanitized = True

    @staticmethod
    def fits(_target):
        return True


class SystemCalls(Kind):
    sanitized = False
    spared = ("exit_group",)

    def calls(self, target, run):
        """The system calls of an undisturbed run as (name, n), from its first act on; what the loader does is not ours."""
        trace = f"{target.where}/trace"
        run(before=("strace", "-f", "-qq", "-o", trace))
        counts, seen, begun = {}, [], False
        with open(trace, encoding="utf-8", errors="replace") as f:
            for line in f:
                found = re.match(r"\d+ +([a-z_0-9]+)\(", line)
                if not found:
                    continue
                counts[found[1]] = counts.get(found[1], 0) + 1
                begun |= found[1] == "umask"
                if begun and found[1] not in self.spared:
                    seen.append((found[1], counts[found[1]]))
        return seen

    def run(self, target, fault, run):
        name, n, what = fault.how
        trace = f"{target.where}/trace"
        quick = [] if what.startswith("signal") else ["--seccomp-bpf"]  # with which strace sends no signal
        done = run(before=("strace", "-f", "-qq", *quick, "-o", trace, "-e", f"trace={name}",
                           "-e", f"inject={name}:{what}:when={n}"))
        with open(trace, encoding="utf-8", errors="replace") as f:
            hit = [line for line in f if "(INJECTED)" in line]
        fault.fired = bool(hit) or done.code == -9
        fault.silent = any("write(2," in line for line in hit)
        return done


class Kill(SystemCalls):
    name = "kill -9 at a system call"

    def faults(self, target, run):
        return [Fault(f"killed at {name} {n}", name, n, "signal=KILL") for name, n in self.calls(target, run)]


class Errors(SystemCalls):
    name = "a system call that fails"
    spared = NEVER_FAIL

    def faults(self, target, run):
        return [Fault(f"{error} from {name} {n}", name, n, f"error={error}") for name, n in self.calls(target, run)
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

    def faults(self, target, run):
        run(**self.env(target, "0"))
        n = int(self.mark(target))
        return [Fault(f"allocation {i + 1} of {n} failed{more}", f"{i + 1}{'+' if more else ''}")
                for i in range(n) for more in ("", " and all after it")]

    def run(self, target, fault, run):
        done = run(**self.env(target, fault.how[0]))
        fault.fired = os.path.exists(f"{target.where}/mark") and self.mark(target) == "fired"
        return done


class Wire(Kind):
    """Through tests/fault/wire, one for each target."""

    @staticmethod
    def fits(target):
        return isinstance(target, Mariadb)

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

    def watch(self, target, rule, run, *options):
        self.tell(target, rule)
        done = run("--timeout", "1", *options, url=target.wire_url)
        return done, [int(n) for n in self.tell(target, "report")]

    def run(self, target, fault, run):
        done, (fault.fired, _, _, _, leaked) = self.watch(target, fault.how[0], run)
        self.tell(target, "pass")
        if leaked:
            done.err += f"{leaked} bytes of a file were sent\n"
            done.code = "leaks a file"
        return done

    def counts(self, target, run):
        return self.watch(target, "pass", run)[1][1:4]


class Cut(Wire):
    name = "a connection that is cut at a packet"

    def faults(self, target, run):
        packets = self.counts(target, run)[0]
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

    def faults(self, target, run):
        _, commands, results = self.counts(target, run)
        told = [(k, what, code) for k in range(commands + 1) for what, codes in CODES.items() for code in codes]
        told += [(k, "lie", i) for k in range(commands + 1) for i in range(LIES)]
        told += [(k, "header", code) for k in range(1, results + 1) for code in AT_HEADER]
        return [Fault(f"{what} {code} to command {k} of {commands}, {often}", f"answer {k} {what} {code} {often}")
                for k, what, code in told for often in ("once", "always")]


KINDS = [Kill(), Errors(), Memory(), Cut(), Answer()]
