# bash completion for didctl, made by `didctl completion bash`. It needs nothing but bash itself.
# shellcheck disable=SC2034,SC2086,SC2295

# What there is after the commands in $1: subs, opts, operands (a kind each), columns.
_didctl_table() {
	local g0=( '-t' '--target' '-p' '--profile' '--timeout')
	local g1=( '-o' '--output' '-H' '--no-header' '--raw-csv')
	local g2=( '-q' '--quiet' '-v' '--verbose' '--color' '--no-progress' '--config' '-h' '--help' '-V' '--version')
	local g3=( '--where')
	local g4=( '-n' '--dry-run' '-y' '--yes' '--expect' '--partial' '--chunk' '--reason' '--change-id' '--jobs' '--regen' '--no-regen')
	local g5=( '--state' '--org' '--env' '--tag' '--provider' '--operator' '--region' '--city' '--rate-center' '--state-code' '--area-code' '--nxx' '--toll-free' '--e911' '--cnam' '--default' '--locked' '--package' '--match')
	local g6=( '-c' '--columns' '--list-columns' '-s' '--sort' '--limit')
	subs=() opts=() operands=() columns=()
	case $1 in
	'')
		subs=( 'assign' 'cnam' 'completion' 'config' 'default' 'doctor' 'e911' 'env' 'explain' 'help' 'history' 'init' 'org' 'pool' 'port' 'regen' 'release' 'undo' 'user' 'version')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		;;
	'assign')
		opts=( '--env' '--route' '--record' '--default' '--transfer' '--allow-reserved' '--override-hold' '--count' '--match' '--contiguous' '--prefer-aged' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...' 'org')
		;;
	'cnam')
		subs=( 'clear' 'default' 'list' 'set' 'show' 'sync')
		opts=( "${g2[@]}")
		;;
	'cnam clear')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'cnam default')
		opts=( '--clear' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'org' '-')
		;;
	'cnam list')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g5[@]}" "${g6[@]}")
		operands=( 'number...')
		columns=( 'number' 'org' 'cnam' 'cnam_source' 'cnam_status' 'age' 'cnam_since' 'cnam_note')
		;;
	'cnam set')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...' '-')
		;;
	'cnam show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'number')
		;;
	'cnam sync')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		;;
	'completion')
		opts=( "${g2[@]}")
		operands=( '=bash,zsh,fish')
		;;
	'config')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'key' 'value' 'origin')
		;;
	'default')
		subs=( 'clear' 'set' 'show' 'user')
		opts=( "${g2[@]}")
		;;
	'default clear')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'org')
		;;
	'default set')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'number')
		;;
	'default show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		operands=( 'org')
		columns=( 'org' 'number')
		;;
	'default user')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'user' 'number')
		;;
	'doctor')
		opts=( '--strict' '--fix' '--seal' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}" "${g6[@]}")
		operands=( '=tables,columns,integrity,history,number,twin,state,owner,owner-missing,default-state,two-defaults,outbound,setup,rights,server,charset,replay,spelling,no-default,context,env,env-range,env-oss,route,live,pending,hold,port-late,port-due,mail,e911,cnam...')
		columns=( 'severity' 'check' 'number' 'detail' 'fix')
		;;
	'e911')
		subs=( 'clear' 'export' 'list' 'locations' 'set' 'show' 'sync')
		opts=( "${g2[@]}")
		;;
	'e911 clear')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'e911 export')
		opts=( "${g0[@]}" "${g2[@]}" "${g5[@]}")
		operands=( 'number...')
		;;
	'e911 list')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g5[@]}" "${g6[@]}")
		operands=( 'number...')
		columns=( 'number' 'org' 'e911' 'age' 'address' 'e911_note' 'e911_since' 'location' 'e911_candidates')
		;;
	'e911 locations')
		subs=( 'add' 'delete' 'edit' 'list' 'show')
		opts=( '--org' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'id' 'label' 'org_id' 'country' 'street' 'unit' 'building' 'floor' 'room' 'city' 'state_code' 'zip' 'contact' 'civic' 'org' 'address' 'numbers')
		;;
	'e911 locations add')
		opts=( '--street' '--city' '--state-code' '--zip' '--country' '--unit' '--building' '--floor' '--room' '--label' '--contact' '--civic' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'org')
		;;
	'e911 locations delete')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'location')
		;;
	'e911 locations edit')
		opts=( '--street' '--city' '--state-code' '--zip' '--country' '--unit' '--building' '--floor' '--room' '--label' '--contact' '--civic' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'location')
		;;
	'e911 locations list')
		opts=( '--org' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'id' 'label' 'org_id' 'country' 'street' 'unit' 'building' 'floor' 'room' 'city' 'state_code' 'zip' 'contact' 'civic' 'org' 'address' 'numbers')
		;;
	'e911 locations show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'location')
		;;
	'e911 set')
		opts=( '--street' '--city' '--state-code' '--zip' '--country' '--unit' '--building' '--floor' '--room' '--label' '--contact' '--civic' '--org' '--location' '--choose' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'e911 show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'number')
		;;
	'e911 sync')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		;;
	'env')
		subs=( 'check' 'set' 'show')
		opts=( "${g2[@]}")
		;;
	'env check')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'severity' 'check' 'number' 'detail' 'fix')
		;;
	'env set')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( '=prod,staging,oss' 'number...')
		;;
	'env show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'number...')
		;;
	'explain')
		opts=( '--outbound' '--org' '--user' '--caller-id' '--dial' "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'number')
		;;
	'help')
		opts=( "${g2[@]}")
		operands=( 'command...')
		;;
	'history')
		subs=( 'resolve')
		opts=( '--since' '--until' '--actor' '--change' '--at' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		operands=( 'number...')
		columns=( 'change_id' 'at' 'actor' 'verb' 'count' 'numbers' 'reason' 'undo_of' 'host' 'progress' 'port')
		;;
	'history resolve')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'change')
		;;
	'init')
		opts=( '--country' '--demo' '--check' '-n' '--dry-run' '-y' '--yes' "${g0[@]}" "${g2[@]}")
		;;
	'org')
		subs=( 'add' 'delete' 'edit' 'list' 'show')
		opts=( "${g2[@]}")
		;;
	'org add')
		opts=( '--context-prefix' '--unrouted' '--mail' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( '-')
		;;
	'org delete')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'org')
		;;
	'org edit')
		opts=( '--name' '--context-prefix' '--unrouted' '--mail' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'org')
		;;
	'org list')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'id' 'name' 'context_prefix' 'unrouted' 'mail' 'numbers' 'default' 'cnam')
		;;
	'org show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'org')
		;;
	'pool')
		subs=( 'add' 'approve' 'delete' 'edit' 'list' 'lock' 'mark' 'merge' 'reject' 'request' 'requests' 'show' 'stats' 'sweep' 'unlock')
		opts=( "${g2[@]}")
		;;
	'pool add')
		opts=( '--provider' '--operator' '--region' '--city' '--state-code' '--rate-center' '--price' '--setup-fee' '--minute-rate' '--note' '--after-hold' '--env' '--tag' '--state' '--if-absent' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( '-...')
		;;
	'pool approve')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'pool delete')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'pool edit')
		opts=( '--provider' '--operator' '--region' '--city' '--state-code' '--rate-center' '--price' '--setup-fee' '--minute-rate' '--note' '--after-hold' '--tag' '--route' '--record' '--hold-days' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'pool list')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g5[@]}" "${g6[@]}")
		operands=( 'number...')
		columns=( 'id' 'number' 'e164' 'national' 'state' 'pool_status' 'status' 'org' 'org_id' 'previous_org' 'env' 'default' 'route_type' 'route_dest' 'route' 'recording' 'trunk_id' 'provider' 'operator' 'carrier' 'region' 'city' 'state_code' 'rate_center' 'area_code' 'nxx' 'toll_free' 'price' 'setup_fee' 'minute_rate' 'package' 'cnam' 'cnam_source' 'cnam_status' 'e911' 'location' 'tags' 'notes' 'locked' 'hold_until' 'after_hold' 'requested_at' 'updated_at' 'hold_days' 'previous_org_id' 'cnam_since' 'cnam_note' 'e911_since' 'e911_note' 'e911_candidates' 'address')
		;;
	'pool lock')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'pool mark')
		opts=( '--for' '--until' '--then' '--override-hold' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( '=available,assigned,blocked,on-hold,reserved,archived,ported,in-stock,active,block,hold,archive' 'number...')
		;;
	'pool merge')
		opts=( '--keep' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'number')
		;;
	'pool reject')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'pool request')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...' 'org')
		;;
	'pool requests')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'number' 'org' 'requested_at' 'age')
		;;
	'pool show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'number')
		;;
	'pool stats')
		opts=( '--by' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g5[@]}")
		operands=( 'number...')
		;;
	'pool sweep')
		opts=( '--pending-days' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		;;
	'pool unlock')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'port')
		subs=( 'ack' 'attach' 'cancel' 'complete' 'document' 'due' 'edit' 'foc' 'list' 'loa' 'new' 'reject' 'show' 'submit' 'sweep')
		opts=( "${g2[@]}")
		;;
	'port ack')
		opts=( '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port')
		;;
	'port attach')
		opts=( '--remove' '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port' '-...')
		;;
	'port cancel')
		opts=( '--force' '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port')
		;;
	'port complete')
		opts=( '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port')
		;;
	'port document')
		opts=( '--kind' '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port' 'file')
		;;
	'port due')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'port' 'org' 'losing_carrier' 'state' 'count' 'what' 'since')
		;;
	'port edit')
		opts=( '--losing-carrier' '--account' '--btn' '--authorised-name' '--service-address' '--contact' '--type' '--requested-foc' '--requested-time' '--requested-zone' '--env' '--route' '--cnam' '--location' '--pin-file' '--ask-pin' '--note' '--public' '--no-pin' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port')
		;;
	'port foc')
		opts=( '--time' '--zone' '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port' '-')
		;;
	'port list')
		opts=( '--state' '--org' '--number' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'state' 'org_id' 'losing_carrier' 'type' 'account' 'pin' 'btn' 'authorised_name' 'service_address' 'contact' 'requested_foc' 'requested_time' 'requested_zone' 'actual_foc' 'foc_time' 'foc_zone' 'code' 'reason' 'env' 'route' 'cnam' 'location' 'submitted_at' 'port' 'org' 'count' 'created_at' 'updated_at')
		;;
	'port loa')
		opts=( "${g0[@]}" "${g2[@]}")
		operands=( 'port')
		;;
	'port new')
		opts=( '--losing-carrier' '--account' '--btn' '--authorised-name' '--service-address' '--contact' '--type' '--requested-foc' '--requested-time' '--requested-zone' '--env' '--route' '--cnam' '--location' '--pin-file' '--ask-pin' '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'org' '-...')
		;;
	'port reject')
		opts=( '--code' '--numbers' '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port')
		;;
	'port show')
		opts=( '--document' "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'port')
		;;
	'port submit')
		opts=( '--note' '--public' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'port')
		;;
	'port sweep')
		opts=( '--resend' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		;;
	'regen')
		opts=( '--stdout' '--check' '--diff' '--for' '--dir' '--no-reload' '--adopt' '--force' '-n' '--dry-run' '-y' '--yes' '--partial' "${g0[@]}" "${g2[@]}")
		operands=( '=gateway,orgs...')
		;;
	'release')
		opts=( '--hold' '--then' '--keep' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g3[@]}" "${g4[@]}")
		operands=( 'number...')
		;;
	'undo')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'change')
		;;
	'user')
		subs=( 'add' 'delete' 'edit' 'list' 'show')
		opts=( "${g2[@]}")
		;;
	'user add')
		opts=( '--org' '--outbound-did' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( '-')
		;;
	'user delete')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'user')
		;;
	'user edit')
		opts=( '--name' '--org' '--outbound-did' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g4[@]}")
		operands=( 'user')
		;;
	'user list')
		opts=( '--org' "${g0[@]}" "${g1[@]}" "${g2[@]}" "${g6[@]}")
		columns=( 'id' 'name' 'org' 'org_id' 'outbound_did')
		;;
	'user show')
		opts=( "${g0[@]}" "${g1[@]}" "${g2[@]}")
		operands=( 'user')
		;;
	'version')
		opts=( "${g2[@]}")
		;;
	esac
}

