# fish completion for didctl, made by `didctl completion fish`.

# What there is after the commands in argv[1]: subs, opts, operands (a kind each), columns.
function __didctl_table --no-scope-shadowing
	set -l g0 '-t'\t'the inventory: sqlite:PATH, mysql://[USER@]HOST[:PORT][,HOST...]/DB, mysql://[USER@]/DB?socket=PATH or https://HOST[:PORT]/BASE' '--target'\t'the inventory: sqlite:PATH, mysql://[USER@]HOST[:PORT][,HOST...]/DB, mysql://[USER@]/DB?socket=PATH or https://HOST[:PORT]/BASE' '-p'\t'a section of the configuration' '--profile'\t'a section of the configuration' '--timeout'\t'how many seconds to wait for each answer; unless given, 10, and 300 for the statements of a change'
	set -l g1 '-o'\t'how rows are written' '--output'\t'how rows are written' '-H'\t'no heading line (table, tsv, csv)' '--no-header'\t'no heading line (table, tsv, csv)' '--raw-csv'\t'no \' in front of csv text that a spreadsheet would run'
	set -l g2 '-q'\t'say nothing but errors, questions and change ids' '--quiet'\t'say nothing but errors, questions and change ids' '-v'\t'say what is done on the way: what the store is asked, and how long each answer takes' '--verbose'\t'say what is done on the way: what the store is asked, and how long each answer takes' '--color'\t'colour on a terminal that shows it unless NO_COLOR is set, or as told' '--no-progress'\t'no progress on standard error while something takes long' '--config'\t'read this instead of $XDG_CONFIG_HOME/didctl/config and /etc/didctl/config' '-h'\t'explain the command' '--help'\t'explain the command' '-V'\t'print the version' '--version'\t'print the version'
	set -l g3 '--where'\t'the numbers whose column has one of the values; repeatable: all must hold; wants --expect'
	set -l g4 '-n'\t'the same plan and the same checks, but nothing is written' '--dry-run'\t'the same plan and the same checks, but nothing is written' '-y'\t'do not ask' '--yes'\t'do not ask' '--expect'\t'refuse unless exactly so many would change; needed above 10,000 numbers, and with --where' '--partial'\t'change what can be changed and list the rest; exit 5 if some were refused, 6 if all' '--chunk'\t'make a change of more than N numbers in pieces of N, each a transaction: what an interruption leaves half done (exit 5) the same command with the same --change-id finishes; see didctl-cluster(7)' '--reason'\t'why, kept in the history' '--change-id'\t'idempotency key of the change; made and printed on standard error if absent' '--jobs'\t'how many requests an API is sent at once; unless given, as \'jobs\' is set, or 8' '--regen'\t'regenerate the switch\'s files once, after the last write, when the change moves calls' '--no-regen'\t'leave the switch\'s files alone; what is not live yet is said'
	set -l g5 '--state'\t'in one of these states' '--org'\t'held or requested by the organisation: an id, a name or a context prefix, in whole' '--env'\t'of these environments' '--tag'\t'with one of these tags' '--provider'\t'of this provider' '--operator'\t'of this operator' '--region'\t'in this region' '--city'\t'in this city' '--rate-center'\t'of this rate centre' '--state-code'\t'in this state of the country' '--area-code'\t'with this area code' '--nxx'\t'with this exchange' '--toll-free'\t'toll-free numbers' '--e911'\t'whose emergency address is not-set, pending, registered or failed' '--cnam'\t'whose caller name is pending, synced or failed' '--default'\t'default caller IDs' '--locked'\t'locked numbers' '--package'\t'of this package' '--match'\t'a pattern of the number (877-555-XXXX), or part of the organisation\'s name'
	set -l g6 '-c'\t'the columns to print: a,b chooses, +a adds to the default, all takes all' '--columns'\t'the columns to print: a,b chooses, +a adds to the default, all takes all' '--list-columns'\t'print the columns of this listing, with a sentence each' '-s'\t'sort by these columns: KEY,-KEY; \'-\' turns the order round; \'none\' takes rows as they come, the fastest' '--sort'\t'sort by these columns: KEY,-KEY; \'-\' turns the order round; \'none\' takes rows as they come, the fastest' '--limit'\t'at most so many rows; there is no limit otherwise'
	set subs
	set opts
	set operands
	set columns
	switch "$argv[1]"
	case ''
		set subs 'assign'\t'assign numbers to an organisation' 'cnam'\t'set, show and list the names that called parties see' 'completion'\t'print the completion script for a shell' 'config'\t'print every setting with its value and origin' 'default'\t'show and choose default caller IDs' 'doctor'\t'look for what makes calls go wrong, and mend it' 'e911'\t'set, show, list and export emergency addresses' 'env'\t'show, choose and check where the calls of numbers land' 'explain'\t'explain why a call goes where it goes' 'help'\t'explain a command' 'history'\t'list changes, and what they did to numbers' 'init'\t'prepare a target: make the tables that it lacks' 'org'\t'list, show, add, edit and delete organisations' 'pool'\t'list, add, edit and mark the numbers that there are' 'port'\t'bring numbers in from another carrier' 'regen'\t'make the switch\'s files from the inventory' 'release'\t'take numbers back from their organisations' 'undo'\t'take a change back' 'user'\t'list, show, add, edit and delete users' 'version'\t'print the version'
		set opts $g0 $g1 $g2
	case 'assign'
		set opts '--env'\t'the environment that answers their calls: prod, staging or oss; with --count, the one to take from' '--route'\t'where inbound calls go, such as extension:1000 or queue:sales' '--record'\t'whether inbound calls are recorded' '--default'\t'make it the organisation\'s default caller ID; of several numbers, the lowest' '--transfer'\t'take numbers from the organisations that hold them' '--allow-reserved'\t'assign reserved numbers too' '--override-hold'\t'assign numbers on hold to others than their previous owner too; needs --reason' '--count'\t'pick so many available numbers from the pool: all of them or none' '--match'\t'with --count: only numbers like 877-555-XXXX' '--contiguous'\t'with --count: one range without a gap' '--prefer-aged'\t'with --count: take first those that have been free for longest' $g0 $g1 $g2 $g3 $g4
		set operands 'number...' 'org'
	case 'cnam'
		set subs 'clear'\t'take numbers\' own names away' 'default'\t'set the name of an organisation\'s numbers' 'list'\t'list names and how far the provider has them' 'set'\t'give numbers a name of their own' 'show'\t'show which name counts for a number' 'sync'\t'put the names that wait to the provider'
		set opts $g2
	case 'cnam clear'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'cnam default'
		set opts '--clear'\t'leave the organisation without a default' $g0 $g1 $g2 $g4
		set operands 'org' '-'
	case 'cnam list'
		set opts $g0 $g1 $g2 $g5 $g6
		set operands 'number...'
		set columns 'number'\t'the number as it is stored' 'org'\t'name of who holds it' 'cnam'\t'the name that counts' 'cnam_source'\t'number: its own; org: the organisation\'s default' 'cnam_status'\t'pending, synced or failed' 'age'\t'how long it has had that status' 'cnam_since'\t'since when it has that status' 'cnam_note'\t'what the provider said'
	case 'cnam set'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...' '-'
	case 'cnam show'
		set opts $g0 $g1 $g2
		set operands 'number'
	case 'cnam sync'
		set opts $g0 $g1 $g2 $g4
	case 'completion'
		set opts $g2
		set operands '=bash,zsh,fish'
	case 'config'
		set opts $g0 $g1 $g2 $g6
		set columns 'key'\t'the setting' 'value'\t'its value, a secret as ***; absent if it is not set' 'origin'\t'the option, variable, file and line it comes from, or default'
	case 'default'
		set subs 'clear'\t'leave an organisation without a default caller ID' 'set'\t'make a number its organisation\'s default caller ID' 'show'\t'list the default caller IDs' 'user'\t'choose the number that a user\'s calls show'
		set opts $g2
	case 'default clear'
		set opts $g0 $g1 $g2 $g4
		set operands 'org'
	case 'default set'
		set opts $g0 $g1 $g2 $g4
		set operands 'number'
	case 'default show'
		set opts $g0 $g1 $g2 $g6
		set operands 'org'
		set columns 'org'\t'name of the organisation' 'number'\t'its default caller ID'
	case 'default user'
		set opts $g0 $g1 $g2 $g4
		set operands 'user' 'number'
	case 'doctor'
		set opts '--strict'\t'exit with 3 for warnings too' '--fix'\t'mend what the named checks find, in one change that can be undone; replay records it, and undo then takes it back' '--seal'\t'history: seal the changes that are not sealed yet, and print the last seal\'s hash' $g0 $g1 $g2 $g4 $g6
		set operands '=tables,columns,integrity,history,number,twin,state,owner,owner-missing,default-state,two-defaults,outbound,setup,rights,server,charset,replay,spelling,no-default,context,env,env-range,env-oss,route,live,pending,hold,port-late,port-due,mail,e911,cnam...'
		set columns 'severity'\t'error, warning or info' 'check'\t'name of what was looked at' 'number'\t'the number as it is stored; absent where it is about all' 'detail'\t'what was found' 'fix'\t'the command that mends it'
	case 'e911'
		set subs 'clear'\t'take the emergency address of numbers away' 'export'\t'write where numbers are as PIDF-LO, for a provider' 'list'\t'list emergency addresses and how far the provider has them' 'locations'\t'list, show, add, edit and delete locations' 'set'\t'set the emergency address of numbers' 'show'\t'show the emergency address of a number' 'sync'\t'put the addresses that wait to the provider'
		set opts $g2
	case 'e911 clear'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'e911 export'
		set opts $g0 $g2 $g5
		set operands 'number...'
	case 'e911 list'
		set opts $g0 $g1 $g2 $g5 $g6
		set operands 'number...'
		set columns 'number'\t'the number as it is stored' 'org'\t'name of who holds it' 'e911'\t'not-set, pending, registered or failed' 'age'\t'how long it has had that status' 'address'\t'the dispatchable location in a line' 'e911_note'\t'what the provider said' 'e911_since'\t'since when it has that status' 'location'\t'identifier of the location' 'e911_candidates'\t'addresses that the provider offers instead'
	case 'e911 locations'
		set subs 'add'\t'add a location' 'delete'\t'delete a location' 'edit'\t'change a location' 'list'\t'list locations' 'show'\t'show everything about one location'
		set opts '--org'\t'those of one organisation' $g0 $g1 $g2 $g6
		set columns 'id'\t'Identifier of the location' 'label'\t'What people call it' 'org_id'\t'Identifier of the organisation that it is of' 'country'\t'US or CA' 'street'\t'House number and street' 'unit'\t'Suite, apartment or other unit' 'building'\t'Which of several buildings' 'floor'\t'Floor or storey' 'room'\t'Room on that floor' 'city'\t'City or community' 'state_code'\t'State or province, two letters' 'zip'\t'ZIP or postal code' 'contact'\t'Who lets the responders in' 'civic'\t'Elements of RFC 5139 beside these, joined by semicolons' 'org'\t'Name of the organisation that it is of' 'address'\t'All of it in a line' 'numbers'\t'How many numbers are registered or to be registered there'
	case 'e911 locations add'
		set opts '--street'\t'house number and street, such as \'350 Fifth Ave\'; no post office box' '--city'\t'city or community' '--state-code'\t'state or province, two letters' '--zip'\t'ZIP (12345, 12345-6789) or postal code' '--country'\t'US or CA' '--unit'\t'suite, apartment or other unit' '--building'\t'which of several buildings' '--floor'\t'floor or storey' '--room'\t'room on that floor' '--label'\t'what people call the location, and find it by' '--contact'\t'who lets the responders in' '--civic'\t'another element of RFC 5139, such as PRD=N or LMK=\'North Gate\'; may be repeated' $g0 $g1 $g2 $g4
		set operands 'org'
	case 'e911 locations delete'
		set opts $g0 $g1 $g2 $g4
		set operands 'location'
	case 'e911 locations edit'
		set opts '--street'\t'house number and street, such as \'350 Fifth Ave\'; no post office box' '--city'\t'city or community' '--state-code'\t'state or province, two letters' '--zip'\t'ZIP (12345, 12345-6789) or postal code' '--country'\t'US or CA' '--unit'\t'suite, apartment or other unit' '--building'\t'which of several buildings' '--floor'\t'floor or storey' '--room'\t'room on that floor' '--label'\t'what people call the location, and find it by' '--contact'\t'who lets the responders in' '--civic'\t'another element of RFC 5139, such as PRD=N or LMK=\'North Gate\'; may be repeated' $g0 $g1 $g2 $g4
		set operands 'location'
	case 'e911 locations list'
		set opts '--org'\t'those of one organisation' $g0 $g1 $g2 $g6
		set columns 'id'\t'Identifier of the location' 'label'\t'What people call it' 'org_id'\t'Identifier of the organisation that it is of' 'country'\t'US or CA' 'street'\t'House number and street' 'unit'\t'Suite, apartment or other unit' 'building'\t'Which of several buildings' 'floor'\t'Floor or storey' 'room'\t'Room on that floor' 'city'\t'City or community' 'state_code'\t'State or province, two letters' 'zip'\t'ZIP or postal code' 'contact'\t'Who lets the responders in' 'civic'\t'Elements of RFC 5139 beside these, joined by semicolons' 'org'\t'Name of the organisation that it is of' 'address'\t'All of it in a line' 'numbers'\t'How many numbers are registered or to be registered there'
	case 'e911 locations show'
		set opts $g0 $g1 $g2
		set operands 'location'
	case 'e911 set'
		set opts '--street'\t'house number and street, such as \'350 Fifth Ave\'; no post office box' '--city'\t'city or community' '--state-code'\t'state or province, two letters' '--zip'\t'ZIP (12345, 12345-6789) or postal code' '--country'\t'US or CA' '--unit'\t'suite, apartment or other unit' '--building'\t'which of several buildings' '--floor'\t'floor or storey' '--room'\t'room on that floor' '--label'\t'what people call the location, and find it by' '--contact'\t'who lets the responders in' '--civic'\t'another element of RFC 5139, such as PRD=N or LMK=\'North Gate\'; may be repeated' '--org'\t'all numbers that this organisation holds, but toll-free ones' '--location'\t'a location that there is, by its id or label' '--choose'\t'the K-th of the addresses that the provider offered instead' $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'e911 show'
		set opts $g0 $g1 $g2
		set operands 'number'
	case 'e911 sync'
		set opts $g0 $g1 $g2 $g4
	case 'env'
		set subs 'check'\t'check whether numbers are wired as their environment says' 'set'\t'choose the environment of numbers' 'show'\t'count numbers by environment and state'
		set opts $g2
	case 'env check'
		set opts $g0 $g1 $g2 $g6
		set columns 'severity'\t'error, warning or info' 'check'\t'name of what was looked at' 'number'\t'the number as it is stored; absent where it is about all' 'detail'\t'what was found' 'fix'\t'the command that mends it'
	case 'env set'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands '=prod,staging,oss' 'number...'
	case 'env show'
		set opts $g0 $g1 $g2
		set operands 'number...'
	case 'explain'
		set opts '--outbound'\t'explain which number outbound calls show, instead of where inbound calls land' '--org'\t'with --outbound: calls of this organisation' '--user'\t'with --outbound: calls of this user' '--caller-id'\t'with --outbound: the caller ID that the call itself brings, as click-to-call and originate-to-ai do' '--dial'\t'with --outbound: whether such a call, or one from NUMBER, may go to 911, and where the responders are sent' $g0 $g1 $g2
		set operands 'number'
	case 'help'
		set opts $g2
		set operands 'command...'
	case 'history'
		set subs 'resolve'\t'tell whether a change took place'
		set opts '--since'\t'changes at or after a time: RFC 3339 such as 2026-11-21T10:00:00Z, a date (00:00:00 UTC), or an age such as 10m, 36h or 7d' '--until'\t'changes at or before a time; one in whole seconds includes that second' '--actor'\t'changes of one actor' '--change'\t'what one change did to its numbers' '--at'\t'one number as it was at a time, as for --until, in the columns of \'pool list\'' $g0 $g1 $g2 $g6
		set operands 'number...'
		set columns 'change_id'\t'Identifier of the change' 'at'\t'When it was made' 'actor'\t'Who made it' 'verb'\t'What was done' 'count'\t'How many numbers it changed' 'numbers'\t'Which numbers it changed' 'reason'\t'Why, in the words of who made it' 'undo_of'\t'Change that this one took back' 'host'\t'Machine that it was made on' 'progress'\t'Of a change in pieces, or broken off through an API: how many of its numbers are done' 'port'\t'Port order that it is about'
	case 'history resolve'
		set opts $g0 $g1 $g2
		set operands 'change'
	case 'init'
		set opts '--country'\t'the country whose national numbers are understood (ZZ: of none)' '--demo'\t'add 30 numbers and two organisations to try things on' '--check'\t'make nothing; list what is missing, and exit with 3 if anything is' '-n'\t'make nothing; list what is missing, and exit as the real one would' '--dry-run'\t'make nothing; list what is missing, and exit as the real one would' '-y'\t'do not ask, for scripts that say it to every command: nothing is asked without it either' '--yes'\t'do not ask, for scripts that say it to every command: nothing is asked without it either' $g0 $g2
	case 'org'
		set subs 'add'\t'add an organisation' 'delete'\t'delete an organisation' 'edit'\t'change what is known about an organisation' 'list'\t'list organisations' 'show'\t'show everything about one organisation'
		set opts $g2
	case 'org add'
		set opts '--context-prefix'\t'what the names of its contexts begin with: 1 to 63 of a-z, 0-9 and \'_\'' '--unrouted'\t'what calls to its numbers without a route get' '--mail'\t'who is told what becomes of its ports' $g0 $g1 $g2 $g4
		set operands '-'
	case 'org delete'
		set opts $g0 $g1 $g2 $g4
		set operands 'org'
	case 'org edit'
		set opts '--name'\t'its name from now on' '--context-prefix'\t'what the names of its contexts begin with: 1 to 63 of a-z, 0-9 and \'_\'' '--unrouted'\t'what calls to its numbers without a route get' '--mail'\t'who is told what becomes of its ports' $g0 $g1 $g2 $g4
		set operands 'org'
	case 'org list'
		set opts $g0 $g1 $g2 $g6
		set columns 'id'\t'Identifier of the organisation' 'name'\t'Name of the organisation' 'context_prefix'\t'Start of its contexts\' names' 'unrouted'\t'What calls to its numbers without a route get' 'mail'\t'Addresses that are told what becomes of its ports' 'numbers'\t'How many numbers it holds' 'default'\t'Number that its calls show' 'cnam'\t'Name that its calls show where a number has none of its own'
	case 'org show'
		set opts $g0 $g1 $g2
		set operands 'org'
	case 'pool'
		set subs 'add'\t'add numbers to the inventory' 'approve'\t'assign requested numbers to the organisations that asked for them' 'delete'\t'delete numbers from the inventory' 'edit'\t'change what is known about numbers' 'list'\t'list numbers' 'lock'\t'protect numbers from release, deletion, porting and re-assignment' 'mark'\t'put numbers into another state' 'merge'\t'make the rows of one physical number into one' 'reject'\t'make requested numbers available again' 'request'\t'ask for available numbers on behalf of an organisation' 'requests'\t'list the numbers that organisations ask for' 'show'\t'show everything about one number' 'stats'\t'count numbers by state or any other column' 'sweep'\t'end holds that are due and return stale requests' 'unlock'\t'end the protection of numbers'
		set opts $g2
	case 'pool add'
		set opts '--provider'\t'who the number was bought from' '--operator'\t'operator that it belongs to' '--region'\t'region that it is sold in' '--city'\t'city that it is sold in' '--state-code'\t'state or province, two upper-case letters' '--rate-center'\t'rate centre, North America' '--price'\t'price for a month, such as 2499 or 2499.00' '--setup-fee'\t'price that is paid once' '--minute-rate'\t'price for a minute, up to 6 decimals' '--note'\t'free text of up to 2,000 characters' '--after-hold'\t'the state that it takes after cooling down' '--env'\t'the environment that answers its calls: prod (unless given), staging or oss' '--tag'\t'a word to find it by; repeatable, or joined by commas' '--state'\t'the state that it begins in; available unless given' '--if-absent'\t'leave numbers that are there already as they are, instead of refusing all' $g0 $g1 $g2 $g4
		set operands '-...'
	case 'pool approve'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'pool delete'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'pool edit'
		set opts '--provider'\t'who the number was bought from' '--operator'\t'operator that it belongs to' '--region'\t'region that it is sold in' '--city'\t'city that it is sold in' '--state-code'\t'state or province, two upper-case letters' '--rate-center'\t'rate centre, North America' '--price'\t'price for a month, such as 2499 or 2499.00' '--setup-fee'\t'price that is paid once' '--minute-rate'\t'price for a minute, up to 6 decimals' '--note'\t'free text of up to 2,000 characters' '--after-hold'\t'the state that it takes after cooling down' '--tag'\t'+x adds a tag, -x takes one away, x alone is all tags from now on; repeatable' '--route'\t'where inbound calls go, such as extension:1000 or queue:sales' '--record'\t'whether inbound calls are recorded' '--hold-days'\t'how many days, 0 to 3650, it cools down after a release' $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'pool list'
		set opts $g0 $g1 $g2 $g5 $g6
		set operands 'number...'
		set columns 'id'\t'Identifier of the row' 'number'\t'The number as it is stored' 'e164'\t'The key: E.164 digits without +' 'national'\t'The number as written inside its country' 'state'\t'Where the number is in its life' 'pool_status'\t'The PBX\'s own column pool_status' 'status'\t'The PBX\'s own column status' 'org'\t'Name of who holds it or asks for it' 'org_id'\t'Identifier of that organisation' 'previous_org'\t'Name of the last owner' 'env'\t'What routes it: prod, staging or oss' 'default'\t'Whether it is the default caller ID' 'route_type'\t'Kind of destination of inbound calls' 'route_dest'\t'Which destination of that kind' 'route'\t'Destination of inbound calls as TYPE:DEST' 'recording'\t'Whether inbound calls are recorded' 'trunk_id'\t'Identifier of the trunk that it comes in on' 'provider'\t'Who the number was bought from' 'operator'\t'Operator that the number belongs to' 'carrier'\t'Carrier of its outbound calls' 'region'\t'Region that the number is sold in' 'city'\t'City that the number is sold in' 'state_code'\t'State or province, two letters' 'rate_center'\t'Rate centre, North America' 'area_code'\t'NPA of a North American number' 'nxx'\t'Exchange of a North American number' 'toll_free'\t'Whether calls to it are free' 'price'\t'Price for a month' 'setup_fee'\t'Price that is paid once' 'minute_rate'\t'Price for a minute' 'package'\t'Package that the number is held under' 'cnam'\t'Name that the called party sees' 'cnam_source'\t'Where that name comes from' 'cnam_status'\t'How far the provider has taken it up' 'e911'\t'How far its emergency address is registered' 'location'\t'Dispatchable location behind the number' 'tags'\t'Words that the number was marked with' 'notes'\t'Free text about the number' 'locked'\t'Whether it refuses to be released or deleted' 'hold_until'\t'When the number\'s cooling down ends' 'after_hold'\t'State that it takes after cooling down' 'requested_at'\t'When the organisation asked for it' 'updated_at'\t'When didctl last changed it' 'hold_days'\t'Days that it cools down after a release' 'previous_org_id'\t'Identifier of that owner' 'cnam_since'\t'Since when the CNAM has the status that it has' 'cnam_note'\t'What the CNAM provider said' 'e911_since'\t'Since when the emergency address has its status' 'e911_note'\t'What the E911 provider said' 'e911_candidates'\t'Addresses that the E911 provider offers instead' 'address'\t'The dispatchable location in a line'
	case 'pool lock'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'pool mark'
		set opts '--for'\t'on-hold: how many days from now' '--until'\t'on-hold: until this day, such as 2027-01-31, at 00:00 UTC' '--then'\t'on-hold: the state after it' '--override-hold'\t'end a hold before its day; needs --reason' $g0 $g1 $g2 $g3 $g4
		set operands '=available,assigned,blocked,on-hold,reserved,archived,ported,in-stock,active,block,hold,archive' 'number...'
	case 'pool merge'
		set opts '--keep'\t'the id of the row that stays as it is, with its owner and its spelling' $g0 $g1 $g2 $g4
		set operands 'number'
	case 'pool reject'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'pool request'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...' 'org'
	case 'pool requests'
		set opts $g0 $g1 $g2 $g6
		set columns 'number'\t'the number as it is stored' 'org'\t'name of who asks for it' 'requested_at'\t'when it was asked for' 'age'\t'how long ago that was'
	case 'pool show'
		set opts $g0 $g1 $g2
		set operands 'number'
	case 'pool stats'
		set opts '--by'\t'count by these columns, joined by commas; by state unless given' $g0 $g1 $g2 $g5
		set operands 'number...'
	case 'pool sweep'
		set opts '--pending-days'\t'return requests older than so many days; unless given, the setting pending-days' $g0 $g1 $g2 $g4
	case 'pool unlock'
		set opts $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'port'
		set subs 'ack'\t'note that the losing carrier has acknowledged an order' 'attach'\t'put numbers on an order, or take them off' 'cancel'\t'give an order up' 'complete'\t'bring the numbers of an order in' 'document'\t'keep a document with an order' 'due'\t'list the orders that are due or late' 'edit'\t'change what an order says, or what its numbers get' 'foc'\t'note the date that the losing carrier has committed to' 'list'\t'list port orders' 'loa'\t'write an order\'s letter of authorisation, ready to sign' 'new'\t'begin an order' 'reject'\t'note that the losing carrier has sent an order back' 'show'\t'show everything about one order' 'submit'\t'note that an order has gone to the losing carrier' 'sweep'\t'complete the orders whose day has come'
		set opts $g2
	case 'port ack'
		set opts '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port'
	case 'port attach'
		set opts '--remove'\t'take the numbers off the order' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port' '-...'
	case 'port cancel'
		set opts '--force'\t'within 48 hours of the FOC too; then --reason is needed' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port'
	case 'port complete'
		set opts '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port'
	case 'port document'
		set opts '--kind'\t'what it is: the signed letter of authorisation, a bill, a customer service record; needed' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port' 'file'
	case 'port due'
		set opts $g0 $g1 $g2 $g6
		set columns 'port'\t'Name of the order: its serial number' 'org'\t'Name of who the numbers are for' 'losing_carrier'\t'Carrier that the numbers leave' 'state'\t'How far the order is' 'count'\t'How many numbers it has' 'what'\t'What is due: an acknowledgement that is late, or the FOC' 'since'\t'Since when'
	case 'port edit'
		set opts '--losing-carrier'\t'the carrier that the numbers leave' '--account'\t'the account number there' '--btn'\t'the billing telephone number of the account' '--authorised-name'\t'who may sign for the account' '--service-address'\t'the address that the losing carrier serves' '--contact'\t'whom to ask about the order' '--type'\t'what kind of numbers they are; wireline unless given' '--requested-foc'\t'the day that is asked for' '--requested-time'\t'the time of that day; given with the day' '--requested-zone'\t'the time zone of day and time, such as America/New_York; unless given, UTC' '--env'\t'the environment that the numbers get' '--route'\t'the route that the numbers get' '--cnam'\t'the caller name that the numbers get' '--location'\t'the emergency location that the numbers get, by its id or label' '--pin-file'\t'a file of mode 0600 with the account\'s PIN' '--ask-pin'\t'ask for the account\'s PIN on the terminal' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' '--no-pin'\t'the account has no PIN, or not the one that is kept' $g0 $g1 $g2 $g4
		set operands 'port'
	case 'port foc'
		set opts '--time'\t'the time of that day; unless given, the one it has, else 00:00; \'\' takes it away' '--zone'\t'the time zone of day and time, such as America/New_York; unless given, the one it has, else UTC; \'\' takes it away' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port' '-'
	case 'port list'
		set opts '--state'\t'in one of these states' '--org'\t'of one organisation' '--number'\t'that this number is on' $g0 $g1 $g2 $g6
		set columns 'state'\t'How far the order is' 'org_id'\t'Identifier of who the numbers are for' 'losing_carrier'\t'Carrier that the numbers leave' 'type'\t'Kind of the numbers: wireline, wireless or toll-free' 'account'\t'Account number at the losing carrier' 'pin'\t'Whether the account\'s PIN is known; never the PIN itself' 'btn'\t'Billing telephone number of the account' 'authorised_name'\t'Who may sign for the account' 'service_address'\t'Where the losing carrier serves it' 'contact'\t'Whom to ask about the order' 'requested_foc'\t'Date that was asked for' 'requested_time'\t'Time of that day, in the requested zone' 'requested_zone'\t'Time zone of that day; UTC where none is named' 'actual_foc'\t'Date that the losing carrier has committed to' 'foc_time'\t'Time of that day, in the FOC zone' 'foc_zone'\t'Time zone of that day; UTC where none is named' 'code'\t'Code of the last exception, or undone where a completion was' 'reason'\t'Reason of that' 'env'\t'Environment that the numbers get' 'route'\t'Route that the numbers get' 'cnam'\t'Caller name that the numbers get' 'location'\t'Emergency location that the numbers get' 'submitted_at'\t'When it was last submitted' 'port'\t'Name of the order: its serial number' 'org'\t'Name of who the numbers are for' 'count'\t'How many numbers it has' 'created_at'\t'When it was made' 'updated_at'\t'When something last happened to it'
	case 'port loa'
		set opts $g0 $g2
		set operands 'port'
	case 'port new'
		set opts '--losing-carrier'\t'the carrier that the numbers leave' '--account'\t'the account number there' '--btn'\t'the billing telephone number of the account' '--authorised-name'\t'who may sign for the account' '--service-address'\t'the address that the losing carrier serves' '--contact'\t'whom to ask about the order' '--type'\t'what kind of numbers they are; wireline unless given' '--requested-foc'\t'the day that is asked for' '--requested-time'\t'the time of that day; given with the day' '--requested-zone'\t'the time zone of day and time, such as America/New_York; unless given, UTC' '--env'\t'the environment that the numbers get' '--route'\t'the route that the numbers get' '--cnam'\t'the caller name that the numbers get' '--location'\t'the emergency location that the numbers get, by its id or label' '--pin-file'\t'a file of mode 0600 with the account\'s PIN' '--ask-pin'\t'ask for the account\'s PIN on the terminal' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'org' '-...'
	case 'port reject'
		set opts '--code'\t'the losing carrier\'s code for it; needed, as is --reason' '--numbers'\t'the numbers of the order that it is about; repeatable' '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port'
	case 'port show'
		set opts '--document'\t'write the bytes of its K-th document to standard output' $g0 $g1 $g2
		set operands 'port'
	case 'port submit'
		set opts '--note'\t'a note for the time line' '--public'\t'the note is for others too: mail to the organisation has it' $g0 $g1 $g2 $g4
		set operands 'port'
	case 'port sweep'
		set opts '--resend'\t'try the mail of the last month again that had been given up' $g0 $g1 $g2 $g4
	case 'regen'
		set opts '--stdout'\t'print what the dispatcher\'s file would be, and touch nothing' '--check'\t'compare the inventory, the files and the running switch: exit 3 where they differ; with -q silent' '--diff'\t'show which routes would be gained, lost and moved, and write nothing' '--for'\t'print the lines that another host needs for its environment: oss' '--dir'\t'the directory of the switch\'s files, instead of asterisk-dir' '--no-reload'\t'write the files, and do not tell the switch; with --check, do not ask it' '--adopt'\t'take over a file that didctl did not write, or that was altered since' '--force'\t'write also where many routes would be lost, or the file is of a newer generation' '-n'\t'the same checks and the same refusals, but nothing is written' '--dry-run'\t'the same checks and the same refusals, but nothing is written' '-y'\t'do not ask' '--yes'\t'do not ask' '--partial'\t'leave out the numbers that may not reach a file, and exit 5' $g0 $g2
		set operands '=gateway,orgs...'
	case 'release'
		set opts '--hold'\t'how many days they cool down; unless given, the number\'s own days, else the setting hold-days' '--then'\t'the state after that; available unless given or said for the number' '--keep'\t'what is not cleared: any of cnam, e911 and route' $g0 $g1 $g2 $g3 $g4
		set operands 'number...'
	case 'undo'
		set opts $g0 $g1 $g2 $g4
		set operands 'change'
	case 'user'
		set subs 'add'\t'add a user to an organisation' 'delete'\t'delete a user' 'edit'\t'change what is known about a user' 'list'\t'list users' 'show'\t'show everything about one user'
		set opts $g2
	case 'user add'
		set opts '--org'\t'the user\'s organisation; needed' '--outbound-did'\t'an assigned number of the organisation that the user\'s calls show' $g0 $g1 $g2 $g4
		set operands '-'
	case 'user delete'
		set opts $g0 $g1 $g2 $g4
		set operands 'user'
	case 'user edit'
		set opts '--name'\t'the name from now on' '--org'\t'the organisation from now on' '--outbound-did'\t'an assigned number of the organisation that the user\'s calls show; none: the organisation\'s default' $g0 $g1 $g2 $g4
		set operands 'user'
	case 'user list'
		set opts '--org'\t'the users of one organisation' $g0 $g1 $g2 $g6
		set columns 'id'\t'Identifier of the user' 'name'\t'Name of the user' 'org'\t'Name of the user\'s organisation' 'org_id'\t'Identifier of that organisation' 'outbound_did'\t'Number that calls show'
	case 'user show'
		set opts $g0 $g1 $g2
		set operands 'user'
	case 'version'
		set opts $g2
	end
