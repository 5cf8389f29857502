# hookproof: one Makefile for everything. `make help` lists the targets.
# V is release, debug, asan, tsan, cov or fuzz: one folder each, objects never mix.
V ?= release
B := build/$(V)
VERSION := 0.1.0
PREFIX ?= /usr/local
FUZZ_S ?= 60
SOAK_S ?= 600
ifeq ($(origin CC),default)
CC := gcc
endif

PKGS := libevent_core libevent_extra libssl libcrypto sqlite3
# The tests' own: Check, and cJSON as the oracle of our JSON reader.
PKGS_TEST := check libcjson
APT := gcc libc6-dev pkg-config libevent-dev libssl-dev libcjson-dev libsqlite3-dev \
	check libxml2-utils curl openssl sqlite3
TOOLS := $(CC) pkg-config xmllint curl openssl sqlite3

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
	-Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough
FLAGS_release := -O2 -g -fno-plt
FLAGS_debug := -O0 -g3
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
FLAGS_tsan := -O1 -g -fsanitize=thread
FLAGS_cov := -O0 -g --coverage
FLAGS_fuzz := $(FLAGS_asan) -fsanitize=fuzzer-no-link
CFLAGS_ALL := -std=gnu11 -D_GNU_SOURCE -Iharness -I. -MMD -MP $(WARN) $(FLAGS_$(V)) \
	$(shell pkg-config --cflags $(PKGS) $(PKGS_TEST) 2>/dev/null) $(CFLAGS)
LDLIBS_ALL := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread -lm
LDLIBS_TEST := $(shell pkg-config --libs $(PKGS_TEST) 2>/dev/null)
COMPILE = $(CC) $(CFLAGS_ALL) $(if $(WERROR),-Werror)
LINK = $(CC) $(FLAGS_$(V)) $(CFLAGS) $(LDFLAGS)

# A sanitizer's finding ends a program with 70, our code for a bug of ours. Slow builds get time.
export ASAN_OPTIONS := exitcode=70:allocator_may_return_null=1:quarantine_size_mb=16
export UBSAN_OPTIONS := print_stacktrace=1
export TSAN_OPTIONS := exitcode=70:halt_on_error=1:allocator_may_return_null=1
SLOWNESS_asan := 5
SLOWNESS_tsan := 10
SLOWNESS_cov := 2
SLOWNESS := $(or $(SLOWNESS_$(V)),1)
VALGRIND := valgrind -q --leak-check=full --show-leak-kinds=definite \
	--errors-for-leak-kinds=definite --error-exitcode=9

objects = $(patsubst %.c,$(B)/%.o,$(1))
LIB_SRC := $(filter-out harness/main.c,$(wildcard harness/*.c harness/*/*.c)) \
	$(wildcard scenarios/*.c receivers/*.c reports/*.c)
LIB_OBJ := $(call objects,$(LIB_SRC)) $(B)/shipped.o
TEST_LIB_OBJ := $(call objects,$(wildcard tests/lib/*.c))
UNIT_OBJ := $(call objects,$(wildcard tests/unit/*.c))
MUTANT_OBJ := $(call objects,$(wildcard tests/mutants/*.c))
FUZZ_OBJ := $(call objects,$(wildcard tests/fuzz/*.c))
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
SHIPPED := $(wildcard scenarios/*.json scenarios/*/*.json)
SOURCES := $(wildcard harness/*.[ch] harness/*/*.[ch] scenarios/*.[ch] receivers/*.[ch] \
	reports/*.[ch] tests/*/*.[ch])
SCRIPTS := $(wildcard .ci/run scenarios/*.sh tests/*.sh tests/*/*.sh)

all: hookproof                   ## build ./hookproof
hookproof: $(B)/hookproof FORCE
	@cmp -s $< $@ || cp -f $< $@
$(B)/hookproof: $(B)/harness/main.o $(B)/libhookproof.a
	@echo "  link  $@"
	@$(LINK) -o $@ $^ $(LDLIBS_ALL)
$(B)/libhookproof.a: $(LIB_OBJ) $(B)/sources.stamp
	@rm -f $@
	@ar qcs $@ $(LIB_OBJ)
$(B)/%.o: %.c Makefile $(B)/flags.stamp
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(COMPILE) -c -o $@ $<

