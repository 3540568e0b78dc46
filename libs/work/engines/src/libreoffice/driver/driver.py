"""Keeps one LibreOffice loaded and converts what it is told to, one document at a time.

Speaks JSON lines: {"ready": true} once, then one answer per request; ends when its input does. Runs inside the jail.
Arguments: the program folder of LibreOffice, the work folder (holds profile/, home/, tmp/, in/, out/), and "jail" or "host".
"""
import json
import os
import sys

from office import Office, OfficeGone
from convert import Refused, convert, warm
from scratch import Scratch


def answer(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def handle(office, request):
    try:
        return {"ok": True, "files": office.in_main_thread(lambda: convert(office, request))}
    except Refused as refused:
        return {"ok": False, "error": refused.reason, "detail": refused.detail}


def main(program, work, place):
    office = Office(program, work)
    office.in_main_thread(lambda: warm(office, work))
    scratch = Scratch([work + "/tmp", work + "/home", work + "/profile"] + (["/tmp"] if place == "jail" else []))
    answer({"ready": True})
    # Not `for line in sys.stdin`: it reads ahead.
    for line in iter(sys.stdin.readline, ""):
        outcome = handle(office, json.loads(line))
        clean = scratch.wipe()
        answer(outcome)
        if not clean:
            # The next document gets another process.
            break
    office.finish()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
        code = 0
    except OfficeGone as gone:
        sys.stderr.write("LibreOffice ended: %s\n" % gone)
        code = 70
    sys.stderr.flush()
    # Not sys.exit: a thread of the bridge may still wait for an office that is gone.
    os._exit(code)
