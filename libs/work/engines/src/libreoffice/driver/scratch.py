"""Removes what a document left behind."""
import os
import sys


class Scratch:
    """Remembers what folders hold at start, and brings them back to that."""

    def __init__(self, roots):
        self._roots = roots
        self._kept = {path for root in roots for path in self._below(root)}

    def _below(self, root):
        for folder, folders, files in os.walk(root, topdown=False):
            for name in files + folders:
                yield os.path.join(folder, name)

    def wipe(self):
        """False when something could not be removed."""
        clean = True
        for path in [path for root in self._roots for path in self._below(root) if path not in self._kept]:
            try:
                if os.path.isdir(path) and not os.path.islink(path):
                    os.rmdir(path)
                else:
                    os.unlink(path)
            except FileNotFoundError:
                # LibreOffice removes its own files in its own time.
                continue
            except OSError as error:
                sys.stderr.write("%s\n" % error)
                clean = False
        return clean
