"""The verdict: ready, repairable or never; and what can be learned at best."""


def of(look, findings):
    """(verdict, reasons, ceiling) of a table after its repairs, and its findings."""
    reasons = tuple(f.why for f in findings if f.severity == "blocker")
    if reasons:
        return "never", reasons, None
    mends = any(f.severity == "repair" for f in findings)
    return "repairable" if mends else "ready", (), None
