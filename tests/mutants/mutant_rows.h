/* The defects, one row each, for the two expansions in mutant_defects.h and mutant_defects.c.
 *   X(NAME, slug, level, profile, needs, kills, also, words)
 * level    of what catches it: MUST, or SHOULD where no MUST can
 * profile  under which it is certified; a defect may exist under one profile only
 * needs    what run.sh adds: old (a second secret), other (another endpoint's), rotate (the end of
 *          the overlap), restart, clock, tolerance (a short one, so that its end can be waited
 *          for), api (the platform's, from which thin events are fetched), tls
 * kills    the checks of the catalogue that must fail
 * also     other MUST checks that may fail, because they follow from the defect
 * words    what is wrong, after "a receiver that" */

/* What is valid is refused. */
X(WRONG_HEADER, "wrong-header", MUST, "paisr-v1", "", "sig-accepts-compact", "",
  "looks for its signature in another header")
X(VERIFIES_RESERIALISED, "verifies-reserialised", MUST, "paisr-v1", "",
  "sig-accepts-spaces sig-rejects-signature-over-compacted",
  "sig-accepts-pretty-newlines sig-accepts-escapes sig-accepts-unicode-escapes "
  "sig-accepts-number-forms sig-accepts-key-order-and-extras",
  "hashes the JSON that it parsed and printed again")
X(TRIMS_BODY, "trims-body", MUST, "paisr-v1", "", "sig-accepts-pretty-newlines", "",
  "drops white space at both ends of the body before it hashes")
X(READS_LINES, "reads-lines", MUST, "paisr-v1", "", "sig-accepts-pretty-newlines", "",
  "reads the body by lines and joins them with LF")
X(UNESCAPES, "unescapes", MUST, "paisr-v1", "", "sig-accepts-escapes",
  "sig-accepts-key-order-and-extras", "hashes / for \\/ and \\u001b for \\u001B")
X(PRINTS_ESCAPES, "prints-escapes", MUST, "paisr-v1", "", "sig-accepts-unicode-escapes", "",
  "hashes the characters that \\u escapes stand for")
X(ASCII_BODY, "ascii-body", MUST, "paisr-v1", "", "sig-accepts-raw-utf8",
  "sig-accepts-byte-by-byte sig-accepts-key-order-and-extras",
  "decodes the body as ASCII")
X(LATIN1_BODY, "latin1-body", MUST, "paisr-v1", "", "sig-accepts-raw-utf8",
  "sig-accepts-byte-by-byte sig-accepts-key-order-and-extras",
  "decodes the body as Latin-1 and hashes it as UTF-8")
X(DOUBLES, "doubles", MUST, "paisr-v1", "", "sig-accepts-number-forms",
  "sig-accepts-key-order-and-extras", "prints numbers as a double would")
X(SORTS_KEYS, "sorts-keys", MUST, "paisr-v1", "", "sig-accepts-key-order-and-extras", "",
  "hashes members in its own order, those with integers for names first")
X(STRICT_SCHEMA, "strict-schema", MUST, "paisr-v1", "", "sig-accepts-key-order-and-extras",
  "hostile-deep-nesting", "refuses members that its schema does not know")
X(FIRST_CHUNK_ONLY, "first-chunk-only", MUST, "paisr-v1", "", "sig-accepts-byte-by-byte",
  "sig-accepts-chunked sig-accepts-large-bodies once-in-parallel once-after-broken-body "
  "hostile-slow-clients", "takes what the first read gave for the whole body")
X(DECODES_PER_CHUNK, "decodes-per-chunk", MUST, "paisr-v1", "", "sig-accepts-byte-by-byte",
  "sig-accepts-chunked sig-rejects-replaced-bytes",
  "decodes each piece of the body as UTF-8 by itself")
X(CASE_SENSITIVE_HEADER, "case-sensitive-header", MUST, "paisr-v1", "",
  "sig-accepts-header-case", "", "compares header names with case")
X(EXACT_CONTENT_TYPE, "exact-content-type", MUST, "paisr-v1", "", "sig-accepts-json-charset", "",
  "takes application/json and nothing longer")
