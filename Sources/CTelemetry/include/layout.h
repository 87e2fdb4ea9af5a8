// The telemetry file's layout, version 1; docs/TELEMETRY.md says what each field means. Little-endian 64-bit words
// unless said otherwise. TM_WORD_x counts words from the start of its block, TM_x_OFFSET counts bytes.
#ifndef TM_LAYOUT_H
#define TM_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define TM_MAGIC 0x314B52414D454454ULL  // the bytes "TDEMARK1"
#define TM_LAYOUT_VERSION 1
#define TM_REVISION 2
#define TM_NEEDS 0ULL

// The header: one page at offset 0.
#define TM_HEADER_BYTES 4096
#define TM_WORD_MAGIC 0
#define TM_WORD_VERSION 1
#define TM_WORD_ID_HIGH 2
#define TM_WORD_ID_LOW 3
#define TM_WORD_PID 4
#define TM_WORD_STARTED_AT 5
#define TM_WORD_MAXIMUM_BYTES 6
#define TM_WORD_KEY_RING_CAPACITY 7
#define TM_WORD_SERIES_CAPACITY 8
#define TM_WORD_SLOW_RING_CAPACITY 9
#define TM_WORD_CLOSED 10
#define TM_WORD_REVISION 11  // additions that a reader may pass over
#define TM_WORD_NEEDS 12     // one bit for each addition that a reader has to know; 0 so far
#define TM_WORD_GRANTED 16        // bytes backed by memory; only grows
#define TM_WORD_SERIES_COUNT 17
#define TM_WORD_REFUSED_SERIES 18
#define TM_WORD_ARENA_CURSOR 24   // alone on its cache line: record() moves it when it takes a chunk
#define TM_WORD_KEY_RING_HEAD 32
#define TM_WORD_KEY_READ_UNITS 33
#define TM_WORD_KEY_WRITE_UNITS 34
#define TM_WORD_SLOW_RING_HEAD 40
#define TM_WORD_DNS_SUM 48
#define TM_WORD_CONNECT_SUM 49
#define TM_WORD_TLS_SUM 50
#define TM_WORD_PHASES_WITHOUT_ROOM 51
#define TM_PHASE_DIRECTORY_OFFSET 448  // three directories of TM_DIRECTORY_ENTRIES: DNS, connect, TLS
#define TM_WORD_COMMITTED 104          // eight words kept for what an agent has committed; zero in version 1
#define TM_WORD_SERVICE_LENGTH 128
#define TM_WORD_ENVIRONMENT_LENGTH 129
#define TM_SERVICE_OFFSET 2048
#define TM_ENVIRONMENT_OFFSET 2560
#define TM_NAME_BYTES 512

// The series directory: one uint32_t a series, its block's offset in units of 64 bytes, 0 for none.
#define TM_SERIES_DIRECTORY_OFFSET 4096
#define TM_SERIES_CAPACITY 2048

// The rings: entries of 128 bytes, whose first word is the sequence number.
#define TM_RING_ENTRY_BYTES 128
#define TM_RING_ENTRY_WORDS 16
#define TM_RING_TEXT_WORD 8
#define TM_RING_TEXT_BYTES 64
#define TM_SLOW_RING_OFFSET 12288
#define TM_SLOW_RING_CAPACITY 256
#define TM_KEY_RING_OFFSET 45056
#define TM_KEY_RING_CAPACITY_MINIMUM 16
#define TM_KEY_RING_CAPACITY_MAXIMUM 1048576

