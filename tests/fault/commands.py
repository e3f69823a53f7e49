"""What is done while faults are injected: an inventory in which every command that writes has something to do, and these."""

from datetime import date
from typing import NamedTuple

ID = "01a00000-0000-7000-8000-00000000feed"  # of the change under test
UNDONE = "01a00000-0000-7000-8000-00000000beef"  # of the one that undo takes back
HQ = "--street '350 Fifth Ave' --floor 21 --city 'New York' --state-code NY --zip 10118"
ORDER = "--losing-carrier 'Old Telecom' --account 55-1234 --authorised-name Zoe --service-address '1 High Street, London'"


def order(n, *steps):
    """An order of two numbers, and what was done with it; {n} is its serial."""
    first = f"+4420794601{n:02d}"
    return [f"port new ACME {first} +4420794602{n:02d} {ORDER} --btn {first}", *(s.format(n=n) for s in steps)]


LOA, SUBMIT, ACK, FOC = "port document {n} loa.pdf --kind loa", "port submit {n}", "port ack {n}", "port foc {n} 2099-06-15"
DUE = f"port foc {{n}} {date.today()}"  # who sweeps later finds it due as well

INVENTORY = [
    "init --country IN --demo",
    "org add Empty --context-prefix empty",
    "org add Fresh --context-prefix fresh",
    "pool add +14155550100-0109",
    "assign 918065978000-8005 ACME --route extension:1000",
    "assign 918065978010-8012 Globex",
    "assign +14155550100-0104 ACME",
    "user add Ann --org ACME --outbound-did 918065978001",
    "user add Bob --org Globex",
    "pool lock 918065978015",
    "pool request 918065978016-8017 ACME",
    "pool mark on-hold 918065978018 --for 30",
    "pool mark blocked 918065978005",
    f"e911 locations add ACME --label HQ {HQ}",
    f"e911 locations add ACME --label Lab {HQ.replace('350', '351')}",
    "e911 set +14155550100-0101 --location HQ",
    f"e911 set +14155550104 {HQ.replace('350', '352')} --label Own",
    "cnam set 918065978002 Sales",
    "cnam set 918065978001 Support",
    *order(1), *order(2, LOA), *order(3, LOA, SUBMIT), *order(4, LOA, SUBMIT, ACK),
    *order(5, LOA, SUBMIT, ACK, FOC), *order(6, LOA, SUBMIT, ACK, FOC),
    *order(7, LOA, SUBMIT, ACK, DUE), *order(8, LOA, SUBMIT, ACK, DUE),
    f"assign 918065978020-8022 Empty --change-id {UNDONE}",
]

# An API has no init, and neither locks nor holds: the seed's numbers and organisations, made as any others.
NOT_OVER_API = ("init ", "pool lock ", "pool mark on-hold ")
INVENTORY_OVER_API = [
    "org add ACME --context-prefix acme",
    "org add Globex --context-prefix globex",
    "pool add 918065978000-8020 --provider Tata --price 100",
    "pool add 918065978021-8024 --provider Tata --env staging",
    "pool add 918065978025-8029 --provider Tata --env oss",
    *(line for line in INVENTORY if not line.startswith(NOT_OVER_API)),
]

FILES = {"loa.pdf": b"%PDF-1.4\n\0\377 signed"}

# Rows that another program wrote, for the commands that mend them.
TWIN = """INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment)
    VALUES ('00000000-0000-4000-8000-00000000001b', '+918065978025', 'available', 'active', 0, 'prod')"""
BROKEN = "UPDATE did_numbers SET is_default = 1 WHERE number = '918065978026'"


class Command(NamedTuple):
    """before: an SQL statement, or a command, that is run before it. how: what is promised of it, by subjects.py."""

    name: str
    line: str
    before: str | None = None
    how: str = "change"


