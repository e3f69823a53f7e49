"""What is done while faults are injected: an inventory in which every command that writes has something to do, and these."""

ID = "01a00000-0000-7000-8000-00000000feed"  # of the change under test
UNDONE = "01a00000-0000-7000-8000-00000000beef"  # of the one that undo takes back
HQ = "--street '350 Fifth Ave' --floor 21 --city 'New York' --state-code NY --zip 10118"
ORDER = "--losing-carrier 'Old Telecom' --account 55-1234 --authorised-name Zoe --service-address '1 High Street, London'"


def order(n, *steps):
    """An order of two numbers, and what was done with it; {n} is its serial."""
    first = f"+4420794601{n:02d}"
    return [f"port new ACME {first} +4420794602{n:02d} {ORDER} --btn {first}", *(s.format(n=n) for s in steps)]


LOA, SUBMIT, ACK, FOC = "port document {n} loa.pdf --kind loa", "port submit {n}", "port ack {n}", "port foc {n} 2099-06-15"

INVENTORY = [
    "init --country IN --demo",
    "pool add +14155550100-0109",
    "org add Empty --context-prefix empty",
    "org add Fresh --context-prefix fresh",
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
    "cnam set 918065978002 Sales",
    *order(1), *order(2, LOA), *order(3, LOA, SUBMIT), *order(4, LOA, SUBMIT, ACK),
    *order(5, LOA, SUBMIT, ACK, FOC), *order(6, LOA, SUBMIT, ACK, FOC),
    f"assign 918065978020-8022 Empty --change-id {UNDONE}",
]

FILES = {"loa.pdf": b"%PDF-1.4\n\0\377 signed"}

# Rows that another program wrote, for the commands that mend them.
TWIN = """INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment)
    VALUES ('00000000-0000-4000-8000-00000000001b', '+918065978025', 'available', 'active', 0, 'prod')"""
BROKEN = "UPDATE did_numbers SET is_default = 1 WHERE number = '918065978026'"

# Name, command line, statement that is run before it.
COMMANDS = [
    ("init", "init --country IN --demo", None),
    ("assign", "assign 918065978006-8008 ACME --route queue:7 --env staging", None),
    ("assign first", "assign 918065978023-8024 Fresh", None),
    ("assign count", "assign --count 3 Globex --contiguous", None),
    ("assign transfer", "assign 918065978000-8001 Globex --transfer --default", None),
    ("release", "release 918065978000-8003 --hold 30 --keep cnam", None),
    ("pool add", "pool add 918065979000-9099 --provider Tata --price 10 --tag new --note late", None),
    ("pool edit", "pool edit 918065978000-8009 --tag +x --region Goa --route queue:1 --price 12", None),
    ("pool edit where", "pool edit --where org=ACME --expect 13 --record on", None),
    ("pool delete", "pool delete 918065978027-8029 --expect 3", None),
    ("pool mark", "pool mark ported 918065978003-8004", None),
    ("pool lock", "pool lock 918065978001-8003", None),
    ("pool unlock", "pool unlock 918065978015", None),
    ("pool request", "pool request 918065978027 Globex", None),
    ("pool approve", "pool approve 918065978016-8017", None),
    ("pool reject", "pool reject 918065978016-8017", None),
    ("pool sweep", "pool sweep --pending-days 0", None),
    ("pool merge", "pool merge 918065978025 --keep 00000000-0000-4000-8000-00000000001b", TWIN),
    ("default set", "default set 918065978003", None),
    ("default clear", "default clear ACME", None),
    ("default user", "default user Bob 918065978011", None),
    ("env set", "env set oss 918065978000-8005", None),
    ("e911 set", f"e911 set +14155550102-0104 {HQ} --label New", None),
    ("e911 clear", "e911 clear +14155550100-0101", None),
    ("e911 locations add", f"e911 locations add Globex --label G {HQ}", None),
    ("e911 locations edit", "e911 locations edit HQ --floor 22", None),
    ("e911 locations delete", "e911 locations delete Lab", None),
    ("cnam set", "cnam set 918065978000-8001 Acme", None),
    ("cnam clear", "cnam clear 918065978002", None),
    ("cnam default", "cnam default ACME 'Acme Corp'", None),
    ("port new", f"port new Globex +442079461000-1003 {ORDER}", None),
    ("port edit", "port edit 1 --account 77 --route ivr:main", None),
    ("port attach", "port attach 1 +442079461010", None),
    ("port document", "port document 1 loa.pdf --kind loa", None),
    ("port submit", "port submit 2", None),
    ("port ack", "port ack 3", None),
    ("port foc", "port foc 4 2099-07-15", None),
    ("port reject", "port reject 4 --code 8A --reason 'no such account'", None),
    ("port cancel", "port cancel 3", None),
    ("port complete", "port complete 5", None),
    ("org add", "org add Initech --context-prefix initech --mail it@example.net", None),
    ("org edit", "org edit Globex --name Globex2 --unrouted hangup", None),
    ("org delete", "org delete Initrode", "INSERT INTO organizations (id, name) VALUES ('o-initrode', 'Initrode')"),
    ("user add", "user add Eve --org ACME --outbound-did 918065978002", None),
    ("user edit", "user edit Ann --name Anne --outbound-did 918065978004", None),
    ("user delete", "user delete Ann", None),
    ("undo", f"undo {UNDONE}", None),
    ("doctor fix", "doctor default-state --fix", BROKEN),
]
