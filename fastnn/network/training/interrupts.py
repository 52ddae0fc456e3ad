"""Ctrl-C at a moment when everything that was learnt has been recorded."""

import signal

WAITING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGALRM")
    if hasattr(signal, name)
]


class Later:
    """`with Later():` the handlers of signals run at its end, not within.

    Python runs them in the main thread, between any two of its instructions; a
    KeyboardInterrupt there could leave half a record. Other threads are never
    interrupted, so for them there is nothing to do.
    """

    def __enter__(self):
        self.came, self.handlers = [], {}
        try:
            for number in WAITING:
                handler = signal.getsignal(number)
                if callable(handler):
                    self.handlers[number] = handler
                    signal.signal(number, self._note)
        except BaseException as error:
            self._restore()
            if not isinstance(error, ValueError):  # it: not the main thread
                raise
        return self

    def __exit__(self, *exception):
        handlers = self.handlers
        self._restore()
        for number, frame in self.came:
            handlers[number](number, frame)

    def _note(self, number, frame):
        self.came.append((number, frame))

    def _restore(self):
        handlers, self.handlers = self.handlers, {}
        for number, handler in handlers.items():
            try:
                signal.signal(number, handler)
            except ValueError:
                return
