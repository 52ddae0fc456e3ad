"""Text that was written in UTF-8 and read as if in an older encoding: "é" is "Ã©"."""

CODECS = ("cp1252", "latin-1", "cp1251", "mac_roman", "cp437", "cp850", "cp1250")


def mended(word, codec="cp1252"):
    """The word as it was meant, or None if it was not spoilt in this way.

    Its letters go back to the bytes they were read from; if these are UTF-8 of more
    than one byte a letter, that is what was written. Done twice where it was spoilt
    twice. Where cp1252 has no letter for a byte, readers take latin-1's.
    """
    if word.isascii():
        return None
    meant = None
    for _ in range(2):
        try:
            back = _bytes_of(word, codec).decode("utf-8")
        except UnicodeError:
            break
        if back == word or any(_control(c) for c in back):
            break
        word = meant = back
        if word.isascii():
            break
    return meant


def _bytes_of(word, codec):
    if codec != "cp1252":
        return word.encode(codec)
    out = bytearray()
    for letter in word:
        if "\x80" <= letter <= "\x9f":
            out.append(ord(letter))
        else:
            out += letter.encode("cp1252")
    return bytes(out)


def _control(letter):
    return (letter < " " and letter not in "\t\n\r") or "\x7f" <= letter <= "\x9f"