X(NO_CHUNKED, "no-chunked", MUST, "paisr-v1", "", "sig-accepts-chunked", "",
  "reads a chunked body as empty")
X(LIMIT_100K, "limit-100k", MUST, "paisr-v1", "", "sig-accepts-large-bodies", "",
  "refuses bodies above 100 kB, as its framework does by default")
X(STICKY_VERDICT, "sticky-verdict", MUST, "paisr-v1", "", "sig-judges-each-on-one-connection", "",
  "verifies the first request of a connection and trusts the rest")
X(UNREAD_BODY, "unread-body", MUST, "paisr-v1", "", "sig-judges-each-on-one-connection", "",
  "leaves the body of what it refused to be read as the next request")
X(FIRST_SIGNATURE_ONLY, "first-signature-only", MUST, "standard-webhooks", "",
  "sig-accepts-any-of-several", "", "tries the first signature of a list only")
X(LAST_SIGNATURE_ONLY, "last-signature-only", MUST, "standard-webhooks", "",
  "sig-accepts-any-of-several", "", "tries the last signature of a list only")
X(REPLACES_SECRET, "replaces-secret", MUST, "paisr-v1", "old",
  "sig-accepts-both-secrets-in-overlap", "", "forgets the old secret when the new one comes")
X(TOLERANCE_NARROW, "tolerance-narrow", MUST, "paisr-v2", "", "sig-accepts-tolerance-edges", "",
  "allows a tenth of the tolerance")

/* What is not valid is accepted, or refused badly. */
X(FAIL_OPEN, "fail-open", MUST, "paisr-v1", "", "sig-rejects-missing-header",
  "sig-rejects-signature-elsewhere", "processes what has no signature header")
X(ANSWERS_200_ON_REJECT, "200-on-reject", MUST, "paisr-v1", "", "sig-rejects-missing-header",
  "sig-rejects-empty-header sig-rejects-wrong-digest sig-rejects-wrong-length "
  "sig-rejects-strange-characters sig-rejects-flipped-bit sig-rejects-other-hashes "
  "sig-rejects-empty-and-default-secrets sig-rejects-misread-secret "
  "sig-rejects-other-scheme-tags sig-rejects-signature-elsewhere sig-rejects-replaced-bytes "
  "sig-rejects-signature-over-compacted sig-rejects-other-endpoint-secret "
  "sig-judges-each-on-one-connection sig-rejects-old-secret-after-overlap "
  "once-not-poisoned-by-forgery",
  "answers 200 \"ignored\" to what it refuses")
X(ANSWERS_500_ON_REJECT, "500-on-reject", MUST, "paisr-v1", "", "sig-rejects-wrong-digest",
  "sig-rejects-missing-header sig-rejects-empty-header sig-rejects-wrong-length "
  "sig-rejects-strange-characters sig-rejects-flipped-bit sig-rejects-other-hashes "
  "sig-rejects-empty-and-default-secrets sig-rejects-misread-secret "
  "sig-rejects-other-scheme-tags sig-rejects-signature-elsewhere sig-rejects-replaced-bytes "
  "sig-rejects-signature-over-compacted sig-rejects-other-endpoint-secret "
  "sig-judges-each-on-one-connection sig-rejects-old-secret-after-overlap "
  "once-not-poisoned-by-forgery",
  "answers 500 to a wrong signature")
X(FALSY_SKIPS, "falsy-skips", MUST, "paisr-v1", "", "sig-rejects-empty-header", "",
  "skips the check when the signature is empty")
X(NO_VERIFY, "no-verify", MUST, "paisr-v1", "", "sig-rejects-wrong-digest",
  "sig-rejects-wrong-length sig-rejects-strange-characters sig-rejects-flipped-bit "
  "sig-rejects-other-hashes sig-rejects-empty-and-default-secrets sig-rejects-misread-secret "
  "sig-rejects-other-scheme-tags sig-rejects-replaced-bytes "
  "sig-rejects-signature-over-compacted sig-rejects-other-endpoint-secret "
  "sig-judges-each-on-one-connection sig-rejects-old-secret-after-overlap "
  "once-not-poisoned-by-forgery",
  "accepts whatever has a signature header")