# What follows option $2 of command $1, as kind; none: it is a flag.
_didctl_value() {
	kind=
	case "$1 $2" in
	'assign --env')
		kind='=prod,staging,oss'
		;;
	'assign --route')
		kind='-'
		;;
	'assign --record')
		kind='=off,on'
		;;
	'assign --count')
		kind='-'
		;;
	'assign --match')
		kind='-'
		;;
	'e911 locations --org')
		kind='org'
		;;
	'e911 locations add --street')
		kind='-'
		;;
	'e911 locations add --city')
		kind='-'
		;;
	'e911 locations add --state-code')
		kind='-'
		;;
	'e911 locations add --zip')
		kind='-'
		;;
	'e911 locations add --country')
		kind='-'
		;;
	'e911 locations add --unit')
		kind='-'
		;;
	'e911 locations add --building')
		kind='-'
		;;
	'e911 locations add --floor')
		kind='-'
		;;
	'e911 locations add --room')
		kind='-'
		;;
	'e911 locations add --label')
		kind='-'
		;;
	'e911 locations add --contact')
		kind='-'
		;;
	'e911 locations add --civic')
		kind='-'
		;;
	'e911 locations edit --street')
		kind='-'
		;;
	'e911 locations edit --city')
		kind='-'
		;;
	'e911 locations edit --state-code')
		kind='-'
		;;
	'e911 locations edit --zip')
		kind='-'
		;;
	'e911 locations edit --country')
		kind='-'
		;;
	'e911 locations edit --unit')
		kind='-'
		;;
	'e911 locations edit --building')
		kind='-'
		;;
	'e911 locations edit --floor')
		kind='-'
		;;
	'e911 locations edit --room')
		kind='-'
		;;
	'e911 locations edit --label')
		kind='-'
		;;
	'e911 locations edit --contact')
		kind='-'
		;;
	'e911 locations edit --civic')
		kind='-'
		;;
	'e911 locations list --org')
		kind='org'
		;;
	'e911 set --street')
		kind='-'
		;;
	'e911 set --city')
		kind='-'
		;;
	'e911 set --state-code')
		kind='-'
		;;
	'e911 set --zip')
		kind='-'
		;;
	'e911 set --country')
		kind='-'
		;;
	'e911 set --unit')
		kind='-'
		;;
	'e911 set --building')
		kind='-'
		;;
	'e911 set --floor')
		kind='-'
		;;
	'e911 set --room')
		kind='-'
		;;
	'e911 set --label')
		kind='-'
		;;
	'e911 set --contact')
		kind='-'
		;;
	'e911 set --civic')
		kind='-'
		;;
	'e911 set --org')
		kind='org'
		;;
	'e911 set --location')
		kind='location'
		;;
	'e911 set --choose')
		kind='-'
		;;
	'explain --org')
		kind='org'
		;;
	'explain --user')
		kind='user'
		;;
	'explain --caller-id')
		kind='number'
		;;
	'explain --dial')
		kind='=911'
		;;
	'history --since')
		kind='-'
		;;
	'history --until')
		kind='-'
		;;
	'history --actor')
		kind='-'
		;;
	'history --change')
		kind='change'
		;;
	'history --at')
		kind='-'
		;;
	'init --country')
		kind='=IN,US,CA,ZZ'
		;;
	'org add --context-prefix')
		kind='-'
		;;
	'org add --unrouted')
		kind='-'
		;;
	'org add --mail')
		kind='-'
		;;
	'org edit --name')
		kind='-'
		;;
	'org edit --context-prefix')
		kind='-'
		;;
	'org edit --unrouted')
		kind='-'
		;;
	'org edit --mail')
		kind='-'
		;;
	'pool add --provider')
		kind='-'
		;;
	'pool add --operator')
		kind='-'
		;;
	'pool add --region')
		kind='-'
		;;
	'pool add --city')
		kind='-'
		;;
	'pool add --state-code')
		kind='-'
		;;
	'pool add --rate-center')
		kind='-'
		;;
	'pool add --price')
		kind='-'
		;;
	'pool add --setup-fee')
		kind='-'
		;;
	'pool add --minute-rate')
		kind='-'
		;;
	'pool add --note')
		kind='-'
		;;
	'pool add --after-hold')
		kind='=available,reserved,archived'
		;;
	'pool add --env')
		kind='=prod,staging,oss'
		;;
	'pool add --tag')
		kind='-'
		;;
	'pool add --state')
		kind='=available,reserved,archived'
		;;
	'pool edit --provider')
		kind='-'
		;;
	'pool edit --operator')
		kind='-'
		;;
	'pool edit --region')
		kind='-'
		;;
	'pool edit --city')
		kind='-'
		;;
	'pool edit --state-code')
		kind='-'
		;;
	'pool edit --rate-center')
		kind='-'
		;;
	'pool edit --price')
		kind='-'
		;;
	'pool edit --setup-fee')
		kind='-'
		;;
	'pool edit --minute-rate')
		kind='-'
		;;
	'pool edit --note')
		kind='-'
		;;
	'pool edit --after-hold')
		kind='=available,reserved,archived'
		;;
	'pool edit --tag')
		kind='tag'
		;;
	'pool edit --route')
		kind='-'
		;;
	'pool edit --record')
		kind='=off,on'
		;;
	'pool edit --hold-days')
		kind='-'
		;;
	'pool mark --for')
		kind='-'
		;;
	'pool mark --until')
		kind='-'
		;;
	'pool mark --then')
		kind='=available,reserved,archived'
		;;
	'pool merge --keep')
		kind='-'
		;;
	'pool stats --by')
		kind='-'
		;;
	'pool sweep --pending-days')
		kind='-'
		;;
	'port ack --note')
		kind='-'
		;;
	'port attach --note')
		kind='-'
		;;
	'port cancel --note')
		kind='-'
		;;
	'port complete --note')
		kind='-'
		;;
	'port document --kind')
		kind='=loa,bill,csr'
		;;
	'port document --note')
		kind='-'
		;;
	'port edit --losing-carrier')
		kind='-'
		;;
	'port edit --account')
		kind='-'
		;;
	'port edit --btn')
		kind='-'
		;;
	'port edit --authorised-name')
		kind='-'
		;;
	'port edit --service-address')
		kind='-'
		;;
	'port edit --contact')
		kind='-'
		;;
	'port edit --type')
		kind='=wireline,wireless,toll-free'
		;;
	'port edit --requested-foc')
		kind='-'
		;;
	'port edit --requested-time')
		kind='-'
		;;
	'port edit --requested-zone')
		kind='zone'
		;;
	'port edit --env')
		kind='=prod,staging,oss'
		;;
	'port edit --route')
		kind='-'
		;;
	'port edit --cnam')
		kind='-'
		;;
	'port edit --location')
		kind='location'
		;;
	'port edit --pin-file')
		kind='file'
		;;
	'port edit --note')
		kind='-'
		;;
	'port foc --time')
		kind='-'
		;;
	'port foc --zone')
		kind='zone'
		;;
	'port foc --note')
		kind='-'
		;;
	'port list --state')
		kind='+draft,submitted,acknowledged,foc-set,exception,completed,cancelled'
		;;
	'port list --org')
		kind='org'
		;;
	'port list --number')
		kind='-'
		;;
	'port new --losing-carrier')
		kind='-'
		;;
	'port new --account')
		kind='-'
		;;
	'port new --btn')
		kind='-'
		;;
	'port new --authorised-name')
		kind='-'
		;;
	'port new --service-address')
		kind='-'
		;;
	'port new --contact')
		kind='-'
		;;
	'port new --type')
		kind='=wireline,wireless,toll-free'
		;;
	'port new --requested-foc')
		kind='-'
		;;
	'port new --requested-time')
		kind='-'
		;;
	'port new --requested-zone')
		kind='zone'
		;;
	'port new --env')
		kind='=prod,staging,oss'
		;;
	'port new --route')
		kind='-'
		;;
	'port new --cnam')
		kind='-'
		;;
	'port new --location')
		kind='location'
		;;
	'port new --pin-file')
		kind='file'
		;;
	'port new --note')
		kind='-'
		;;
	'port reject --code')
		kind='-'
		;;
	'port reject --numbers')
		kind='-'
		;;
	'port reject --note')
		kind='-'
		;;
	'port show --document')
		kind='-'
		;;
	'port submit --note')
		kind='-'
		;;
	'regen --for')
		kind='=prod,staging,oss'
		;;
	'regen --dir')
		kind='file'
		;;
	'release --hold')
		kind='-'
		;;
	'release --then')
		kind='=available,reserved,archived'
		;;
	'release --keep')
		kind='+cnam,e911,route'
		;;
	'user add --org')
		kind='org'
		;;
	'user add --outbound-did')
		kind='number'
		;;
	'user edit --name')
		kind='-'
		;;
	'user edit --org')
		kind='org'
		;;
	'user edit --outbound-did')
		kind='number'
		;;
	'user list --org')
		kind='org'
		;;
	*' --target' | *' -t')
		kind='-'
		;;
	*' --profile' | *' -p')
		kind='profile'
		;;
	*' --timeout')
		kind='-'
		;;
	*' --output' | *' -o')
		kind='=table,tsv,csv,json,ndjson'
		;;
	*' --color')
		kind='=auto,always,never'
		;;
	*' --config')
		kind='file'
		;;
	*' --where')
		kind='-'
		;;
	*' --expect')
		kind='-'
		;;
	*' --chunk')
		kind='-'
		;;
	*' --reason')
		kind='-'
		;;
	*' --change-id')
		kind='-'
		;;
	*' --jobs')
		kind='-'
		;;
	*' --state')
		kind='+available,pending,assigned,blocked,on-hold,reserved,archived,ported,unknown'
		;;
	*' --org')
		kind='org'
		;;
	*' --env')
		kind='+prod,staging,oss'
		;;
	*' --tag')
		kind='tag'
		;;
	*' --provider')
		kind='-'
		;;
	*' --operator')
		kind='-'
		;;
	*' --region')
		kind='-'
		;;
	*' --city')
		kind='-'
		;;
	*' --rate-center')
		kind='-'
		;;
	*' --state-code')
		kind='-'
		;;
	*' --area-code')
		kind='-'
		;;
	*' --nxx')
		kind='-'
		;;
	*' --e911')
		kind='+not-set,pending,registered,failed'
		;;
	*' --cnam')
		kind='+pending,synced,failed'
		;;
	*' --package')
		kind='-'
		;;
	*' --match')
		kind='-'
		;;
	*' --columns' | *' -c')
		kind='columns'
		;;
	*' --sort' | *' -s')
		kind='sort'
		;;
	*' --limit')
		kind='-'
		;;
	esac
}

