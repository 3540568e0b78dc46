"""The soffice process and the UNO bridge to it."""
import os
import signal
import subprocess
import sys
import threading
import time
import uuid

import uno
import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException

# soffice.bin ends with this code when a fresh profile wants it to be started again.
RESTART = 81
LOOK_S = 0.02
LOOK_AT_CRASH_S = 1


class OfficeGone(Exception):
    """soffice ended; nothing can be asked of it any more."""


def properties(**values):
    """The keyword arguments as UNO property values."""
    found = []
    for name, value in values.items():
        prop = PropertyValue()
        prop.Name = name
        prop.Value = value
        found.append(prop)
    return tuple(found)


def in_crash_handler(pid):
    """True while the main thread handles a fatal signal: all are blocked then, and none ever else."""
    try:
        with open("/proc/%d/status" % pid) as file:
            blocked = next(int(line.split()[1], 16) for line in file if line.startswith("SigBlk:"))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return False
    return blocked & 1 << signal.SIGSEGV - 1 != 0


class Job(unohelper.Base, XCallback):
    def __init__(self, work):
        self._work = work
        self.outcome = None
        self.error = None
        self.done = threading.Event()

    def notify(self, _data):
        try:
            self.outcome = self._work()
        except Exception as error:
            self.error = error
        finally:
            self.done.set()


class Office:
    def __init__(self, program, work):
        self._finishing = False
        self._name = uuid.uuid4().hex
        self._argv = [
            os.path.join(program, "soffice.bin"),
            "--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", "--nolockcheck",
            "--accept=pipe,name=%s;urp;" % self._name,
            "-env:UserInstallation=file://%s/profile" % work,
        ]
        self._start()
        self._context = self._connect()
        self.desktop = self.create("com.sun.star.frame.Desktop")
        threading.Thread(target=self._end_with_it, daemon=True).start()

    def _end_with_it(self):
        """A driver without its office is of no use, and must not look alive."""
        crashing = 0
        while True:
            try:
                self._process.wait(LOOK_AT_CRASH_S)
                break
            except subprocess.TimeoutExpired:
                # Its handler of crashes takes locks that the crash may have left held, and then waits for ever.
                crashing = crashing + 1 if in_crash_handler(self._process.pid) else 0
                if crashing == 2:
                    self._process.kill()
        if not self._finishing:
            sys.stderr.write("LibreOffice ended by itself: %d\n" % self._process.returncode)
            sys.stderr.flush()
            os._exit(70)

    def _start(self):
        self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _connect(self):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        restarts = 0
        while True:
            try:
                return resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % self._name)
            except NoConnectException:
                code = self._process.poll()
                if code == RESTART and restarts < 2:
                    restarts += 1
                    self._start()
                elif code is not None:
                    raise OfficeGone("exit code %d at start" % code)
                time.sleep(LOOK_S)

    def create(self, service):
        return self._context.ServiceManager.createInstanceWithContext(service, self._context)

    def in_main_thread(self, work):
        """Calls `work` while the main thread of LibreOffice waits for it, which runs all that `work` asks for.

        Its event loop stands still meanwhile. Left running between two calls it makes windows for what a document holds, such as
        comments, whose descriptions Debian's nogui packages lack: it ended with the first text that had a comment.
        """
        job = Job(work)
        self.create("com.sun.star.awt.AsyncCallback").addCallback(job, None)
        job.done.wait()
        if job.error is not None:
            raise job.error
        return job.outcome

    def finish(self):
        """Lets it write its profile and end."""
        self._finishing = True
        try:
            self.desktop.terminate()
        except DisposedException:
            # It may close the bridge before it has answered.
            pass
        self._process.wait()

    def assert_alive(self, error):
        """Tells an office that dies under a call from one that answers with an error: only the latter answers another call."""
        try:
            self.desktop.getImplementationName()
        except Exception:
            raise OfficeGone(str(error))