X(LENGTH_ONLY, "length-only", MUST, "paisr-v1", "", "sig-rejects-wrong-digest",
  "sig-rejects-flipped-bit sig-rejects-other-hashes sig-rejects-empty-and-default-secrets "
  "sig-rejects-misread-secret sig-rejects-replaced-bytes "
  "sig-rejects-signature-over-compacted sig-rejects-other-endpoint-secret "
  "sig-judges-each-on-one-connection sig-rejects-old-secret-after-overlap "
  "once-not-poisoned-by-forgery",
  "accepts whatever looks like a digest")
X(PREFIX_COMPARE, "prefix-compare", MUST, "paisr-v1", "", "sig-rejects-wrong-length", "",
  "compares as many characters as the shorter one has")
X(NO_LENGTH_GUARD, "no-length-guard", MUST, "paisr-v1", "", "sig-rejects-wrong-length",
  "sig-rejects-other-hashes sig-rejects-other-scheme-tags",
  "throws when the two digests differ in length")
X(LENIENT_HEX, "lenient-hex", MUST, "paisr-v1", "", "sig-rejects-strange-characters", "",
  "decodes hex up to the first strange character and compares that much")
X(COUNTS_CHARACTERS, "counts-characters", MUST, "paisr-v1", "",
  "sig-rejects-strange-characters", "", "compares lengths in characters, then throws on bytes")
X(HASHES_ID_ONLY, "hashes-id-only", MUST, "paisr-v1", "", "sig-rejects-flipped-bit", "",
  "accepts a body of which a bit outside the fields that it hashes was flipped")
X(EMPTY_KEY, "empty-key", MUST, "paisr-v1", "", "sig-rejects-empty-and-default-secrets",
  "sig-rejects-misread-secret", "accepts signatures under the empty key")
X(FALLBACK_SECRET, "fallback-secret", MUST, "paisr-v1", "",
  "sig-rejects-empty-and-default-secrets", "sig-rejects-misread-secret",
  "falls back to \"changeme\"")
X(DECODES_KEY, "decodes-key", MUST, "paisr-v1", "", "sig-rejects-misread-secret", "",
  "also accepts its secret read as base64")
X(KEY_WITH_NEWLINE, "key-with-newline", MUST, "paisr-v1", "", "sig-rejects-misread-secret", "",
  "also accepts its secret with the LF of the file that held it")
X(ALGORITHM_FROM_REQUEST, "algorithm-from-request", MUST, "paisr-v1", "",
  "sig-rejects-other-hashes", "", "chooses the hash by the length of the digest")
X(ALGORITHM_FROM_TAG, "algorithm-from-tag", MUST, "github", "", "sig-rejects-other-scheme-tags",
  "sig-rejects-other-hashes", "takes the hash that the tag names")
X(TAG_IGNORED, "tag-ignored", MUST, "slack", "", "sig-rejects-other-scheme-tags", "",
  "drops whatever stands before the digest")
X(MERGED_PARAMETERS, "merged-parameters", MUST, "paisr-v1", "",
  "sig-rejects-signature-elsewhere", "", "finds its signature in the query as well")
X(ANY_SCHEME, "any-scheme", MUST, "paisr-v2", "", "sig-rejects-downgrade", "",
  "still accepts the older scheme")
X(ANY_SCHEME_GITHUB, "any-scheme-github", MUST, "github", "", "sig-rejects-downgrade", "",
  "still accepts X-Hub-Signature with SHA-1")
X(RETRIES_COMPACTED, "retries-compacted", MUST, "paisr-v1", "",
  "sig-rejects-signature-over-compacted", "", "tries the compacted body when the raw one fails")
X(UTF8_REPAIR, "utf8-repair", MUST, "paisr-v1", "", "sig-rejects-replaced-bytes", "",
  "hashes text in which invalid bytes became U+FFFD")
X(ANY_KNOWN_SECRET, "any-known-secret", MUST, "paisr-v1", "other",
  "sig-rejects-other-endpoint-secret", "sig-rejects-misread-secret",
  "accepts the secret of any of its endpoints")
