"""Names of columns and words of cells in several languages, and without meaning."""

NAMES = {  # language: {role: names}
    "en": {
        "number": ["length", "signal", "pressure", "voltage", "depth", "speed"],
        "money": ["price", "income", "cost"],
        "count": ["visits", "rooms", "children"],
        "age": ["age"],
        "percent": ["humidity_pct", "score_percent"],
        "category": ["region", "kind", "grade", "colour"],
        "flag": ["active", "insured"],
        "date": ["date", "opened_on"],
        "text": ["comment", "remarks"],
        "id": ["id", "customer_no"],
        "group": ["patient", "site"],
        "target": ["target", "outcome"],
    },
    "de": {
        "number": ["Länge", "Druck", "Spannung", "Tiefe", "Tempo", "Gewicht"],
        "money": ["Preis", "Einkommen", "Kosten"],
        "count": ["Besuche", "Zimmer", "Kinder"],
        "age": ["Alter"],
        "percent": ["Feuchte", "Anteil"],
        "category": ["Gebiet", "Art", "Klasse", "Farbe"],
        "flag": ["aktiv", "versichert"],
        "date": ["Datum", "eröffnet"],
        "text": ["Bemerkung", "Notiz"],
        "id": ["Nummer", "Kundennr"],
        "group": ["Patient", "Standort"],
        "target": ["Ziel", "Ergebnis"],
    },
    "fr": {
        "number": ["longueur", "pression", "tension", "profondeur", "vitesse"],
        "money": ["prix", "revenu", "coût"],
        "count": ["visites", "pièces", "enfants"],
        "age": ["âge"],
        "percent": ["humidité", "taux"],
        "category": ["région", "genre", "catégorie", "couleur"],
        "flag": ["actif", "assuré"],
        "date": ["jour", "ouverture"],
        "text": ["remarque", "avis"],
        "id": ["numéro", "code_client"],
        "group": ["malade", "lieu"],
        "target": ["cible", "résultat"],
    },
    "es": {
        "number": ["longitud", "presión", "tensión", "hondura", "velocidad"],
        "money": ["precio", "ingreso", "gasto"],
        "count": ["visitas", "cuartos", "hijos"],
        "age": ["edad"],
        "percent": ["humedad", "porcentaje"],
        "category": ["provincia", "tipo", "grado", "color"],
        "flag": ["activo", "asegurado"],
        "date": ["fecha", "alta"],
        "text": ["comentario", "nota"],
        "id": ["folio", "cliente"],
        "group": ["paciente", "sede"],
        "target": ["objetivo", "resultado"],
    },
    "ru": {
        "number": ["длина", "давление", "глубина", "скорость", "масса"],
        "money": ["цена", "доход", "расход"],
        "count": ["визиты", "комнаты", "дети"],
        "age": ["возраст"],
        "percent": ["влажность", "доля"],
        "category": ["область", "тип", "сорт", "цвет"],
        "flag": ["активен", "застрахован"],
        "date": ["дата", "открыт"],
        "text": ["отзыв", "заметка"],
        "id": ["номер", "код"],
        "group": ["пациент", "место"],
        "target": ["цель", "итог"],
    },
    "zh": {
        "number": ["长度", "压力", "电压", "深度", "速度"],
        "money": ["价格", "收入", "费用"],
        "count": ["次数", "房间", "子女"],
        "age": ["年龄"],
        "percent": ["湿度", "比例"],
        "category": ["地区", "类型", "等级", "颜色"],
        "flag": ["有效", "参保"],
        "date": ["日期", "开户"],
        "text": ["评论", "备注"],
        "id": ["编号", "客户号"],
        "group": ["患者", "地点"],
        "target": ["目标", "结果"],
    },
}
PREFIXES = ("x", "V", "col_", "f", "attr", "c")  # names without meaning: x17, V3

