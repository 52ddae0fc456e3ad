"""From a table as it comes to arrays, by a recipe of the training rows alone.

preparation.py   prepare: split, repairs, fitted steps, arrays; Prepared
splits.py        which rows are for training and which for testing
fitting.py       what the fitted steps learn from the mended training rows
recipe.py        Recipe: the steps, used on new rows, kept as JSON
target.py        Target: the column to predict, as classes or as values
"""
