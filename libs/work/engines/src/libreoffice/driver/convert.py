"""Loads a document by a named filter and stores it by another."""
import os

import uno
import unohelper
from com.sun.star.task import XInteractionHandler

from office import properties
from text import csv_options, is_text, text_options

# com.sun.star.document.MacroExecMode and UpdateDocMode: never, no update.
NEVER_EXECUTE = 0
NO_UPDATE = 0
SHEETS = 100


class Refused(Exception):
    """The document cannot be converted; `reason` is one of the names that the engine knows."""

    def __init__(self, reason, detail=""):
        super().__init__(reason)
        self.reason = reason
        self.detail = str(detail)[:500]


class Asked(unohelper.Base, XInteractionHandler):
    """Answers no to every question, and remembers whether one was for a password."""

    def __init__(self):
        self.password = False

    def handle(self, request):
        # By what may be answered: the question itself is an exception, which the bridge of Python 3.11 cannot hand over.
        abort = uno.getTypeByName("com.sun.star.task.XInteractionAbort")
        password = uno.getTypeByName("com.sun.star.task.XInteractionPassword")
        for continuation in request.getContinuations():
            if continuation.queryInterface(password) is not None:
                self.password = True
            if continuation.queryInterface(abort) is not None:
                continuation.select()


def url(path):
    return uno.systemPathToFileUrl(path)


def load(office, request):
    source = request["load"]
    options = source.get("options", "")
    if options and not is_text(request["input"]):
        raise Refused("unreadable", "not text")
    if options == "csv":
        options = csv_options(request["input"])
    elif options == "text":
        options = text_options(request["input"])
    asked = Asked()
    arguments = {
        "Hidden": True,
        "FilterName": source["filter"],
        "FilterOptions": options,
        "MacroExecutionMode": NEVER_EXECUTE,
        "UpdateDocMode": NO_UPDATE,
        "InteractionHandler": asked,
    }
    if source.get("password") is not None:
        arguments["Password"] = source["password"]
    try:
        document = office.desktop.loadComponentFromURL(url(request["input"]), "_blank", 0, properties(**arguments))
    except Exception as error:
        office.assert_alive(error)
        raise refusal(asked, source, error)
    if document is None:
        raise refusal(asked, source, "nothing was loaded")
    return document


def refusal(asked, source, detail):
    if asked.password:
        return Refused("password" if source.get("password") is None else "wrong_password")
    return Refused("unreadable", detail)


def store(office, document, target, path):
    arguments = {"FilterName": target["filter"], "FilterOptions": target.get("options", ""), "Overwrite": True}
    if target.get("data"):
        arguments["FilterData"] = uno.Any("[]com.sun.star.beans.PropertyValue", properties(**target["data"]))
    try:
        document.storeToURL(url(path), properties(**arguments))
    except Exception as error:
        office.assert_alive(error)
        raise Refused("unstorable", error)


def store_sheets(office, document, target, output):
    """One file per visible sheet; that of an empty sheet is an empty line, which is none."""
    if document.Sheets.Count > SHEETS:
        raise Refused("sheets", document.Sheets.Count)
    stem, ending = os.path.splitext(output)
    made = []
    for index in range(document.Sheets.Count):
        sheet = document.Sheets.getByIndex(index)
        if not sheet.IsVisible:
            continue
        # Asked for one sheet by number, the filter adds the sheet's name to the file's.
        folder = "%s.%d" % (stem, index)
        os.mkdir(folder)
        store(office, document, {**target, "options": "%s,%d" % (target["options"], index + 1)}, folder + "/sheet" + ending)
        path = folder + ending
        for name in os.listdir(folder):
            os.rename(os.path.join(folder, name), path)
        os.rmdir(folder)
        if os.path.getsize(path) > len("\n"):
            made.append({"name": os.path.basename(path), "sheet": sheet.Name})
    if not made:
        raise Refused("empty")
    return made


def convert(office, request):
    document = load(office, request)
    try:
        if request.get("acceptChanges"):
            # Hiding them is a matter of the view, and a pdf shows them all the same.
            frame = document.CurrentController.Frame
            office.create("com.sun.star.frame.DispatchHelper").executeDispatch(frame, ".uno:AcceptAllTrackedChanges", "", 0, ())
        if request["store"].get("perSheet"):
            return store_sheets(office, document, request["store"], request["output"])
        store(office, document, request["store"], request["output"])
        return [{"name": os.path.basename(request["output"])}]
    finally:
        close(office, document)


def close(office, document):
    try:
        document.close(True)
    except Exception as error:
        office.assert_alive(error)
        # It will not let go: the next document must not meet it.
        raise


def warm(office, work):
    """Makes LibreOffice load what most conversions need, with empty documents of its own."""
    for factory, export in (("swriter", "writer_pdf_Export"), ("scalc", "calc_pdf_Export"), ("simpress", "impress_pdf_Export")):
        document = office.desktop.loadComponentFromURL("private:factory/" + factory, "_blank", 0, properties(Hidden=True))
        store(office, document, {"filter": export}, work + "/tmp/warm.pdf")
        close(office, document)
    os.unlink(work + "/tmp/warm.pdf")