end

# What follows option argv[2] of command argv[1], as kind; none: it is a flag.
function __didctl_value --no-scope-shadowing
	set kind
	switch "$argv[1] $argv[2]"
	case 'assign --env'
		set kind '=prod,staging,oss'
	case 'assign --route'
		set kind '-'
	case 'assign --record'
		set kind '=off,on'
	case 'assign --count'
		set kind '-'
	case 'assign --match'
		set kind '-'
	case 'e911 locations --org'
		set kind 'org'
	case 'e911 locations add --street'
		set kind '-'
	case 'e911 locations add --city'
		set kind '-'
	case 'e911 locations add --state-code'
		set kind '-'
	case 'e911 locations add --zip'
		set kind '-'
	case 'e911 locations add --country'
		set kind '-'
	case 'e911 locations add --unit'
		set kind '-'
	case 'e911 locations add --building'
		set kind '-'
	case 'e911 locations add --floor'
		set kind '-'
	case 'e911 locations add --room'
		set kind '-'
	case 'e911 locations add --label'
		set kind '-'
	case 'e911 locations add --contact'
		set kind '-'
	case 'e911 locations add --civic'
		set kind '-'
	case 'e911 locations edit --street'
		set kind '-'
	case 'e911 locations edit --city'
		set kind '-'
	case 'e911 locations edit --state-code'
		set kind '-'
	case 'e911 locations edit --zip'
		set kind '-'
	case 'e911 locations edit --country'
		set kind '-'
	case 'e911 locations edit --unit'
		set kind '-'
	case 'e911 locations edit --building'
		set kind '-'
	case 'e911 locations edit --floor'
		set kind '-'
	case 'e911 locations edit --room'
		set kind '-'
	case 'e911 locations edit --label'
		set kind '-'
	case 'e911 locations edit --contact'
		set kind '-'
	case 'e911 locations edit --civic'
		set kind '-'
	case 'e911 locations list --org'
		set kind 'org'
	case 'e911 set --street'
		set kind '-'
	case 'e911 set --city'
		set kind '-'
	case 'e911 set --state-code'
		set kind '-'
	case 'e911 set --zip'
		set kind '-'
	case 'e911 set --country'
		set kind '-'
	case 'e911 set --unit'
		set kind '-'
	case 'e911 set --building'
		set kind '-'
	case 'e911 set --floor'
		set kind '-'
	case 'e911 set --room'
		set kind '-'
	case 'e911 set --label'
		set kind '-'
	case 'e911 set --contact'
		set kind '-'
	case 'e911 set --civic'
		set kind '-'
	case 'e911 set --org'
		set kind 'org'
	case 'e911 set --location'
		set kind 'location'
	case 'e911 set --choose'
		set kind '-'
	case 'explain --org'
		set kind 'org'
	case 'explain --user'
		set kind 'user'
	case 'explain --caller-id'
		set kind 'number'
	case 'explain --dial'
		set kind '=911'
	case 'history --since'
		set kind '-'
	case 'history --until'
		set kind '-'
	case 'history --actor'
		set kind '-'
	case 'history --change'
		set kind 'change'
	case 'history --at'
		set kind '-'
	case 'init --country'
		set kind '=IN,US,CA,ZZ'
	case 'org add --context-prefix'
		set kind '-'
	case 'org add --unrouted'
		set kind '-'
	case 'org add --mail'
		set kind '-'
	case 'org edit --name'
		set kind '-'
	case 'org edit --context-prefix'
		set kind '-'
	case 'org edit --unrouted'
		set kind '-'
	case 'org edit --mail'
		set kind '-'
	case 'pool add --provider'
		set kind '-'
	case 'pool add --operator'
		set kind '-'
	case 'pool add --region'
		set kind '-'
	case 'pool add --city'
		set kind '-'
	case 'pool add --state-code'
		set kind '-'
	case 'pool add --rate-center'
		set kind '-'
	case 'pool add --price'
		set kind '-'
	case 'pool add --setup-fee'
		set kind '-'
	case 'pool add --minute-rate'
		set kind '-'
	case 'pool add --note'
		set kind '-'
	case 'pool add --after-hold'
		set kind '=available,reserved,archived'
	case 'pool add --env'
		set kind '=prod,staging,oss'
	case 'pool add --tag'
		set kind '-'
	case 'pool add --state'
		set kind '=available,reserved,archived'
	case 'pool edit --provider'
		set kind '-'
	case 'pool edit --operator'
		set kind '-'
	case 'pool edit --region'
		set kind '-'
	case 'pool edit --city'
		set kind '-'
	case 'pool edit --state-code'
		set kind '-'
	case 'pool edit --rate-center'
		set kind '-'
	case 'pool edit --price'
		set kind '-'
	case 'pool edit --setup-fee'
		set kind '-'
	case 'pool edit --minute-rate'
		set kind '-'
	case 'pool edit --note'
		set kind '-'
	case 'pool edit --after-hold'
		set kind '=available,reserved,archived'
	case 'pool edit --tag'
		set kind 'tag'
	case 'pool edit --route'
		set kind '-'
	case 'pool edit --record'
		set kind '=off,on'
	case 'pool edit --hold-days'
		set kind '-'
	case 'pool mark --for'
		set kind '-'
	case 'pool mark --until'
		set kind '-'
	case 'pool mark --then'
		set kind '=available,reserved,archived'
	case 'pool merge --keep'
		set kind '-'
	case 'pool stats --by'
		set kind '-'
	case 'pool sweep --pending-days'
		set kind '-'
	case 'port ack --note'
		set kind '-'
	case 'port attach --note'
		set kind '-'
	case 'port cancel --note'
		set kind '-'
	case 'port complete --note'
		set kind '-'
	case 'port document --kind'
		set kind '=loa,bill,csr'
	case 'port document --note'
		set kind '-'
	case 'port edit --losing-carrier'
		set kind '-'
	case 'port edit --account'
		set kind '-'
	case 'port edit --btn'
		set kind '-'
	case 'port edit --authorised-name'
		set kind '-'
	case 'port edit --service-address'
		set kind '-'
	case 'port edit --contact'
		set kind '-'
	case 'port edit --type'
		set kind '=wireline,wireless,toll-free'
	case 'port edit --requested-foc'
		set kind '-'
	case 'port edit --requested-time'
		set kind '-'
	case 'port edit --requested-zone'
		set kind 'zone'
	case 'port edit --env'
		set kind '=prod,staging,oss'
	case 'port edit --route'
		set kind '-'
	case 'port edit --cnam'
		set kind '-'
	case 'port edit --location'
		set kind 'location'
	case 'port edit --pin-file'
		set kind 'file'
	case 'port edit --note'
		set kind '-'
	case 'port foc --time'
		set kind '-'
	case 'port foc --zone'
		set kind 'zone'
	case 'port foc --note'
		set kind '-'
	case 'port list --state'
		set kind '+draft,submitted,acknowledged,foc-set,exception,completed,cancelled'
	case 'port list --org'
		set kind 'org'
	case 'port list --number'
		set kind '-'
	case 'port new --losing-carrier'
		set kind '-'
	case 'port new --account'
		set kind '-'
	case 'port new --btn'
		set kind '-'
	case 'port new --authorised-name'
		set kind '-'
	case 'port new --service-address'
		set kind '-'
	case 'port new --contact'
		set kind '-'
	case 'port new --type'
		set kind '=wireline,wireless,toll-free'
	case 'port new --requested-foc'
		set kind '-'
	case 'port new --requested-time'
		set kind '-'
	case 'port new --requested-zone'
		set kind 'zone'
	case 'port new --env'
		set kind '=prod,staging,oss'
	case 'port new --route'
		set kind '-'
	case 'port new --cnam'
		set kind '-'
	case 'port new --location'
		set kind 'location'
	case 'port new --pin-file'
		set kind 'file'
	case 'port new --note'
		set kind '-'
	case 'port reject --code'
		set kind '-'
	case 'port reject --numbers'
		set kind '-'
	case 'port reject --note'
		set kind '-'
	case 'port show --document'
		set kind '-'
	case 'port submit --note'
		set kind '-'
	case 'regen --for'
		set kind '=prod,staging,oss'
	case 'regen --dir'
		set kind 'file'
	case 'release --hold'
		set kind '-'
	case 'release --then'
		set kind '=available,reserved,archived'
	case 'release --keep'
		set kind '+cnam,e911,route'
	case 'user add --org'
		set kind 'org'
	case 'user add --outbound-did'
		set kind 'number'
	case 'user edit --name'
		set kind '-'
	case 'user edit --org'
		set kind 'org'
	case 'user edit --outbound-did'
		set kind 'number'
	case 'user list --org'
		set kind 'org'
	case '* --target' '* -t'
		set kind '-'
	case '* --profile' '* -p'
		set kind 'profile'
	case '* --timeout'
		set kind '-'
	case '* --output' '* -o'
		set kind '=table,tsv,csv,json,ndjson'
	case '* --color'
		set kind '=auto,always,never'
	case '* --config'
		set kind 'file'
	case '* --where'
		set kind '-'
	case '* --expect'
		set kind '-'
	case '* --chunk'
		set kind '-'
	case '* --reason'
		set kind '-'
	case '* --change-id'
		set kind '-'
	case '* --jobs'
		set kind '-'
	case '* --state'
		set kind '+available,pending,assigned,blocked,on-hold,reserved,archived,ported,unknown'
	case '* --org'
		set kind 'org'
	case '* --env'
		set kind '+prod,staging,oss'
	case '* --tag'
		set kind 'tag'
	case '* --provider'
		set kind '-'
	case '* --operator'
		set kind '-'
	case '* --region'
		set kind '-'
	case '* --city'
		set kind '-'
	case '* --rate-center'
		set kind '-'
	case '* --state-code'
		set kind '-'
	case '* --area-code'
		set kind '-'
	case '* --nxx'
		set kind '-'
	case '* --e911'
		set kind '+not-set,pending,registered,failed'
	case '* --cnam'
		set kind '+pending,synced,failed'
	case '* --package'
		set kind '-'
	case '* --match'
		set kind '-'
	case '* --columns' '* -c'
		set kind 'columns'
	case '* --sort' '* -s'
		set kind 'sort'
	case '* --limit'
		set kind '-'
	end