TABLE = [
    ("init", "init --country IN --demo", None, "tables"),
    ("assign", "assign 918065978006-8008 ACME --route queue:7 --env staging"),
    ("assign first", "assign 918065978023-8024 Fresh"),
    ("assign count", "assign --count 3 Globex --contiguous"),
    ("assign transfer", "assign 918065978000-8001 Globex --transfer --default"),
    ("release", "release 918065978000-8003 --hold 30 --keep cnam"),
    ("pool add", "pool add 918065979000-9099 --provider Tata --price 10 --tag new --note late"),
    ("pool edit", "pool edit 918065978000-8009 --tag +x --region Goa --route queue:1 --price 12"),
    ("pool edit where", "pool edit --where org=ACME --expect 13 --record on"),
    ("pool delete", "pool delete 918065978027-8029 --expect 3"),
    ("pool mark", "pool mark ported 918065978003-8004"),
    ("pool lock", "pool lock 918065978001-8003"),
    ("pool unlock", "pool unlock 918065978015"),
    ("pool request", "pool request 918065978027 Globex"),
    ("pool approve", "pool approve 918065978016-8017"),
    ("pool reject", "pool reject 918065978016-8017"),
    ("pool sweep", "pool sweep --pending-days 0"),
    ("pool merge", "pool merge 918065978025 --keep 00000000-0000-4000-8000-00000000001b", TWIN),
    ("default set", "default set 918065978003"),
    ("default clear", "default clear ACME"),
    ("default user", "default user Bob 918065978011"),
    ("env set", "env set oss 918065978000-8005"),
    ("e911 set", f"e911 set +14155550102-0104 {HQ} --label New"),
    ("e911 clear", "e911 clear +14155550100-0101"),
    ("e911 locations add", f"e911 locations add Globex --label G {HQ}"),
    ("e911 locations edit", "e911 locations edit HQ --floor 22"),
    ("e911 locations delete", "e911 locations delete Lab"),
    ("cnam set", "cnam set 918065978000-8001 Acme"),
    ("cnam clear", "cnam clear 918065978002"),
    ("cnam default", "cnam default ACME 'Acme Corp'"),
    ("port new", f"port new Globex +442079461000-1003 {ORDER}"),
    ("port edit", "port edit 1 --account 77 --route ivr:main"),
    ("port attach", "port attach 1 +442079461010"),
    ("port document", "port document 1 loa.pdf --kind loa"),
    ("port submit", "port submit 2"),
    ("port ack", "port ack 3"),
    ("port foc", "port foc 4 2099-07-15"),
    ("port reject", "port reject 4 --code 8A --reason 'no such account'"),
    ("port cancel", "port cancel 3"),
    ("port complete", "port complete 5"),
    ("org add", "org add Initech --context-prefix initech --mail it@example.net"),
    ("org edit", "org edit Globex --name Globex2 --unrouted hangup"),
    ("org delete", "org delete Initrode", "INSERT INTO organizations (id, name) VALUES ('o-initrode', 'Initrode')"),
    ("user add", "user add Eve --org ACME --outbound-did 918065978002"),
    ("user edit", "user edit Ann --name Anne --outbound-did 918065978004"),
    ("user delete", "user delete Ann"),
    ("undo", f"undo {UNDONE}"),
    ("doctor fix", "doctor default-state --fix", BROKEN),
    ("e911 sync", "e911 sync", None, "answers"),
    ("cnam sync", "cnam sync", None, "answers"),
    ("port submit by mail", "port submit 2", None, "mailed"),
    ("port sweep", "port sweep", None, "swept"),
    ("regen", "regen", "assign 918065978013-8014 Globex --route queue:9", "files"),
]

# What an API cannot do of it, or does in other words, or what makes a difference there that is not of times alone.
REGISTERED = "UPDATE api_numbers SET e911_status = 'registered' WHERE e911_status = 'pending'"
OVER_API = {
    "init": None,
    "release": {"line": "release 918065978000-8003 --keep cnam"},
    "pool add": {"line": "pool add 918065979000-9019 --provider Tata --price 10"},
    "pool edit": {"line": "pool edit 918065978000-8009 --region Goa --route queue:1 --price 12"},
    "pool lock": None,
    "pool unlock": None,
    "pool sweep": None,
    "e911 locations edit": {"before": REGISTERED},
    "org add": {"line": "org add Initech --context-prefix initech"},
    "org edit": {"line": "org edit Globex --name Globex2"},
    "port submit by mail": None,
    "regen": None,
}

COMMANDS = [Command(*row) for row in TABLE]


def commands_on(store):
    """Those that this kind of store can do, in the words for it."""
    if store != "API":
        return COMMANDS
    other = [(c, OVER_API.get(c.name, {})) for c in COMMANDS]
    return [c._replace(**words) for c, words in other if words is not None]