X(TIMESTAMP_AS_TEXT, "timestamp-as-text", MUST, "paisr-v2", "", "sig-rejects-moved-boundary", "",
  "hashes the time as text and reads the digits in front of it")
X(LEAKS_DIGEST, "leaks-digest", MUST, "paisr-v1", "", "sig-rejection-leaks-nothing", "",
  "says in its refusal which digest it wanted")
X(LEAKS_TRACE, "leaks-trace", MUST, "paisr-v1", "", "sig-rejection-leaks-nothing", "",
  "shows a stack trace in its refusal")
X(KEEPS_OLD_SECRET, "keeps-old-secret", MUST, "paisr-v1", "old rotate",
  "sig-rejects-old-secret-after-overlap", "", "never drops the old secret")
X(EFFECT_BEFORE_VERIFY, "effect-before-verify", MUST, "paisr-v1", "", "sig-rejects-wrong-digest",
  "sig-rejects-missing-header sig-rejects-empty-header sig-rejects-flipped-bit "
  "sig-rejects-other-hashes sig-rejects-empty-and-default-secrets "
  "sig-rejects-signature-over-compacted sig-rejects-replaced-bytes "
  "sig-rejects-other-endpoint-secret sig-rejects-wrong-length sig-rejects-misread-secret "
  "sig-rejects-strange-characters sig-rejects-signature-elsewhere "
  "sig-rejects-other-scheme-tags once-not-poisoned-by-forgery",
  "acts first and refuses afterwards")

/* Freshness and replay. */
X(IGNORES_TIMESTAMP, "ignores-timestamp", MUST, "paisr-v2", "", "time-rejects-stale",
  "time-rejects-future time-rejects-malformed-timestamp time-rejects-missing-timestamp "
  "time-rejects-replay-after-tolerance sig-rejects-moved-boundary",
  "checks no freshness at all")
X(TOLERANCE_X60, "tolerance-x60", MUST, "paisr-v2", "", "time-rejects-stale",
  "time-rejects-future time-rejects-replay-after-tolerance", "takes its tolerance for minutes")
X(PAST_ONLY, "past-only", MUST, "paisr-v2", "", "time-rejects-future", "",
  "refuses the past and accepts any future")
X(MISSING_IS_FRESH, "missing-is-fresh", MUST, "paisr-v2", "", "time-rejects-missing-timestamp",
  "time-rejects-malformed-timestamp", "takes a missing timestamp for a fresh one")
X(NAN_IS_FRESH, "nan-is-fresh", MUST, "paisr-v2", "", "time-rejects-malformed-timestamp",
  "sig-rejects-moved-boundary time-rejects-missing-timestamp",
  "takes what it cannot parse for fresh, since NaN is never too old")
X(UNSIGNED_TIMESTAMP, "unsigned-timestamp", MUST, "paisr-v2", "",
  "time-rejects-swapped-timestamp", "",
  "checks the time of the header, not the one that was signed")
X(FRESHNESS_IS_DEDUPE, "freshness-is-dedupe", MUST, "paisr-v2", "",
  "time-replay-in-tolerance-has-one-effect",
  "time-resigned-retry-has-one-effect once-in-sequence once-in-parallel once-after-lost-answer "
  "once-under-load", "takes freshness for replay protection")
X(KNOWN_BEFORE_AGE, "known-before-age", MUST, "paisr-v2", "tolerance",
  "time-rejects-replay-after-tolerance", "",
  "answers an event that it knows before it looks at its age")
X(DEDUPE_ON_SIGNATURE, "dedupe-on-signature", MUST, "paisr-v2", "",
  "time-resigned-retry-has-one-effect",
  "once-in-sequence once-in-parallel once-after-lost-answer once-under-load",
  "knows a retry by its signature")
X(LOOSE_TIMESTAMP, "loose-timestamp", SHOULD, "paisr-v2", "", "time-rejects-loose-timestamp",
  "sig-rejects-moved-boundary", "reads +N, N.9 and Nabc as N")
X(GUESSES_UNIT, "guesses-unit", SHOULD, "paisr-v2", "", "time-accepts-one-unit-only", "",
  "takes milliseconds and microseconds as well")

