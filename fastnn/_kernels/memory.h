/* Memory that a kernel needs for the time of a call. */
#ifndef FASTNN_MEMORY_H
#define FASTNN_MEMORY_H

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define HUGE_PAGE ((size_t)2 << 20)

/* Memory aligned to 64 bytes, for free_scratch(); NULL if there is none. A large one
   lies in pages of 2 MB where the system has them: with pages of 4 kB the CPU looks up
   so many addresses that products of 1024 x 1024 take 3-8 % longer. It comes from
   malloc, which keeps what was freed for the next call: aligned_alloc would have the
   system clear new pages each time, 4 % of 256 x 1024 times 1024 x 1024. */
static inline void *scratch_memory(size_t bytes) {
    size_t page = bytes < HUGE_PAGE / 2 ? 64 : HUGE_PAGE;
    size_t whole = (bytes + page - 1) / page * page;
    char *start = malloc(whole + page + sizeof(void *));
    void **memory = (void **)(((size_t)start + sizeof(void *) + page - 1) & ~(page - 1));
    if (start == NULL)
        return NULL;
    memory[-1] = start;
#if defined(MADV_HUGEPAGE)
    if (page == HUGE_PAGE)
        madvise(memory, whole, MADV_HUGEPAGE); /* a wish: without it all works too */
#endif
    return memory;
}

static inline void free_scratch(void *memory) {
    if (memory != NULL)
        free(((void **)memory)[-1]);
}

#endif