// The arena follows the key ring: series blocks and histogram chunks, all multiples of 64 bytes.
#define TM_UNIT 64
#define TM_SERIES_BYTES 1792
#define TM_COUNTER_WORDS 80
#define TM_SERIES_HISTOGRAMS_OFFSET 640  // two directories of TM_DIRECTORY_ENTRIES: calls, attempts
#define TM_SERIES_KEY_OFFSET 896         // four uint16_t lengths: table, index, operation, pattern; then their bytes
#define TM_SERIES_KEY_BYTES 888
#define TM_WORD_CALLS 0  // "completed": written last (release), read first (acquire)
#define TM_WORD_CALL_SUM 1
#define TM_WORD_ITEMS 2
#define TM_WORD_ITEM_BYTES 3
#define TM_WORD_RETRIES 4
#define TM_WORD_CALLS_WITHOUT_ROOM 5
#define TM_WORD_OUTCOMES 8
#define TM_WORD_ATTEMPTS 24
#define TM_WORD_ATTEMPT_SUM 25
#define TM_WORD_THROTTLED 26
#define TM_WORD_BYTES_SENT 27
#define TM_WORD_BYTES_RECEIVED 28
#define TM_WORD_REUSED 29
#define TM_WORD_OPENED 30
#define TM_WORD_ATTEMPTS_WITHOUT_ROOM 31
#define TM_WORD_ATTEMPT_OUTCOMES 32
#define TM_WORD_THROTTLE_CAUSES 48
#define TM_WORD_HEDGES 71
#define TM_WORD_READ_UNITS 72
#define TM_WORD_WRITE_UNITS 73
#define TM_WORD_CIRCUIT_OPENED 74  // of reads and writes together, as the next two
#define TM_WORD_CIRCUIT_CLOSED 75
#define TM_WORD_CIRCUIT_REOPENED 76
#define TM_WORD_WRITE_CIRCUIT_OPENED 77  // of these, of writes
#define TM_WORD_WRITE_CIRCUIT_CLOSED 78
#define TM_WORD_WRITE_CIRCUIT_REOPENED 79
#define TM_OUTCOME_PLACES 16
#define TM_THROTTLE_CAUSES 17
// What one record counts at most of each, since a reader refuses more of so many calls or attempts.
#define TM_ITEMS_OF_CALL 0x1000000ULL         // 2^24
#define TM_ITEM_BYTES_OF_CALL 0x100000000ULL  // 2^32
#define TM_BYTES_OF_ATTEMPT 0x10000000ULL     // 2^28, sent and received each
#define TM_SETTLE_STEP 16384  // calls, or attempts, that are counted at once where nobody could count them one by one

// A histogram: a directory of uint32_t, one an octave, each the offset of the octave's chunk in units of 64 bytes,
// 0 for none. A chunk is 64 counters of 64 bits. The first octave starts at 2^10 ns.
#define TM_DIRECTORY_ENTRIES 32
#define TM_OCTAVES 26
#define TM_BUCKETS_PER_OCTAVE 64
#define TM_CHUNK_BYTES 512
#define TM_LOWEST_NANOSECONDS 1024ULL
#define TM_HIGHEST_NANOSECONDS 68719476735ULL

_Static_assert(TM_PHASE_DIRECTORY_OFFSET + 3 * TM_DIRECTORY_ENTRIES * 4 <= TM_WORD_COMMITTED * 8, "phases");
_Static_assert(TM_SERVICE_OFFSET + TM_NAME_BYTES == TM_ENVIRONMENT_OFFSET, "names");
_Static_assert(TM_ENVIRONMENT_OFFSET + TM_NAME_BYTES <= TM_HEADER_BYTES, "names");
_Static_assert(TM_SERIES_DIRECTORY_OFFSET + TM_SERIES_CAPACITY * 4 == TM_SLOW_RING_OFFSET, "series directory");
_Static_assert(TM_SLOW_RING_OFFSET + TM_SLOW_RING_CAPACITY * TM_RING_ENTRY_BYTES == TM_KEY_RING_OFFSET, "slow ring");
_Static_assert(TM_SERIES_HISTOGRAMS_OFFSET == TM_COUNTER_WORDS * 8, "counters");
_Static_assert(TM_SERIES_HISTOGRAMS_OFFSET + 2 * TM_DIRECTORY_ENTRIES * 4 == TM_SERIES_KEY_OFFSET, "histograms");
_Static_assert(TM_SERIES_KEY_OFFSET + 8 + TM_SERIES_KEY_BYTES == TM_SERIES_BYTES, "series key");
_Static_assert(TM_SERIES_BYTES % TM_UNIT == 0 && TM_CHUNK_BYTES % TM_UNIT == 0, "units");
_Static_assert(TM_LOWEST_NANOSECONDS << TM_OCTAVES == TM_HIGHEST_NANOSECONDS + 1, "octaves");

#endif
