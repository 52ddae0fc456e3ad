# Twin: fastnn/reference/losses.py