end

# The value of option argv[1] is argv[2]: what names the target is handed on to the program.
function __didctl_given --no-scope-shadowing
	switch $argv[1]
	case --target -t --profile -p --config
		set -a context $argv
	end
end

# Looks at the letters of -abc, a word before the cursor.
function __didctl_letters --no-scope-shadowing
	set -l letters (string split '' -- $argv[1])
	for k in (seq 2 (count $letters))
		__didctl_value "$named" "-$letters[$k]"
		test -n "$kind"; or continue
		set option "-$letters[$k]"
		set -l rest (string sub -s (math $k + 1) -- $argv[1])
		if test -n "$rest"
			__didctl_given $option $rest
		else
			set awaited $kind
		end
		break
	end
end

# Looks at a word before the cursor.
function __didctl_word --no-scope-shadowing
	if test -n "$awaited"
		__didctl_given $option $argv[1]
		set awaited
	else if test -n "$ended"
		set -a before $argv[1]
	else if test "$argv[1]" = --
		set ended 1
	else if string match -q -- '--*=*' $argv[1]
		__didctl_given (string split -m 1 = -- $argv[1])
	else if string match -q -- '--*' $argv[1]
		__didctl_value "$named" $argv[1]
		set option $argv[1]
		set awaited $kind
	else if string match -q -- '-?*' $argv[1]
		__didctl_letters $argv[1]
	else if test -z "$before"; and contains -- $argv[1] (string replace -r '\t.*' '' -- $subs)
		set named (string trim -- "$named $argv[1]")
		__didctl_table $named
	else
		set -a before $argv[1]
	end
