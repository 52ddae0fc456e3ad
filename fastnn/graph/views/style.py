"""The colours and fonts of a drawing, on light paper and on dark."""

LIGHT = """
.fastnn-graph .paper{fill:#ffffff}
.fastnn-graph text{fill:#1d2733}
.fastnn-graph .card{fill:#ffffff;stroke:#6b7886;stroke-width:1.2}
.fastnn-graph .parameter .card{fill:#e8f5ec;stroke:#37875a}
.fastnn-graph .constant .card{fill:#f4f5f7;stroke:#98a3af;stroke-dasharray:4 3}
.fastnn-graph .result .card{fill:#e6effa;stroke:#1f5fa8;stroke-width:2.4}
.fastnn-graph .rule{stroke:#1d2733;stroke-opacity:.14}
.fastnn-graph .shape,.fastnn-graph .note,.fastnn-graph .legend{fill:#5d6b7a}
.fastnn-graph .hidden{stroke:#5d6b7a}
.fastnn-graph .forward{stroke:#2f6db5}
.fastnn-graph .bracket.value{stroke:#5d6b7a}
.fastnn-graph .backward,.fastnn-graph .bracket.grad{stroke:#c4530d}
.fastnn-graph .head.forward{fill:#2f6db5}
.fastnn-graph .head.backward{fill:#c4530d}
.fastnn-graph text.grad,.fastnn-graph .flow{fill:#b3480a}
.fastnn-graph .flow{stroke:#ffffff}
.fastnn-graph .now .card{stroke:#d9a514}
"""

DARK = """
.fastnn-graph .paper{fill:#12171d}
.fastnn-graph text{fill:#e6eaef}
.fastnn-graph .card{fill:#1c232b;stroke:#8593a2}
.fastnn-graph .parameter .card{fill:#16301f;stroke:#5fbb86}
.fastnn-graph .constant .card{fill:#1a2027;stroke:#6d7a88}
.fastnn-graph .result .card{fill:#152a42;stroke:#74b0f4}
.fastnn-graph .rule{stroke:#e6eaef}
.fastnn-graph .shape,.fastnn-graph .note,.fastnn-graph .legend{fill:#9caab8}
.fastnn-graph .hidden,.fastnn-graph .bracket.value{stroke:#9caab8}
.fastnn-graph .forward{stroke:#6fabee}
.fastnn-graph .backward,.fastnn-graph .bracket.grad{stroke:#f39a55}
.fastnn-graph .head.forward{fill:#6fabee}
.fastnn-graph .head.backward{fill:#f39a55}
.fastnn-graph text.grad,.fastnn-graph .flow{fill:#f7a968}
.fastnn-graph .flow{stroke:#12171d}
.fastnn-graph .now .card{stroke:#f2c94c}
"""

SHAPES = """
.fastnn-graph text{font-family:"Helvetica Neue",Helvetica,Arial,"Liberation Sans",\
sans-serif;font-size:12px;text-anchor:middle;font-variant-numeric:tabular-nums}
.fastnn-graph .name{font-family:"STIX Two Text","Times New Roman","Liberation Serif",\
Georgia,serif;font-style:italic;font-size:16.5px}
.fastnn-graph .word{font-size:14.5px}
.fastnn-graph .sign{font-size:18px}
.fastnn-graph .small{font-size:10px}
.fastnn-graph .shape{font-size:10.5px}
.fastnn-graph .cell{text-anchor:end}
.fastnn-graph .flow{font-size:10.5px;stroke-width:3px;paint-order:stroke;\
stroke-linejoin:round}
.fastnn-graph .start,.fastnn-graph .legend{text-anchor:start}
.fastnn-graph .end{text-anchor:end}
.fastnn-graph .legend{font-size:11px}
.fastnn-graph .forward,.fastnn-graph .backward,.fastnn-graph .bracket,\
.fastnn-graph .hidden{fill:none;stroke-width:1.3}
.fastnn-graph .backward{stroke-width:1.1}
.fastnn-graph .bracket{stroke-width:1}
.fastnn-graph .head{stroke:none}
.fastnn-graph .hidden{stroke-dasharray:2 3}
.fastnn-graph .ahead{opacity:.3}
"""

NOW = """
.fastnn-graph .now .card{stroke-width:3.4}
"""

STYLE = f"{SHAPES}{LIGHT}{NOW}@media (prefers-color-scheme:dark){{{DARK}}}"
STYLE = STYLE.replace("\n\n", "\n")  # an empty line would end it inside of Markdown
