"""What files of plain text do not say about themselves: their encoding, and what separates the cells of a table."""
import codecs
import csv

SAMPLE = 65536
# Numbers and names that LibreOffice's text filters know encodings by (rtl_TextEncoding).
UTF8 = (76, "UTF8")
UTF16 = (65535, "UNICODE")
WINDOWS_1252 = (1, "MS_1252")


def _head(path):
    with open(path, "rb") as file:
        return file.read(SAMPLE)


def _encoding(head):
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16, "utf-16"
    try:
        # Incremental, because the sample may end within a character.
        codecs.getincrementaldecoder("utf-8-sig")().decode(head)
        return UTF8, "utf-8-sig"
    except UnicodeDecodeError:
        return WINDOWS_1252, "cp1252"


def is_text(path):
    """False for what no text holds: a NUL, outside of UTF-16."""
    head = _head(path)
    return _encoding(head)[0] is UTF16 or b"\0" not in head


def _separator(text):
    try:
        return csv.Sniffer().sniff(text, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def csv_options(path):
    """The token list of the filter "Text - txt - csv": separator, quote, encoding, first line. Formulas stay text."""
    head = _head(path)
    (number, _), codec = _encoding(head)
    return "%d,34,%d,1,,0,false,false,false,false,false,-1,false" % (ord(_separator(head.decode(codec, "replace"))), number)


def text_options(path):
    """The token list of the filter "Text (encoded)": encoding and line end."""
    (_, name), _codec = _encoding(_head(path))
    return "%s,LF,,," % name