end

# Asks the program itself for what of kind argv[1] begins with argv[2], with argv[3] in front.
function __didctl_live --no-scope-shadowing
	for line in ($tokens[1] $context __complete -- $argv[1] "$argv[2]" 2>/dev/null)
		printf '%s\n' "$argv[3]$line"
	end
end

# Offers what of kind argv[1] begins with argv[2], with argv[3] in front.
# Of a comma list the last element is completed; columns may have a sign.
function __didctl_offer --no-scope-shadowing
	set -l choices (string split , -- (string sub -s 2 -- "$argv[1]"))
	set -l last (string replace -r '^.*,' '' -- "$argv[2]")
	set -l front "$argv[3]"(string match -r '^.*,' -- "$argv[2]"; or echo)
	switch "$argv[1]"
		case '=*'
			printf '%s\n' "$argv[3]"$choices
		case '+*'
			printf '%s\n' "$front"$choices
		case columns sort
			set -a front (string match -r '^[-+]' -- $last)
			set front (string join '' -- $front)
			printf '%s\n' "$front"$columns
			test $argv[1] = columns; and printf '%s\n' "$front"all\t'every column'
		case file
			for line in (__fish_complete_path "$argv[2]")
				printf '%s\n' "$argv[3]$line"
			end
		case command
			__didctl_table "$before"
			printf '%s\n' $subs
		case tag
			__didctl_live tag "$last" "$front"
		case -
		case '*'
			__didctl_live $argv[1] "$argv[2]" "$argv[3]"
	end
