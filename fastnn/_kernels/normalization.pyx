# Twin: fastnn/reference/normalization.py
