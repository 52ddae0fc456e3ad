# Twin: fastnn/reference/dropout.py