/* Idempotency and order. */
X(NO_DEDUPE, "no-dedupe", MUST, "paisr-v1", "",
  "once-in-sequence time-late-replay-has-one-effect",
  "once-in-parallel once-after-lost-answer once-under-load", "acts on every delivery")
X(CHECK_THEN_ACT, "check-then-act", MUST, "paisr-v1", "", "once-in-parallel",
  "once-under-load", "looks up the key, acts, and then records it")
X(TWO_STEP_EFFECT, "two-step-effect", MUST, "paisr-v1", "", "once-after-lost-answer", "",
  "acts, and records that only when its answer was taken")
X(MARKS_BEFORE_SUCCESS, "marks-before-success", MUST, "paisr-v1", "", "once-after-lost-answer",
  "", "records the key first and gives its work up when the sender hangs up")
X(ACTS_ON_PARTIAL, "acts-on-partial", MUST, "paisr-v1", "", "once-after-broken-body", "",
  "records the id that it found in half a body")
X(DEDUPE_ON_RESOURCE, "dedupe-on-resource", MUST, "paisr-v1", "",
  "once-distinguishes-event-types", "", "takes the resource's id for the event's key")
X(RECORD_BEFORE_VERIFY, "record-before-verify", MUST, "paisr-v1", "",
  "once-not-poisoned-by-forgery", "", "records the key before it verifies")
X(RECORD_BEFORE_PARSE, "record-before-parse", SHOULD, "standard-webhooks", "",
  "once-not-poisoned-by-bad-body", "", "records the message id before it reads the body")
X(RACES_UNDER_LOAD, "races-under-load", MUST, "paisr-v1", "", "once-under-load",
  "once-in-parallel once-in-sequence once-after-lost-answer time-late-replay-has-one-effect",
  "drops its lock when it is busy")
X(DEDUPE_IN_MEMORY, "dedupe-in-memory", SHOULD, "paisr-v1", "restart", "once-survives-restart", "",
  "forgets what it did when it is restarted")
X(DEDUPE_WINDOW_SHORT, "dedupe-window-short", SHOULD, "paisr-v1", "clock",
  "once-survives-retry-horizon", "", "forgets what it did after an hour")
X(OLDER_WINS, "older-wins", SHOULD, "paisr-v1", "api", "once-order-converges", "",
  "lets what arrived last win")

/* Answering. */
X(SLOW_ACK, "slow-ack", MUST, "slack", "", "ack-within-timeout-at-rate",
  "ack-burst-loses-nothing once-under-load once-in-parallel hostile-slow-clients",
  "works on one event after the other before it answers")
X(REDIRECTS, "redirects", MUST, "paisr-v1", "", "ack-without-redirect", "sig-accepts-compact",
  "redirects to the form with a slash at the end")
X(CSRF, "csrf", MUST, "paisr-v1", "", "ack-needs-no-login", "sig-accepts-compact",
  "wants a session and shows a login page")
X(ACK_BEFORE_PERSIST, "ack-before-persist", MUST, "paisr-v1", "", "ack-burst-loses-nothing",
  "once-under-load", "answers, and drops what its queue cannot hold")
X(SLOW_DOWNSTREAM, "slow-downstream", SHOULD, "slack", "api", "ack-with-slow-downstream", "",
  "fetches the resource before it answers")
X(ECHOES_BODY, "echoes-body", SHOULD, "paisr-v1", "", "ack-body-small-and-plain", "",
  "sends back what it got")
X(COSTLY_REFUSAL, "costly-refusal", SHOULD, "paisr-v1", "", "ack-under-unsigned-flood", "",
  "works hard, one at a time, on what has no signature")
X(DROPS_ON_RESTART, "drops-on-restart", SHOULD, "paisr-v1", "restart", "ack-graceful-restart",
  "ack-burst-loses-nothing once-under-load", "loses its queue with its process")

/* Input from anybody. */
X(RECURSIVE_PARSER, "recursive-parser", MUST, "paisr-v1", "", "hostile-deep-nesting", "",
  "parses as deep as the input goes, until its stack ends")