# The version stands in one object, so that a commit compiles and links that one alone.
DESCRIBED := $(shell test -e .git && git describe --always --dirty 2>/dev/null)
$(B)/harness/base/version.o: private CFLAGS_ALL += -DHP_VERSION='"$(or $(DESCRIBED),$(VERSION))"'
$(B)/harness/base/version.o: $(B)/version.stamp

# The shipped documents; -MMD does not see what .incbin reads.
$(B)/shipped.S: FORCE
	@mkdir -p $(@D)
	@sh scenarios/embed.sh >$@.new && { cmp -s $@.new $@ || cp $@.new $@; }
$(B)/shipped.o: $(B)/shipped.S $(SHIPPED)
	@$(CC) -c -o $@ $<

# A stamp changes only when its text does: other flags or a removed file rebuild what they must.
STAMP_flags = $(CC) $(CFLAGS_ALL)
STAMP_sources = $(LIB_OBJ)
STAMP_version = $(DESCRIBED)
$(B)/%.stamp: FORCE
	@mkdir -p $(@D)
	@echo '$(STAMP_$*)' | cmp -s - $@ || echo '$(STAMP_$*)' >$@

demo check:                      ## install what is missing, build, then the demo | all tests
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory run-$@

# pkg-config is asked while a Makefile is read: hence the second make above.
ROOTLY = $(if $(filter-out 0,$(shell id -u)),sudo) env DEBIAN_FRONTEND=noninteractive
deps:                            ## install what is missing: apt, as root or through sudo
	@have() { for tool in $(TOOLS); do command -v $$tool >/dev/null || return 1; done; \
	  pkg-config --exists $(PKGS) $(PKGS_TEST); }; \
	have 2>/dev/null || \
	{ $(ROOTLY) apt-get update -q && $(ROOTLY) apt-get install -qy $(APT) && have; } || { \
	  echo "hookproof could not install what it needs. Run as root, then make again:" >&2; \
	  echo "  apt-get update && apt-get install -y $(APT)" >&2; exit 1; }

run-demo: hookproof
	@$(B)/hookproof run first-run --report json --report junit
PARTS := unit replay e2e tidy tidy_test
run-check: $(B)/hookproof $(B)/peer $(B)/wire $(B)/ask $(B)/attacker $(B)/unit $(FUZZ_NAMES:%=$(B)/replay_%)
	@MAKE='$(MAKE)' tests/check.sh $(PARTS)

$(B)/unit: $(UNIT_OBJ) $(TEST_LIB_OBJ) $(B)/libhookproof.a
	@echo "  link  $@"
	@$(LINK) -o $@ $^ $(LDLIBS_TEST) $(LDLIBS_ALL)
# Death tests talk on stderr; what was said there is shown when something failed.
run-unit: $(B)/unit              ## the unit tests; SUITE=json runs one suite
	@CK_TIMEOUT_MULTIPLIER=$(SLOWNESS) $(WRAP) $(B)/unit $(SUITE) 2>$(B)/unit.log || \
	  { tail -n 200 $(B)/unit.log >&2; exit 1; }

$(B)/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(TEST_LIB_OBJ) $(B)/libhookproof.a
	@$(LINK) -o $@ $^ $(LDLIBS_TEST) $(LDLIBS_ALL)
run-replay: $(FUZZ_NAMES:%=$(B)/replay_%) ## the fuzzers' corpus, replayed
	@WRAP='$(WRAP)' tests/fuzz/replay.sh $(B)

$(B)/peer: $(B)/tests/e2e/peer.o
	@$(LINK) -o $@ $^
$(B)/wire $(B)/ask $(B)/attacker: $(B)/%: $(B)/tests/peers/%.o
	@$(LINK) -o $@ $^
run-e2e: $(B)/hookproof $(B)/peer $(B)/wire $(B)/ask $(B)/attacker ## the program end to end; E2E="name name" runs some
	@SLOWNESS=$(SLOWNESS) tests/e2e/run.sh $(B)/hookproof $(E2E)

# Of its own code: it meets the program on the wire only.
$(B)/mutant: $(MUTANT_OBJ)
	@echo "  link  $@"
	@$(LINK) -o $@ $^ $(shell pkg-config --libs libssl libcrypto 2>/dev/null) -lpthread
