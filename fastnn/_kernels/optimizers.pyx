# Twin: fastnn/reference/optimizers.py
