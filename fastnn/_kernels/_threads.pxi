# The team of threads.

cdef int num_threads = 1


def set_threads(int n):
    """Let kernels of this module use up to n threads."""
    global num_threads
    num_threads = n
