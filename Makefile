# didctl: make, make demo, make check, make install. V=1 shows the commands; D=asan, D=ubsan or D=gcov builds in
# build-asan/ and so on what the plain build leaves in build/ and ./didctl. What the targets run is in tests/.

PREFIX  = /usr/local
BINDIR  = $(PREFIX)/bin
MANDIR  = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR  = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
UNITDIR = $(PREFIX)/lib/systemd/system

# ---- packages: pkg-config's name of a library, and the Debian package that has it
PKG_CONFIG = pkg-config
MYSQL     := $(shell $(PKG_CONFIG) --exists mysqlclient 2>/dev/null && echo mysqlclient || echo libmariadb)
LIBRARIES  = $(MYSQL):default-libmysqlclient-dev sqlite3:libsqlite3-dev smartcols:libsmartcols-dev \
	     libcjson:libcjson-dev libcurl:libcurl4-openssl-dev libbsd:libbsd-dev libmd:libmd-dev
MODULES    = $(foreach l,$(LIBRARIES),$(firstword $(subst :, ,$l)))

BUILD_PACKAGES = build-essential pkg-config $(foreach l,$(LIBRARIES),$(lastword $(subst :, ,$l)))
# Where another package than Debian's brought npm with nodejs, Debian's npm cannot stand beside it.
TEST_PACKAGES  = bash-completion bats clang curl expect fish galera-4 gojq jq libclang-rt-14-dev libcmocka-dev libxml2-utils \
		 locales lsof mandoc mariadb-client mariadb-server-core nodejs $(if $(shell command -v npm 2>/dev/null),,npm) openssl \
		 perl poppler-utils procps python3 python3-aiosmtpd rsync shellcheck sqlite3 strace valgrind zsh

found   = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)
lacking = $(if $(call found,$(firstword $(1))),,$(lastword $(1)))
MISSING = $(strip $(if $(shell command -v $(CC) 2>/dev/null),,build-essential) \
	  $(if $(shell command -v $(PKG_CONFIG) 2>/dev/null),,pkg-config) \
	  $(if $(call found,$(MODULES)),,$(foreach l,$(LIBRARIES),$(call lacking,$(subst :, ,$l)))))

# ---- flags
D     =
BUILD = build$(D:%=-%)
$(if $(filter-out asan ubsan gcov fuzz,$(D)),$(error D=$(D) is none of asan, ubsan, gcov, fuzz))
ifeq ($(D),fuzz)
CC = clang
endif

# $(call try,FLAG): the flag, where the compiler takes it without a warning
try = $(shell echo '\#include <string.h>' | $(CC) -Werror -O2 $(1) -x c -c -o /dev/null - 2>/dev/null && echo '$(1)')

CFLAGS  = -O2 -g
WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef \
	  -Wcast-qual -Wwrite-strings $(if $(CI)$(WERROR),-Werror)
FORTIFY := $(or $(call try,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN  := -fstack-protector-strong $(FORTIFY) $(call try,-fcf-protection)
MAP      = -ffile-prefix-map=$(CURDIR)=.
FLAGS.   = $(HARDEN) $(MAP)
FLAGS.asan  = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1 $(MAP)
FLAGS.ubsan = -fsanitize=undefined -fno-sanitize-recover=all $(MAP)
FLAGS.gcov  = --coverage -O0
FLAGS.fuzz  = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -O1 -g1 $(MAP)

# Headers of libraries are system headers: our warnings are for our code.
LIBFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(MODULES) 2>/dev/null))
LIBS     := $(shell $(PKG_CONFIG) --libs $(MODULES) 2>/dev/null) -lm
COMPILE   = $(CC) -std=gnu17 -D_GNU_SOURCE -Ilib -I. $(LIBFLAGS) $(CPPFLAGS) $(WARN) $(CFLAGS) $(FLAGS.$(D)) -fPIE
LINK      = $(CC) $(CFLAGS) $(FLAGS.$(D)) -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
say       = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)