# The words up to the cursor; what bash splits at = and : is one word again.
_didctl_words() {
	local line=${COMP_LINE:0:COMP_POINT} word i

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		if ((i == 0)) || [[ $line == [[:blank:]]* ]]; then
			words+=('')
		fi
		line=${line#"${line%%[![:blank:]]*}"}
		word=${COMP_WORDS[i]:0:${#line}}
		words[${#words[@]}-1]+=$word
		line=${line:${#word}}
	done
}

# The value of option $1 is $2: what names the target is handed on to the program.
_didctl_given() {
	case $1 in
	--target | -t | --profile | -p | --config)
		context+=("$1" "$2")
		;;
	esac
}

# Looks at a word before the cursor.
_didctl_word() {
	local word=$1 k

	if [[ $awaited ]]; then
		_didctl_given "$option" "$word"
		awaited=
	elif [[ ! $ended && $word == -- ]]; then
		ended=1
	elif [[ ! $ended && $word == --*=* ]]; then
		_didctl_given "${word%%=*}" "${word#*=}"
	elif [[ ! $ended && $word == --* ]]; then
		_didctl_value "$named" "$word"
		option=$word awaited=$kind
	elif [[ ! $ended && $word == -?* ]]; then
		for ((k = 1; k < ${#word}; k++)); do
			_didctl_value "$named" "-${word:k:1}"
			[[ $kind ]] || continue
			option=-${word:k:1}
			if ((k + 1 < ${#word})); then
				_didctl_given "$option" "${word:k+1}"
			else
				awaited=$kind
			fi
			break
		done
	elif [[ ${#before[@]} == 0 && " ${subs[*]} " == *" $word "* ]]; then
		named=${named:+$named }$word
		_didctl_table "$named"
	else
		before+=("$word")
	fi
}

# Offers the words from $3 on that begin with $1, with $2 in front.
_didctl_reply() {
	local start=$1 front=$2 word

	shift 2
	for word; do
		[[ $word == "$start"* ]] || continue
		[[ $quote ]] || printf -v word %q "$word"
		COMPREPLY+=("$front$word")
	done
}

# The same for the last element of a comma list; columns may have a sign.
_didctl_list() {
	local last=${1##*,} front=$2
	local head=${1%"$last"}

	shift 2
	if [[ $last == [-+]* ]]; then
		head+=${last:0:1} last=${last:1}
	fi
	_didctl_reply "$last" "$front$head" "$@"
	compopt -o nospace
}

# Asks the program itself for what of kind $1 begins with $2.
_didctl_live() {
	local tool=${words[0]/#'~/'/$HOME/} value

	live=()
	while IFS=$'\t' read -r value _; do
		live+=("$value")
	done < <("$tool" "${context[@]}" __complete -- "$1" "$2" 2>/dev/null)
}

# Offers what of kind $1 begins with $2, with $3 in front.
_didctl_offer() {
	local list=${1:1} live word

	case $1 in
	=*) _didctl_reply "$2" "$3" ${list//,/ } ;;
	+*) _didctl_list "$2" "$3" ${list//,/ } ;;
	columns) _didctl_list "$2" "$3" "${columns[@]}" all ;;
	sort) _didctl_list "$2" "$3" "${columns[@]}" ;;
	file)
		compopt -o filenames
		while IFS= read -r word; do
			COMPREPLY+=("$3$word")
		done < <(compgen -f -- "$2")
		;;
	command)
		_didctl_table "${before[*]}"
		_didctl_reply "$2" "$3" "${subs[@]}"
		;;
	tag)
		_didctl_live tag "${2##*,}"
		_didctl_list "$2" "$3" "${live[@]}"
		;;
	[a-z]*)
		_didctl_live "$1" "$2"
		_didctl_reply "$2" "$3" "${live[@]}"
		;;
	esac
}

# Offers operands: one of each place, and from a repeated one on whatever may follow.
_didctl_operands() {
	local i open=

	for ((i = 0; i < ${#operands[@]}; i++)); do
		if [[ ${operands[i]} == *... ]] && ((${#before[@]} >= i)); then
			open=1
		fi
		if [[ $open ]] || ((${#before[@]} == i)); then
			_didctl_offer "${operands[i]%...}" "$1" ''
		fi
	done
}

_didctl() {
	local words subs opts operands columns context=() before=()
	local kind named='' option='' awaited='' ended=''
	local cur quote='' breaks=${COMP_WORDBREAKS//[^=:]/} i

	COMPREPLY=()
	_didctl_words
	_didctl_table ''
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		_didctl_word "${words[i]//[\"\'\\]/}"
	done
	cur=${words[i]}
	if [[ $cur == [\"\']* ]]; then
		quote=${cur:0:1}
	fi
	cur=${cur//[\"\'\\]/}
	if [[ $awaited ]]; then
		_didctl_offer "$awaited" "$cur" ''
	elif [[ ! $ended && $cur == --*=* ]]; then
		_didctl_value "$named" "${cur%%=*}"
		_didctl_offer "$kind" "${cur#*=}" "${cur%%=*}="
	elif [[ ! $ended && $cur == -* ]]; then
		_didctl_reply "$cur" '' "${opts[@]}"
	else
		if ((${#before[@]} == 0)); then
			_didctl_reply "$cur" '' "${subs[@]}"
		fi
		_didctl_operands "$cur"
	fi
	# bash replaces only what stands behind the last of these.
	if [[ ! $quote && $breaks && $cur == *[$breaks]* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*[$breaks]}"}"}")
	fi
}

complete -F _didctl didctl
