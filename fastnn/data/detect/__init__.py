"""What `inspect` looks for: one function for each kind of finding, in stages.

A detector is a function of a Look that gives its Findings. Stages run one after the
other, and each sees the table as the stages before have mended it: numbers that were
text are numbers when their outliers are asked for, and a leak that hid behind
contradicting rows shows once these are gone.
"""