X(BUFFERS_ALL, "buffers-all", MUST, "paisr-v1", "", "hostile-huge-declared-body",
  "hostile-endless-chunked", "buffers any body before it looks at it")
X(LIMIT_BY_HEADER, "limit-by-header", MUST, "paisr-v1", "", "hostile-endless-chunked", "",
  "limits bodies by their Content-Length only")
X(SMUGGLE, "smuggle", MUST, "paisr-v1", "", "hostile-ambiguous-framing", "",
  "picks one of two framings and goes on behind it")
X(WORKER_PER_CLIENT, "worker-per-client", MUST, "paisr-v1", "", "hostile-slow-clients", "",
  "gives a worker to each slow client, and has few of them")
X(REFLECTS_HEADER, "reflects-header", MUST, "paisr-v1", "", "hostile-control-characters-in-headers",
  "", "takes bare CR and LF in a header and copies them into its answer")
X(THROWS_ON_ODD_TYPES, "500-on-odd-types", MUST, "paisr-v1", "", "hostile-wrong-json-types",
  "hostile-injection-in-ids", "trusts the shape of JSON and throws")
X(PASTES_ID, "pastes-id", MUST, "paisr-v1", "", "hostile-injection-in-ids", "",
  "pastes the id into a query, which breaks")
X(CLEAR_TEXT_TOO, "clear-text-too", MUST, "paisr-v1", "tls", "hostile-tls-and-cleartext", "",
  "serves the same handler in clear")
X(OLD_TLS, "old-tls", MUST, "paisr-v1", "tls", "hostile-tls-and-cleartext", "",
  "still shakes hands in TLS 1.0 and 1.1")
X(THROWS_ON_BAD_JSON, "500-on-bad-json", SHOULD, "paisr-v1", "", "hostile-signed-invalid-json",
  "hostile-deep-nesting", "lets its parser's error escape")
X(THROWS_ON_EMPTY_BODY, "500-on-empty-body", SHOULD, "paisr-v1", "", "hostile-signed-empty-body",
  "", "throws when there is no body")
X(FATAL_HEADERS, "fatal-headers", SHOULD, "paisr-v1", "", "hostile-many-or-long-headers", "",
  "throws when there are more than 64 headers or a long one")
X(LAST_KEY_WINS, "last-key-wins", SHOULD, "paisr-v1", "", "hostile-duplicate-json-keys", "",
  "has two parsers, and each takes another one of two equal keys")
X(IGNORES_ENCODING, "ignores-encoding", SHOULD, "paisr-v1", "", "hostile-compressed-bodies", "",
  "throws when it meets a body that was compressed")

/* What should be so, and is seen by no MUST. */
X(LOOSE_ENCODINGS, "loose-encodings", SHOULD, "paisr-v1", "", "sig-rejects-loose-encodings", "",
  "takes hex in upper case")
X(DOUBLED_HEADER, "doubled-header-throws", SHOULD, "paisr-v1", "", "sig-rejects-doubled-header", "",
  "throws when its header comes twice")
X(STRIPS_BOM, "strips-bom", SHOULD, "paisr-v1", "", "sig-rejects-stripped-bom", "",
  "drops a byte order mark before it hashes")
X(ANY_METHOD, "any-method", SHOULD, "paisr-v1", "", "sig-rejects-other-methods", "",
  "acts on any method")
X(ONE_MEDIA_TYPE, "one-media-type", SHOULD, "paisr-v1", "", "sig-accepts-other-json-types", "",
  "throws when the body is no application/json")
X(TRUSTS_USER_AGENT, "trusts-user-agent", SHOULD, "paisr-v1", "", "sig-accepts-unknown-headers", "",
  "refuses another User-Agent")
X(UNKNOWN_EVENT_THROWS, "unknown-event-throws", SHOULD, "paisr-v1", "", "sig-accepts-unknown-event",
  "", "answers an error to a type that it does not know")
X(NO_CONTINUE, "no-continue", SHOULD, "paisr-v1", "", "sig-accepts-expect-continue", "",
  "answers 417 to Expect: 100-continue")
