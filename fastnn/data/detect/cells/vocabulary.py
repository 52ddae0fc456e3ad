"""Words that mean "no value", "yes" or "no", in the languages that tables come in."""

import re
import unicodedata


def _words(text):
    """The words between bars."""
    return frozenset(word.strip() for word in text.replace("\n", " ").split("|"))


MISSING = _words("""
    ?|??|???|-|--|---|–|—|.|..|...|_|*|/|\\|n/a|#n/a|n.a.|n.a|n/d|n.d.|s/d|k.a.|k. a.|
    na|nan|nat|null|<null>|<na>|<nat>|(null)|nil|\\n|nd|nc|unk|n/k|not applicable|
    #value!|#ref!|#div/0!|#null!|#name?|#num!|missing|(missing)|<missing>|unknown|
    not available|not known|not recorded|not reported|not specified|not stated|
    not given|not provided|not entered|unspecified|undefined|undetermined|no data|
    no value|no answer|no response|no information|tbd|tba|to be determined|
    00/00/0000|0000-00-00|00.00.0000|
    unbekannt|keine angabe|keine angaben|keine daten|nicht verfügbar|nicht bekannt|
    fehlt|fehlend|entfällt|ohne angabe|nicht angegeben|nicht erfasst|k.a|k/a|
    inconnu|inconnue|non renseigné|non renseignée|non disponible|non communiqué|
    non spécifié|manquant|manquante|donnée manquante|pas de données|indéterminé|
    desconocido|desconocida|sin dato|sin datos|sin información|sin especificar|
    no disponible|no aplica|nulo|faltante|no informado|no consta|no especificado|
    sconosciuto|sconosciuta|non disponibile|mancante|nullo|nessun dato|
    desconhecido|desconhecida|sem dados|sem informação|não informado|não informada|
    não disponível|ausente|ignorado|
    onbekend|ontbreekt|niet beschikbaar|geen gegevens|n.v.t.|nvt|
    okänd|okänt|saknas|uppgift saknas|ukjent|ukendt|mangler|
    tuntematon|puuttuu|ei tietoa|nieznany|nieznana|nieznane|brak danych|
    neznámý|neznámá|neznámé|neuvedeno|nezadáno|ismeretlen|nincs adat|necunoscut|
    непознат|неизвестно|неизвестен|неизвестный|нет данных|н/д|не указано|отсутствует|
    невідомо|немає даних|bilinmiyor|bilinmeyen|belirtilmemiş|άγνωστο|άγνωστος|
    غير معروف|לא ידוע|अज्ञात|未知|缺失|不详|不詳|未填|不明|欠損|未回答|未入力|
    알 수 없음|알수없음|미상|결측|모름|không rõ|không biết|tidak diketahui|
    tidak ada data
""") - {""}
# "none given", "not recorded", "keine Eingabe", "sin respuesta" ...
NOTHING_SAID = re.compile(
    r"(?:no|not|none|never|nothing|kein|keine|nicht|ohne|non|sans|aucune?|pas de|sin|"
    r"sem|não|nessuna?|senza|geen|niet|ingen|brak|нет|не) "
    r"(?:given|known|available|reported|specified|provided|stated|entered|applicable|"
    r"filled(?: in)?|recorded|data|info|information|answer|response|record|entry|value|"
    r"angabe|angaben|eingabe|eintrag|daten|wert|antwort|bekannt|angegeben|erfasst|"
    r"ausgefüllt|renseignée?|réponse|donnée|données|valeur|disponible|disponibile|"
    r"saisie?|indiquée?|respuesta|datos?|valor|información|informado|indicado|resposta|"
    r"dados|risposta|dato|dati|valore|gegevens|antwoord|waarde|bekend|ingevuld|svar|"
    r"uppgift|danych|odpowiedzi|данных|ответа|указано|известно|заполнено)"
)
# Words for none of it: no value among numbers and dates, a level among other words, as
# in none, some, much.
NONE = _words("""
    none|keine|keiner|kein|nichts|aucun|aucune|néant|rien|ninguno|ninguna|nada|nessuno|
    nessuna|nenhum|nenhuma|geen|ingen|inga|brak|žádný|yok|нет|无|なし|無|없음
""")
# Words for a cell with nothing in it, unless it is the glass that is empty.
EMPTY = _words("""
    leer|vide|vacío|vuoto|vazio|leeg|tyhjä|puste|пусто|empty|blank|void|空
""")
# Beside one of these, "empty" is a degree or a choice, not a gap.
DEGREES = re.compile(
    r"\b(?:some|other|mild|moderate|severe|light|heavy|low|medium|high|minor|major|"
    r"partial|full|complete|minimal|slight|substantial|few|many|all|both|"
    r"leicht|mittel|schwer|wenig|viel|stark|hoch|niedrig|andere|faible|moyen|élevé|"
    r"fort|autre|bajo|medio|alto|leve|grave|otro|basso|otros|baixo|outro|laag|hoog|"
    r"anders)\b"
)

TRUE = _words("""
    true|t|yes|y|1|1.0|ja|j|oui|o|sí|si|s|vero|v|verdadero|verdad|verdadeiro|sim|wahr|
    vrai|waar|sant|tak|prawda|ano|áno|evet|doğru|igen|kyllä|da|да|истина|так|是|真|はい|예|
    네|on|yep|yeah|x|✓|✔
""")
FALSE = _words("""
    false|f|no|n|0|0.0|nein|non|falso|não|nao|falsch|faux|onwaar|nee|nej|falskt|nei|
    nie|fałsz|ne|hayır|hayir|yanlış|yanliş|nem|ei|nu|нет|не|ложь|ні|否|假|いいえ|아니오|아니요|off|
    nope|✗|✘
""")
# Those that mean nothing else: one of them at least makes a column of yes and no.
CLEAR = (TRUE | FALSE) - _words("""
    t|f|y|n|1|0|1.0|0.0|j|o|s|si|v|x|on|off|nu|da|ne|ano|áno|nie|ei
""")


def folded(word):
    """In lower case, without blanks around it, in one form of each letter."""
    if word.isascii():
        return word.strip().lower()
    return unicodedata.normalize("NFKC", word).strip().casefold()


def truth_of(word):
    """1 for yes, 0 for no, None for neither."""
    word = folded(word).rstrip(".")
    return 1 if word in TRUE else 0 if word in FALSE else None