CATEGORIES = {  # what a clean category may look like: close words are no variants
    "plain": [
        ["north", "south", "east", "west"],
        ["male", "female"],
        ["type 1", "type 2", "type 3"],
        ["A", "B", "C", "D"],
        ["low", "medium", "high"],
        ["inner", "outer", "upper", "lower"],
        ["G1", "G2", "G3", "G4", "G5", "G6"],
        ["0-10", "10-20", "20-30", "30+"],
        ["single", "married", "divorced", "widowed"],
        ["XS", "S", "M", "L", "XL"],
        ["I", "II", "III"],
        ["cat", "car", "cab"],
        ["Nord", "Ost", "Mitte"],
    ],
    "long": [  # words long enough to be mistyped
        ["Hamburg", "Dresden", "Leipzig", "Stuttgart", "Bochum"],
        ["engineering", "marketing", "finance", "logistics"],
        ["Chicago", "Houston", "Phoenix", "Philadelphia", "Dallas", "Seattle"],
        ["aluminium", "concrete", "plywood", "ceramics"],
        ["Marseille", "Toulouse", "Bordeaux", "Grenoble"],
        ["cardiology", "oncology", "pediatrics", "radiology"],
        ["diesel", "petrol", "electric", "hybrid"],
    ],
    "accented": [
        ["Köln", "München", "Düsseldorf", "Nürnberg"],
        ["Besançon", "Orléans", "Nîmes", "Angoulême"],
        ["México", "Perú", "España", "Panamá"],
        ["Kraków", "Łódź", "Wrocław", "Poznań"],
        ["Москва", "Казань", "Самара", "Тверь"],
        ["東京", "大阪", "京都", "札幌"],
        ["grün", "weiß", "gelblich-grün", "türkis"],
        ["İzmir", "Eskişehir", "Muğla", "Çanakkale"],
    ],
}
RARE = ["Zanzibar", "Quito", "Fiji", "Malta", "Bhutan", "Yukon", "Tonga", "Palau",
        "Jersey", "Guam", "Nauru", "Samoa", "Aruba", "Kiribati", "Lesotho",
        "Macao"]  # fmt: skip
CLASSES = [
    ["yes-group", "control"],
    ["benign", "malignant"],
    ["setosa", "versicolor", "virginica"],
    ["bronze", "silver", "gold"],
    ["gut", "mittel", "schlecht"],
    ["да-группа", "прочие"],
    ["A", "B", "C", "D"],
    ["stays", "leaves"],
]
NO_VALUE = ["?", "N/A", "n/a", "unknown", "Unknown", "-", "--", "NULL", "missing", "",
            "not available", "unbekannt", "keine Angabe", "k.A.", "inconnu", "nan",
            "non renseigné", "desconocido", "sin dato", "неизвестно", "нет данных",
            "未知", "不明", "none given", "#N/A", "."]  # fmt: skip
AS_NULL = {
    "N/A",
    "n/a",
    "NULL",
    "",
    "nan",
    "#N/A",
}  # also to readers of CSV
BOOLEANS = [
    (["yes", "Yes", "Y", "YES", "true"], ["no", "No", "N", "NO", "false"]),
    (["yes", "y", "1", "TRUE"], ["no", "n", "0", "FALSE"]),
    (["ja", "Ja", "J"], ["nein", "Nein", "N"]),
    (["oui", "Oui", "O"], ["non", "Non", "N"]),
    (["sí", "Si", "SI"], ["no", "No", "NO"]),
    (["да", "Да", "ДА"], ["нет", "Нет", "НЕТ"]),
    (["T", "t", "True"], ["F", "f", "False"]),
    (["yes", "YES "], ["no", "NO "]),
    (["yes"], ["no"]),
    (["on", "On"], ["off", "Off"]),
]
PHRASES = {
    "en": "the delivery came late but staff were kind and helped me with my order "
    "which was broken again so I asked for money back and they said wait until "
    "Monday because nobody could decide about it yet very good service otherwise",
    "de": "die Lieferung kam spät aber alle waren freundlich und halfen mir weiter "
    "nur die Ware war wieder defekt also bat ich um Ersatz und man sagte ich solle "
    "bis Montag warten weil niemand darüber entscheiden konnte sonst sehr gut",
    "es": "el pedido llegó tarde pero el personal fue amable y me ayudó con todo "
    "aunque la pieza estaba rota otra vez así que pedí otra y dijeron que debía "
    "esperar hasta el lunes porque nadie podía decidir nada todavía muy bien",
    "ru": "заказ пришёл поздно но сотрудники были вежливы и помогли мне со всем "
    "хотя деталь снова была сломана поэтому я попросил замену и мне сказали ждать "
    "до понедельника потому что никто не мог решить этого сразу в целом хорошо",
}
PHRASES |= {"fr": PHRASES["en"], "zh": PHRASES["en"]}
SYLLABLES = ["ka", "lo", "mi", "ren", "tas", "vo", "dul", "pe", "shi", "bor", "nax", 
             "qui", "gre", "stol", "wen", "fi", "zu", "har"]  # fmt: skip


def phrase(rng, language):
    """A sentence of 6 to 24 words."""
    words = PHRASES[language].split()
    return " ".join(rng.choice(words, rng.integers(6, 25))).capitalize() + "."


def invented(rng, n):
    """n different words of three syllables, far enough from each other."""
    found = set()
    while len(found) < n:
        found.add("".join(rng.choice(SYLLABLES, 3)).capitalize())
    return sorted(found)
