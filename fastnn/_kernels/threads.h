/* Atomic integers and the pause of a spinning thread, for _threads.pxi. */
#ifndef FASTNN_THREADS_H
#define FASTNN_THREADS_H

static inline int atomic_get(const int *x) {
    return __atomic_load_n(x, __ATOMIC_ACQUIRE);
}

static inline void atomic_set(int *x, int value) {
    __atomic_store_n(x, value, __ATOMIC_RELEASE);
}

/* Adds 1 and returns the sum. */
static inline int atomic_count(int *x) {
    return __atomic_add_fetch(x, 1, __ATOMIC_ACQ_REL);
}

/* Tells the core that this thread only waits. */
static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
