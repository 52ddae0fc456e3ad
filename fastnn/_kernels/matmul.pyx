# Twin: fastnn/reference/matmul.py
