"""The detectors that ask what the columns tell of the target.

targets.py   target_missing, target_type
leaks.py     leak; single.py: what one column tells
signal.py    no_signal; models.py, matrix.py: small models of all columns
"""
