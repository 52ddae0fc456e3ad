"""A text file as a Table: CSV, TSV and their kin, of any size, in any alphabet.

delimited.read(path, ...)

encodings.py  in what alphabet it is         blocks.py    its text as UTF-8
header.py     separator and header, by the first rows; what they say is a Layout
survey.py     what the whole file holds: ragged rows, numbers or words
rows.py       where rows and cells begin     readers.py   blocks as cells
delimited.py  all of that
"""
