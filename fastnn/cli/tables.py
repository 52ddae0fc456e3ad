"""Answers as CSV; tables are read by fastnn/data/reading."""

import csv


def write(file, names, rows):
    """A header and rows as CSV."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