run-mutants: $(B)/hookproof $(B)/mutant ## the broken receivers themselves: each is wrong in one respect
	@tests/mutants/self_test.sh $(B)/hookproof $(B)/mutant $(MUTANTS)
mutants: $(B)/hookproof $(B)/mutant ## the kill matrix: certify every broken receiver; MUTANTS="slug slug"
	@tests/mutants/run.sh $(B)/hookproof $(B)/mutant $(B)/matrix $(MUTANTS)
kill-matrix: mutants             ## the same, and publish the table in scenarios/suites/README.md
	@tests/mutants/kill_matrix.sh $(B)/mutant $(B)/matrix scenarios/suites/README.md

tidy run-tidy: $(B)/libhookproof.a ## the rules of the house, held by a script
	@CC='$(CC)' tests/tidy.sh $(B)/libhookproof.a
run-tidy_test:
	@tests/tidy_test.sh

# Beside the folder of this build, so that B=build/mine keeps them under build/mine/.
BESIDE = $(if $(filter build/$(V),$(B)),build,$(B))
asan tsan:                       ## the tests under a sanitizer
	@$(MAKE) --no-print-directory V=$@ B=$(BESIDE)/$@ PARTS='unit replay e2e' run-check
valgrind:                        ## unit tests and corpus under valgrind: definite leaks, bad reads
	@$(MAKE) --no-print-directory V=debug B=$(BESIDE)/debug SLOWNESS=20 WRAP='$(VALGRIND)' \
	  run-unit run-replay
cov:                             ## which lines the tests reach
	@$(MAKE) --no-print-directory V=cov B=$(BESIDE)/cov PARTS='unit replay e2e' run-check
	@tests/cov.sh $(BESIDE)/cov

fuzz-%:                          ## fuzz one parser for FUZZ_S seconds (clang)
	@$(MAKE) --no-print-directory V=fuzz B=$(BESIDE)/fuzz CC=clang $(BESIDE)/fuzz/fuzz_$*
	@mkdir -p $(BESIDE)/fuzz/found_$*
	$(BESIDE)/fuzz/fuzz_$* -max_total_time=$(FUZZ_S) -timeout=10 -rss_limit_mb=512 \
	  -artifact_prefix=$(BESIDE)/fuzz/crash_$*_ $(BESIDE)/fuzz/found_$* tests/fuzz/corpus/$*
$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/libhookproof.a
	@$(LINK) -fsanitize=fuzzer -o $@ $^ $(LDLIBS_TEST) $(LDLIBS_ALL)

bench: hookproof                 ## speed and memory against wrk, nginx and a bare loop
	@tests/bench/run.sh $(B)/hookproof
soak: hookproof                  ## every shipped scenario in virtual time, seed after seed, SOAK_S
	@tests/soak.sh $(B)/hookproof $(SOAK_S)

format:                          ## clang-format over FILES="a.c b.h"
	@clang-format -i $(FILES)
# clang-format only shows what it would do: tables are laid out by hand.
lint:                            ## clang-tidy, shellcheck and what clang-format would change
	clang-format --dry-run $(SOURCES)
	clang-tidy --quiet $(filter %.c,$(SOURCES)) -- $(filter-out -MMD -MP,$(CFLAGS_ALL)) \
	  -DHP_VERSION='""'
	shellcheck -s bash $(SCRIPTS)

install: $(B)/hookproof          ## into $(DESTDIR)$(PREFIX)/bin
	install -D -m 755 $< $(DESTDIR)$(PREFIX)/bin/hookproof
clean:                           ## remove everything that was built
	rm -rf build hookproof
help:                            ## this list
	@sed -n 's/^\([a-z%_-][a-z%_ -]*\):[^#]*## *\(.*\)/\1\t\2/p' Makefile | expand -t 20

FORCE:
.PHONY: all demo check deps run-demo run-check run-unit run-replay run-e2e tidy run-tidy \
	run-tidy_test run-mutants mutants kill-matrix asan tsan valgrind cov bench soak format lint install clean help FORCE
.SECONDARY:
-include $(patsubst %.o,%.d,$(LIB_OBJ) $(TEST_LIB_OBJ) $(UNIT_OBJ) $(FUZZ_OBJ) $(MUTANT_OBJ) \
	$(B)/harness/main.o)
