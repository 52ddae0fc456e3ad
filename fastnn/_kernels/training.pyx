# Twin: fastnn/reference/training.py
