"""Dates as people write them.

readings("05/03/2020")   {"%d/%m/%Y": datetime(2020, 3, 5), "%m/%d/%Y": datetime(...)}

A format is written with strptime's codes: %Y %y %m %d, and %b for the name of a month
in any of MONTHS' languages. A time of day behind the date is read whatever the format.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache

MONTHS = {  # the letters that tell a month, without accents: en de fr es it pt nl sv pl
    1: "jan januar january januari janvier janv enero ene gennaio gen janeiro styczen",
    2: "feb februar february februari fevrier fevr fev febrero febbraio fevereiro luty",
    3: "mar marz march mars marzo marco maart mrt maerz mrz marzec",
    4: "apr april avril avr abril abr aprile kwiecien",
    5: "may mai mayo maggio mag maio mei maj",
    6: "jun juni june juin junio giugno giu junho czerwiec",
    7: "jul juli july juillet juil julio luglio lug julho lipiec",
    8: "aug august aout agosto ago augustus augusti sierpien",
    9: "sep sept september septembre septiembre settembre set setembro wrzesien",
    10: "oct okt october oktober octobre octubre ottobre ott outubro out pazdziernik",
    11: "nov november novembre noviembre novembro listopad",
    12: "dec dez december dezember decembre diciembre dic dicembre dezembro grudzien",
}
MONTH_OF = {name: month for month, names in MONTHS.items() for name in names.split()}

TIME = re.compile(
    r"(?:T|,?\s+|,)(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?$"
)
NAME = r"(?P<b>[^\W\d_]{3,12})\.?"
SHAPES = tuple(
    (re.compile(pattern), formats)
    for pattern, formats in (
        (
            r"(?P<Y>\d{4})(?P<s>[-/. ])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})",
            ("Y{s}m{s}d",),
        ),
        (
            r"(?P<d>\d{1,2})(?P<s>[-/. ])(?P<m>\d{1,2})(?P=s)(?P<Y>\d{4})",
            ("d{s}m{s}Y", "m{s}d{s}Y"),
        ),
        (
            r"(?P<d>\d{1,2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d{2})",
            ("d{s}m{s}y", "m{s}d{s}y"),
        ),
        (r"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)", ("Ymd",)),
        (
            rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[\s\-/]*(?:de |of )?{NAME}"
            r"[\s\-/,]*(?:de )?(?P<Y>\d{4})",
            ("d b Y",),
        ),
        (rf"(?P<d>\d{{1,2}})[\s\-/.]{NAME}[\s\-/]+(?P<y>\d\d)", ("d b y",)),
        (rf"{NAME}[\s\-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[\s\-]+(?P<Y>\d{{4}})",
         ("b d Y",)),
        (rf"(?P<Y>\d{{4}})[\s\-/]{NAME}[\s\-/](?P<d>\d{{1,2}})", ("Y b d",)),
        (rf"{NAME}[\s\-,/]+(?P<Y>\d{{4}})", ("b Y",)),
        (r"(?P<Y>\d{4})(?P<s>[-/])(?P<m>\d\d)", ("Y{s}m",)),
        (r"(?P<m>\d\d)(?P<s>[-/.])(?P<Y>\d{4})", ("m{s}Y",)),
        (
            r"(?P<Y>\d{4})\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日",
            ("Y年m月d日",),
        ),
        (
            r"(?P<Y>\d{4})\s?년\s?(?P<m>\d{1,2})\s?월\s?(?P<d>\d{1,2})\s?일",
            ("Y년m월d일",),
        ),
    )
)  # fmt: skip
WEEKDAY = re.compile(r"[^\W\d_]{2,12}\.?,\s+(?=\d|[^\W\d_]{3})")


def readings(word):
    """{format: datetime} of all ways to read a word as a date, {} for none.

    Two digits of a year are 1969 to 2068, as POSIX has it. A zone is turned into UTC.
    """
    word = word.strip()
    if not 6 <= len(word) <= 45:
        return {}
    found = TIME.search(word) if ":" in word else None
    if found is None:
        return _days(word)
    days, after = _days(word[: found.start()]), _of_day(found[0])
    if not days or after is None:
        return {}
    try:
        return {pattern: day + after for pattern, day in days.items()}
    except OverflowError:
        return {}


@lru_cache(1 << 16)
def _days(word):
    """readings of a word without a time of day. Not to be changed: it is shared."""
    word = WEEKDAY.sub("", word, count=1)
    for shape, formats in SHAPES:
        found = shape.fullmatch(word)
        if found is None:
            continue
        part, out = found.groupdict(), {}
        for pattern in formats:
            when = _date(part, swapped=pattern.startswith("m{s}d"))
            if when is not None:
                out[_written(pattern, part.get("s") or "")] = when
        if not out and formats == ("Y{s}m{s}d",):
            when = _date(part, swapped=True)
            if when is not None:
                out[_written("Y{s}d{s}m", part["s"])] = when
        if out:
            return out
    return {}


@lru_cache(1 << 17)
def _of_day(time):
    """The timedelta of a time of day, in UTC; None: there is no such time."""
    part = TIME.search(time).groupdict()
    hour, minute, second = (int(part[k] or 0) for k in ("hour", "minute", "second"))
    half = (part["half"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60:
        return None
    micro = int((part["part"] or "0")[:6].ljust(6, "0"))
    zone = (part["zone"] or "").replace(":", "")
    after = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)
    if zone[:1] in ("+", "-"):
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        after += -ahead if zone[0] == "+" else ahead
    return after


@lru_cache(256)
def _written(pattern, separator):
    """ "d{s}m{s}Y" with "/" is "%d/%m/%Y"."""
    return re.sub(r"([Yymdb])", r"%\1", pattern.replace("{s}", separator))


def _date(part, swapped):
    year = part.get("Y") or part["y"]
    if len(year) == 2:
        year = int(year) + (1900 if int(year) >= 69 else 2000)
    month, day = part.get("m"), part.get("d") or 1
    if part.get("b"):
        month = month_of(part["b"])
    if swapped:
        month, day = day, month
    if month is None:
        return None
    try:
        return datetime(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


def month_of(name):
    """1 to 12 of the name of a month, or None."""
    name = unicodedata.normalize("NFKD", name.casefold())
    return MONTH_OF.get("".join(c for c in name if not unicodedata.combining(c)))
