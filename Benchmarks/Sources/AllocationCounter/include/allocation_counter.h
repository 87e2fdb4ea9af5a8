// Loaded with LD_PRELOAD: counts what a process asks of malloc and its kin, and changes nothing else.
#ifndef TIDEMARK_ALLOCATION_COUNTER_H
#define TIDEMARK_ALLOCATION_COUNTER_H

#include <stdint.h>

// Allocations since the process began: malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign.
int64_t allocation_counter_count(void);

#endif
