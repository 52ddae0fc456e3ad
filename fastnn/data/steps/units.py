"""Units: what they measure, and how they turn into one another.

    meanings("lb")    (("mass", 453.59237, 0.0),)
    value in the family's first unit = number * factor + offset

Factors are exact by definition (Bureau International des Poids et Mesures, The
International System of Units, 2019; the yard and pound agreement of 1959).
"""

FAMILIES: dict[str, dict] = {  # family: {factor or (factor, offset): spellings}
    "mass": {
        0.001: "mg", 1.0: "g gr gram grams gramm gramme gramos",
        1000.0: "kg kgs kilo kilos kilogram kilograms kilogramm",
        1e6: "t ton tonne tonnes",
        453.59237: "lb lbs pound pounds", 28.349523125: "oz ounce ounces",
        6350.29318: "st stone",
    },
    "length": {
        0.001: "mm", 0.01: "cm", 1.0: "m meter meters metre metres mtr", 0.1: "dm",
        1000.0: "km", 0.0254: 'in inch inches "', 0.3048: "ft feet foot",
        0.9144: "yd yard yards", 1609.344: "mi mile miles", 1e-6: "µm μm um",
        1e-9: "nm",
    },
    "temperature": {
        1.0: "°c c celsius degc ºc deg_c", (5 / 9, -160 / 9): "°f f fahrenheit degf ºf",
        (1.0, -273.15): "k kelvin °k",
    },
    "volume": {
        0.001: "ml", 0.01: "cl", 0.1: "dl", 1.0: "l liter liters litre litres ltr",
        3.785411784: "gal gallon gallons", 0.473176473: "pt pint pints",
        1000.0: "m3",
    },
    "time": {
        0.001: "ms", 1.0: "s sec secs second seconds sek", 86400.0: "d day days tage",
        60.0: "min mins minute minutes", 3600.0: "h hr hrs hour hours std",
        604800.0: "wk week weeks", 31557600.0: "y yr yrs year years jahre ans años",
        2629800.0: "mo month months monate",
    },
    "pressure": {
        1.0: "pa", 100.0: "hpa mbar", 1000.0: "kpa", 1e5: "bar", 133.322387415: "mmhg",
        6894.757293168: "psi", 101325.0: "atm",
    },
    "energy": {
        1.0: "j", 1000.0: "kj", 4.184: "cal", 4184.0: "kcal", 3600.0: "wh",
        3.6e6: "kwh",
    },
    "power": {
        1.0: "w", 1000.0: "kw", 1e6: "mw", 735.49875: "ps cv",
        745.69987158: "hp",
    },
    "speed": {
        1.0: "m/s", 1 / 3.6: "km/h kmh kph", 0.44704: "mph", 1852 / 3600: "kn kt knots",
    },
    "area": {
        1.0: "m2 sqm qm", 1e4: "ha", 1e6: "km2", 0.09290304: "ft2 sqft",
        4046.8564224: "acre acres", 0.0001: "cm2",
    },
    "share": {1.0: "% percent pct prozent procent", 0.1: "‰", 0.01: "bp bps"},
    "data": {
        1.0: "b byte bytes", 1e3: "kb", 1e6: "mb", 1e9: "gb", 1e12: "tb",
    },
    "concentration": {
        1.0: "mg/l", 0.001: "µg/l μg/l ug/l", 1000.0: "g/l", 10.0: "mg/dl",
    },
    "many": {
        1e3: "k tsd mille", 1e6: "m mio million millions mln mn",
        1e9: "b bn billion mrd",
    },
}  # fmt: skip

CURRENCIES = {
    "usd": "$ us$ usd dollar dollars", "eur": "€ eur euro euros", "gbp": "£ gbp",
    "jpy": "¥ jpy yen 円", "inr": "₹ inr rs", "krw": "₩ krw 원", "rub": "₽ rub руб",
    "try": "₺ try tl", "pln": "zł pln", "czk": "kč czk", "chf": "chf fr sfr",
    "brl": "r$ brl", "sek": "sek", "nok": "nok", "dkk": "dkk", "kr": "kr",
    "cad": "c$ cad",
    "aud": "a$ aud", "cny": "cny rmb 元", "ils": "₪ ils", "huf": "huf", "mxn": "mxn",
    "uah": "₴ uah", "ngn": "₦ ngn", "thb": "฿ thb", "vnd": "₫ vnd", "zar": "zar",
    "hkd": "hk$ hkd", "sgd": "s$ sgd", "nzd": "nz$ nzd",
}  # fmt: skip

CENTS = {
    "ct": "eur usd", "cent": "eur usd", "cents": "usd eur cad aud", "¢": "usd",
    "pence": "gbp", "rappen": "chf", "grosz": "pln", "groszy": "pln", "коп": "rub",
}  # fmt: skip

CURRENCY_OF = {w: code for code, words in CURRENCIES.items() for w in words.split()}

MEANINGS: dict[str, list] = {}
for _family, _units in FAMILIES.items():
    for _factor, _spellings in _units.items():
        _pair = _factor if isinstance(_factor, tuple) else (_factor, 0.0)
        for _word in _spellings.split():
            MEANINGS.setdefault(_word, []).append((_family, *_pair))


def meanings(unit):
    """((family, factor, offset), ...) that a unit as written may stand for.

    A currency is a family of its own: ("usd", 1.0, 0.0); "$ M" is 1e6 of it.
    """
    unit = unit.casefold().replace("²", "2").replace("³", "3").strip()
    if unit in CURRENCY_OF:
        return ((CURRENCY_OF[unit], 1.0, 0.0),)
    if unit in MEANINGS:
        return tuple(MEANINGS[unit])
    if unit in CENTS:
        return tuple((code, 0.01, 0.0) for code in CENTS[unit].split())
    left, _, right = unit.partition(" ")
    for currency, times in ((left, right), (right, left)):
        if currency in CURRENCY_OF and right:
            if times == currency or CURRENCY_OF.get(times) == CURRENCY_OF[currency]:
                return ((CURRENCY_OF[currency], 1.0, 0.0),)
            for family, factor, offset in MEANINGS.get(times, ()):
                if family == "many":
                    return ((CURRENCY_OF[currency], factor, offset),)
    return ()


def is_currency(family):
    return family in CURRENCIES
