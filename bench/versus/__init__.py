"""fastnn side by side with others: the same task, checked, timed in turns.

    quiet.py       one thread for everybody
    task.py        a task, the ways to do it, the check, the turns, the ratios
    matmul.py, elementwise.py, losses.py, optimizers.py, training.py, predict.py,
    threads.py, process.py, growth.py, memory.py, graph.py (with chain.py),
    graph_threads.py, neuro.py (with neuro_by_*.py, neuro_growth.py)
                   a topic each: its tasks, and its tables
    pages.py       tables into docs/ and README.md

`python bench/compare.py` runs it all; the bench_*.py beside it give the same tasks to
pytest-benchmark. A contestant that is not installed is left out.
"""
