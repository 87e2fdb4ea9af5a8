// The record path. Everything here is lock-free, allocates nothing and calls nothing: relaxed atomics on mapped memory,
// which Swift cannot apply to memory that it did not allocate as Atomic.
#ifndef TM_RECORD_H
#define TM_RECORD_H

#include <stdbool.h>
#include <string.h>

#include "layout.h"

#if !defined(__clang__) && !defined(_Nonnull)
#define _Nonnull
#define _Nullable
#endif

// A mapped file of the writer. Immutable once a record can reach it; what is in the file is never trusted for an
// address without a check against `length`, so that nothing written there by others can lead a store astray.
typedef struct {
    uint8_t *_Nonnull base;
    uint64_t length;            // bytes of address space reserved: the file's maximum
    uint64_t key_ring_capacity; // a power of two
    uint64_t *_Nonnull series;  // TM_SERIES_CAPACITY addresses of series blocks, in memory of the process
} tm_map;

static inline uint64_t tm_load(const uint64_t *_Nonnull word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline uint64_t tm_load_acquire(const uint64_t *_Nonnull word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
static inline void tm_store(uint64_t *_Nonnull word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}
static inline void tm_store_release(uint64_t *_Nonnull word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline void tm_store32_release(uint32_t *_Nonnull word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline void tm_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

static inline void tm_add(uint64_t *_Nonnull word, uint64_t value) {
    (void)__atomic_fetch_add(word, value, __ATOMIC_RELAXED);
}
// Most optional numbers of a call are zero: a test is cheaper than a locked add.
static inline void tm_add_some(uint64_t *_Nonnull word, uint64_t value) {
    if (value != 0) tm_add(word, value);
}

// The same, of what a reader believes no more of one record: a call over many pages may have more, and its file must not be
// refused for it.
static inline void tm_add_at_most(uint64_t *_Nonnull word, uint64_t value, uint64_t most) {
    tm_add_some(word, value < most ? value : most);
}

static inline uint64_t *_Nonnull tm_header(const tm_map *_Nonnull map) { return (uint64_t *)(void *)map->base; }

// The map that records go to now, null for none: `word` holds its address.
static inline const tm_map *_Nullable tm_current(const uint64_t *_Nonnull word) {
    return (const tm_map *)(uintptr_t)tm_load_acquire(word);
}

// A series' block. Every place of the table holds an address, that of `other` where nothing is registered.
static inline uint64_t *_Nonnull tm_series(const tm_map *_Nonnull map, uint32_t index) {
    uint32_t place = index < TM_SERIES_CAPACITY ? index : 0;
    return (uint64_t *)(uintptr_t)tm_load_acquire(map->series + place);
}

// Takes zeroed bytes of the granted arena, 0 when there are none. Lock-free: a thread that stalls here holds nobody up.
static inline uint64_t tm_take(const tm_map *_Nonnull map, uint64_t bytes) {
    uint64_t *header = tm_header(map);
    uint64_t *cursor = header + TM_WORD_ARENA_CURSOR;
    uint64_t start = __atomic_load_n(cursor, __ATOMIC_RELAXED);
    do {
        uint64_t granted = __atomic_load_n(header + TM_WORD_GRANTED, __ATOMIC_ACQUIRE);
        if (granted > map->length || start > granted || granted - start < bytes) return 0;
    } while (!__atomic_compare_exchange_n(
        cursor, &start, start + bytes, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return start;
}

static inline uint32_t tm_bucket(uint64_t nanoseconds) {
    uint64_t time = nanoseconds < TM_LOWEST_NANOSECONDS ? TM_LOWEST_NANOSECONDS
                  : nanoseconds > TM_HIGHEST_NANOSECONDS ? TM_HIGHEST_NANOSECONDS : nanoseconds;
    uint32_t octave = 53 - (uint32_t)__builtin_clzll(time);
    return octave * TM_BUCKETS_PER_OCTAVE + (uint32_t)((time >> (octave + 4)) & (TM_BUCKETS_PER_OCTAVE - 1));
}

// The first time in an octave takes its chunk. Two threads may both take one: the loser gives its own back when nobody
// has taken anything since, and else wastes it.
static inline uint32_t tm_take_chunk(const tm_map *_Nonnull map, uint32_t *_Nonnull entry) {
    uint64_t start = tm_take(map, TM_CHUNK_BYTES);
    if (start == 0) return 0;
    uint32_t found = 0;
    if (__atomic_compare_exchange_n(
            entry, &found, (uint32_t)(start / TM_UNIT), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return (uint32_t)(start / TM_UNIT);
    }
    uint64_t end = start + TM_CHUNK_BYTES;
    (void)__atomic_compare_exchange_n(
        tm_header(map) + TM_WORD_ARENA_CURSOR, &end, start, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return found;
}

static inline bool tm_histogram_add(
    const tm_map *_Nonnull map, uint32_t *_Nonnull directory, uint64_t *_Nonnull sum, uint64_t nanoseconds) {
    uint32_t bucket = tm_bucket(nanoseconds);
    uint32_t *entry = directory + bucket / TM_BUCKETS_PER_OCTAVE;
    uint32_t chunk = __atomic_load_n(entry, __ATOMIC_ACQUIRE);
    if (__builtin_expect(chunk == 0, 0)) chunk = tm_take_chunk(map, entry);
    uint64_t offset = (uint64_t)chunk * TM_UNIT;
    if (__builtin_expect(chunk == 0 || offset + TM_CHUNK_BYTES > map->length, 0)) return false;
    tm_add((uint64_t *)(void *)(map->base + offset) + bucket % TM_BUCKETS_PER_OCTAVE, 1);
    tm_add(sum, nanoseconds);
    return true;
}

static inline uint32_t *_Nonnull tm_series_histogram(uint64_t *_Nonnull series, uint32_t which) {
    return (uint32_t *)(void *)(series + TM_COUNTER_WORDS) + which * TM_DIRECTORY_ENTRIES;
}

static inline void tm_record_call(
    const tm_map *_Nonnull map, uint64_t *_Nonnull series, uint64_t nanoseconds, uint8_t outcome, uint32_t attempts,
    uint64_t items, uint64_t item_bytes) {
    if (!tm_histogram_add(map, tm_series_histogram(series, 0), series + TM_WORD_CALL_SUM, nanoseconds)) {
        tm_add(series + TM_WORD_CALLS_WITHOUT_ROOM, 1);
    }
    tm_add(series + TM_WORD_OUTCOMES + outcome % TM_OUTCOME_PLACES, 1);
    if (attempts > 1) tm_add(series + TM_WORD_RETRIES, attempts - 1);
    tm_add_at_most(series + TM_WORD_ITEMS, items, TM_ITEMS_OF_CALL);
    tm_add_at_most(series + TM_WORD_ITEM_BYTES, item_bytes, TM_ITEM_BYTES_OF_CALL);
    (void)__atomic_fetch_add(series + TM_WORD_CALLS, 1, __ATOMIC_RELEASE);
}

static inline void tm_record_attempt(
    const tm_map *_Nonnull map, uint64_t *_Nonnull series, uint64_t nanoseconds, uint8_t outcome, bool throttled,
    uint32_t causes, uint64_t bytes_sent, uint64_t bytes_received, bool reused) {
    if (!tm_histogram_add(map, tm_series_histogram(series, 1), series + TM_WORD_ATTEMPT_SUM, nanoseconds)) {
        tm_add(series + TM_WORD_ATTEMPTS_WITHOUT_ROOM, 1);
    }
    tm_add(series + TM_WORD_ATTEMPT_OUTCOMES + outcome % TM_OUTCOME_PLACES, 1);
    if (throttled) tm_add(series + TM_WORD_THROTTLED, 1);
    for (uint32_t rest = causes & ((1u << TM_THROTTLE_CAUSES) - 1); rest != 0; rest &= rest - 1) {
        tm_add(series + TM_WORD_THROTTLE_CAUSES + __builtin_ctz(rest), 1);
    }
    tm_add_at_most(series + TM_WORD_BYTES_SENT, bytes_sent, TM_BYTES_OF_ATTEMPT);
    tm_add_at_most(series + TM_WORD_BYTES_RECEIVED, bytes_received, TM_BYTES_OF_ATTEMPT);
    tm_add(series + (reused ? TM_WORD_REUSED : TM_WORD_OPENED), 1);
    (void)__atomic_fetch_add(series + TM_WORD_ATTEMPTS, 1, __ATOMIC_RELEASE);
}

// Counts so many calls or attempts of one outcome whose times were not measured, in the order of a record, and in steps: who
// dies between two words leaves no more than one step uneven.
static inline void tm_settle_some(
    uint64_t *_Nonnull ledger, uint64_t *_Nonnull outcome, uint64_t *_Nonnull without_room, uint64_t count) {
    while (count != 0) {
        uint64_t step = count < TM_SETTLE_STEP ? count : TM_SETTLE_STEP;
        tm_add(without_room, step);
        tm_add(outcome, step);
        (void)__atomic_fetch_add(ledger, step, __ATOMIC_RELEASE);
        count -= step;
    }
}

// Moves calls and attempts, each kept in TM_OUTCOME_PLACES words by outcome, into a series: their times were not measured.
static inline void tm_settle(uint64_t *_Nonnull calls, uint64_t *_Nonnull attempts, uint64_t *_Nonnull series) {
    for (int i = 0; i < TM_OUTCOME_PLACES; i++) {
        uint64_t some_attempts = tm_load(attempts + i) == 0 ? 0 : __atomic_exchange_n(attempts + i, 0, __ATOMIC_RELAXED);
        tm_settle_some(
            series + TM_WORD_ATTEMPTS, series + TM_WORD_ATTEMPT_OUTCOMES + i, series + TM_WORD_ATTEMPTS_WITHOUT_ROOM,
            some_attempts);
    }
    for (int i = 0; i < TM_OUTCOME_PLACES; i++) {
        uint64_t some_calls = tm_load(calls + i) == 0 ? 0 : __atomic_exchange_n(calls + i, 0, __ATOMIC_RELAXED);
        tm_settle_some(
            series + TM_WORD_CALLS, series + TM_WORD_OUTCOMES + i, series + TM_WORD_CALLS_WITHOUT_ROOM, some_calls);
    }
}

// A connection's phases, 0 DNS, 1 connect, 2 TLS, into the process' own histograms.
static inline void tm_record_phase(const tm_map *_Nonnull map, uint32_t phase, uint64_t nanoseconds) {
    if (nanoseconds == 0) return;
    uint64_t *header = tm_header(map);
    uint32_t *directory = (uint32_t *)(void *)(map->base + TM_PHASE_DIRECTORY_OFFSET) + phase * TM_DIRECTORY_ENTRIES;
    if (!tm_histogram_add(map, directory, header + TM_WORD_DNS_SUM + phase, nanoseconds)) {
        tm_add(header + TM_WORD_PHASES_WITHOUT_ROOM, 1);
    }
}

// Rings: a ticket owns one entry for one lap. The sequence number is 2 * ticket + 1 while the entry is being written
// and 2 * ticket + 2 once it is whole. Whoever finds an older writer still at work, or a newer one, gives its event up;
// so an entry never mixes two events.
static inline bool tm_ring_claim(uint64_t *_Nonnull entry, uint64_t ticket) {
    uint64_t sequence = __atomic_load_n(entry, __ATOMIC_RELAXED);
    if ((sequence & 1) != 0 || sequence > 2 * ticket) return false;
    if (!__atomic_compare_exchange_n(entry, &sequence, 2 * ticket + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        return false;
    }
    // A reader that sees any of the stores below must also see the odd sequence number.
    __atomic_thread_fence(__ATOMIC_RELEASE);
    return true;
}

static inline void tm_ring_put_text(uint64_t *_Nonnull entry, const void *_Nullable text, uint64_t length) {
    uint64_t words[TM_RING_TEXT_BYTES / 8] = {0};
    if (length != 0 && text != NULL) memcpy(words, text, length < TM_RING_TEXT_BYTES ? length : TM_RING_TEXT_BYTES);
    for (int i = 0; i < TM_RING_TEXT_BYTES / 8; i++) tm_store(entry + TM_RING_TEXT_WORD + i, words[i]);
}

static inline uint64_t tm_fold(uint64_t left, uint64_t right) {
    unsigned __int128 product = (unsigned __int128)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// A key's hash: folded 128-bit products of 8 bytes each, after wyhash (https://github.com/wangyi-fudan/wyhash).
static inline uint64_t tm_hash(const void *_Nullable bytes, uint64_t length) {
    const uint8_t *rest = bytes;
    uint64_t hash = length ^ 0xa0761d6478bd642fULL, word;
    uint64_t left = bytes == NULL ? 0 : length;
    for (; left >= 8; left -= 8, rest += 8) {
        memcpy(&word, rest, 8);
        hash = tm_fold(hash ^ word, 0xe7037ed1a0b428dbULL) + left;
    }
    word = 0;
    if (left != 0) memcpy(&word, rest, left);
    return tm_fold(hash ^ word ^ 0x8ebc6af09c88c6e3ULL, 0x589965cc75374cc3ULL);
}

static inline void tm_record_key(
    const tm_map *_Nonnull map, uint32_t series, const void *_Nullable key, uint64_t length, uint64_t read_units,
    uint64_t write_units, bool throttled) {
    uint64_t *header = tm_header(map);
    uint64_t ticket = __atomic_fetch_add(header + TM_WORD_KEY_RING_HEAD, 1, __ATOMIC_RELAXED);
    uint64_t place = ticket & (map->key_ring_capacity - 1);
    uint64_t *entry = (uint64_t *)(void *)(map->base + TM_KEY_RING_OFFSET + place * TM_RING_ENTRY_BYTES);
    if (tm_ring_claim(entry, ticket)) {
        tm_store(entry + 1, (uint64_t)series | (uint64_t)throttled << 32);
        tm_store(entry + 2, read_units);
        tm_store(entry + 3, write_units);
        tm_store(entry + 4, tm_hash(key, length));
        tm_store(entry + 5, length);
        tm_ring_put_text(entry, key, length);
        tm_store_release(entry, 2 * ticket + 2);
    }
    // After the entry, and with release: what a reader finds in the totals is then in the ring, or lost for good.
    (void)__atomic_fetch_add(header + TM_WORD_KEY_READ_UNITS, read_units, __ATOMIC_RELEASE);
    (void)__atomic_fetch_add(header + TM_WORD_KEY_WRITE_UNITS, write_units, __ATOMIC_RELEASE);
}

static inline void tm_record_slow(
    const tm_map *_Nonnull map, uint32_t series, uint64_t nanoseconds, uint64_t ended_at, uint8_t outcome,
    uint32_t attempts, const void *_Nullable correlation, uint64_t length) {
    uint64_t ticket = __atomic_fetch_add(tm_header(map) + TM_WORD_SLOW_RING_HEAD, 1, __ATOMIC_RELAXED);
    uint64_t place = ticket % TM_SLOW_RING_CAPACITY;
    uint64_t *entry = (uint64_t *)(void *)(map->base + TM_SLOW_RING_OFFSET + place * TM_RING_ENTRY_BYTES);
    if (!tm_ring_claim(entry, ticket)) return;
    tm_store(entry + 1, series);
    tm_store(entry + 2, nanoseconds);
    tm_store(entry + 3, ended_at);
    tm_store(entry + 4, (uint64_t)outcome | (uint64_t)attempts << 32);
    tm_store(entry + 5, length);
    tm_ring_put_text(entry, correlation, length);
    tm_store_release(entry, 2 * ticket + 2);
}

#endif
