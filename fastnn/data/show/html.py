"""A Report as one page."""


def write(report, path):
    raise NotImplementedError