end

# Offers operands: one of each place, and from a repeated one on whatever may follow.
function __didctl_operands --no-scope-shadowing
	set -l open
	set -l place 0
	for kind in $operands
		string match -q '*...' -- $kind; and test (count $before) -ge $place; and set open 1
		if test -n "$open"; or test (count $before) -eq $place
			__didctl_offer (string replace '...' '' -- $kind) "$current" ''
		end
		set place (math $place + 1)
	end
end

function __didctl_complete
	set -l tokens (commandline -opc)
	set -l current (commandline -ct | string replace -ra '[\'"\\\\]' '')
	set -l subs
	set -l opts
	set -l operands
	set -l columns
	set -l kind
	set -l named
	set -l option
	set -l awaited
	set -l ended
	set -l context
	set -l before

	__didctl_table ''
	for word in $tokens[2..]
		__didctl_word $word
	end
	if test -n "$awaited"
		__didctl_offer $awaited "$current" ''
	else if test -z "$ended"; and string match -q -- '--*=*' "$current"
		set -l pair (string split -m 1 = -- $current)
		__didctl_value "$named" $pair[1]
		__didctl_offer "$kind" "$pair[2]" "$pair[1]="
	else if test -z "$ended"; and string match -q -- '-*' "$current"
		printf '%s\n' $opts
	else
		test (count $before) -eq 0; and printf '%s\n' $subs
		__didctl_operands
	end
end

complete -c didctl -f -a '(__didctl_complete)'
