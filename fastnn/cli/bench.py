"""x"""
NAME = "bench"; SUMMARY = "x"; EXAMPLE = ()
def add_arguments(p): pass
def run(a): pass
