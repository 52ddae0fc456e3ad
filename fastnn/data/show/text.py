"""A Report as text, for terminals."""


def of_report(report):
    lines = [f"{report.table.source}: {report.verdict}"]
    lines += [
        f"  {f.severity}: {f.kind} {', '.join(f.columns)}" for f in report.findings
    ]
    return "\n".join(lines)