# ---- what is built
SOURCES := $(sort $(wildcard lib/*/*.c lib/*/*/*.c cmd/*.c))
TESTS   := $(sort $(wildcard tests/unit/test_*.c tests/store/test_*.c tests/switch/test_*.c tests/api/test_*.c))
FUZZERS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(sort $(wildcard tests/bench/*.c))
OBJECTS  = $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  = $(BUILD)/libdidctl.a
PROGRAM  = $(if $(D),$(BUILD)/)didctl
programs = $(patsubst %.c,$(BUILD)/%,$(1))

all: $(PROGRAM)
tests: $(call programs,$(TESTS)) injectors
fuzzers: $(call programs,$(FUZZERS))
benches: $(call programs,$(BENCHES))
injectors: build/tests/fault/alloc.so build/tests/fault/wire
objects: $(OBJECTS) $(BUILD)/didctl.o

$(BUILD)/%.o: %.c Makefile | packages
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -MMD -MP -c -o $@ $<

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(call say,AR)$(AR) crsD $@ $^

$(PROGRAM): $(BUILD)/didctl.o $(LIBRARY)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(call programs,$(TESTS)): %: %.o $(LIBRARY)
	$(call say,LD)$(LINK) -o $@ $^ -lcmocka $(LIBS)

$(call programs,$(BENCHES)): %: %.o
	$(call say,LD)$(LINK) -o $@ $^ $(LIBS)

$(call programs,$(FUZZERS)): %: %.o $(LIBRARY)
	$(call say,LD)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# Beside the program, sanitized or not: plain in any build.
build/tests/fault/alloc.so: FAULT = -fPIC -shared
build/tests/fault/alloc.so build/tests/fault/wire: build/tests/fault/%: Makefile
	@mkdir -p $(@D)
	$(call say,LD)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(FAULT) -o $@ tests/fault/$(basename $*).c
build/tests/fault/alloc.so: tests/fault/alloc.c
build/tests/fault/wire: tests/fault/wire.c

-include $(patsubst %.c,$(BUILD)/%.d,$(SOURCES) didctl.c $(TESTS) $(FUZZERS) $(BENCHES))

# ---- packages are looked for before the first object, and are not touched where they are there
packages:
	$(if $(MISSING),$(error missing packages: $(MISSING); run `make deps`, or: apt-get install $(MISSING)))
deps:
	@tests/lib/install-packages $(BUILD_PACKAGES)
check-deps:
	@tests/lib/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

# ---- running; a second make, because the packages may have come just now
demo: deps
	@$(MAKE) --no-print-directory all
	@tests/demo
check: check-deps
	@tests/run
lint: objects
	@tests/lint $(BUILD)
check-headers: packages
	@tests/headers
compile: # how a source is compiled, for tests/headers
	@echo '$(COMPILE)'
docs: all
	@tests/docs write
check-docs: all
	@tests/docs check
check-fuzz:
	@tests/run fuzz
fuzz:
	@FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) tests/run fuzz
fault: # FAULTS=all takes a day; then on builds that are broken on purpose, which it has to notice
	@FAULTS=$(or $(FAULTS),100) FAULT_COMMANDS=all KILLS=$(or $(KILLS),200) tests/run fault
	@KILLS=0 tests/run tests/cli/chunk.bats
	@FAULTS=$(or $(FAULTS),20) FAULT_COMMANDS=all tests/run --asan tests/fault/run
	@tests/run tests/fault/broken
bulk: # what tests/cli/api_bulk.bats and memory.bats do in make check with fewer rows
	@NUMBERS_RELEASED=$(or $(NUMBERS_RELEASED),10000) NUMBERS_LISTED=$(or $(NUMBERS_LISTED),100000) \
		MEMORY_NUMBERS=$(or $(MEMORY_NUMBERS),1000000) tests/run tests/cli/api_bulk.bats tests/cli/memory.bats
race: check-deps # processes that change one pool at once, on servers that are killed and stopped; then on two broken builds
	@RACERS=$(or $(RACERS),16) RACE_SECONDS=$(or $(RACE_SECONDS),60) RACE_TARGETS='sqlite mariadb mysql9 galera' tests/run race
	@RACERS=$(or $(RACERS),16) RACE_SECONDS=$(or $(RACE_SECONDS),60) RACE_TARGETS='mariadb galera group' \
		RACE_FAULT=$(or $(RACE_FAULT),10) tests/run race
	@tests/run tests/race/broken
cluster: check-deps # three nodes of Galera and of Group Replication, and MySQL
	@tests/run tests/cluster/*.bats
check-asan: # make check has a part of it
	@tests/run --asan
valgrind:
	@tests/run --valgrind cli
coverage: check-deps # fails where the number, domain or change code is below its target
	@tests/coverage
bench: check-deps
	@$(MAKE) --no-print-directory all benches
	@tests/bench/run
format-check:
	clang-format --dry-run -Werror $$(git ls-files -co --exclude-standard '*.c' '*.h')

# ---- installing
PAGES = $(wildcard man/*.[157])
UNITS = $(notdir $(wildcard lib/systemd/*))
install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man7 $(BASHDIR) $(ZSHDIR) $(FISHDIR) $(UNITDIR))
	install -m 755 didctl $(DESTDIR)$(BINDIR)/didctl
	for page in $(PAGES); do install -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/ || exit 1; done
	install -m 644 completions/didctl.bash $(DESTDIR)$(BASHDIR)/didctl
	install -m 644 completions/_didctl $(DESTDIR)$(ZSHDIR)/_didctl
	install -m 644 completions/didctl.fish $(DESTDIR)$(FISHDIR)/didctl.fish
	for unit in $(UNITS); do sed 's|@BINDIR@|$(BINDIR)|' lib/systemd/$$unit >$(BUILD)/$$unit && \
		install -m 644 $(BUILD)/$$unit $(DESTDIR)$(UNITDIR)/ || exit 1; done
uninstall:
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/didctl $(BASHDIR)/didctl $(ZSHDIR)/_didctl $(FISHDIR)/didctl.fish)
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS))
	rm -f $(foreach p,$(PAGES),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $p))/$(notdir $p))
clean:
	rm -rf build build-asan build-ubsan build-gcov build-fuzz didctl

.PHONY: all tests fuzzers benches injectors objects packages deps check-deps cluster race demo check lint check-headers compile docs check-docs \
	check-asan check-fuzz fuzz fault bulk valgrind coverage bench format-check install uninstall clean
.DELETE_ON_ERROR:
