"""How a network learns: what happens between `net.fit(...)` and its History.

run.py         one call of fit, from start to end
steps.py       how steps are taken: by a program of kernels, or layer by layer
optimizers.py  SGD, Adagrad, RMSProp, Adam, AdamW
schedules.py   the learning rate over time
callbacks.py   EarlyStopping, Checkpoint
checkpoint.py  a running training in a file, and back
history.py     what happened, epoch by epoch
progress.py    the bar, or the lines
interrupts.py  Ctrl-C, once what was learnt is recorded
"""
